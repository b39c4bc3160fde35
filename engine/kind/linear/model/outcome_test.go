package model

import (
	"context"
	"fmt"
	"math"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/prediction"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/theory"
	"modspec/engine/train"
	"modspec/engine/train/reference"
)

// outcomePoints are datasets with every kind of mode among them.
var outcomePoints = map[string]dataset.Point{
	"paper":      dataset.NewPoint(3, 3, 1, 3, 1, 1),
	"odd rows":   {Bits: 3, InputBits: []int{0, 2}, OutputBits: []int{1}, KX: 2, KY: 3, R: 1.5},
	"no gammas":  dataset.NewPoint(2, 2, 1, 0, 0, 0),
	"gamma in":   dataset.NewPoint(2, 0, 0, 1, 1, 2),
	"no gamma x": dataset.NewPoint(3, 2, 2, 0, 1, 0.5),
	"one bit":    dataset.NewPoint(1, 1, 1, 1, 1, 1),
}

var outcomeArchitectures = []network.Architecture{
	network.Dense(24), network.Shallow(), network.Split(17), network.Partitioned(16),
	{Name: "custom", Modules: []network.Module{{Reads: dataset.Omega, Writes: dataset.Omega}, {Reads: dataset.Both, Writes: dataset.Gamma, Hidden: []int{20}}}},
}

// A summary is what is known of a run that has ended, by the names of its columns.
type summary []results.Value

func (s summary) of(name string) float64 { return s[linear.Summary.Index(name)].Number }

func (s summary) prediction() string { return s[linear.Summary.Index("prediction")].Text }

// trainOutcome trains one copy on the reference backend and returns its run's
// summary beside the observations and the weights it started from.
func trainOutcome(t *testing.T, job *linear.Job) (summary, linear.Run, *network.Weights) {
	t.Helper()
	runs, err := linear.Collect(context.Background(), reference.New(1), job)
	if err != nil {
		t.Fatal(err)
	}
	o, err := newOutcome(job, &job.Copies[0], job.Schedule.Steps(job.Steps))
	if err != nil {
		t.Fatal(err)
	}
	_, w, err := job.Start(0)
	if err != nil {
		t.Fatal(err)
	}
	tr := newTracker(job, 0, o)
	for i := range runs[0].Trajectory {
		tr.observe(&runs[0].Trajectory[i])
	}
	tr.diverged = runs[0].Final.Diverged
	row, err := tr.summary()
	if err != nil {
		t.Fatal(err)
	}
	return row, runs[0], w
}

func job(p dataset.Point, arch network.Architecture, steps int) *linear.Job {
	return &linear.Job{Architecture: arch, Steps: steps, Schedule: train.Schedule{Every: 7}, Copies: []linear.Copy{{
		Task: &linear.Task{Point: p}, LearningRate: 0.1, InitScale: 0.02, Stream: random.Stream{Seed: 1},
	}}}
}

// TestPredictionIsTheorys compares the row with theory's formulas, direction by direction,
// and its times with theory.HalfStep on both curves.
func TestPredictionIsTheorys(t *testing.T) {
	for name, p := range outcomePoints {
		for _, arch := range outcomeArchitectures {
			here, err := arch.At(p)
			if err != nil {
				continue
			}
			j := job(p, arch, 200)
			row, run, w := trainOutcome(t, j)
			if row.prediction() != results.PredictionDiscrete {
				t.Fatalf("%s, %s: prediction is %q", name, arch.Name, row.prediction())
			}
			o, err := newOutcome(j, &j.Copies[0], j.Schedule.Steps(j.Steps))
			if err != nil {
				t.Fatal(err)
			}
			starts, err := o.predictor.Starts(nil, w)
			if err != nil {
				t.Fatal(err)
			}
			steps := j.Schedule.Steps(j.Steps)
			samples := make([]prediction.Sample, len(steps))
			for k, mode := range o.predictor.Modes {
				each := mode.Mode
				each.Multiplicity = 1
				for _, start := range starts[k] {
					var deep []float64
					if mode.Hidden > 0 {
						deep = theory.DeepSteps(each, 0.1, start, mode.Hidden, j.Steps)
					}
					for i, step := range steps {
						samples[i].Modes = append(samples[i].Modes, make([]float64, k+1-len(samples[i].Modes))...)
						a := 0.0
						if deep != nil {
							a = deep[step]
						} else {
							a = theory.ShallowSteps(each, 0.1, start, step)
						}
						samples[i].Modes[k] += a / float64(mode.Multiplicity)
						samples[i].Quadrants = samples[i].Quadrants.Add(theory.Quadrants([]theory.Mode{each}, []float64{a}))
					}
				}
			}
			last := samples[len(samples)-1]
			for i, mode := range o.predictor.Modes {
				k := int(mode.Kind) - 1
				predicted, measured := make([]float64, len(steps)), make([]float64, len(steps))
				for s := range steps {
					predicted[s], measured[s] = samples[s].Modes[i], run.Trajectory[s].Modes[i]
				}
				// A shallow module's mean is taken of the starts, theory's of the
				// strengths: some roundings of a number of the asymptote's size. They
				// move the time by their share of the slope, which near half is at
				// least a thousandth of the asymptote a step here.
				off := 0.0
				if mode.Hidden == 0 {
					off = 16 * 0x1p-53 * mode.Asymptote()
				}
				same(t, name+" "+arch.Name+" mode", row.of(fmt.Sprintf("pred_mode_%d", k+1)), last.Modes[i], off)
				same(t, name+" "+arch.Name+" t½", row.of(fmt.Sprintf("pred_t_half_%d", k+1)), theory.HalfStep(steps, predicted, mode.Asymptote()), 1e3*off/mode.Asymptote())
				same(t, name+" "+arch.Name+" measured t½", row.of(fmt.Sprintf("t_half_%d", k+1)), theory.HalfStep(steps, measured, mode.Asymptote()), 0)
				same(t, name+" "+arch.Name+" measured mode", row.of(fmt.Sprintf("mode_%d", k+1)), run.Last().Modes[i], 0)
			}
			// Both add up the same few positive terms, in another order.
			few := 32 * 0x1p-53
			want := last.Quadrants
			same(t, name+" ΩΩ", row.of("pred_quadrant_omega_omega"), want.OmegaOmega, few*want.OmegaOmega)
			same(t, name+" ΓΩ", row.of("pred_quadrant_gamma_omega"), want.GammaOmega, few*want.GammaOmega)
			same(t, name+" ΩΓ", row.of("pred_quadrant_omega_gamma"), want.OmegaGamma, few*want.OmegaGamma)
			same(t, name+" ΓΓ", row.of("pred_quadrant_gamma_gamma"), want.GammaGamma, few*want.GammaGamma)
			same(t, name+" S", row.of("pred_systematicity"), want.Systematicity(), 4*few)
			ends := dataset.Quadrants{}
			for _, m := range here.Modules {
				ends = ends.Add(theory.FinalQuadrants(p, m.View()))
			}
			norms := make([]float64, len(steps))
			for s, o := range run.Trajectory {
				norms[s] = o.Quadrants.Norms().GammaGamma
			}
			half := theory.HalfStep(steps, norms, ends.Norms().GammaGamma)
			if ends.GammaGamma == 0 {
				half = math.NaN()
			}
			// The crossing is where two norms differ by a slope; roundings of the
			// norms move it by their share of one recording interval of 7 steps.
			same(t, name+" "+arch.Name+" t½ ΓΓ", row.of("t_half_gamma_gamma"), half, 1e3*7*0x1p-53*math.Max(1, half))
		}
	}
}

// TestPredictedLossIsTheMapsLoss: a network whose modes have the predicted
// strengths and which has nothing besides them loses what losses says. At the
// end of learning that is what is left of a well-trained network's.
func TestPredictedLossIsTheMapsLoss(t *testing.T) {
	if testing.Short() {
		t.Skip("trains each network for 20,000 steps")
	}
	for name, p := range outcomePoints {
		for _, arch := range outcomeArchitectures {
			if _, err := arch.At(p); err != nil {
				continue
			}
			j := job(p, arch, 20000)
			j.Schedule = train.Schedule{}
			row, _, _ := trainOutcome(t, j)
			// After 20,000 steps every mode of these points is at its end to the last
			// digits (2ηλ·20,000 ≥ 100), so both losses are what cannot be learned
			// and the squares of roundings.
			few := 64 * 0x1p-53
			same(t, name+" "+arch.Name+" loss Ω", row.of("pred_train_loss_omega"), row.of("train_loss_omega"), few)
			same(t, name+" "+arch.Name+" loss Γ", row.of("pred_train_loss_gamma"), row.of("train_loss_gamma"), few)
			same(t, name+" "+arch.Name+" loss", row.of("pred_train_loss"), row.of("train_loss"), 2*few)
		}
	}
}

func same(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.IsNaN(got) && math.IsNaN(want) || math.Abs(got-want) <= tolerance {
		return
	}
	t.Errorf("%s is %v, want %v ± %v", what, got, want, tolerance)
}

// TestWhatTheoryCannotPredict names the kinds of copy for which the columns hold
// asymptotes or nothing.
func TestWhatTheoryCannotPredict(t *testing.T) {
	p := outcomePoints["paper"]
	overlapping := network.Architecture{Name: "custom", Modules: []network.Module{
		{Reads: dataset.Omega, Writes: dataset.Omega, Hidden: []int{3}}, {Reads: dataset.Both, Writes: dataset.Both, Hidden: []int{3}},
	}}
	first, err := p.FirstExamples(5)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		change func(*linear.Job)
		want   string
	}{
		{"gradient descent", func(*linear.Job) {}, results.PredictionDiscrete},
		{"a batch of all", func(j *linear.Job) { j.Copies[0].Task.Batch = 8 }, results.PredictionDiscrete},
		{"batches", func(j *linear.Job) { j.Copies[0].Task.Batch = 2 }, results.PredictionAsymptote},
		{"two hidden layers", func(j *linear.Job) { j.Architecture = network.Dense(4, 4) }, results.PredictionAsymptote},
		{"some examples", func(j *linear.Job) { j.Copies[0].Task.Examples = first }, results.PredictionNone},
		{"another rule", func(j *linear.Job) { j.Copies[0].Rule.Gamma = 1 }, results.PredictionNone},
		{"overlapping outputs", func(j *linear.Job) { j.Architecture = overlapping }, results.PredictionNone},
	} {
		j := job(p, network.Dense(4), 30)
		c.change(j)
		row, _, _ := trainOutcome(t, j)
		if row.prediction() != c.want {
			t.Errorf("%s: prediction is %q, want %q", c.name, row.prediction(), c.want)
		}
		numbers := 0
		for _, v := range []float64{row.of("pred_mode_1"), row.of("pred_mode_2"), row.of("pred_mode_3"), row.of("pred_mode_4"), row.of("pred_quadrant_omega_omega"), row.of("pred_train_loss"), row.of("pred_systematicity")} {
			if !math.IsNaN(v) {
				numbers++
			}
		}
		if c.want == results.PredictionNone && numbers > 0 || c.want != results.PredictionNone && numbers < 6 {
			t.Errorf("%s: %d predicted numbers in %+v", c.name, numbers, row)
		}
		if c.want != results.PredictionDiscrete && !math.IsNaN(row.of("pred_t_half_1")) {
			t.Errorf("%s: a time is predicted, %v", c.name, row.of("pred_t_half_1"))
		}
		if c.name == "overlapping outputs" && (!math.IsNaN(row.of("mode_1")) || !math.IsNaN(row.of("t_half_omega_omega"))) {
			t.Errorf("modes of overlapping modules are in columns: %+v", row)
		}
	}
}

// TestTimesNeedMoreThanBothEnds: a straight line from the first step to the last
// says nothing of when half was reached.
func TestTimesNeedMoreThanBothEnds(t *testing.T) {
	j := job(outcomePoints["paper"], network.Dense(10), 400)
	row, _, _ := trainOutcome(t, j)
	if math.IsNaN(row.of("t_half_1")) || math.IsNaN(row.of("pred_t_half_1")) {
		t.Fatalf("a recorded run has no times: %+v", row)
	}
	j.Schedule = train.Schedule{}
	row, _, _ = trainOutcome(t, j)
	if !math.IsNaN(row.of("t_half_1")) || !math.IsNaN(row.of("pred_t_half_1")) {
		t.Errorf("times from two recordings: %v, %v; want none", row.of("t_half_1"), row.of("pred_t_half_1"))
	}
}

// A copy that diverged has no final numbers.
func TestDivergedCopyHasNoFinalNumbers(t *testing.T) {
	j := job(outcomePoints["paper"], network.Dense(10), 400)
	j.Copies[0].LearningRate = 50
	row, run, _ := trainOutcome(t, j)
	if !run.Final.Diverged {
		t.Error("the copy does not diverge")
	}
	if !math.IsNaN(row.of("train_loss")) || !math.IsNaN(row.of("mode_1")) || !math.IsNaN(row.of("quadrant_omega_omega")) {
		t.Errorf("a diverged copy has final numbers: %+v", row)
	}
}

// BenchmarkOutcome is what a row costs beside training and writing, in the
// paper's dense setting with a recording every 10 of 300 steps: the observations
// of one copy, its prediction from weights that the backend tells, and the same
// from weights that have to be drawn again.
func BenchmarkOutcome(b *testing.B) {
	j := job(outcomePoints["paper"], network.Dense(50), 300)
	j.Schedule.Every = 10
	runs, err := linear.Collect(context.Background(), reference.New(1), j)
	if err != nil {
		b.Fatal(err)
	}
	o, err := newOutcome(j, &j.Copies[0], j.Schedule.Steps(j.Steps))
	if err != nil {
		b.Fatal(err)
	}
	_, w, err := j.Start(0)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("observe", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			tr := newTracker(j, 0, o)
			for i := range runs[0].Trajectory {
				tr.observe(&runs[0].Trajectory[i])
			}
			trackers.Put(tr)
		}
	})
	var row []results.Value
	var starts prediction.Starts
	b.Run("starts", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			starts = o.startsOf(starts, w)
		}
	})
	starts = o.startsOf(starts, w)
	b.Run("predict", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			row = o.predict(starts, row[:0])
		}
	})
	b.Run("draw", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			if _, _, err := j.Start(0); err != nil {
				b.Fatal(err)
			}
		}
	})
}
