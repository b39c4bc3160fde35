package cmnist

import "context"

// Answers writes what a network answers to image i of some examples: all outputs,
// those that no tower writes being left as they are.
type Answers func(x *Examples, i int, to []float64)

// Observe measures a network after an epoch, one image after the other. Backends
// that answer many images at a time use [Survey] instead.
func Observe(ctx context.Context, job *Job, n Network, epoch int, answer Answers) (Observation, error) {
	s := NewSurvey(job, n, epoch)
	to := make([]float64, job.Data.Composition.Outputs(BothBlocks))
	for _, set := range s.Sets {
		for i := range set.Examples.Count() {
			if ctx.Err() != nil {
				return Observation{}, context.Cause(ctx)
			}
			answer(set.Examples, i, to)
			set.Take(i, to)
		}
	}
	return s.Observation(), nil
}

// A Survey is what has to be asked of a network for an Observation.
type Survey struct {
	Sets                []SurveySet
	epoch               int
	train, test, unseen *Meter
	prober              *Prober
}

// A SurveySet is images that a survey wants the answers to, all of them once and in
// any order, one call at a time.
type SurveySet struct {
	Examples *Examples
	Take     func(i int, answers []float64)
}

// NewSurvey returns the survey of a run of a job after an epoch.
func NewSurvey(job *Job, n Network, epoch int) *Survey {
	d := job.Data
	s := &Survey{epoch: epoch, train: NewMeter(d.Composition, n), test: NewMeter(d.Composition, n), unseen: NewMeter(d.Composition, n)}
	if job.Probes(epoch) {
		s.prober = NewProber(d, n)
	}
	seen := func(i int, answers []float64) { s.train.Add(d.Seen, i, answers) }
	if s.prober != nil {
		seen = func(i int, answers []float64) {
			s.train.Add(d.Seen, i, answers)
			s.prober.Seen(i, answers)
		}
	}
	s.Sets = []SurveySet{
		{d.Seen, seen},
		{d.Test, func(i int, answers []float64) { s.test.Add(d.Test, i, answers) }},
		{d.Unseen, func(i int, answers []float64) { s.unseen.Add(d.Unseen, i, answers) }},
	}
	if s.prober != nil {
		s.Sets = append(s.Sets, SurveySet{d.Recombined, s.prober.Recombined}, SurveySet{d.Swapped, s.prober.Swapped})
	}
	return s
}

// Observation returns the result once all answers are in.
func (s *Survey) Observation() Observation {
	o := Observation{
		Epoch: s.epoch, Train: s.train.Measure(), Test: s.test.Measure(), Unseen: s.unseen.Measure(),
		Diverged: !s.train.Finite() || !s.test.Finite() || !s.unseen.Finite(),
	}
	if s.prober != nil && !o.Diverged {
		o.Probe = s.prober.Probe()
	}
	return o
}
