package results

import "math"

// A OneToOne finds out whether the numbers of two columns determine each other, as the
// modules of a network and its rules do where there are as many. A diagram over two such
// columns would only have a diagonal. Rows are looked at in groups, in some of which one
// of the columns may be constant: a network without modules has 0.
type OneToOne struct {
	groups map[string]*pairs
	not    bool
}

// pairs are those of a group.
type pairs struct {
	forth, back          map[float64]float64
	a, b                 float64 // of the row before
	injective            bool    // no number is in two pairs
	constantA, constantB bool
}

// mostPairs bounds the pairs that are kept of a group: columns with more are not told to
// be one to one.
const mostPairs = 256

// Add takes in a row's two numbers and reports whether the columns may still be one to
// one. NaN stands for none, and says nothing.
func (o *OneToOne) Add(group string, a, b float64) bool {
	if o.not || math.IsNaN(a) || math.IsNaN(b) {
		return !o.not
	}
	p := o.groups[group]
	if p == nil {
		if o.groups == nil {
			o.groups = map[string]*pairs{}
		}
		p = &pairs{map[float64]float64{a: b}, map[float64]float64{b: a}, a, b, true, true, true}
		o.groups[group] = p
	}
	if a == p.a && b == p.b {
		return true
	}
	p.constantA, p.constantB = p.constantA && a == p.a, p.constantB && b == p.b
	p.a, p.b = a, b
	if p.injective {
		known, ok := p.forth[a]
		other, back := p.back[b]
		p.injective = ok == back && (!ok || known == b && other == a) && (ok || len(p.forth) < mostPairs)
		p.forth[a], p.back[b] = b, a
	}
	if !p.injective && !p.constantA && !p.constantB {
		*o = OneToOne{not: true}
	}
	return !o.not
}

// Holds reports whether the columns are one to one, with two pairs or more in a group.
func (o *OneToOne) Holds() bool {
	for _, p := range o.groups {
		if p.injective && len(p.forth) > 1 {
			return true
		}
	}
	return false
}
