package cmnist_test

import (
	"math"
	"testing"

	"modspec/engine/cmnist"
)

// answers writes what a network answers to image i of some examples.
type answers func(x *cmnist.Examples, i int, to []float64)

// oracle answers from the labels of an image alone, or from which image it is.
func oracle(answer func(x *cmnist.Examples, i int, classes []int, number int, to []float64)) answers {
	return func(x *cmnist.Examples, i int, to []float64) {
		clear(to)
		var classes [cmnist.MaxDigits]int
		number := x.Label(classes[:], i)
		answer(x, i, classes[:], number, to)
	}
}

type observation struct {
	Train, Test, Unseen cmnist.Measure
	Probe               *cmnist.Probe // nil where no tower writes the compositional outputs
}

func observe(d *cmnist.Data, n cmnist.Network, answer answers) (o observation) {
	to := make([]float64, d.Composition.Outputs(cmnist.BothBlocks))
	each := func(x *cmnist.Examples, take func(i int, answers []float64)) {
		for i := range x.Count() {
			answer(x, i, to)
			take(i, to)
		}
	}
	measure := func(x *cmnist.Examples) cmnist.Measure {
		m := cmnist.NewMeter(d.Composition, n)
		each(x, func(i int, answers []float64) { m.Add(x, i, answers) })
		return m.Measure()
	}
	o.Train, o.Test, o.Unseen = measure(d.Seen), measure(d.Test), measure(d.Unseen)
	if p := cmnist.NewProber(d, n); p != nil {
		each(d.Seen, p.Seen)
		each(d.Recombined, p.Recombined)
		each(d.Swapped, p.Swapped)
		o.Probe = p.Probe()
	}
	return o
}

// A network that knows everything has no error, and one that answers 0 has the
// error 1 in both parts, as the paper divides them.
func TestMeasuresOfKnownAnswers(t *testing.T) {
	c := cmnist.Paper()
	d := compose(t, smallSet(90, 60), c, cmnist.Selection{})
	perfect := oracle(func(_ *cmnist.Examples, _ int, classes []int, number int, to []float64) {
		for place := range 3 {
			to[10*place+classes[place]] = 1
		}
		to[30+number] = 10
	})
	o := observe(d, cmnist.Dense(3), perfect)
	for name, m := range map[string]cmnist.Measure{"train": o.Train, "test": o.Test} {
		if m.Compositional != 0 || m.NonCompositional != 0 || m.AllDigits != 1 || m.Number != 1 || m.Digit[2] != 1 {
			t.Errorf("%s of a perfect network: %+v", name, m)
		}
	}
	if !math.IsNaN(o.Unseen.Compositional) || !math.IsNaN(o.Unseen.Digit[0]) {
		t.Errorf("without withheld numbers, unseen is %+v", o.Unseen)
	}
	nothing := observe(d, cmnist.Dense(3), func(_ *cmnist.Examples, _ int, to []float64) { clear(to) })
	if nothing.Test.Compositional != 1 || nothing.Test.NonCompositional != 1 {
		t.Errorf("the answer 0 costs %v and %v, want 1 and 1", nothing.Test.Compositional, nothing.Test.NonCompositional)
	}
	if !math.IsNaN(nothing.Probe.Company) {
		t.Errorf("the same answer to all images hangs on nothing, but company is %v", nothing.Probe.Company)
	}
	// One digit in three wrong by one output: 2 of squared error in 3 digits.
	wrong := observe(d, cmnist.Dense(3), oracle(func(_ *cmnist.Examples, _ int, classes []int, number int, to []float64) {
		to[classes[0]], to[10+classes[1]], to[20+(classes[2]+1)%10] = 1, 1, 1
		to[30+(number+1)%1000] = 10
	}))
	m := wrong.Test
	// 2/3 and 2·100/100 come out of sums of whole numbers and one division.
	if m.Compositional != 2.0*20/60 || m.NonCompositional != 2 || m.Digit[0] != 1 || m.Digit[2] != 0 || m.AllDigits != 0 || m.Number != 0 {
		t.Errorf("one digit wrong: %+v", m)
	}
}

// A part that no tower writes is not measured, whatever stands there.
func TestOnlyWrittenOutputsAreMeasured(t *testing.T) {
	d := compose(t, smallSet(30, 30), cmnist.Paper(), cmnist.Selection{})
	split := cmnist.Split(3)
	garbage := func(_ *cmnist.Examples, _ int, to []float64) {
		for i := range to {
			to[i] = math.NaN()
		}
		clear(to[:30])
	}
	o := observe(d, cmnist.Network{Name: "half", Towers: split.Towers[:1]}, garbage)
	if o.Test.Compositional != 1 || !math.IsNaN(o.Test.NonCompositional) || !math.IsNaN(o.Test.Number) {
		t.Errorf("the compositional tower alone: %+v", o)
	}
	o = observe(d, split, garbage)
	if !math.IsNaN(o.Test.NonCompositional) || o.Test.Number != 0 {
		t.Errorf("answers that are not numbers: %+v", o)
	}
	o = observe(d, cmnist.Network{Name: "other half", Towers: split.Towers[1:]}, func(_ *cmnist.Examples, _ int, to []float64) { clear(to) })
	if o.Probe != nil || !math.IsNaN(o.Test.Compositional) || o.Test.NonCompositional != 1 {
		t.Errorf("the non-compositional tower alone: %+v", o)
	}
}

// What a digit's outputs hang on is found in networks where it is known.
func TestProbesOfKnownNetworks(t *testing.T) {
	c := cmnist.Paper()
	d := compose(t, smallSet(900, 900), c, cmnist.Selection{})
	for _, f := range []struct {
		what           string
		answers        answers
		company, style float64
	}{
		{"classes alone", oracle(func(_ *cmnist.Examples, _ int, classes []int, _ int, to []float64) {
			for place := range 3 {
				to[10*place+classes[place]] = 1
			}
		}), 0, 0},
		{"the digit's own image alone", func(x *cmnist.Examples, i int, to []float64) {
			clear(to)
			for place, digit := range digitsOf(x, c, i) {
				to[10*place] = scattered(digit)
			}
		}, 0, 1},
		{"what stands beside it alone", func(x *cmnist.Examples, i int, to []float64) {
			clear(to)
			digits := digitsOf(x, c, i)
			for place := range digits {
				to[10*place] = scattered(digits[(place+1)%3])
			}
		}, 1, 0},
		{"both alike", func(x *cmnist.Examples, i int, to []float64) {
			clear(to)
			digits := digitsOf(x, c, i)
			for place := range digits {
				to[10*place] = scattered(digits[place]) + scattered(digits[(place+1)%3])
			}
		}, 0.5, 0.5},
	} {
		p := observe(d, cmnist.Dense(3), f.answers).Probe
		// scattered is uniform on [0, 1), variance 1/12; half its squared difference
		// over that has mean 1 and variance 7/5 (the fourth moment of a difference of
		// two uniforms is 1/15). Company is a mean over 900 of them (300 images,
		// three places), style over 300: five standard errors are 0.20 and 0.34.
		company, style := 5*math.Sqrt(1.4/900), 5*math.Sqrt(1.4/300)
		if f.company == 0 {
			company = 0
		}
		if f.style == 0 {
			style = 0
		}
		if math.Abs(p.Company-f.company) > company || math.Abs(p.Style-f.style) > style || p.Systematicity != 1-p.Company {
			t.Errorf("%s: company %v, want %v; style %v, want %v", f.what, p.Company, f.company, p.Style, f.style)
		}
	}
}

// scattered maps a digit's number to [0, 1) without a pattern: the fractional part
// of a large multiple of the golden ratio's, squared to break the order of
// neighbours.
func scattered(digit int) float64 {
	x := float64(digit+1) * float64(digit+7) * 0.6180339887498949 * 1237
	return x - math.Floor(x)
}
