//go:build gpu

package cuda

import (
	"context"
	"fmt"
	"sync"

	"modspec/engine/cmnist"
)

// observe measures every member, each after its own epoch. Forward passes serve all
// members at once; each member's answers are then taken in by a goroutine of its own.
func (g *group) observe(ctx context.Context) ([]cmnist.Observation, error) {
	surveys := make([]*cmnist.Survey, len(g.members))
	takes := make([]map[*cmnist.Examples]func(i int, answers []float64), len(g.members))
	for k, m := range g.members {
		surveys[k] = cmnist.NewSurvey(g.job, m.spec.Network, m.epoch)
		takes[k] = map[*cmnist.Examples]func(int, []float64){}
		for _, set := range surveys[k].Sets {
			takes[k][set.Examples] = set.Take
		}
	}
	for _, set := range g.images.sets {
		asked := false
		for k := range takes {
			asked = asked || takes[k][set.examples] != nil
		}
		for first := 0; asked && first < set.examples.Count(); first += g.room {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			count := min(g.room, set.examples.Count()-first)
			if err := g.answer(set, first, count); err != nil {
				return nil, err
			}
			err := g.eachMember(func(k int, answers []float64) {
				take := takes[k][set.examples]
				if take == nil {
					return
				}
				for i := range count {
					g.members[k].answers(answers, i)
					take(first+i, answers)
				}
			})
			if err != nil {
				return nil, err
			}
		}
	}
	list := make([]cmnist.Observation, len(g.members))
	err := g.eachMember(func(k int, _ []float64) { list[k] = surveys[k].Observation() })
	return list, err
}

// eachMember calls back for every member at once, with room for the answers to an
// image. Panics, which are faults of this package, come back as an error.
func (g *group) eachMember(do func(k int, answers []float64)) error {
	var wait sync.WaitGroup
	faults := make([]error, len(g.members))
	for k, m := range g.members {
		wait.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					faults[k] = fmt.Errorf("cuda backend, run %d: %v", m.run+1, r)
				}
			}()
			do(k, make([]float64, g.job.Data.Composition.Outputs(cmnist.BothBlocks)))
		})
	}
	wait.Wait()
	return first(faults...)
}
