package reference

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/kind/linear"
	"modspec/engine/network"
)

// trainCopy trains one copy from its first step to its last. Panics of gonum,
// which are faults of this package, come back as errors.
func trainCopy(ctx context.Context, job *linear.Job, i int, cache *momentCache, recorder linear.Recorder) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("reference backend, copy %d: %v", i, r)
		}
	}()
	arch, weights, err := job.Start(i)
	if err != nil {
		return err
	}
	c := &job.Copies[i]
	moments, err := newMoments(c, cache)
	if err != nil {
		return err
	}
	observer, err := linear.NewObserver(c.Task, arch)
	if err != nil {
		return err
	}
	net := newNet(arch, c.Task.Point, weights)
	update := newUpdate(net, c.Rule, c.LearningRate)
	maps := net.moduleMaps()

	record := job.Schedule.Steps(job.Steps)
	for step := 0; ; step++ {
		net.forward()
		diverged := !net.finite()
		if !diverged && step == record[0] {
			o := observer.Observe(step, maps)
			if diverged = !o.Finite(); !diverged {
				if err := recorder.Observe(i, o); err != nil {
					return err
				}
				record = record[1:]
			}
		}
		if step == job.Steps {
			// There is no step left in which it would show in the map.
			diverged = diverged || !net.finiteWeights()
		}
		if diverged || step == job.Steps {
			return recorder.Finish(i, linear.Final{Step: step, Diverged: diverged, Weights: weights})
		}
		if ctx.Err() != nil { // one load, nothing beside a step
			return context.Cause(ctx)
		}
		batch, err := moments.next()
		if err != nil {
			return err
		}
		update.apply(batch)
	}
}

// finite reports whether the squared norm of the network's map is a finite number.
// Overflow and NaN anywhere in the weights make it infinite or NaN within a step.
func (n *net) finite() bool {
	sum := 0.0
	for _, v := range n.total.RawMatrix().Data {
		sum += v * v
	}
	return !math.IsNaN(sum) && !math.IsInf(sum, 0)
}

// finiteWeights reports whether all weights are finite numbers.
func (n *net) finiteWeights() bool {
	for i := range n.modules {
		for _, layer := range n.modules[i].layers {
			if !network.FiniteLayer(layer) {
				return false
			}
		}
	}
	return true
}

// moduleMaps returns the modules' maps. They are views of the network's own and
// change with every forward pass.
func (n *net) moduleMaps() []*mat.Dense {
	maps := make([]*mat.Dense, len(n.modules))
	for m := range n.modules {
		maps[m] = n.modules[m].mapping
	}
	return maps
}
