package study

import (
	"math"
	"slices"
	"testing"

	"modspec/engine/dataset"
)

func TestMotivatingExample(t *testing.T) {
	judged(t, motivatingExample, evidenceOf(t, motivatingExample, every))
}

// The exact test losses as fractions. XᵀX of the three training examples is
// ΩᵀΩ + k_x r²·I with eigenvalues 4, 4 and 1 for ΩᵀΩ, and the sums over the five
// test examples come out in 125ths. The blocks of the output do not mix, so
// the last dataset has the losses of the second and fourth together.
func TestMotivatingExactLosses(t *testing.T) {
	all, err := motivatingResults(evidenceOf(t, motivatingExample, 5).Tables["motivating-example"])
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 5 {
		t.Fatalf("%d datasets, want 5", len(all))
	}
	for i, want := range []struct {
		name string
		loss float64
	}{
		{"Γ_x → Γ_y", 2}, {"Ω_x, Γ_x → Γ_y", 289.0 / 125}, {"Ω_x → Ω_y", 0}, {"Ω_x, Γ_x → Ω_y", 54.0 / 125}, {"Ω_x, Γ_x → Ω_y, Γ_y", 343.0 / 125},
	} {
		// Sums of at most 11 terms for each of 10 outputs, of order 1.
		if got := all[i]; got.name != want.name || math.Abs(got.exact-want.loss) > 110*0x1p-52 {
			t.Errorf("%s has the exact test loss %v, want %s with %v", got.name, got.exact, want.name, want.loss)
		}
	}
}

// The spread over seeds that the tolerance rests on, against the spread that is
// measured. A standard deviation from 50 normals has a standard error of 1/√98,
// 10 %; a sum of a few products of normals has less than twice that.
func TestMinimumNormSpread(t *testing.T) {
	if testing.Short() {
		t.Skip("needs 50 seeds")
	}
	for i, runs := range evidenceOf(t, motivatingExample, every).Tables["motivating-example"].Settings() {
		c, _, _, err := startOf(&runs[0])
		if err != nil {
			t.Fatal(err)
		}
		p := c.Task.Point
		if p.KX == 0 {
			continue // without spread
		}
		least, err := newMinimumNorm(p, dataset.Whole, c.Task.Examples)
		if err != nil {
			t.Fatal(err)
		}
		mean, square := 0.0, 0.0
		for i := range runs {
			mean += last(runs[i].Curve("test_loss")) / float64(len(runs))
		}
		for i := range runs {
			square += math.Pow(last(runs[i].Curve("test_loss"))-mean, 2) / float64(len(runs)-1)
		}
		ratio := math.Sqrt(square) / least.spread(0, p.Outputs(), hidden, c.InitScale)
		if ratio < 0.5 || ratio > 2 {
			t.Errorf("dataset %d: the measured spread is %.2f of the predicted", i, ratio)
		}
	}
}

func TestMotivatingExampleNoticesFaults(t *testing.T) {
	// planted changes the runs of one dataset in the table.
	planted := func(i int, change func(settings [][]Run, own []Run)) Evidence {
		e := evidenceOf(t, motivatingExample, 5)
		settings := e.Tables["motivating-example"].Settings()
		change(settings, settings[i])
		return e
	}
	// as gives a metric of one dataset's runs the values of another's.
	as := func(metric string, from int, other string) func(settings [][]Run, own []Run) {
		return func(settings [][]Run, own []Run) {
			for i := range own {
				copy(own[i].Curve(metric), settings[from][i].Curve(other))
			}
		}
	}
	judged(t, motivatingExample, planted(0, func([][]Run, []Run) {}))
	mustNotice(t, motivatingExample, planted(1, as("train_loss", 0, "test_loss")), "motivating-example/trained", "a dataset that is not learned")
	mustNotice(t, motivatingExample, planted(2, func(settings [][]Run, own []Run) { copy(own[3].Curve("test_loss"), settings[3][3].Curve("test_loss")) }),
		"motivating-example/compositional", "a wrong answer to an unseen combination")
	mustNotice(t, motivatingExample, planted(3, as("test_loss", 2, "test_loss")), "motivating-example/others", "a non-compositional dataset that generalises")
	mustNotice(t, motivatingExample, planted(4, func(_ [][]Run, own []Run) {
		for i := range own {
			for k := range own[i].Curve("test_loss") {
				own[i].Curve("test_loss")[k] *= 1.01
			}
		}
	}), "motivating-example/minimum-norm", "losses that are 1 % too large")
	mustNotice(t, motivatingExample, planted(0, func(_ [][]Run, own []Run) {
		for i := range own {
			own[i].curves = own[0].curves
		}
	}), "motivating-example/spread", "one seed for all runs")
}

// The published script's fault, as the study would see it.
func TestSeedBandOfOneSeedHasNoWidth(t *testing.T) {
	runs := evidenceOf(t, motivatingExample, 5).Tables["motivating-example"].Settings()[2][:3]
	loss := metric("train_loss")
	if w := newSeedBand([]Run{runs[0], runs[0], runs[0]}, loss).widest(); w != 0 {
		t.Errorf("three times one seed has a width of %v, want 0", w)
	}
	band := newSeedBand(runs, loss)
	if band.widest() <= 0 || band.seeds != 3 {
		t.Errorf("three seeds: width %v, seeds %d", band.widest(), band.seeds)
	}
	for i := range band.mean {
		if band.low[i] > band.mean[i] || band.mean[i] > band.high[i] {
			t.Errorf("step %v: mean %v outside [%v, %v]", band.steps[i], band.mean[i], band.low[i], band.high[i])
		}
	}
	cut := slices.Clone(runs)
	cut[0].Steps, cut[0].curves = cut[0].Steps[:2], slices.Clone(cut[0].curves)
	for k := range cut[0].curves {
		cut[0].curves[k] = cut[0].curves[k][:2]
	}
	if damaged := newSeedBand(cut, loss); len(damaged.mean) != len(band.mean) || !math.IsNaN(damaged.last()) {
		t.Errorf("a run that stopped early leaves %d steps ending in %v, want %d and NaN", len(damaged.mean), damaged.last(), len(band.mean))
	}
	if last := newSeedBand(nil, loss).last(); !math.IsNaN(last) {
		t.Errorf("no run ends at %v, want NaN", last)
	}
}
