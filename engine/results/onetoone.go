package results

import "math"

// A OneToOne finds out whether the numbers of two columns determine each other, as the
// modules of a network and its rules do where there are as many. A diagram over two such
// columns would only have a diagonal.
type OneToOne struct {
	forth, back map[float64]float64
	a, b        float64 // of the row before
	not         bool
}

// mostPairs bounds the pairs that are kept: columns with more are not told to be one to one.
const mostPairs = 256

// Add takes in a row's two numbers. NaN stands for none, and says nothing.
func (o *OneToOne) Add(a, b float64) {
	if o.not || math.IsNaN(a) || math.IsNaN(b) || len(o.forth) > 0 && a == o.a && b == o.b {
		return
	}
	if o.forth == nil {
		o.forth, o.back = map[float64]float64{}, map[float64]float64{}
	}
	o.a, o.b = a, b
	known, ok := o.forth[a]
	other, back := o.back[b]
	if ok != back || ok && (known != b || other != a) || !ok && len(o.forth) == mostPairs {
		*o = OneToOne{not: true}
		return
	}
	o.forth[a], o.back[b] = b, a
}

// Holds reports whether there were two pairs or more, and no number in two of them.
func (o *OneToOne) Holds() bool { return len(o.forth) > 1 }
