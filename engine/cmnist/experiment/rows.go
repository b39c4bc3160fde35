package experiment

import (
	"math"

	"modspec/engine/cmnist"
	"modspec/engine/results"
)

// rowOf writes an observation in columns.
func rowOf(m member, o cmnist.Observation) results.CMNISTEpoch {
	nan := results.Number(math.NaN())
	row := results.CMNISTEpoch{
		Arch: m.arch, RunIndex: m.run, Seed: m.seed, Epoch: o.Epoch,
		Train: measureOf(o.Train), Test: measureOf(o.Test), Unseen: measureOf(o.Unseen),
		Company: nan, Style: nan, Systematicity: nan, Recombined: measureOf(cmnist.Measure{
			Compositional: math.NaN(), NonCompositional: math.NaN(), AllDigits: math.NaN(), Number: math.NaN(),
		}),
	}
	if p := o.Probe; p != nil {
		row.Company, row.Style, row.Systematicity = results.Number(p.Company), results.Number(p.Style), results.Number(p.Systematicity)
		row.Recombined = measureOf(p.Recombined)
	}
	if o.Diverged {
		row.Diverged = 1
	}
	return row
}

func measureOf(m cmnist.Measure) results.CMNISTMeasure {
	out := results.CMNISTMeasure{
		Compositional: results.Number(m.Compositional), NonCompositional: results.Number(m.NonCompositional),
		AllDigits: results.Number(m.AllDigits), Number: results.Number(m.Number),
	}
	for place := range out.Digit {
		out.Digit[place] = results.Number(math.NaN())
		if place < len(m.Digit) {
			out.Digit[place] = results.Number(m.Digit[place])
		}
	}
	return out
}
