package study

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/theory"
)

func TestGeneralisation(t *testing.T) {
	judged(t, generalisation, evidenceOf(t, generalisation, every))
}

// generalisationSet returns the result of an architecture on so many of so many examples.
func generalisationSet(t *testing.T, all []generalisationResult, arch string, trained, examples int) *generalisationResult {
	t.Helper()
	for i := range all {
		if r := &all[i]; r.arch == arch && len(r.set.examples) == trained && r.set.point.Examples() == examples {
			return r
		}
	}
	t.Fatalf("the study has no %s network on %d of %d examples", arch, trained, examples)
	return nil
}

// The ranks that the study speaks of, against singular values.
func TestTrainingSetRanks(t *testing.T) {
	all, err := generalisationResults(evidenceOf(t, generalisation, 4).Tables["generalisation"])
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 12 {
		t.Fatalf("%d results, want 4 training sets × 3 architectures", len(all))
	}
	for _, c := range []struct{ trained, examples, want int }{{4, 8, 3}, {2, 8, 2}, {5, 16, 4}, {4, 16, 3}} {
		r := generalisationSet(t, all, "dense", c.trained, c.examples)
		set, rank, want := r.set, r.rank, c.want
		if rank != want {
			t.Errorf("%v: rank %d, want %d", set, rank, want)
		}
		x, err := set.point.X()
		if err != nil {
			t.Fatal(err)
		}
		values, err := singularValues(columnsOf(x, 0, set.point.NX(), set.examples))
		if err != nil {
			t.Fatal(err)
		}
		numerical := 0
		for _, v := range values {
			if v > 1e-8 { // the smallest that is not 0 is √(5·0.234) > 1
				numerical++
			}
		}
		if numerical != want {
			t.Errorf("%v: %d singular values above 0, want %d", set, numerical, want)
		}
	}
}

// The bound of the study: with every bit asked for, the partitioned network's
// Ω_y module learns the identity, so its modes are the eigenvectors of
// Ω_xΩ_xᵀ/m with λ = δ, and the slowest is learned to 10⁻¹¹ even from a tenth of
// the mean start.
func TestGeneralisationTrainsLongEnough(t *testing.T) {
	set := trainingSet{dataset.NewPoint(4, 4, 4, 3, 1, 1), []int{0, 1, 2, 3, 4}}
	x, err := set.point.X()
	if err != nil {
		t.Fatal(err)
	}
	values, err := singularValues(columnsOf(x, 0, set.point.NX(), set.examples))
	if err != nil {
		t.Fatal(err)
	}
	least := values[len(values)-1]
	lambda := least * least / float64(len(set.examples))
	if math.Abs(lambda-0.234) > 0.0005 {
		t.Errorf("the least eigenvalue is %.4f, but the study's comment says 0.234", lambda)
	}
	run := &evidenceOf(t, generalisation, 4).Tables["generalisation"].Runs[0]
	steps := int(run.Number("steps"))
	start := theory.MeanDeepStart(int(run.Number("hidden")), run.Number("init_scale")) / 10
	strengths := theory.DeepSteps(theory.Mode{SingularValue: lambda, InputEigenvalue: lambda}, run.Number("lr"), start, 1, steps)
	if left := 1 - strengths[steps]; left > 1.1e-11 {
		t.Errorf("the slowest mode is %.3g short of its asymptote, want at most 1.1·10⁻¹¹", left)
	}
}

func TestGeneralisationNoticesFaults(t *testing.T) {
	all, err := generalisationResults(evidenceOf(t, generalisation, 4).Tables["generalisation"])
	if err != nil {
		t.Fatal(err)
	}
	generalisationSet(t, all, "partitioned", 2, 8).rank = 3
	mustFail(t, generalisationClaims(all), "generalisation/partitioned", "a rank test that calls rank 2 full")

	// planted changes the table's runs of an architecture on so many of 8 examples.
	planted := func(arch string, trained float64, change func(r *Run)) Evidence {
		e := evidenceOf(t, generalisation, 4)
		for i := range e.Tables["generalisation"].Runs {
			if r := &e.Tables["generalisation"].Runs[i]; r.Text("arch") == arch && r.Number("train_examples") == trained && r.Number("bits") == 3 {
				change(r)
			}
		}
		return e
	}
	const loss = "test_loss_omega"
	var learned []float64
	planted("partitioned", 4, func(r *Run) { learned = r.Curve(loss) })
	mustNotice(t, generalisation, planted("dense", 4, func(r *Run) { r.Parameters[r.parameters.Index("arch")].Text = "partitioned" }),
		"generalisation/partitioned", "a partitioned network that reads Γ_x")
	mustNotice(t, generalisation, planted("dense", 4, func(r *Run) { copy(r.Curve(loss), learned) }),
		"generalisation/reading", "a dense network that generalises")
	mustNotice(t, generalisation, planted("partitioned", 2, func(r *Run) { copy(r.Curve(loss), learned) }),
		"generalisation/rank", "a network that generalises without full rank")
	mustNotice(t, generalisation, planted("dense", 4, func(r *Run) {
		for i := range r.Curve(loss) {
			r.Curve(loss)[i] *= 1.02
		}
	}), "generalisation/minimum-norm", "losses that are 2 % too large")
}

// The map by another route: for training inputs of full column rank,
// X⁺ = (XᵀX)⁻¹Xᵀ.
func TestMinimumNormAgainstNormalEquations(t *testing.T) {
	set := trainingSet{dataset.NewPoint(3, 3, 3, 3, 1, 1), []int{0, 1, 2, 3}}
	p := set.point
	least, err := newMinimumNorm(p, dataset.Whole, set.examples)
	if err != nil {
		t.Fatal(err)
	}
	x, err := p.X()
	if err != nil {
		t.Fatal(err)
	}
	y, err := p.Y()
	if err != nil {
		t.Fatal(err)
	}
	trainX, trainY := columnsOf(x, 0, p.Inputs(), set.examples), columnsOf(y, 0, p.Outputs(), set.examples)
	var gram, inverse, fit, m mat.Dense
	gram.Mul(trainX.T(), trainX)
	if err := inverse.Inverse(&gram); err != nil {
		t.Fatal(err)
	}
	fit.Mul(trainY, &inverse)
	m.Mul(&fit, trainX.T())
	// Condition of XᵀX: (4 + 3)/3 < 3; sums of 27 terms of order 1.
	if !mat.EqualApprox(&m, least.mapping, 3*27*0x1p-52) {
		t.Error("Y(XᵀX)⁻¹Xᵀ is not the minimum-norm map")
	}
	// What the training examples do not span is orthogonal to all of them.
	var overlap mat.Dense
	overlap.Mul(trainX.T(), least.unseen)
	if largest := mat.Norm(&overlap, math.Inf(1)); largest > 3*27*0x1p-52 {
		t.Errorf("unseen inputs overlap the training inputs by %g", largest)
	}
	// The four training columns of Ω are orthogonal up to rows of length 4, so
	// Ω_x carries m/(m + k_x r²) = 4/7 of each bit and 3/7 is missing from all.
	if want := 3 * (3.0 / 7) * (3.0 / 7) / 2; math.Abs(least.loss(0, 3)-want) > 3*27*0x1p-52 {
		t.Errorf("compositional test loss %v, want %v", least.loss(0, 3), want)
	}
	var square mat.Dense
	square.Mul(least.balanced, least.balanced)
	var outer mat.Dense
	outer.Mul(least.mapping, least.mapping.T())
	if !mat.EqualApprox(&square, &outer, 3*27*0x1p-52) {
		t.Error("balanced² is not MMᵀ")
	}
}

func TestMinimumNormRefusesExamplesThatDoNotExist(t *testing.T) {
	for _, examples := range [][]int{{8}, {-1}, {0, 0}, {}} {
		if _, err := newMinimumNorm(paperPoint, dataset.Whole, examples); err == nil {
			t.Errorf("examples %v: no error", examples)
		}
	}
}
