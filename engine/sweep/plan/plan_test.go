package plan_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/model"
	"modspec/engine/sweep/plan"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/spec"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/train"
	"modspec/engine/train/cpu"
	"modspec/engine/train/reference"
)

// planned reads, enumerates and plans a sweep; all must succeed. It has 64 GiB.
func planned(t testing.TB, file string, o plan.Options) *plan.Plan {
	t.Helper()
	if o.Memory == 0 {
		o.Memory = 64 << 30
	}
	p, err := plan.New(sweeptest.Enumerate(t, file), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPlanCounts by hand: two shapes, 3 values of r, 5 seeds.
func TestPlanCounts(t *testing.T) {
	const file = "method: grid\nseeds: 5\nsteps: 100\nrecord: {every: 30}\nparameters:\n  arch: {values: [dense, split]}\n  r: {values: [1, 2, 3]}\n"
	p := planned(t, file, plan.Options{})
	if p.Candidates != 6 || p.Points != 6 || p.Seeds != 5 || p.Copies != 30 || p.Own != 30 || len(p.Groups) != 2 {
		t.Errorf("the plan is %+v", p)
	}
	if want := 30.0 * 100; p.NetworkSteps != want {
		t.Errorf("%v network-steps, want %v", p.NetworkSteps, want)
	}
	// Steps 0, 30, 60, 90 and 100.
	if p.Observations != 30*5 || p.Groups[0].Observations != 5 {
		t.Errorf("%v observations, want 150", p.Observations)
	}
	g := p.Groups[0]
	if want := 15 * (100*g.Work.Step + 5*g.Work.Observe); g.FLOPs != want {
		t.Errorf("%v FLOP, want %v", g.FLOPs, want)
	}
	if plain := planned(t, file, plan.Options{Plain: true}); plain.FLOPs <= p.FLOPs {
		t.Error("plain coordinates take no more work than reduced ones")
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
	total := 0
	for i := 1; i <= 7; i++ {
		shard := planned(t, file, plan.Options{Shard: space.Shard{Index: i, Count: 7}})
		total += shard.Own
		if shard.Copies != 30 || shard.Own < 4 || shard.Own > 5 {
			t.Errorf("shard %d has %d copies of %d", i, shard.Own, shard.Copies)
		}
	}
	if total != 30 {
		t.Errorf("the shards have %d copies together", total)
	}
	if _, err := plan.New(sweeptest.Enumerate(t, file), plan.Options{Shard: space.Shard{Index: 3, Count: 2}}); err == nil {
		t.Error("shard 3 of 2 is planned")
	}
}

// TestObservationsAreTheSchedules: the count without a list is the list's length.
func TestObservationsAreTheSchedules(t *testing.T) {
	for _, record := range []string{"ends", "{every: 1}", "{every: 7}", "{every: 1000}", "{log: 1}", "{log: 20}"} {
		for _, steps := range []int{0, 1, 2, 6, 7, 8, 14, 100, 999, 1000, 1001} {
			s := sweeptest.Enumerate(t, fmt.Sprintf("method: grid\nrecord: %s\nsteps: %d\n", record, steps))
			p, err := plan.New(s, plan.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := p.Groups[0].Observations, len(s.File.Schedule.Steps(steps)); got != want {
				t.Errorf("record: %s over %d steps: %d observations, want %d", record, steps, got, want)
			}
		}
	}
}

// TestPlanRefuses what needs more memory than there is, before anything starts,
// naming the need, the group and what to change.
func TestPlanRefuses(t *testing.T) {
	for _, c := range []struct {
		what, file string
		options    plan.Options
		words      []string
	}{
		{"Σ_x in plain coordinates", "method: grid\nparameters:\n  bits: {value: 10}\n  kx: {value: 20}\n", plan.Options{Plain: true}, []string{"Σ_x is 20490 × 20490"}},
		{"a recording of every step of 10⁸", "method: grid\nrecord: {every: 1}\nsteps: 1e8\n", plan.Options{}, []string{"about 1e+08 records", "at most 1048576", "record less often", "bits 3"}},
		{"a small machine", "method: grid\nparameters:\n  bits: {value: 9}\n  hidden: {values: [8, 512]}\n", plan.Options{Memory: 100 << 20, Threads: 2}, []string{"100 MiB is available", "-512-", "threads than 2"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			err := planned(t, c.file, c.options).Check()
			if err == nil {
				t.Fatal("the plan is accepted")
			}
			for _, w := range c.words {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("the error lacks %q: %v", w, err)
				}
			}
		})
	}
	if err := planned(t, "method: grid\nparameters:\n  bits: {value: 10}\n  kx: {value: 20}\n", plan.Options{}).Check(); err != nil {
		t.Errorf("reduced coordinates need no Σ_x: %v", err)
	}
}

// A plan accepted ten million recordings of a copy, which every job of the run then
// refused, one after the other. What a backend refuses before it trains, the plan
// refuses, and nothing else. Memory is enough for all.
func TestPlanAcceptsWhatRunTrains(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	accepted := map[bool]int{}
	for _, file := range []string{
		"{}",
		"steps: 0\n",
		"record: {every: 1}\nsteps: 10000000\n",
		"record: {every: 1}\nsteps: 1048574\n", // one recording more than steps, and one for the last: 2²⁰ by the bound
		"record: {every: 1}\nsteps: 1048575\n",
		"record: {log: 10000}\nsteps: 100000000\n",
		"record: {every: 3}\nparameters: {steps: {values: [10, 3145719, 10000000]}}\n",
		"parameters: {bits: {value: 6}, kx: {value: 200}}\n",
		"parameters: {bits: {value: 6}, kx: {value: 100}}\n",
		"parameters: {bits: {value: 6}, ky: {value: 200}}\n", // Σ_y would be too large, but no rule asks for it
		"parameters: {bits: {value: 6}, ky: {value: 200}, rule: {value: predictive-coding}}\n",
		"parameters: {hidden: {value: 1000000}}\n",
		"parameters: {depth: {value: 16}}\n",
	} {
		s := sweeptest.Enumerate(t, "method: grid\n"+strings.Replace(file, "{}", "seeds: 1\n", 1))
		for _, plain := range []bool{false, true} {
			var backend linear.Backend = reference.New(1)
			if !plain {
				var err error
				if backend, err = cpu.New(cpu.Options{Threads: 1}); err != nil {
					t.Fatal(err)
				}
			}
			var refused error
			for chunk, err := range s.Chunks(func(*space.Group) int { return 1 }) {
				if err != nil {
					t.Fatal(err)
				}
				// A job that is not refused comes as far as the context, which has ended.
				if _, err := plan.Timing(model.Backend(backend))(stopped, chunk.Job); !errors.Is(err, context.Canceled) {
					refused = err
				}
			}
			p, err := plan.New(s, plan.Options{Plain: plain, Memory: 1 << 60})
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Check(); (err == nil) != (refused == nil) {
				t.Errorf("%q, plain %t: the plan says %v, the backend %v", file, plain, err, refused)
			}
			accepted[refused == nil]++
		}
	}
	if accepted[true] < 5 || accepted[false] < 5 {
		t.Errorf("of the files %d are accepted and %d refused: both are to be tried", accepted[true], accepted[false])
	}
}

// TestEnumerateRefusesSizes: maps and layers that no backend could hold need no plan
// to be refused.
func TestEnumerateRefusesSizes(t *testing.T) {
	for _, c := range []struct {
		what, parameters string
		words            []string
	}{
		{"a map of 4,000,000 × 4,000,000", "  bits: {value: 12}\n  kx: {value: 1024}\n  ky: {value: 1024}\n", []string{"bits=12", "4194305 × 4194316", "GiB", "fewer"}},
		{"a layer of 10⁶ units", "  hidden: {value: 1000000}\n  depth: {value: 2}\n", []string{"hidden=1000000", "layer 2 of module 1 would have 1000000 × 1000000 weights", "fewer"}},
	} {
		file, err := spec.Parse("test.yaml", []byte("method: grid\nparameters:\n"+c.parameters), sweeptest.Kinds)
		if err != nil {
			t.Fatal(err)
		}
		_, err = space.Enumerate(context.Background(), file)
		if err == nil {
			t.Fatalf("%s is accepted", c.what)
		}
		for _, w := range c.words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: the error lacks %q: %v", c.what, w, err)
			}
		}
	}
}

// TestMemoryIsFlat: the copies stream through, so a hundred times the seeds need
// no more memory once there are enough of them to fill a chunk.
func TestMemoryIsFlat(t *testing.T) {
	some := planned(t, "method: grid\nseeds: 10000\n", plan.Options{Threads: 2})
	many := planned(t, "method: grid\nseeds: 1000000\n", plan.Options{Threads: 2})
	if some.Memory != many.Memory {
		t.Errorf("%v for 10,000 copies, %v for 1,000,000", some.Memory, many.Memory)
	}
	if ratio := float64(many.Disk / some.Disk); math.Abs(ratio-100) > 1e-9 {
		t.Errorf("a hundred times the copies take %v times the disk", ratio)
	}
}

// A deep network of 16 lanes was reckoned as one copy: half of what it took. What is
// alive while a job trains is what the plan reckons for its group, and no less than half
// of it.
func TestMemoryIsWhatIsAlive(t *testing.T) {
	// Writers and queues, of which there are none here, are reckoned for the smallest
	// network too.
	nothing := planned(t, "method: grid\nrecord: ends\nparameters: {bits: {value: 1}, arch: {value: shallow}}\n", plan.Options{Threads: 1, Lanes: 1}).Groups[0].Memory
	for _, c := range []struct {
		file      string
		reference bool
	}{
		{"parameters: {bits: {value: 5}, hidden: {value: 200}, depth: {value: 3}}\n", false},
		{"parameters: {bits: {value: 7}, hidden: {value: 900}}\n", false},
		{"precision: float64\nparameters: {bits: {value: 6}, hidden: {value: 200}}\n", false},
		{"precision: float64\nparameters: {bits: {value: 6}, hidden: {value: 200}, kx: {value: 6}}\n", true},
		{"parameters: {bits: {value: 6}, hidden: {value: 200}, batch: {value: 32}}\n", false},
		{"parameters: {bits: {value: 6}, hidden: {value: 200}, rule: {value: hebbian}}\n", false},
		{"parameters: {bits: {value: 6}, hidden: {value: 200}, rule: {value: predictive-coding}}\n", false},
	} {
		s := sweeptest.Enumerate(t, "method: grid\nseeds: 16\nsteps: 1\nrecord: ends\n"+c.file)
		precision := cpu.Precision(s.File.Precision)
		lanes := cpu.Lanes(precision)
		p := planned(t, "method: grid\nseeds: 16\nsteps: 1\nrecord: ends\n"+c.file, plan.Options{Threads: 1, Lanes: lanes, Plain: c.reference})
		var backend linear.Backend = reference.New(1)
		if !c.reference {
			var err error
			if backend, err = cpu.New(cpu.Options{Threads: 1, Precision: precision}); err != nil {
				t.Fatal(err)
			}
		}
		for chunk, err := range s.Chunks(func(*space.Group) int { return lanes }) {
			if err != nil {
				t.Fatal(err)
			}
			alive := &aliveRecorder{before: heap()}
			if err := model.Backend(backend).Train(t.Context(), chunk.Job, alive); err != nil {
				t.Fatal(err)
			}
			got, want := plan.Bytes(alive.most), p.Groups[0].Memory-nothing
			t.Logf("%v alive, %v reckoned: %s", got, want, c.file)
			if got > want || want > 2*got {
				t.Errorf("%q: %v is alive, %v reckoned", c.file, got, want)
			}
			break // one is enough
		}
		backend.Close()
	}
}

// heap returns what is alive, in bytes.
func heap() uint64 {
	runtime.GC()
	runtime.GC() // what pools hold goes with the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// aliveRecorder looks at what is alive when a copy is at its end, the first time.
type aliveRecorder struct{ before, most uint64 }

func (r *aliveRecorder) Wanted() bool { return true }
func (r *aliveRecorder) Observe(_, step int, _ []float64) error {
	if step > 0 && r.most == 0 {
		r.most = heap() - r.before
	}
	return nil
}
func (r *aliveRecorder) Finish(int, train.End) error { return nil }

// TestChunkSizes: whole vectors, bounded, and never nothing.
func TestChunkSizes(t *testing.T) {
	for file, want := range map[string]int{
		"method: grid\nseeds: 1000000\n":                                                  8192,
		"method: grid\nseeds: 1000000\nrecord: ends\nsteps: 1000000\n":                    64, // work
		"method: grid\nseeds: 1000\nrecord: {every: 1}\nsteps: 1e8\n":                     1,  // results
		"method: grid\nseeds: 1000\nrecord: ends\nparameters:\n  hidden: {value: 2000}\n": 4224,
	} {
		p := planned(t, file, plan.Options{})
		if got := p.Groups[0].ChunkCopies(); got != want {
			t.Errorf("%q: chunks of %d, want %d", file, got, want)
		}
	}
}

// TestCalibrate with a backend of which the speed is known: 10⁻⁹ s a FLOP of
// steps and 10⁻⁸ s a FLOP of recordings. Then the estimate is exact but for
// rounding durations to nanoseconds, at most one in the 10⁵ of the smallest
// sample, of which differences are taken.
func TestCalibrate(t *testing.T) {
	const file = "method: grid\nseeds: 50\nsteps: 1000\nparameters:\n  arch: {values: [dense, split]}\n  hidden: {values: [10, 20, 40, 80]}\n"
	p := planned(t, file, plan.Options{Threads: 2})
	byShape := map[string]*plan.Group{}
	want := 0.0
	for i := range p.Groups {
		g := &p.Groups[i]
		byShape[g.Shape] = g
		want += float64(g.Copies) * (1e-9*1000*g.Work.Step + 1e-8*float64(g.Observations)*g.Work.Observe)
	}
	jobs := 0
	err := p.Calibrate(t.Context(), func(_ context.Context, job *train.Job) (time.Duration, error) {
		jobs++
		if err := job.Check(); err != nil {
			return 0, err
		}
		g := byShape[job.Runs[0].Model.Shape()]
		seconds := float64(len(job.Runs)) * (1e-9*float64(job.Steps)*g.Work.Step + 1e-8*float64(len(job.Schedule.Steps(job.Steps)))*g.Work.Observe)
		return time.Duration(math.Round(seconds * 1e9)), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(p.Seconds-want) > 1e-3*want {
		t.Errorf("%v s, want %v", p.Seconds, want)
	}
	if p.Measured < 0.7 || p.Measured >= 1 || jobs > 6*4 {
		t.Errorf("measured is a share of %v, in %d jobs", p.Measured, jobs)
	}
	broken := errors.New("no such device")
	if err := p.Calibrate(t.Context(), func(context.Context, *train.Job) (time.Duration, error) { return 0, broken }); !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
}

// The small samples of a large setting were sixteen steps of every lane, four times
// over: a plan printed nothing for minutes. What they train is bounded by counted
// work.
func TestCalibrateIsBoundedByWork(t *testing.T) {
	const step = 1 << 36 // the work of one job at most, in FLOPs
	for _, c := range []struct {
		parameters string
		threads    int
		measured   [2]bool // in reduced coordinates, in plain ones
	}{
		{"{}", 2, [2]bool{true, true}},
		{"{}", 64, [2]bool{true, true}},
		{"{bits: {value: 8}, hidden: {value: 500}}", 2, [2]bool{true, true}},
		{"{bits: {value: 9}, hidden: {value: 1000}}", 16, [2]bool{true, true}},
		{"{bits: {value: 10}, hidden: {value: 2000}}", 2, [2]bool{true, false}},
		{"{bits: {value: 11}, hidden: {value: 10000}}", 2, [2]bool{false, false}},
		{"{bits: {value: 3}, hidden: {value: 3000}, depth: {value: 2}}", 2, [2]bool{true, true}},
	} {
		for i, plain := range []bool{false, true} {
			measured := c.measured[i]
			p := planned(t, "method: grid\nseeds: 100\nsteps: 10000\nparameters: "+c.parameters+"\n", plan.Options{Threads: c.threads, Plain: plain})
			g := p.Groups[0]
			jobs := 0
			err := p.Calibrate(t.Context(), func(_ context.Context, job *train.Job) (time.Duration, error) {
				jobs++
				work := float64(len(job.Runs)) * (g.Work.Start + float64(job.Steps)*g.Work.Step + float64(len(job.Schedule.Steps(job.Steps)))*g.Work.Observe)
				if work > step {
					t.Errorf("%s, plain %t: job %d has %d copies of %d steps, %.3g FLOP", c.parameters, plain, jobs, len(job.Runs), job.Steps, work)
				}
				return time.Duration(work / 100), nil // 100 GFLOP/s
			})
			if err != nil || jobs > 4 || (p.Seconds > 0) != measured || (p.Measured > 0) != measured {
				t.Errorf("%s, plain %t: %d jobs, %v s of which %v were measured, %v", c.parameters, plain, jobs, p.Seconds, p.Measured, err)
			}
			// Equal speed for all that is counted: steps and recordings, and for the
			// largest also the start.
			want := p.FLOPs / 100e9
			if measured && math.Abs(p.Seconds-want) > 0.2*want {
				t.Errorf("%s, plain %t: %v s, want %v", c.parameters, plain, p.Seconds, want)
			}
		}
	}
}

// TestCalibrateOnReference: a real backend, whose time is compared with nothing
// but sense.
func TestCalibrateOnReference(t *testing.T) {
	p := planned(t, "method: grid\nseeds: 4\nsteps: 20\n", plan.Options{Plain: true})
	if err := p.Calibrate(t.Context(), plan.Timing(model.Backend(reference.New(0)))); err != nil {
		t.Fatal(err)
	}
	if !(p.Seconds > 0) || math.IsInf(p.Seconds, 0) || p.Measured != 1 {
		t.Errorf("%v s, measured %v", p.Seconds, p.Measured)
	}
	none := planned(t, "method: grid\nsteps: 0\n", plan.Options{Plain: true})
	if err := none.Calibrate(t.Context(), plan.Timing(model.Backend(reference.New(0)))); err != nil || math.IsNaN(none.Seconds) || math.IsInf(none.Seconds, 0) {
		t.Errorf("a sweep of no steps takes %v s, %v", none.Seconds, err)
	}
}

func TestBytes(t *testing.T) {
	for b, want := range map[plan.Bytes]string{0: "0 B", 999: "999 B", 1000: "0.977 KiB", 3 << 19: "1.5 MiB", 64 << 30: "64 GiB", 1e30: "8.67e+11 EiB"} {
		if b.String() != want {
			t.Errorf("%v bytes are %q, want %q", float64(b), b, want)
		}
	}
}
