package sweep

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"modspec/engine/program"
	"modspec/engine/sweep/space"
	"modspec/engine/train"
)

// wrapped is a backend whose recorders are wrapped.
type wrapped struct {
	train.Backend
	wrap func(context.Context, *recorder) train.Recorder
}

func (w wrapped) Train(ctx context.Context, job *train.Job, r train.Recorder) error {
	return w.Backend.Train(ctx, job, w.wrap(ctx, r.(*recorder)))
}

// An eagerRecorder has a checkpoint kept of every step.
type eagerRecorder struct {
	*recorder
	kept func()
}

func (e eagerRecorder) Due(int, int) bool { return true }

func (e eagerRecorder) Keep(runs []int, list []train.Checkpoint) error {
	err := e.recorder.Keep(runs, list)
	e.kept()
	return err
}

// A stoppedRecorder cancels the sweep when the third run of a job has done some steps, and
// lets it go on once the job knows, up to its checkpoint.
type stoppedRecorder struct {
	*recorder
	job    context.Context
	step   int
	cancel func()
}

func (s stoppedRecorder) Due(run, step int) bool {
	if run == 2 && step == s.step {
		before := s.rounds.now.Load()
		s.cancel()
		for s.rounds.now.Load() == before {
			time.Sleep(time.Millisecond)
		}
	}
	return s.recorder.Due(run, step)
}

func (s stoppedRecorder) Keep(runs []int, list []train.Checkpoint) error {
	err := s.recorder.Keep(runs, list)
	<-s.job.Done()
	return err
}

// interrupted runs a sweep until its third run has done 10 steps.
func interrupted(t *testing.T, o RunOptions) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	o.Backend = wrapped{referenceBackend(1), func(job context.Context, r *recorder) train.Recorder { return stoppedRecorder{r, job, 10, cancel} }}
	if _, err := Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("the sweep that is interrupted ends with %v", err)
	}
}

// checkpointFiles returns the names in the folder of checkpoints.
func checkpointFiles(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, checkpointsFolder))
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
	s := enumerated(t, toys)
	file := func(dir string) string { return filepath.Join(dir, checkpointsFolder, checkpointName(1)) }
	for _, c := range []struct {
		name, says   string
		trajectories bool
		spoil        func(t *testing.T, o *RunOptions)
	}{
		{"with trajectories", "runs that go on from their checkpoints: 1, after 10 to 10 of 20 steps", true, nil},
		{"without", "runs that go on from their checkpoints: 1, after 10 to 10 of 20 steps", false, nil},
		{"a file that was changed", "checkpoint-000001.safetensors is ignored, and its runs begin at step 0: ", true, func(t *testing.T, o *RunOptions) {
			data, err := os.ReadFile(file(o.Dir))
			if err != nil {
				t.Fatal(err)
			}
			data[len(data)-3] ^= 4
			if err := os.WriteFile(file(o.Dir), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		{"a file that was cut short", "checkpoint-000001.safetensors is ignored, and its runs begin at step 0: ", true, func(t *testing.T, o *RunOptions) {
			if err := os.Truncate(file(o.Dir), 900); err != nil {
				t.Fatal(err)
			}
		}},
		{"a file of another version", `checkpoint-000001.safetensors is ignored, and its runs begin at step 0: its version is `, true, func(_ *testing.T, o *RunOptions) {
			o.Provenance.Version = "v9.9.9"
		}},
		{"a link that leads nowhere", "checkpoint-000001.safetensors is ignored, and its runs begin at step 0: ", true, func(t *testing.T, o *RunOptions) {
			if err := errors.Join(os.Remove(file(o.Dir)), os.Symlink("nowhere", file(o.Dir))); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := options(s, t.TempDir())
			o.Sweep.Trajectories = c.trajectories
			interrupted(t, o)
			if names := checkpointFiles(t, o.Dir); !slices.Equal(names, []string{checkpointName(1)}) {
				t.Fatalf("the folder of checkpoints has %v", names)
			}
			if c.spoil != nil {
				c.spoil(t, &o)
			}
			var told []string
			o.Notice = func(text string) { told = append(told, text) }
			begins := 0
			o.Backend = wrapped{referenceBackend(2), func(_ context.Context, r *recorder) train.Recorder {
				for _, run := range r.chunk.Job.Runs {
					if run.From != nil {
						begins++
					}
				}
				return r
			}}
			sum := run(t, o)
			if len(told) != 1 || !strings.Contains(told[0], c.says) || (begins == 1) != (c.spoil == nil) {
				t.Errorf("told is %q, want one line with %q; %d runs begin at checkpoints", told, c.says, begins)
			}
			if sum.Done != s.Copies() {
				t.Errorf("%d of %d copies are there", sum.Done, s.Copies())
			}
			whole := options(s, t.TempDir())
			whole.Sweep.Trajectories = c.trajectories
			run(t, whole)
			if got, want := digest(t, o.Dir), digest(t, whole.Dir); got != want {
				t.Errorf("the digest is %s, want %s", got, want)
			}
			if _, err := os.Lstat(filepath.Join(o.Dir, checkpointsFolder)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the folder of checkpoints stays after the end: %v", err)
			}
		})
	}
}

// TestCheckpointsChangeNothing: a sweep with a checkpoint of every step has the results of
// one without, and one that trains quickly has none.
func TestCheckpointsChangeNothing(t *testing.T) {
	s := enumerated(t, strings.Replace(toys, "seeds: 4", "seeds: 1", 1))
	want := unbroken(t, s)
	kept := 0
	o := options(s, t.TempDir())
	o.Backend = wrapped{referenceBackend(2), func(_ context.Context, r *recorder) train.Recorder { return eagerRecorder{r, func() { kept++ }} }}
	run(t, o)
	if got := digest(t, o.Dir); got != want || kept == 0 {
		t.Errorf("with %d checkpoints the digest is %s, want %s", kept, got, want)
	}
	quick := options(s, t.TempDir())
	quick.CheckpointTime = time.Hour
	quick.Backend = wrapped{referenceBackend(2), func(_ context.Context, r *recorder) train.Recorder {
		return quickRecorder{r, t}
	}}
	run(t, quick)
}

// A quickRecorder is to keep nothing.
type quickRecorder struct {
	*recorder
	t *testing.T
}

func (q quickRecorder) Keep(runs []int, _ []train.Checkpoint) error {
	q.t.Errorf("checkpoints of the runs %v are kept before their time", runs)
	return nil
}

// TestRounds: a run is due once in each round but that in which it begins, and a job that
// stops waits for the runs that have begun.
func TestRounds(t *testing.T) {
	r := newRounds(4)
	due := func(run int, want bool) {
		t.Helper()
		if got := r.due(run); got != want {
			t.Errorf("run %d is due: %t, want %t", run, got, want)
		}
	}
	stopped := func(want bool) {
		t.Helper()
		select {
		case <-r.all:
			if !want {
				t.Error("the job stops before all is kept")
			}
		default:
			if want {
				t.Error("the job does not stop")
			}
		}
	}
	due(0, false)
	due(0, false)
	r.now.Add(1)
	due(0, true)
	due(0, true)
	r.kept([]int{0, 3}, 2) // 3 is in step with 0
	due(0, false)
	due(1, false) // begins
	r.now.Add(1)
	due(0, true)
	r.kept([]int{0, 3}, 3)
	due(1, true)
	r.kept([]int{1}, 3)
	stopped(false)
	r.stop()
	stopped(false)
	due(0, true)
	due(2, false) // begins
	r.ended(0)
	due(3, true) // in place of 0
	r.kept([]int{3}, 4)
	stopped(false)
	due(1, true)
	r.kept([]int{1}, 4)
	stopped(true)
	r.ended(1)
	stopped(true)

	r = newRounds(2) // a backend that does not ask
	r.stop()
	stopped(true)
}

// TestCheckpointFiles: a run is in the file in which it was kept last; a file without runs
// is removed, and a large one is split; what is read is what was written.
func TestCheckpointFiles(t *testing.T) {
	s := enumerated(t, toys)
	o := options(s, t.TempDir())
	o.Notice = func(text string) { t.Error(text) }
	f, err := openFolder(o.folder())
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	training := &program.Training{Variables: []program.VariableInfo{{Name: "b", Shape: []int{2}}, {Name: "a", Shape: nil}, {Name: "none", Shape: []int{0, 3}}}}
	at := func(step int, numbers ...int) (list []keptRun) {
		for _, n := range numbers {
			x := float64(step*100 + n)
			c := &train.Checkpoint{Checkpoint: program.Checkpoint{Step: step, Variables: [][]float64{{x, -x / 3}, {1 / x}, {}}}}
			for range step / 2 {
				c.Observed = append(c.Observed, []float64{x, x + 1, x + 2})
			}
			list = append(list, keptRun{n, s.Copy(n).ID, c})
		}
		return list
	}
	c := newCheckpoints(f, &o.Sweep, &o.Provenance)
	check := func(numbers ...int) {
		t.Helper()
		var want []string
		for _, n := range numbers {
			want = append(want, checkpointName(n))
		}
		if names := checkpointFiles(t, o.Dir); !slices.Equal(names, want) {
			t.Errorf("the files are %v, want %v", names, want)
		}
	}
	keep := func(list []keptRun) {
		t.Helper()
		if err := c.keep(training, list); err != nil {
			t.Fatal(err)
		}
	}
	keep(at(1, 3, 4, 5))
	check(1)
	keep(at(2, 3, 5))
	check(1, 2)
	c.drop(4)
	check(2)
	c.bytes = 1
	keep(at(5, 5, 6))
	check(2, 3, 4)
	// Another process reads what this one left.
	for _, shard := range []space.Shard{{}, {Index: 2, Count: 2}} {
		again := newCheckpoints(f, &o.Sweep, &o.Provenance)
		got := again.load(shard.Has)
		for _, want := range slices.Concat(at(2, 3), at(5, 5, 6)) {
			r, ok := got[want.number]
			if ok != shard.Has(want.number) || ok && (r.id != want.id || fmt.Sprint(*r.Checkpoint) != fmt.Sprint(*want.Checkpoint)) {
				t.Errorf("of shard %s copy %d is read as %+v, want %+v", shard, want.number, r.Checkpoint, want.Checkpoint)
			}
		}
		check(2, 3, 4)
	}
	again := newCheckpoints(f, &o.Sweep, &o.Provenance)
	again.load(space.Shard{}.Has)
	if err := again.keep(training, at(6, 5)); err != nil {
		t.Fatal(err)
	}
	check(2, 4, 5)
	// Whoever says anything else of itself begins at none.
	for i, text := range again.identity {
		other := newCheckpoints(f, &o.Sweep, &o.Provenance)
		other.identity[i][1] = "other"
		if _, err := other.read(checkpointName(4)); err == nil || !strings.Contains(err.Error(), "its "+text[0]+" is ") {
			t.Errorf("with another %s the error is %v", text[0], err)
		}
	}
	for _, n := range []int{3, 6, 5} {
		again.drop(n)
	}
	check()
	again.close()
	if _, err := os.Lstat(filepath.Join(o.Dir, checkpointsFolder)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the empty folder stays: %v", err)
	}
}

// TestCheckpointsThatCannotBeWritten are told once, and the sweep goes on.
func TestCheckpointsThatCannotBeWritten(t *testing.T) {
	s := enumerated(t, strings.Replace(toys, "seeds: 4", "seeds: 1", 1))
	o := options(s, t.TempDir())
	if err := os.WriteFile(filepath.Join(o.Dir, checkpointsFolder), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var told []string
	o.Notice = func(text string) { told = append(told, text) }
	o.Backend = wrapped{referenceBackend(1), func(_ context.Context, r *recorder) train.Recorder { return eagerRecorder{r, func() {}} }}
	if sum := run(t, o); sum.Done != s.Copies() || len(told) != 1 || !strings.Contains(told[0], "checkpoints cannot be kept: ") {
		t.Errorf("%d copies are there, and told is %q", sum.Done, told)
	}
}
