package backendtest

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/kind/linear"
	"modspec/engine/network"
)

// literal is the suite's own loops as a backend, one copy after the other, with
// places to plant faults in. The zero literal has none.
type literal struct {
	prepare func(o *oracle)                               // changes what the oracle knows
	step    func(o *oracle, w weights, step int) weights  // instead of oracle.step
	observe func(o *oracle, s *linear.Observation)        // spoils an observation
	report  func(r linear.Recorder) linear.Recorder       // stands before the recorder
	after   func(job *linear.Job, i int, f *linear.Final) // spoils how a copy ends
	context func(context.Context) context.Context         // instead of the caller's
	check   func(job *linear.Job) error                   // instead of Job.Check
	err     func(error) error                             // instead of the error of Train
	endless bool                                          // never looks for divergence
}

func (b literal) Name() string { return "literal" }
func (b literal) Close() error { return nil }

func (b literal) Train(ctx context.Context, job *linear.Job, r linear.Recorder) error {
	if b.context != nil {
		ctx = b.context(ctx)
	}
	check := (*linear.Job).Check
	if b.check != nil {
		check = b.check
	}
	if err := check(job); err != nil {
		return err
	}
	if b.report != nil {
		r = b.report(r)
	}
	for i := range job.Copies {
		if err := b.trainCopy(ctx, job, i, r); err != nil {
			if b.err != nil {
				err = b.err(err)
			}
			return err
		}
	}
	return nil
}

func (b literal) trainCopy(ctx context.Context, job *linear.Job, i int, r linear.Recorder) error {
	o, w, err := newOracle(job, i)
	if err != nil {
		return err
	}
	if b.prepare != nil {
		b.prepare(o)
	}
	record := job.Schedule.Steps(job.Steps)
	for step := 0; ; step++ {
		diverged := !b.endless && !finite(o, w)
		if !diverged && step == record[0] {
			s := o.observe(step, w)
			if b.observe != nil {
				b.observe(o, &s)
			}
			if diverged = !b.endless && !s.Finite(); !diverged {
				if err := r.Observe(i, s); err != nil {
					return err
				}
				record = record[1:]
			}
		}
		if diverged || step == job.Steps {
			f := linear.Final{Step: step, Diverged: diverged, Weights: w.network()}
			if b.after != nil {
				b.after(job, i, &f)
			}
			return r.Finish(i, f)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if b.step != nil {
			w = b.step(o, w, step)
		} else {
			w = o.step(w, o.batch(step), false)
		}
	}
}

func finite(o *oracle, w weights) bool {
	whole, _ := o.mapping(w)
	sum := 0.0
	for _, v := range whole.flat() {
		sum += v * v
	}
	return !math.IsNaN(sum) && !math.IsInf(sum, 0)
}

func (w weights) network() *network.Weights {
	out := &network.Weights{}
	for _, layers := range w {
		var dense []*mat.Dense
		for _, l := range layers {
			dense = append(dense, mat.NewDense(len(l), len(l[0]), l.flat()))
		}
		out.Modules = append(out.Modules, dense)
	}
	return out
}
