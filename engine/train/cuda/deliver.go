//go:build gpu

package cuda

import (
	"context"

	"modspec/engine/cuda"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
)

// ending is what is to be reported of a copy, up to its end if that has come.
type ending struct {
	index        int // in the job
	observations []linear.Observation
	passing      *passing // nil where every observation is wanted
	final        linear.Final
	// open says that the copy is not finished: its training goes on, or a module of it
	// diverged while another went on, and it has to be trained again up to that step.
	open bool
}

// tell reports an ending. It comes inside one report.
func (e *ending) tell(report *reporter) error {
	for _, o := range e.observations {
		if err := report.recorder.Observe(e.index, o); err != nil {
			return err
		}
	}
	if e.open {
		return nil
	}
	if e.passing != nil {
		if err := report.passages.Pass(e.index, e.passing.last, e.passing.reached); err != nil {
			return err
		}
	}
	return report.recorder.Finish(e.index, e.final)
}

// reportBlock is how many copies are put together before they are reported, outside
// the time in which no other worker can report.
const reportBlock = 256

// observe reports what the last slice has recorded.
func (r *run) observe(report *reporter) error {
	n := len(r.chunk.members)
	for from := 0; from < n; from += reportBlock {
		block := make([]ending, 0, reportBlock)
		for i := from; i < min(n, from+reportBlock); i++ {
			block = append(block, ending{index: r.chunk.members[i].index, observations: r.observations(i), open: true})
		}
		if err := tellAll(report, block); err != nil {
			return err
		}
	}
	return nil
}

func tellAll(report *reporter, block []ending) error {
	return report.report(func() error {
		for i := range block {
			if err := block[i].tell(report); err != nil {
				return err
			}
		}
		return nil
	})
}

// observations are copy i's in the last slice. A copy whose whole observation cannot
// be represented has diverged there, even if no module's own shows it.
func (r *run) observations(i int) []linear.Observation {
	var list []linear.Observation
	for k := r.first; k < r.served; k++ {
		step := r.records[k]
		if r.goneAt[i] >= 0 && step >= r.goneAt[i] {
			break
		}
		o := r.observation(i, k-r.first, step)
		if !o.Finite() {
			r.gone(i, step)
			break
		}
		list = append(list, o)
	}
	return list
}

// finish reports the ends of a run's copies, panel by panel, with what the last slice
// has recorded of them, and returns those that are still open. A run that has limits is
// of copies that were left open; told are then their passages.
func (r *run) finish(ctx context.Context, report *reporter, told []passing) (open []int, err error) {
	n := len(r.chunk.members)
	for from := 0; from < n; from += r.panel {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		to := min(n, from+r.panel)
		if !report.weightless {
			if err := r.worker.device.Do(func() error { return r.fetchFinals(from, to) }); err != nil {
				return nil, err
			}
		}
		for first := from; first < to; first += reportBlock {
			block := make([]ending, 0, reportBlock)
			for i := first; i < min(to, first+reportBlock); i++ {
				var w *network.Weights
				if !report.weightless {
					w = &network.Weights{Modules: r.weightsOf(i - from)}
				}
				e := r.ending(i, w, told)
				if e.open {
					open = append(open, i)
				}
				block = append(block, e)
			}
			if err := tellAll(report, block); err != nil {
				return nil, err
			}
		}
	}
	return open, nil
}

// ending puts the end of copy i together, with weights where they are wanted.
func (r *run) ending(i int, weights *network.Weights, told []passing) ending {
	e := ending{index: r.chunk.members[i].index}
	if r.limits != nil {
		return r.chunk.diverged(i, r.limits[i], weights, told)
	}
	if weights != nil && r.goneAt[i] < 0 && !weights.Finite() {
		r.gone(i, r.steps)
	}
	if r.mode == everyRecord {
		e.observations = r.observations(i)
	} else {
		p := r.passing(i)
		e.passing = &p
		if p.last != nil && !p.last.Finite() {
			r.gone(i, int64(p.last.Step))
		}
	}
	e.final = linear.Final{Step: int(r.steps), Weights: weights}
	if r.goneAt[i] >= 0 {
		e.final.Step, e.final.Diverged = int(r.goneAt[i]), true
		e.open = !r.stoppedTogether(i)
	}
	return e
}

// diverged is the end of copy i of a chunk that was left open, at the step at which it
// diverged. told are the copies' passings, or nil.
func (c *chunk) diverged(i int, step int64, weights *network.Weights, told []passing) ending {
	e := ending{index: c.members[i].index, final: linear.Final{Step: int(step), Diverged: true, Weights: weights}}
	if told != nil {
		e.passing = &told[i]
	}
	return e
}

// stoppedTogether reports whether all modules of a copy that diverged stopped at that
// step, so that the device holds their last weights.
func (r *run) stoppedTogether(i int) bool {
	for _, l := range r.lots {
		if cuda.AsNumbers[int64](l.ended)[i] != r.goneAt[i] {
			return false
		}
	}
	return true
}

// fetchFinals brings back the final weights of some copies.
func (r *run) fetchFinals(from, to int) error {
	s, size := r.worker.stream, int64(r.worker.size)
	for _, l := range r.lots {
		if err := l.finish(s, from, to-from, size); err != nil {
			return err
		}
		part := l.finals[:int64(to-from)*l.launch.finalStride*size]
		if err := s.Download(part, l.launch.finals, "final weights"); err != nil {
			return err
		}
	}
	return s.Wait("final weights")
}

// fetchPassages brings back the last records and the passages.
func (r *run) fetchPassages() error {
	s := r.worker.stream
	for _, l := range r.lots {
		if err := s.Download(l.out, l.launch.out, "records"); err != nil {
			return err
		}
		if err := s.Download(l.passed, l.launch.passed, "passages"); err != nil {
			return err
		}
	}
	return s.Wait("the copies' last records")
}
