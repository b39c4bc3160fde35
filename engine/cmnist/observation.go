package cmnist

import "math"

// A Measure is how a network does on a set of images. Numbers are NaN where the
// set is empty or no tower writes the outputs.
type Measure struct {
	// Compositional and NonCompositional are the means over images of the squared
	// error, summed over the block's outputs and divided as the paper does: by the
	// number of digits, and by r² (3 and 100), so that the answer 0 costs 1.
	Compositional, NonCompositional float64
	// Digit is the share of images whose digit at each place is named by the
	// largest of its ten compositional outputs; AllDigits where all are.
	Digit     []float64
	AllDigits float64
	// Number is the share of images whose number is named by the largest
	// non-compositional output.
	Number float64
}

// A Meter adds up a Measure image by image.
type Meter struct {
	composition         Composition
	digits, number      bool // whether the network writes these outputs
	count               int
	digitError          float64
	numberError         float64
	rightDigit          [MaxDigits]int
	rightAll, rightNumb int
}

// NewMeter returns a meter for a network, whose towers say which outputs are
// measured.
func NewMeter(c Composition, n Network) *Meter {
	m := &Meter{composition: c}
	for _, t := range n.Towers {
		m.digits = m.digits || t.Writes != NonCompositionalBlock
		m.number = m.number || t.Writes != CompositionalBlock
	}
	return m
}

// Add takes in the answers to image i of some examples: all outputs, of which
// those that no tower writes are not looked at. The error is summed in float64.
func (m *Meter) Add(x *Examples, i int, answers []float64) {
	c := m.composition
	m.count++
	var classes [MaxDigits]int
	number := x.Label(classes[:], i)
	if m.digits {
		all := true
		for place, class := range classes[:c.Digits] {
			lo, hi := 10*place, 10*place+10
			m.digitError += squaredError(answers[lo:hi], class, 1)
			if largest(answers[lo:hi]) == class {
				m.rightDigit[place]++
			} else {
				all = false
			}
		}
		if all {
			m.rightAll++
		}
	}
	if m.number {
		lo, hi := c.Range(NonCompositionalBlock)
		m.numberError += squaredError(answers[lo:hi], number, c.R)
		if largest(answers[lo:hi]) == number {
			m.rightNumb++
		}
	}
}

// squaredError returns Σ (target − answer)², the target being value at one place and
// 0 at the others.
func squaredError(answers []float64, at int, value float64) float64 {
	sum := 0.0
	for i, v := range answers {
		d := v
		if i == at {
			d -= value
		}
		sum += d * d
	}
	return sum
}

// largest returns where the largest answer is, the first of several, or −1 where
// one is not a number.
func largest(answers []float64) int {
	best := 0
	for i, v := range answers {
		if v != v {
			return -1
		}
		if v > answers[best] {
			best = i
		}
	}
	return best
}

// Measure returns the measure of what was added.
func (m *Meter) Measure() Measure {
	c := m.composition
	nan := math.NaN()
	out := Measure{Compositional: nan, NonCompositional: nan, AllDigits: nan, Number: nan, Digit: make([]float64, c.Digits)}
	for place := range out.Digit {
		out.Digit[place] = nan
	}
	if m.count == 0 {
		return out
	}
	count := float64(m.count)
	if m.digits {
		out.Compositional = m.digitError / (count * float64(c.Digits))
		for place := range out.Digit {
			out.Digit[place] = float64(m.rightDigit[place]) / count
		}
		out.AllDigits = float64(m.rightAll) / count
	}
	if m.number {
		scale := c.R * c.R
		if scale == 0 {
			scale = 1 // labels of 0: there is nothing to be relative to
		}
		out.NonCompositional = m.numberError / (count * scale)
		out.Number = float64(m.rightNumb) / count
	}
	return out
}
