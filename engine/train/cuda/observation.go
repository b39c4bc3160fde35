//go:build gpu

package cuda

import (
	"math"

	"modspec/engine/cuda"
	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
)

// observation puts copy i's observation of a step together from its modules' records,
// which are at a place in their room. Modules share no output, so losses and quadrants
// add up.
func (r *run) observation(i, place int, step int64) linear.Observation {
	m := &r.chunk.members[i]
	o := linear.Observation{Step: int(step)}
	s := &m.task.unanswered
	o.Train.Omega, o.Train.Gamma, o.Test.Omega, o.Test.Gamma = s[fieldTrainOmega], s[fieldTrainGamma], s[fieldTestOmega], s[fieldTestGamma]
	modes := 0
	for _, l := range r.lots {
		modes += int(l.shape.modes)
	}
	o.Modes = make([]float64, 0, modes)
	for _, l := range r.lots {
		fields := int(l.launch.fields)
		record := cuda.AsNumbers[float64](l.out)[(i*int(r.kept)+place)*fields:][:fields]
		o.Train.Omega += record[fieldTrainOmega]
		o.Train.Gamma += record[fieldTrainGamma]
		o.Test.Omega += record[fieldTestOmega]
		o.Test.Gamma += record[fieldTestGamma]
		o.Quadrants = o.Quadrants.Add(dataset.Quadrants{
			OmegaOmega: record[fieldOmegaOmega], GammaOmega: record[fieldGammaOmega],
			OmegaGamma: record[fieldOmegaGamma], GammaGamma: record[fieldGammaGamma],
		})
		o.Modes = append(o.Modes, record[fieldFirstMode:]...)
	}
	o.Train.Total = o.Train.Omega + o.Train.Gamma
	o.Test.Total = o.Test.Omega + o.Test.Gamma
	o.Systematicity = o.Quadrants.Systematicity()
	return o
}

// passing is the result of a copy that waits for passages.
type passing struct {
	last    *linear.Observation
	reached linear.Marks
}

// noPassing is the passing before the first record.
func (m *member) noPassing() passing {
	p := passing{reached: linear.Marks{Quadrants: nowhere}}
	for range m.goals.Modes {
		p.reached.Modes = append(p.reached.Modes, math.NaN())
	}
	return p
}

var nowhere = dataset.Quadrants{OmegaOmega: math.NaN(), GammaOmega: math.NaN(), OmegaGamma: math.NaN(), GammaGamma: math.NaN()}

// passing reads copy i's passages and last record. Modules write a record at the same
// steps, unless one has diverged, which the caller checks.
func (r *run) passing(i int) passing {
	m := &r.chunk.members[i]
	p := m.noPassing()
	// A quadrant that no module writes is 0 from the first record on.
	unwritten := func(goal float64) float64 {
		if goal <= 0 {
			return 0
		}
		return math.NaN()
	}
	q := &p.reached.Quadrants
	*q = dataset.Quadrants{
		OmegaOmega: unwritten(m.goals.Quadrants.OmegaOmega), GammaOmega: unwritten(m.goals.Quadrants.GammaOmega),
		OmegaGamma: unwritten(m.goals.Quadrants.OmegaGamma), GammaGamma: unwritten(m.goals.Quadrants.GammaGamma),
	}
	p.reached.Modes = p.reached.Modes[:0]
	step := int64(-1)
	for _, l := range r.lots {
		fields := int(l.launch.fields)
		each := int(l.passedDoubles())
		passed := cuda.AsNumbers[float64](l.passed)[i*each:][:each]
		step = int64(passed[each-1])
		t := &m.task.modules[l.module]
		if t.omegaOut() > 0 {
			q.OmegaOmega, q.GammaOmega = passed[fieldOmegaOmega], passed[fieldGammaOmega]
		}
		if t.rows[1]-t.rows[0] > t.omegaOut() {
			q.OmegaGamma, q.GammaGamma = passed[fieldOmegaGamma], passed[fieldGammaGamma]
		}
		p.reached.Modes = append(p.reached.Modes, passed[fieldFirstMode:fields]...)
	}
	if step < 0 {
		return m.noPassing()
	}
	o := r.observation(i, 0, step)
	p.last = &o
	return p
}
