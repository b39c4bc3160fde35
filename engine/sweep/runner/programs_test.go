package runner_test

import (
	"context"
	"math"
	"slices"
	"testing"

	programs "modspec/engine/backend/reference"
	"modspec/engine/results"
	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/runner/runtest"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/store"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/train"
	"modspec/engine/train/traintest"
)

// TestSweepOfPrograms: shards that are merged, a run that was interrupted, and one
// alone have the same results; runs that diverged have no numbers, and the others those
// of the program.
func TestSweepOfPrograms(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Toys)
	want := runtest.Unbroken(t, s)
	out := t.TempDir()
	runtest.Merge(t, out, runtest.Shard(t, s, 2, 3), runtest.Shard(t, s, 1, 3), runtest.Shard(t, s, 3, 3))
	runtest.OnlyOnce(t, s, out)
	if got := runtest.DigestOf(t, out); got != want {
		t.Errorf("the digest of merged shards is %s, want %s", got, want)
	}
	o := runtest.Options(s, t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	o.Backend = runtest.Cancelling(sweeptest.Reference(1), 5, cancel)
	if sum, err := runner.Run(ctx, o); err == nil || sum.Done == 0 || sum.Done == s.Copies() {
		t.Fatalf("the run was not interrupted in between: %+v, %v", sum, err)
	}
	sum := runtest.Run(t, runtest.Options(s, o.Dir))
	runtest.OnlyOnce(t, s, o.Dir)
	if got := runtest.DigestOf(t, o.Dir); got != want {
		t.Errorf("the digest of a continued run is %s, want %s", got, want)
	}
	if status, err := store.ReadStatus(o.Dir); err != nil || status.State != store.StateDone || status.Diverged == 0 || status.Diverged == s.Copies() || sum.Done != s.Copies() {
		t.Errorf("the status is %+v, %v", status, err)
	}

	metrics := traintest.Toy{}.Metrics()
	diverged := map[string]bool{}
	for row, err := range store.Runs(o.Dir) {
		if err != nil {
			t.Fatal(err)
		}
		columns := row.Table().Columns
		if row.Table().Kind != "toy" {
			t.Fatalf("the rows are of the kind %q", row.Table().Kind)
		}
		lost := !row.Null(columns.Index(results.DivergedStepColumn))
		who := s.Copy(row.Whole(results.CopyPlace))
		if lost {
			diverged[who.ID.String()] = true
		}
		final := lastMetrics(t, who)
		for i, c := range metrics {
			at := columns.Index(c.Name)
			if row.Null(at) != (lost || math.IsNaN(final[i])) || !lost && !row.Null(at) && row.Number(at) != final[i] {
				t.Errorf("%s of copy %s is %q, want %v (diverged: %t)", c.Name, who.ID, row.Text(at), final[i], lost)
			}
		}
	}
	steps := map[string][]int{}
	for row, err := range store.Trajectories(o.Dir) {
		if err != nil {
			t.Fatal(err)
		}
		id := row.Text(results.IDPlace)
		steps[id] = append(steps[id], row.Whole(row.Table().Columns.Index(results.StepColumn)))
	}
	for id, list := range steps {
		if whole := slices.Equal(list, []int{0, 5, 10, 15, 20}); whole == diverged[id] {
			t.Errorf("copy %s (diverged: %t) is recorded at %v", id, diverged[id], list)
		}
	}
}

// lastMetrics steps the program of a run to its end, without executor and backend.
func lastMetrics(t *testing.T, who space.Identity) []float64 {
	t.Helper()
	k := traintest.Toy{}
	setting, err := train.NewSetting(k)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range who.Parameters {
		setting.Set(i, v)
	}
	m, err := k.Resolve(setting)
	if err != nil {
		t.Fatal(err)
	}
	training, err := m.Program()
	if err != nil {
		t.Fatal(err)
	}
	machine, err := programs.NewMachine(training, m.Run(train.Stream(k, who.Parameters, who.Seed)))
	if err != nil {
		t.Fatal(err)
	}
	for range m.Steps() {
		if err := machine.Step(); err != nil {
			t.Fatal(err)
		}
	}
	observed, err := machine.Observe()
	if err != nil {
		t.Fatal(err)
	}
	metrics := make([]float64, len(k.Metrics()))
	m.Measure(observed, metrics)
	return metrics
}
