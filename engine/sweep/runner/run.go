// Package runner trains the copies of a sweep that a folder does not hold yet, on a backend
// that it is handed, and puts their rows there. Runs that take long are kept in between.
package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"modspec/engine/results"
	"modspec/engine/sweep/checkpoint"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/store"
	"modspec/engine/train"
)

// Run trains the copies of a sweep, or of a shard of it, that a folder does not
// hold yet, and writes them there as parts of its tables. The same call again
// goes on where the last one ended, however that was: by itself, by a cancelled
// context, by an error, or by the process being killed. It refuses a folder of
// another sweep and one that another process works in. If another process works there
// all the same, because the file system does not lock, the one that notices stops, and
// its summary is empty.
//
// A copy is kept when the part that holds it is on the disk and in the journal;
// until then it counts as never trained. When the context is cancelled or a
// job fails, the copies that are finished make up a last part. Memory does not
// grow with the number of copies, but for some bits each.
//
// The error says what happened and what to do. When the context was cancelled it
// wraps context.Canceled (or the context's cause). The summary is of what this
// process did, also beside an error.
func Run(ctx context.Context, o Options) (Summary, error) {
	if err := o.check(); err != nil {
		return Summary{}, err
	}
	f, err := store.Open(o.folder())
	if err != nil {
		return Summary{}, err
	}
	s := &session{o: &o, folder: f, before: f.Done(o.Shard), checkpoints: checkpoint.New(f, &o.Sweep, &o.Provenance)}
	err = s.run(ctx)
	s.checkpoints.Close()
	if err == nil {
		err = f.Confirm()
	} else {
		f.Alone() // another process can be the reason, and is then noted
	}
	if lost := f.Lost(); lost != nil {
		return Summary{}, errors.Join(lost, f.Close())
	}
	return s.summary(), errors.Join(err, f.Close())
}

// A session is one process's work in a folder.
type session struct {
	o              *Options
	folder         *store.Folder
	before         int // copies that were there at the start
	divergedBefore int
	stepsBefore    int64
	counts         counts
	checkpoints    *checkpoint.Files
	begun          map[int]checkpoint.Run // checkpoints of earlier processes, by number of the copy
	finished       chan *store.Row
	waiting        waiting
	began          time.Time
	seconds        float64

	mu      sync.Mutex
	err     error  // the first that ends the run
	failure string // of the first job that failed
	lost    bool   // whether the backend can train nothing more
}

func (s *session) run(ctx context.Context) error {
	s.stepsBefore, s.divergedBefore = s.folder.Totals()
	s.began = time.Now()
	// The last process may have been killed before it wrote the manifest.
	if err := s.folder.WriteManifest(); err != nil {
		return err
	}
	if s.folder.Finished(s.o.Shard) {
		s.o.Progress(s.progress())
		return nil
	}
	s.begun = s.checkpoints.Load(s.o.Shard.Has)
	work, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	fail := func(err error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.err == nil {
			s.err = err
			stop(err)
		}
	}

	s.finished = make(chan *store.Row, queueLength)
	rows := make(chan *store.Row, queueLength)
	writer := &store.Writer{
		Folder: s.folder, PartRows: s.o.PartRows, PartTime: s.o.PartTime, Began: s.began,
		Kept: func(number int) {
			s.counts.kept.Add(1)
			s.checkpoints.Drop(number)
		},
	}
	var pipeline sync.WaitGroup
	pipeline.Go(func() { finish(s.finished, rows, fail) })
	pipeline.Go(func() { writer.WriteAll(rows, fail) })
	quiet := s.report()

	if err := s.trainAll(work); err != nil && work.Err() == nil {
		fail(err)
	}
	close(s.finished)
	pipeline.Wait()
	quiet()
	s.seconds = time.Since(s.began).Seconds()
	return s.end(ctx)
}

// report calls back with the progress now and then, until the function that it
// returns is called, and a last time then.
func (s *session) report() (quiet func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(s.o.ProgressTime)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				s.o.Progress(s.progress())
			case <-done:
				s.o.Progress(s.progress())
				return
			}
		}
	}()
	return func() { close(done); <-ended }
}

// trainAll goes through the chunks and trains what is missing of each.
func (s *session) trainAll(ctx context.Context) error {
	// What is done at the start decides: the journal grows meanwhile, but never by
	// copies of a chunk still to come.
	done := s.folder.Copies()
	number, all := 0, s.o.Sweep.Copies
	var places, numbers []int
	for chunk, err := range s.o.Chunks {
		if err != nil {
			return err
		}
		if err := chunk.Check(); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		places, numbers = places[:0], numbers[:0]
		for i := range chunk.Copies {
			if n := chunk.Number(i, number); s.o.Shard.Has(n) && !done.Has(n) {
				places, numbers = append(places, i), append(numbers, n)
			}
		}
		number += len(chunk.Copies)
		if chunk.Numbers != nil {
			all = s.o.Shard.Of(s.o.Sweep.Copies)
		}
		if len(places) == 0 {
			continue
		}
		if len(places) < len(chunk.Copies) {
			chunk = chunk.Only(places)
		}
		if more, err := s.train(ctx, &chunk, append([]int(nil), numbers...)); err != nil || !more {
			return err
		}
	}
	if number != all {
		return fmt.Errorf("there were to be %d copies, but there are %d", all, number)
	}
	return nil
}

// train runs one job. A job that cannot be run is no error; more is false where the
// run is to stop at it, or the backend can run no other either.
func (s *session) train(ctx context.Context, chunk *space.Chunk, numbers []int) (more bool, err error) {
	s.goOn(chunk, numbers)
	r := newRecorder(chunk, numbers, s.o.Sweep.Trajectories, s.finished, &s.waiting, &s.counts)
	r.checkpoints, r.rounds = s.checkpoints, newRounds(len(numbers))
	job, end := r.rounds.until(ctx, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.err != nil
	})
	go r.rounds.run(job, s.o.CheckpointTime)
	err = s.o.Backend.Train(job, chunk.Job, r)
	end()
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	if err == nil && r.ended < len(numbers) {
		err = fmt.Errorf("the %s backend finished %d of %d copies without an error", s.o.Backend.Name(), r.ended, len(numbers))
	}
	switch {
	case errors.Is(err, train.ErrLost):
		s.lost = true
		return false, s.fail(numbers, err)
	case err != nil:
		return !s.o.StopOnFailure, s.fail(numbers, err)
	case r.diverged > 0 && s.o.StopOnFailure:
		s.failed(fmt.Sprintf("%d of the %d copies from number %d on diverged", r.diverged, len(numbers), numbers[0]))
		return false, nil
	}
	return true, nil
}

// goOn makes the runs of a chunk begin at their checkpoints, where there are any, and gives
// notice of it.
func (s *session) goOn(chunk *space.Chunk, numbers []int) {
	if len(s.begun) == 0 {
		return
	}
	job := *chunk.Job
	job.Runs = slices.Clone(job.Runs)
	var steps []int
	for i, n := range numbers {
		if r, ok := s.begun[n]; ok && r.ID == chunk.Copies[i].ID {
			job.Runs[i].From = r.Checkpoint
			steps = append(steps, r.Step)
			delete(s.begun, n)
		}
	}
	if steps == nil {
		return
	}
	if err := job.Check(); err != nil {
		s.o.Notice(fmt.Sprintf("checkpoints of %d runs are ignored, and they begin at step 0: %v", len(steps), err))
		return
	}
	s.o.Notice(fmt.Sprintf("runs that go on from their checkpoints: %d, after %d to %d of %d steps", len(steps), slices.Min(steps), slices.Max(steps), job.Steps))
	chunk.Job = &job
}

// fail notes that a job could not be run.
func (s *session) fail(numbers []int, err error) error {
	s.counts.failed.Add(1)
	text := fmt.Sprintf("%d copies from number %d on could not be trained: %v", len(numbers), numbers[0], err)
	s.failed(text)
	s.o.Notice(text)
	return s.folder.Fail(numbers, err)
}

// failed keeps the first failure, for the error at the end.
func (s *session) failed(text string) {
	if s.failure == "" {
		s.failure = text
	}
}

// end writes how the session ended, and returns the error that says so.
func (s *session) end(ctx context.Context) error {
	if lost := s.folder.Lost(); lost != nil {
		return lost
	}
	held := fmt.Sprintf("the folder holds %d of %d copies", s.folder.Done(s.o.Shard), s.o.Shard.Of(s.o.Sweep.Copies))
	err := s.err
	switch {
	case ctx.Err() != nil && !s.folder.Finished(s.o.Shard):
		err = errors.Join(fmt.Errorf("interrupted: %s, and the same command goes on from there: %w", held, context.Cause(ctx)), err)
	case err != nil:
	case s.lost:
		err = fmt.Errorf("stopped, since the %s backend can train nothing more: %s; %s", s.o.Backend.Name(), held, s.failure)
	case s.failure != "" && s.o.StopOnFailure:
		err = fmt.Errorf("stopped at the first failure: %s; %s", s.failure, held)
	case !s.folder.Finished(s.o.Shard):
		err = fmt.Errorf("%d jobs failed: %s; the first: %s", s.counts.failed.Load(), held, s.failure)
	}
	reason := ""
	if err != nil {
		reason = err.Error()
	}
	closing := s.folder.End(reason, s.seconds)
	if err == nil && closing != nil {
		closing = fmt.Errorf("%w; %s, which is kept, and the same command goes on from there", closing, held)
	}
	return errors.Join(err, closing)
}

func (s *session) progress() Progress {
	p := Progress{
		Total: s.o.Shard.Of(s.o.Sweep.Copies), Trained: int(s.counts.trained.Load()),
		NetworkSteps: s.counts.steps.Load(), Diverged: s.divergedBefore + int(s.counts.diverged.Load()),
		Failed: int(s.counts.failed.Load()), Elapsed: time.Since(s.began),
	}
	p.Done = s.before + p.Trained
	p.Kept = s.before + int(s.counts.kept.Load())
	return p
}

func (s *session) summary() Summary {
	steps, diverged := s.folder.Totals()
	sum := Summary{
		Seconds: results.Number(s.seconds), Failed: int(s.counts.failed.Load()), Total: s.o.Shard.Of(s.o.Sweep.Copies),
		Done: s.folder.Done(s.o.Shard), NetworkSteps: steps - s.stepsBefore - s.counts.stepsBefore.Load(), Diverged: diverged - s.divergedBefore,
	}
	sum.Copies = sum.Done - s.before
	if s.seconds > 0 {
		sum.NetworkStepsPerSecond = results.Number(float64(sum.NetworkSteps) / s.seconds)
	}
	return sum
}
