package runner_test

import (
	"context"
	"runtime"
	"testing"

	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/model"
	"modspec/engine/network"
	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/runner/runtest"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/store"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/train/reference"
)

// paper is the paper's dense setting, in as many copies as seeds are filled in.
const paper = `
name: paper
method: grid
seeds: SEEDS
steps: 300
record: {every: 10}
precision: float64
parameters:
  bits: {value: 3}
`

// replay is a backend that trains one copy for all, so that what a run costs
// beside training can be seen.
type replay struct {
	observed []linear.Observation
	final    linear.Final
	weights  *network.Weights // told to the recorder, if not nil
}

func newReplay(t testing.TB, s *space.Space, tell bool) *replay {
	t.Helper()
	for chunk, err := range sweeptest.InChunks(s, 1) {
		if err != nil {
			t.Fatal(err)
		}
		job, err := model.Job(chunk.Job)
		if err != nil {
			t.Fatal(err)
		}
		runs, err := linear.Collect(context.Background(), reference.New(1), job)
		if err != nil {
			t.Fatal(err)
		}
		r := &replay{observed: runs[0].Trajectory, final: runs[0].Final}
		if tell {
			if _, r.weights, err = job.Start(0); err != nil {
				t.Fatal(err)
			}
		}
		return r
	}
	return nil
}

func (r *replay) Name() string { return "replay" }

func (r *replay) Close() error { return nil }

func (r *replay) Train(ctx context.Context, job *linear.Job, recorder linear.Recorder) error {
	for i := range job.Copies {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if r.weights != nil {
			if err := recorder.(linear.StartRecorder).Start(i, r.weights); err != nil {
				return err
			}
		}
		for _, o := range r.observed {
			if err := recorder.Observe(i, o); err != nil {
				return err
			}
		}
		if err := recorder.Finish(i, r.final); err != nil {
			return err
		}
	}
	return nil
}

// seeds returns the paper's setting with n seeds.
func seeds(t testing.TB, n string) *space.Space {
	t.Helper()
	text := paper[:len("\nname: paper\nmethod: grid\nseeds: ")] + n + paper[len("\nname: paper\nmethod: grid\nseeds: SEEDS"):]
	return sweeptest.Enumerate(t, text)
}

// BenchmarkRun is what a copy costs beside its training, in the paper's setting
// with a recording every 10 of 300 steps: all of it, from the observations to a
// part on the disk. Cores work side by side; the time is the wall's.
func BenchmarkRun(b *testing.B) {
	s := seeds(b, "20000")
	for _, c := range []struct {
		name               string
		tell, trajectories bool
	}{{"weights told", true, false}, {"weights drawn", false, false}, {"with trajectories", true, true}} {
		b.Run(c.name, func(b *testing.B) {
			backend := newReplay(b, s, c.tell)
			b.ReportAllocs()
			for range b.N {
				o := runtest.Options(s, b.TempDir())
				o.Sweep, o.Backend, o.Chunks, o.PartRows = store.SweepOf(s, c.trajectories), model.Backend(backend), sweeptest.InChunks(s, 4096), 0
				sum, err := runner.Run(context.Background(), o)
				if err != nil {
					b.Fatal(err)
				}
				if sum.Copies != s.Copies() {
					b.Fatalf("%d of %d copies", sum.Copies, s.Copies())
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*s.Copies()), "ns/copy")
		})
	}
}

// A counting backend counts the objects that are alive on the heap before every fourth
// of its jobs.
type counting struct {
	*replay
	jobs  int
	alive uint64 // the most
}

func (c *counting) Train(ctx context.Context, job *linear.Job, recorder linear.Recorder) error {
	if c.jobs++; c.jobs%4 == 0 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		c.alive = max(c.alive, m.HeapObjects)
	}
	return c.replay.Train(ctx, job, recorder)
}

// TestMemoryIsFlatInCopies: of ten times as many copies no more stay alive. Objects
// are counted, not what the heap has grown to, which depends on when the collector
// comes to run.
func TestMemoryIsFlatInCopies(t *testing.T) {
	if testing.Short() {
		t.Skip("writes fifty thousand copies")
	}
	alive := func(n string) uint64 {
		s := seeds(t, n)
		o := runtest.Options(s, t.TempDir())
		c := &counting{replay: newReplay(t, s, true)}
		o.Backend, o.Chunks, o.PartRows = model.Backend(c), sweeptest.InChunks(s, 1024), 4096
		runtest.Run(t, o)
		return c.alive
	}
	few, many := alive("5000"), alive("50000")
	t.Logf("%d objects are alive among five thousand copies, %d among fifty thousand", few, many)
	// Copies that were kept would have an object each at least, 45,000. Those of a
	// job and a part are on their way at any time, some 5,000 copies.
	if many > few+22_500 {
		t.Errorf("%d objects are alive among five thousand copies, but %d among fifty thousand", few, many)
	}
}
