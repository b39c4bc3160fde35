//go:build gpu

package cuda

import (
	"context"
	"errors"

	"modspec/engine/cuda"
	"modspec/engine/kind/linear"
)

// tooLarge is the error of a chunk that does not fit the memory, before anything of it
// was reported.
type tooLarge struct{ cause error }

func (e *tooLarge) Error() string { return e.cause.Error() }

func (e *tooLarge) Unwrap() error { return e.cause }

// trainChunk trains a chunk and reports it. Its error is a tooLarge where the device
// has too little memory for it.
func (w *worker) trainChunk(ctx context.Context, job *linear.Job, c *chunk, report *reporter) error {
	mode := everyRecord
	if c.passing {
		mode = lastRecord
	}
	var r *run
	err := w.device.Do(func() (err error) {
		r, err = w.newRun(job, c, mode, nil, report.starts != nil)
		return err
	})
	if errors.Is(err, cuda.ErrOutOfMemory) {
		return &tooLarge{err}
	}
	if err != nil {
		return err
	}
	told := r.tellStarts(ctx, report)
	err = w.device.Do(func() error {
		err := r.train(ctx, func() error {
			if err := told(); err != nil {
				return err
			}
			return r.observe(report)
		})
		if err == nil && mode == lastRecord {
			err = r.fetchPassages()
		}
		return err
	})
	if starting := told(); err == nil {
		err = starting
	}
	if err != nil {
		return err
	}
	open, err := r.finish(ctx, report, nil)
	if err != nil || len(open) == 0 {
		return err
	}
	return w.finishOpen(ctx, job, r, open, report)
}

// finishOpen trains copies again of which a module diverged while another went on, up
// to the step at which it did, and reports their ends. It takes no more memory than
// the run before, of which they are a part.
func (w *worker) finishOpen(ctx context.Context, job *linear.Job, r *run, open []int, report *reporter) error {
	again := &chunk{cohort: r.chunk.cohort}
	var at []int64
	for _, i := range open {
		again.members = append(again.members, r.chunk.members[i])
		at = append(at, r.goneAt[i])
	}
	var told []passing
	if r.mode == lastRecord {
		var err error
		if told, err = w.passBefore(ctx, job, again, at); err != nil {
			return err
		}
	}
	if report.weightless {
		block := make([]ending, len(again.members))
		for i := range block {
			block[i] = again.diverged(i, at[i], nil, told)
		}
		return tellAll(report, block)
	}
	var last *run
	err := w.device.Do(func() (err error) {
		if last, err = w.newRun(job, again, noRecord, at, false); err != nil {
			return err
		}
		return last.train(ctx, nil)
	})
	if err != nil {
		return err
	}
	_, err = last.finish(ctx, report, told)
	return err
}

// passBefore finds the passages and last records of copies before the steps at which
// they diverged. It moves such a step forward to an observation that cannot be
// represented, if it meets one.
func (w *worker) passBefore(ctx context.Context, job *linear.Job, c *chunk, at []int64) ([]passing, error) {
	told := make([]passing, len(c.members))
	var open []int
	for i := range c.members {
		told[i] = c.members[i].noPassing()
		if at[i] > 0 {
			open = append(open, i)
		}
	}
	for len(open) > 0 {
		part := &chunk{cohort: c.cohort}
		var limits []int64
		for _, i := range open {
			part.members = append(part.members, c.members[i])
			limits = append(limits, at[i]-1)
		}
		var r *run
		err := w.device.Do(func() (err error) {
			if r, err = w.newRun(job, part, lastRecord, limits, false); err != nil {
				return err
			}
			if err := r.train(ctx, nil); err != nil {
				return err
			}
			return r.fetchPassages()
		})
		if err != nil {
			return nil, err
		}
		var still []int
		for k, i := range open {
			p := r.passing(k)
			if p.last != nil && !p.last.Finite() {
				if at[i] = int64(p.last.Step); at[i] > 0 {
					still = append(still, i)
				}
				continue
			}
			told[i] = p
		}
		open = still
	}
	return told, nil
}
