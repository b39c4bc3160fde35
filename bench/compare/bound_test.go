package compare

import (
	"context"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"modspec/engine/network"
	"modspec/engine/train/cpu"
)

// checked is a setting small enough for every test: the paper's dense one.
func checked() Setting { return *setting("checked", network.Dense(50), network.Rule{}, 0.16, 4) }

// mapsOf trains the check's networks, as a contender would, at a learning rate of its
// own, and writes their maps.
func mapsOf(t *testing.T, s Setting, starts []*network.Weights, precision cpu.Precision, rate float64) string {
	t.Helper()
	b, err := cpu.New(cpu.Options{Precision: precision})
	if err != nil {
		t.Fatal(err)
	}
	s.LearningRate = rate
	ends, err := endings(context.Background(), b, s.from(starts, s.CheckSteps))
	if err != nil {
		t.Fatal(err)
	}
	arch, err := s.Architecture.At(s.Point)
	if err != nil {
		t.Fatal(err)
	}
	var flat []float64
	for _, w := range ends {
		flat = append(flat, elements(w.Map(arch, s.Point))...)
	}
	path := filepath.Join(t.TempDir(), "maps.f64")
	if err := writeNumbers(path, flat); err != nil {
		t.Fatal(err)
	}
	return path
}

// Both precisions agree with the truth, and faults that a person could make do not:
// a learning rate that is 1 % off, one step too few, a network in another's place,
// a number that is none.
func TestTheCheckTellsRightFromWrong(t *testing.T) {
	for _, w := range Workloads() {
		// The numbers of copies do not matter to the check, and more bits take longer.
		if w.Setting == nil || w.Setting.Point.Bits > 3 || w.Setting.Copies > 10_000 {
			continue
		}
		s := *w.Setting
		starts, err := s.Write(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		truth, err := Bound(context.Background(), s, starts)
		if err != nil {
			t.Fatal(err)
		}
		if truth.Bound > 0.01 {
			t.Errorf("%s: the bound is %.2g: it would let a fault of a percent pass", s.Name, truth.Bound)
		}
		for _, precision := range []cpu.Precision{cpu.Float32, cpu.Float64} {
			if off, err := truth.Check(s.Point, mapsOf(t, s, starts, precision, s.LearningRate)); err != nil {
				t.Errorf("%s, %s: %v (%.2g)", s.Name, precision, err, off)
			}
		}
		if _, err := truth.Check(s.Point, mapsOf(t, s, starts, cpu.Float64, 1.01*s.LearningRate)); err == nil {
			t.Errorf("%s: a learning rate 1 %% too large passes", s.Name)
		}
		late := s
		late.CheckSteps--
		if _, err := truth.Check(s.Point, mapsOf(t, late, starts, cpu.Float64, s.LearningRate)); err == nil {
			t.Errorf("%s: a step too few passes", s.Name)
		}
	}
}

func TestTheCheckRefusesWhatIsNoMap(t *testing.T) {
	s := checked()
	starts, err := s.Write(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	truth, err := Bound(context.Background(), s, starts)
	if err != nil {
		t.Fatal(err)
	}
	size := s.Point.Outputs() * s.Point.Inputs()
	path := filepath.Join(t.TempDir(), "maps.f64")
	for _, c := range []struct {
		values []float64
		says   string
	}{
		{make([]float64, checkCopies*size-1), "must have"},
		{nil, "must have"},
		{make([]float64, checkCopies*size), "differ"},
		{append(make([]float64, checkCopies*size-1), math.NaN()), "differ"},
	} {
		if err := writeNumbers(path, c.values); err != nil {
			t.Fatal(err)
		}
		if _, err := truth.Check(s.Point, path); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%d numbers: the error is %v, want one with %q", len(c.values), err, c.says)
		}
	}
}

// What a contender reads is what was written, to the bit.
func TestASettingReadsBack(t *testing.T) {
	dir := t.TempDir()
	s := *setting("split", network.Split(7), network.Rule{}, 0.1, 5)
	written, err := s.Write(dir)
	if err != nil {
		t.Fatal(err)
	}
	read, starts, err := readSetting(dir)
	if err != nil {
		t.Fatal(err)
	}
	if read.Point.String() != s.Point.String() || read.Steps != s.Steps || len(read.Architecture.Modules) != 2 {
		t.Errorf("the setting reads back as %+v", read)
	}
	for i := range written {
		for m := range written[i].Modules {
			for l := range written[i].Modules[m] {
				if deviation(starts[i].Modules[m][l], written[i].Modules[m][l]) != 0 {
					t.Errorf("network %d, module %d, layer %d reads back otherwise", i, m, l)
				}
			}
		}
	}
	if s.Architecture = network.Partitioned(5); true {
		if _, err := s.Write(dir); err == nil {
			t.Error("a module that reads only some inputs is written, but peers are not told of it")
		}
	}
}

// The counts are those of the paper's setting, in multiply-adds: three products of
// 9 × 50 by 27 and M·Σ_x (9 × 27 × 16 through the examples is more than 9 × 27 × 27
// through the matrix only from 14 examples on), and three of 9 × 50 by 8.
func TestWork(t *testing.T) {
	s := checked()
	if got, want := s.Work(Plain), 3.0*9*50*27+min(9*27*27, 2*9*27*8); got != want {
		t.Errorf("plain: %g, want %g", got, want)
	}
	if got, want := s.Work(Reduced), 3.0*9*50*8; got != want {
		t.Errorf("reduced: %g, want %g", got, want)
	}
	shallow := *setting("shallow", network.Shallow(), network.Rule{}, 0.04, 1)
	if got, want := shallow.Work(Plain), min(9*27*27, 2.0*9*27*8)+9*27; got != want {
		t.Errorf("plain, without hidden layer: %g, want %g", got, want)
	}
	if got, want := shallow.Work(Reduced), 2.0*9*8; got != want {
		t.Errorf("reduced, without hidden layer: %g, want %g", got, want)
	}
	if got, want := s.weights(Reduced), 50.0*8+9*50; got != want {
		t.Errorf("weights: %g, want %g", got, want)
	}
}
