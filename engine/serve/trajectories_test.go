package serve_test

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"

	"modspec/engine/results"
)

type trajectories struct {
	Matched       int
	MatchedGroups int `json:"matched_groups"`
	Varies        []string
	Groups        []struct {
		Parameters             results.Parameters
		Copies, Read, Diverged int
		Steps                  []int
		Band                   map[string]struct{ Median, Low, High []results.Number }
		Lines                  []struct {
			ID, Seed     string
			Copy         int
			DivergedStep *int `json:"diverged_step"`
			Values       map[string][]results.Number
		}
		Theory struct {
			Kind, Note string
			Copies     int
			Median     map[string][]results.Number
			End        map[string]results.Number
		}
		Rows string
	}
}

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

func TestTrajectories(t *testing.T) {
	s, dir, rows := small(t)
	points := map[string][]results.TrajectoryPoint{}
	for p, err := range results.As[results.TrajectoryPoint](results.ReadFolder(dir, results.TrajectoriesTable)) {
		if err != nil {
			t.Fatal(err)
		}
		points[p.ID] = append(points[p.ID], *p)
	}
	var out trajectories
	ask(t, s, "/api/sweep/trajectories?"+smallDir+"&where=kx=2&where=ny=1&groups=12&lines=3", &out)
	if len(out.Groups) != out.MatchedGroups || fmt.Sprint(out.Varies) != "[arch hidden depth lr]" {
		t.Fatalf("%d of %d groups, which differ in %v", len(out.Groups), out.MatchedGroups, out.Varies)
	}
	kinds := map[string]int{}
	for _, g := range out.Groups {
		var own []results.Run
		for i := range rows {
			if rows[i].Parameters == g.Parameters {
				own = append(own, rows[i])
			}
		}
		if g.Copies != 4 || g.Read != 4 || len(own) != 4 || len(g.Lines) != 3 {
			t.Fatalf("a group has %d copies, %d read, %d lines; want 4, 4 and 3", g.Copies, g.Read, len(g.Lines))
		}
		kinds[g.Theory.Kind]++
		diverged := 0
		for i := range own {
			if own[i].DivergedStep >= 0 {
				diverged++
			}
		}
		if g.Diverged != diverged {
			t.Errorf("%d copies of a group diverged, want %d", g.Diverged, diverged)
		}
		for _, line := range g.Lines {
			i := slices.IndexFunc(own, func(r results.Run) bool { return r.ID == line.ID })
			if i < 0 || line.Seed != fmt.Sprint(own[i].Seed) || line.Copy != own[i].Copy || (line.DivergedStep != nil) != (own[i].DivergedStep >= 0) {
				t.Fatalf("the line %+v is none of the group's", line)
			}
			for k, p := range points[line.ID] {
				if g.Steps[k] != p.Step || !same(float64(line.Values["mode_1"][k]), p.Modes[0]) || !same(float64(line.Values["train_loss"][k]), p.Train.Total) {
					t.Errorf("%s at step %d is not what the table has", line.ID, p.Step)
				}
			}
			if _, there := line.Values["test_loss"]; there {
				t.Error("there is a test loss, although all examples are trained on")
			}
		}
		for k, step := range g.Steps {
			var at []float64
			for i := range own {
				if k < len(points[own[i].ID]) {
					at = append(at, points[own[i].ID][k].Train.Total)
				}
			}
			slices.Sort(at)
			b := g.Band["train_loss"]
			if len(at) == 0 || len(b.Median) == 0 {
				continue
			}
			n := float64(len(at) - 1)
			quantile := func(q float64) float64 {
				lower := int(math.Floor(q * n))
				upper := min(lower+1, len(at)-1)
				return at[lower] + (q*n-float64(lower))*(at[upper]-at[lower])
			}
			for q, v := range map[float64]results.Number{0.1: b.Low[k], 0.5: b.Median[k], 0.9: b.High[k]} {
				// Interpolated in another way: two roundings of numbers no larger than the
				// largest, here and there.
				if want := quantile(q); math.Abs(float64(v)-want) > 8*0x1p-53*at[len(at)-1] {
					t.Errorf("the %v-quantile at step %d is %v, want %v", q, step, v, want)
				}
			}
		}
		checkTheory(t, own, g.Theory.Kind, g.Steps, g.Theory.Median, g.Theory.End)
		code, body := get(t, s, g.Rows)
		if lines := strings.Count(string(body), "\n"); code != http.StatusOK || lines != 5 {
			t.Errorf("%s gives %d lines, want 5: %s", g.Rows, lines, body)
		}
	}
	if kinds["discrete"] == 0 || kinds["asymptote"] == 0 {
		t.Errorf("the kinds of theory are %v; the sweep should have both", kinds)
	}
}

// checkTheory compares theory at the last step with what the sweep itself has
// written of it, by other code, for the same initial weights.
func checkTheory(t *testing.T, own []results.Run, kind string, steps []int, median map[string][]results.Number, end map[string]results.Number) {
	t.Helper()
	for _, name := range []string{"mode_1", "mode_3", "quadrant_omega_omega", "quadrant_gamma_gamma", "train_loss", "train_loss_gamma", "systematicity"} {
		f, err := linearRuns.Field("pred_" + name)
		if err != nil {
			t.Fatal(err)
		}
		var want []float64
		for i := range own {
			if own[i].Prediction != kind {
				t.Errorf("theory is %s, but the table says %s", kind, own[i].Prediction)
			}
			want = append(want, f.Number(rowOf(t, &own[i])))
		}
		slices.Sort(want)
		got := float64(end[name])
		if kind == results.PredictionDiscrete {
			if steps[len(steps)-1] != own[0].Steps {
				continue // all copies diverged before the end
			}
			if median[name] == nil {
				got = math.NaN()
			} else {
				got = float64(median[name][len(steps)-1])
			}
		}
		middle := (want[1] + want[2]) / 2
		// The two compute a(0) from the same weights by sums of some 30 products, in
		// different orders: apart by about 30 roundings relative to a(0). Forty steps
		// of the recursion can enlarge that by e^{ηλ·40·2}, here below e⁸.
		if !same(got, middle) && math.Abs(got-middle) > 30*0x1p-53*math.Exp(8)*math.Max(1, math.Abs(middle)) {
			t.Errorf("%s of %s, lr %v: theory ends at %v, but the table has %v", name, own[0].Arch, own[0].LR, got, middle)
		}
	}
}
