package cpu

import (
	"context"

	"modspec/engine/cmnist"
)

// observe measures the network, some images at a time.
func (n *net) observe(ctx context.Context, job *cmnist.Job, network cmnist.Network, epoch int) (cmnist.Observation, error) {
	s := cmnist.NewSurvey(job, network, epoch)
	answers := make([]float64, n.composition.Outputs(cmnist.BothBlocks))
	list := make([]int, 0, evaluated)
	for _, set := range s.Sets {
		for start := 0; start < set.Examples.Count(); start += evaluated {
			if ctx.Err() != nil {
				return cmnist.Observation{}, context.Cause(ctx)
			}
			list = list[:0]
			for i := start; i < min(start+evaluated, set.Examples.Count()); i++ {
				list = append(list, i)
			}
			n.load(set.Examples, list)
			n.forward(len(list))
			for at, i := range list {
				for _, t := range n.towers {
					last := t.layers[len(t.layers)-1].held()
					for o, v := range image(last.out, last.size, at)[:t.hi-t.lo] {
						answers[t.lo+o] = float64(v)
					}
				}
				set.Take(i, answers)
			}
		}
	}
	return s.Observation(), nil
}

// save returns the parameters as they are.
func (n *net) save(epoch int) (*cmnist.Checkpoint, error) {
	out := &cmnist.Checkpoint{Epoch: epoch}
	var err error
	if out.Parameters, err = cmnist.Zero(n.network, n.composition); err != nil {
		return nil, err
	}
	if n.momentum > 0 {
		if out.Velocity, err = cmnist.Zero(n.network, n.composition); err != nil {
			return nil, err
		}
	}
	for t, tower := range n.towers {
		next := 0
		for l := range out.Parameters[t] {
			if len(out.Parameters[t][l].Weights) == 0 {
				continue
			}
			var velocity *cmnist.LayerParameters
			if out.Velocity != nil {
				velocity = &out.Velocity[t][l]
			}
			tower.layers[next].save(&out.Parameters[t][l], velocity)
			next++
		}
	}
	return out, nil
}
