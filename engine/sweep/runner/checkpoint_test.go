package runner_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/runner/runtest"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/train"
)

// wrapped is a backend whose recorders are wrapped.
type wrapped struct {
	train.Backend
	wrap func(context.Context, *train.Job, train.Keeper) train.Recorder
}

func (w wrapped) Train(ctx context.Context, job *train.Job, r train.Recorder) error {
	return w.Backend.Train(ctx, job, w.wrap(ctx, job, r.(train.Keeper)))
}

// eager returns a backend that has a checkpoint kept of every step, and tells when one is.
func eager(b train.Backend, kept func()) train.Backend {
	return wrapped{b, func(_ context.Context, _ *train.Job, r train.Keeper) train.Recorder { return eagerRecorder{r, kept} }}
}

type eagerRecorder struct {
	train.Keeper
	kept func()
}

func (e eagerRecorder) Due(int, int) bool { return true }

func (e eagerRecorder) Keep(runs []int, list []train.Checkpoint) error {
	err := e.Keeper.Keep(runs, list)
	e.kept()
	return err
}

// A stoppedRecorder cancels the sweep when the third run of a job has done some steps, and
// lets it go on once the job knows, which then asks for a checkpoint, up to that.
type stoppedRecorder struct {
	train.Keeper
	job    context.Context
	step   int
	cancel func()
}

func (s stoppedRecorder) Due(run, step int) bool {
	due := s.Keeper.Due(run, step)
	if run == 2 && step == s.step {
		for s.cancel(); !due; due = s.Keeper.Due(run, step) {
			time.Sleep(time.Millisecond)
		}
	}
	return due
}

func (s stoppedRecorder) Keep(runs []int, list []train.Checkpoint) error {
	err := s.Keeper.Keep(runs, list)
	<-s.job.Done()
	// Said here: contexts below the job's end a moment later, in which all could be trained.
	return errors.Join(err, context.Cause(s.job))
}

// firstCheckpoint is the name of a folder's first file of checkpoints.
const firstCheckpoint = "checkpoint-000001.safetensors"

// interrupted runs a sweep until its third run has done 10 steps.
func interrupted(t *testing.T, o runner.Options) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	o.Backend = wrapped{sweeptest.Reference(1), func(job context.Context, _ *train.Job, r train.Keeper) train.Recorder {
		return stoppedRecorder{r, job, 10, cancel}
	}}
	if _, err := runner.Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("the sweep that is interrupted ends with %v", err)
	}
}

// checkpointFiles returns the names in the folder of checkpoints.
func checkpointFiles(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "checkpoints"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestInterruptedRunsGoOn: the runs in training when a sweep is interrupted are kept, and
// the next process goes on there, to the same results; with and without trajectories.
// Files that it cannot begin at are told and ignored.
func TestInterruptedRunsGoOn(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Toys)
	file := func(dir string) string { return filepath.Join(dir, "checkpoints", firstCheckpoint) }
	for _, c := range []struct {
		name, says   string
		trajectories bool
		spoil        func(t *testing.T, o *runner.Options)
	}{
		{"with trajectories", "runs that go on from their checkpoints: 1, after 10 to 10 of 20 steps", true, nil},
		{"without", "runs that go on from their checkpoints: 1, after 10 to 10 of 20 steps", false, nil},
		{"a file that was changed", "checkpoint-000001.safetensors is ignored, and its runs begin at step 0: ", true, func(t *testing.T, o *runner.Options) {
			data, err := os.ReadFile(file(o.Dir))
			if err != nil {
				t.Fatal(err)
			}
			data[len(data)-3] ^= 4
			if err := os.WriteFile(file(o.Dir), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		{"a file that was cut short", "checkpoint-000001.safetensors is ignored, and its runs begin at step 0: ", true, func(t *testing.T, o *runner.Options) {
			if err := os.Truncate(file(o.Dir), 900); err != nil {
				t.Fatal(err)
			}
		}},
		{"a file of another version", `checkpoint-000001.safetensors is ignored, and its runs begin at step 0: its version is `, true, func(_ *testing.T, o *runner.Options) {
			o.Provenance.Version = "v9.9.9"
		}},
		{"a link that leads nowhere", "checkpoint-000001.safetensors is ignored, and its runs begin at step 0: ", true, func(t *testing.T, o *runner.Options) {
			if err := errors.Join(os.Remove(file(o.Dir)), os.Symlink("nowhere", file(o.Dir))); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := runtest.Options(s, t.TempDir())
			o.Sweep.Trajectories = c.trajectories
			interrupted(t, o)
			if names := checkpointFiles(t, o.Dir); !slices.Equal(names, []string{firstCheckpoint}) {
				t.Fatalf("the folder of checkpoints has %v", names)
			}
			if c.spoil != nil {
				c.spoil(t, &o)
			}
			var told []string
			o.Notice = func(text string) { told = append(told, text) }
			begins := 0
			o.Backend = wrapped{sweeptest.Reference(2), func(_ context.Context, job *train.Job, r train.Keeper) train.Recorder {
				for _, run := range job.Runs {
					if run.From != nil {
						begins++
					}
				}
				return r
			}}
			sum := runtest.Run(t, o)
			if len(told) != 1 || !strings.Contains(told[0], c.says) || (begins == 1) != (c.spoil == nil) {
				t.Errorf("told is %q, want one line with %q; %d runs begin at checkpoints", told, c.says, begins)
			}
			if sum.Done != s.Copies() {
				t.Errorf("%d of %d copies are there", sum.Done, s.Copies())
			}
			whole := runtest.Options(s, t.TempDir())
			whole.Sweep.Trajectories = c.trajectories
			runtest.Run(t, whole)
			if got, want := runtest.DigestOf(t, o.Dir), runtest.DigestOf(t, whole.Dir); got != want {
				t.Errorf("the digest is %s, want %s", got, want)
			}
			if _, err := os.Lstat(filepath.Join(o.Dir, "checkpoints")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the folder of checkpoints stays after the end: %v", err)
			}
		})
	}
}

// TestCheckpointsChangeNothing: a sweep with a checkpoint of every step has the results of
// one without, and one that trains quickly has none.
func TestCheckpointsChangeNothing(t *testing.T) {
	s := sweeptest.Enumerate(t, strings.Replace(sweeptest.Toys, "seeds: 4", "seeds: 1", 1))
	want := runtest.Unbroken(t, s)
	kept := 0
	o := runtest.Options(s, t.TempDir())
	o.Backend = eager(sweeptest.Reference(2), func() { kept++ })
	runtest.Run(t, o)
	if got := runtest.DigestOf(t, o.Dir); got != want || kept == 0 {
		t.Errorf("with %d checkpoints the digest is %s, want %s", kept, got, want)
	}
	quick := runtest.Options(s, t.TempDir())
	quick.CheckpointTime = time.Hour
	quick.Backend = wrapped{sweeptest.Reference(2), func(_ context.Context, _ *train.Job, r train.Keeper) train.Recorder {
		return quickRecorder{r, t}
	}}
	runtest.Run(t, quick)
}

// A quickRecorder is to keep nothing.
type quickRecorder struct {
	train.Keeper
	t *testing.T
}

func (q quickRecorder) Keep(runs []int, _ []train.Checkpoint) error {
	q.t.Errorf("checkpoints of the runs %v are kept before their time", runs)
	return nil
}

// TestCheckpointsThatCannotBeWritten are told once, and the sweep goes on.
func TestCheckpointsThatCannotBeWritten(t *testing.T) {
	s := sweeptest.Enumerate(t, strings.Replace(sweeptest.Toys, "seeds: 4", "seeds: 1", 1))
	o := runtest.Options(s, t.TempDir())
	if err := os.WriteFile(filepath.Join(o.Dir, "checkpoints"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var told []string
	o.Notice = func(text string) { told = append(told, text) }
	o.Backend = eager(sweeptest.Reference(1), func() {})
	if sum := runtest.Run(t, o); sum.Done != s.Copies() || len(told) != 1 || !strings.Contains(told[0], "checkpoints cannot be kept: ") {
		t.Errorf("%d copies are there, and told is %q", sum.Done, told)
	}
}
