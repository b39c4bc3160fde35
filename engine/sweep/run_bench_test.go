package sweep

import (
	"context"
	"runtime"
	"testing"
	"unsafe"

	"modspec/engine/network"
	"modspec/engine/results"
	"modspec/engine/train"
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
	observed []train.Observation
	final    train.Final
	weights  *network.Weights // told to the recorder, if not nil
}

func newReplay(t testing.TB, s *Space, tell bool) *replay {
	t.Helper()
	for chunk, err := range inChunks(s, 1) {
		if err != nil {
			t.Fatal(err)
		}
		runs, err := train.Collect(context.Background(), reference.New(1), chunk.Job)
		if err != nil {
			t.Fatal(err)
		}
		r := &replay{observed: runs[0].Trajectory, final: runs[0].Final}
		if tell {
			if _, r.weights, err = chunk.Job.Start(0); err != nil {
				t.Fatal(err)
			}
		}
		return r
	}
	return nil
}

func (r *replay) Name() string { return "replay" }
func (r *replay) Close() error { return nil }

func (r *replay) Train(ctx context.Context, job *train.Job, recorder train.Recorder) error {
	for i := range job.Copies {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if r.weights != nil {
			if err := recorder.(train.StartRecorder).Start(i, r.weights); err != nil {
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
func seeds(t testing.TB, n string) *Space {
	t.Helper()
	text := paper[:len("\nname: paper\nmethod: grid\nseeds: ")] + n + paper[len("\nname: paper\nmethod: grid\nseeds: SEEDS"):]
	return space(t, text)
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
				o := options(s, b.TempDir())
				o.Sweep, o.Backend, o.Chunks, o.PartRows = SweepOf(s, c.trajectories), backend, inChunks(s, 4096), 0
				sum, err := Run(context.Background(), o)
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

// A weighing backend counts what is alive on the heap before each of its jobs.
type weighing struct {
	*replay
	objects, bytes uint64 // the most
}

func (w *weighing) Train(ctx context.Context, job *train.Job, recorder train.Recorder) error {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	w.objects, w.bytes = max(w.objects, m.HeapObjects), max(w.bytes, m.HeapAlloc)
	return w.replay.Train(ctx, job, recorder)
}

// TestMemoryIsFlatInCopies: of ten times as many copies no more stay alive. What is
// alive is counted, not what the heap has grown to, which depends on when the
// collector comes to run.
func TestMemoryIsFlatInCopies(t *testing.T) {
	if testing.Short() {
		t.Skip("writes fifty thousand copies")
	}
	alive := func(n string) *weighing {
		s := seeds(t, n)
		o := options(s, t.TempDir())
		w := &weighing{replay: newReplay(t, s, true)}
		o.Backend, o.Chunks, o.PartRows = w, inChunks(s, 1024), 4096
		run(t, o)
		return w
	}
	alive("5000") // pools and buffers
	few, many := alive("5000"), alive("50000")
	const more = 50_000 - 5_000
	t.Logf("five thousand copies: %d objects of %d bytes; fifty thousand: %d of %d", few.objects, few.bytes, many.objects, many.bytes)
	// A copy that were kept would have an object at least, and its row is of some
	// hundreds of bytes: an id and a bit of each may stay.
	if many.objects > few.objects+more/2 {
		t.Errorf("%d objects are alive among five thousand copies, but %d among fifty thousand", few.objects, many.objects)
	}
	if many.bytes > few.bytes+more*uint64(unsafe.Sizeof(results.Run{}))/2 {
		t.Errorf("%d bytes are alive among five thousand copies, but %d among fifty thousand", few.bytes, many.bytes)
	}
}
