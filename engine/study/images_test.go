package study

import (
	"math"
	"testing"

	"modspec/engine/kind/images"
	"modspec/engine/results"
)

// imageTable is a table of the study in which the claims hold: two runs of each network,
// recorded at three epochs of four steps.
func imageTable() *Table {
	k := images.Kind{}
	t := new(Table)
	for _, arch := range []string{"dense", "split"} {
		for seed := range uint64(2) {
			r := Run{Seed: seed, Steps: []int{0, 4, 8}, number: len(t.Runs), parameters: k.Parameters(), metrics: k.Metrics()}
			r.Parameters = make([]results.Value, len(r.parameters))
			r.Parameters[r.parameters.Index("arch")].Text = arch
			r.curves = make([][]float64, len(r.metrics))
			for i, c := range r.metrics {
				last := 0.95
				if arch == "split" && (c.Name == "test_compositional" || c.Name == "company") {
					last = 0.5
				}
				r.curves[i] = []float64{1, 0.99, last + 0.01*float64(seed)}
			}
			t.Runs = append(t.Runs, r)
		}
	}
	return t
}

// The claims on images hold for the order that the paper has, and each notices what
// breaks it.
func TestImages(t *testing.T) {
	evidence := func(change func(t *Table)) Evidence {
		table := imageTable()
		if change != nil {
			change(table)
		}
		return Evidence{Tables: map[string]*Table{"cmnist": table}}
	}
	set := func(run int, metric string, v float64) func(t *Table) {
		return func(t *Table) { t.Runs[run].Curve(metric)[2] = v }
	}
	o := judged(t, imageMNIST, evidence(nil))
	if x := o.Figures[0].Panels[1].Series[1].X; len(x) != 3 || x[2] != 2 {
		t.Errorf("the figure has the epochs %v, want 0 to 2", x)
	}
	mustNotice(t, imageMNIST, evidence(set(3, "test_compositional", 0.955)), "cmnist/test-error", "a split network as bad as the dense ones")
	mustNotice(t, imageMNIST, evidence(set(0, "test_compositional", 3)), "cmnist/test-error", "a spread wider than the distance")
	mustNotice(t, imageMNIST, evidence(set(2, "test_non_compositional", 0.5)), "cmnist/number-error", "a network that names numbers")
	mustNotice(t, imageMNIST, evidence(set(1, "company", 0.4)), "cmnist/company", "a dense network whose digits stand alone")
	mustNotice(t, imageMNIST, evidence(set(2, "company", math.NaN())), "cmnist/company", "a run without the value")
	mustNotice(t, imageMNIST, evidence(func(t *Table) { t.Runs = t.Runs[:2] }), "cmnist/test-error", "no split network")
}

// A run that diverged is left out of the means, and named.
func TestImageFiguresOfDivergedRuns(t *testing.T) {
	table := imageTable()
	r := &table.Runs[1]
	r.Diverged, r.Steps = true, r.Steps[:2]
	for i := range r.curves {
		r.curves[i] = r.curves[i][:2]
	}
	s := ImageFigures(table)[0].Panels[0].Series[0]
	if s.Label != "dense, 1 of 2 diverged" || s.Y[2] != 0.95 {
		t.Errorf("the curve %q ends at %v", s.Label, s.Y)
	}
}

// Long architectures have labels of their own.
func TestShortened(t *testing.T) {
	long := "16@9x27>relu>16@7x21>relu>compositional;non-compositional"
	if a, b := shortened(long, 0), shortened(long, 1); a == b || len([]rune(a)) > 40 {
		t.Errorf("two networks have the labels %q and %q", a, b)
	}
}
