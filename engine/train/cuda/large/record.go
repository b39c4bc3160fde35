//go:build gpu

package large

import (
	"math/bits"
	"slices"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/theory"
)

// modeSums is how the strengths of a module's modes follow from the sums that an
// observation leaves; engine/kind/linear/projector.go has the mathematics.
type modeSums struct {
	kinds []theory.Kind   // of each bit; Other where its Walsh function is no mode of its own
	where []projectionABI // of each bit
	modes []theory.Mode
}

// newModeSums prepares a module's.
func newModeSums(p dataset.Point, v dataset.View) modeSums {
	s := modeSums{kinds: make([]theory.Kind, p.Bits), where: make([]projectionABI, p.Bits), modes: theory.Modes(p, v)}
	for i := range s.kinds {
		s.kinds[i] = theory.Other
	}
	for _, kind := range []theory.Kind{theory.Asked, theory.LeftOut, theory.NotGiven} {
		for _, set := range theory.Sets(p, v, kind) {
			row := bits.TrailingZeros(set)
			w := projectionABI{used: 1, in: -1, out: -1}
			if kind != theory.NotGiven {
				w.in = int64(slices.Index(p.InputBits, row))
			}
			if kind != theory.LeftOut {
				w.out = int64(slices.Index(p.OutputBits, row))
			}
			s.kinds[row], s.where[row] = kind, w
		}
	}
	return s
}

// strengths are the mode strengths in the order of theory.Modes. sums has for each bit
// what the map answers to its Walsh function w at its own output, and wᵀ times what
// the outputs in Γ_y make of the bit's input and of w in Γ_x; then the trace.
func (s *modeSums) strengths(p dataset.Point, sums []float64) []float64 {
	var whole [theory.NotGiven + 1]float64
	examples := float64(p.Examples())
	trace := sums[3*p.Bits]
	for bit, kind := range s.kinds {
		if s.where[bit].used == 0 {
			continue
		}
		toOutput, fromOmega, fromGamma := sums[3*bit], sums[3*bit+1], sums[3*bit+2]/examples
		whole[kind] += toOutput + p.R*fromOmega + p.R*p.R*fromGamma
		trace -= fromGamma
	}
	whole[theory.Other] = p.R * p.R * trace
	out := make([]float64, len(s.modes))
	for k, m := range s.modes {
		out[k] = whole[m.Kind] / (float64(m.Multiplicity) * m.SingularValue * examples)
	}
	return out
}

// observation makes an observation of what the warps left, parts times fields.
func (t *task) observation(step int, sums []float64) linear.Observation {
	p := t.linear.Point
	all := make([]float64, t.fields())
	for part := range t.parts() {
		for f, v := range sums[part*len(all):][:len(all)] {
			all[f] += v
		}
	}
	losses := func(omega, gamma float64, examples int) linear.Losses {
		// 0/0 gives the NaN that stands for an empty set of examples.
		n := 2 * float64(examples)
		l := linear.Losses{Omega: omega / n, Gamma: gamma / n}
		l.Total = l.Omega + l.Gamma
		return l
	}
	o := linear.Observation{
		Step:  step,
		Train: losses(all[sumTrainOmega], all[sumTrainGamma], t.trained),
		Test:  losses(all[sumTestOmega], all[sumTestGamma], p.Examples()-t.trained),
		Quadrants: dataset.Quadrants{
			OmegaOmega: all[sumOmegaOmega], GammaOmega: all[sumGammaOmega],
			OmegaGamma: all[sumOmegaGamma], GammaGamma: all[sumGammaGamma],
		},
	}
	for i := range t.modules {
		o.Modes = append(o.Modes, t.modules[i].modes.strengths(p, all[firstProjection+i*(3*p.Bits+1):][:3*p.Bits+1])...)
	}
	o.Systematicity = o.Quadrants.Systematicity()
	return o
}
