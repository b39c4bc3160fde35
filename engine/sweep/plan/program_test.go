package plan_test

import (
	"strings"
	"sync"
	"testing"

	"modspec/engine/backend/cpu/programs"
	"modspec/engine/kind/mixture"
	"modspec/engine/program"
	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/sweep/plan"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/spec"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/train"
	"modspec/engine/train/traintest"
)

// TestMemoryOfPrograms: what is alive while the cpu backend trains a program is what is
// reckoned, and no less than half of it.
func TestMemoryOfPrograms(t *testing.T) {
	for _, c := range []struct {
		core             string
		batch, embedding float64
		precision        programs.Precision
		threads, runs    int
	}{
		{"modular", 16, 128, programs.Float32, 1, 1},
		{"modular", 2048, 16, programs.Float32, 2, 2},
		{"monolithic", 2048, 32, programs.Float64, 2, 1},
		{"ground-truth", 16, 128, programs.Float64, 3, 2},
	} {
		k := mixture.Kind{}
		s, err := train.NewSetting(k)
		if err != nil {
			t.Fatal(err)
		}
		s.Set(k.Parameters().Index("core"), results.Value{Text: c.core})
		s.Set(k.Parameters().Index("batch"), results.Value{Number: c.batch})
		s.Set(k.Parameters().Index("embedding"), results.Value{Number: c.embedding})
		m, err := k.Resolve(s)
		if err != nil {
			t.Fatal(err)
		}
		training, err := m.Program()
		if err != nil {
			t.Fatal(err)
		}
		o := programs.Options{Precision: c.precision, Threads: c.threads}
		want, err := programs.Memory(training, o, c.runs)
		if err != nil {
			t.Fatal(err)
		}
		alive := &programAlive{before: heap()}
		alive.all.Add(c.runs)
		executor, err := programs.New(o)
		if err != nil {
			t.Fatal(err)
		}
		var runs []program.Run
		for range c.runs {
			runs = append(runs, m.Run(random.Stream{Seed: uint64(len(runs))}))
		}
		if err := executor.Train(t.Context(), training, runs, 1, []int{0, 1}, alive); err != nil {
			t.Fatal(err)
		}
		got := float64(alive.most)
		t.Logf("%v alive, %v reckoned: %+v", plan.Bytes(got), plan.Bytes(want), c)
		if got > want || want > 2*got {
			t.Errorf("%+v: %v is alive, %v reckoned", c, plan.Bytes(got), plan.Bytes(want))
		}
	}
}

// programAlive looks at what is alive when all runs, each on a thread, are at their end,
// which is told of one at a time.
type programAlive struct {
	before, most uint64
	all          sync.WaitGroup
	once         sync.Once
}

func (*programAlive) Due(int, int) bool                    { return false }
func (*programAlive) Keep(int, []int, [][][]float64) error { return nil }

func (p *programAlive) Observe(_, step int, _ [][]float64) error {
	if step == 1 {
		p.all.Done()
		p.all.Wait()
	}
	return nil
}

func (p *programAlive) Finish(int, int, bool, [][]float64) error {
	p.once.Do(func() { p.most = heap() - p.before })
	return nil
}

// TestRunThatDoesNotFit: one run is refused by what its program needs on its backend.
func TestRunThatDoesNotFit(t *testing.T) {
	setting, err := train.NewSetting(mixture.Kind{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := mixture.Kind{}.Resolve(setting)
	if err != nil {
		t.Fatal(err)
	}
	job := &train.Job{Kind: mixture.Kind{}, Precision: "float64", Steps: 1, Runs: []train.Run{{Model: m}}}
	const need = 100 << 20
	reckon := func(*program.Training, int, int) (float64, error) { return need, nil }
	for _, c := range []struct {
		memory plan.Bytes
		fits   bool
	}{{1.5 * need, false}, {2 * need, true}} {
		err := plan.CheckRun(job, plan.Options{Memory: c.memory, ProgramMemory: reckon})
		if c.fits != (err == nil) || !c.fits && !strings.Contains(err.Error(), "use a smaller network or batch") {
			t.Errorf("of %v there is room for a run that needs %v, and a little of it twice: %v", c.memory, plan.Bytes(need), err)
		}
	}
	// The reference keeps every result: more than the cpu backend.
	if err := plan.CheckRun(job, plan.Options{Memory: 41 << 20}); err == nil {
		t.Error("the reference trains in a megabyte")
	}
}

// TestPlanOfPrograms: what a program costs is counted from it.
func TestPlanOfPrograms(t *testing.T) {
	f, err := spec.Parse("toy.yaml", []byte("kind: toy\nmethod: grid\nseeds: 10\nsteps: 100\nrecord: {every: 10}\n"), sweeptest.Kinds)
	if err != nil {
		t.Fatal(err)
	}
	s, err := space.Enumerate(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(s, plan.Options{Threads: 2, Memory: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	setting, err := train.NewSetting(traintest.Toy{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := traintest.Toy{}.Resolve(setting)
	if err != nil {
		t.Fatal(err)
	}
	training, err := m.Program()
	if err != nil {
		t.Fatal(err)
	}
	step, observe := float64(training.Step.Cost().FLOPs()), float64(training.Observe.Cost().FLOPs())
	if want := 10 * (100*step + 11*observe); p.FLOPs != want || p.Groups[0].Work.Step != step || p.NetworkSteps != 1000 {
		t.Errorf("%v FLOP and %v network-steps, want %v and 1000", p.FLOPs, p.NetworkSteps, want)
	}
	// Eleven recordings of three numbers, and a run's three.
	if least := plan.Bytes(10 * 8 * (11*3 + 3)); p.Disk < least || p.Disk > 3*least {
		t.Errorf("%v on disk, want %v and a little more", p.Disk, least)
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
	if short, err := plan.New(s, plan.Options{Threads: 2, Memory: 1 << 20}); err != nil || short.Check() == nil || !strings.Contains(short.Check().Error(), "available") {
		t.Errorf("a machine of 1 MiB takes the sweep: %v", err)
	}
}
