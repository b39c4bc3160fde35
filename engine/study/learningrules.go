package study

import (
	"context"
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/figure"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/results"
	"modspec/engine/theory"
)

const (
	ruleSeeds = 12
	// ruleOnset is where learning counts as begun in this study: the compositional
	// norm has reached this share of its asymptote.
	ruleOnset = 0.1
)

var learningRules = Study{
	ID:    "learning-rules",
	Paper: Jarvis2023,
	Title: "Other learning rules leave systematicity where it is",
	Runs: fmt.Sprintf("dense network, %v, h %d, σ 0.01/50, %d seeds; Hebbian β 0.001 and anti-Hebbian β −0.001 (η 0.08, 1500 steps), "+
		"contrastive Hebbian γ 1 (η 0.04, 1500 steps), quasi-predictive coding γ −1 (η 0.08, 3000 steps)", paperPoint, hidden, ruleSeeds),
	Source: paperRules,
	Run: func(ctx context.Context, backend linear.Backend) (*Outcome, error) {
		return runLearningRules(ctx, backend, ruleSeeds)
	},
}

// ruleSettings are the four rules as the paper trains with them.
var ruleSettings = []struct {
	name, title string
	stepSize    float64
	steps       int
}{
	{"hebbian", "Hebbian", 0.01, 1500},
	{"anti-hebbian", "anti-Hebbian", 0.01, 1500},
	{"contrastive-hebbian", "contrastive Hebbian", 0.005, 1500},
	{"predictive-coding", "quasi-predictive coding", 0.01, 3000},
}

// ruleResult is what one rule makes of the paper's dataset.
type ruleResult struct {
	title string
	rule  network.Rule
	eta   float64
	steps int
	runs  []linear.Run
}

func runLearningRules(ctx context.Context, backend linear.Backend, seeds int) (*Outcome, error) {
	var all []ruleResult
	for _, s := range ruleSettings {
		rule, err := network.RuleByName(s.name)
		if err != nil {
			return nil, err
		}
		r := ruleResult{title: s.title, rule: rule, eta: eta(paperPoint, s.stepSize), steps: s.steps}
		r.runs, err = setting{
			arch: network.Dense(hidden), task: &linear.Task{Point: paperPoint}, rule: rule,
			eta: r.eta, scale: smallScale, steps: s.steps, every: 10,
		}.run(ctx, backend, seeds)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.title, err)
		}
		all = append(all, r)
	}
	return &Outcome{
		Claims:  ruleClaims(all, theory.Systematicity(paperPoint, dataset.Whole)),
		Figures: []figure.Figure{ruleQuadrantFigure(all), ruleSystematicityFigure(all)},
	}, nil
}

// askedMode returns mode 1 of the paper's dataset with its left singular vector.
func askedMode() (theory.Mode, []float64) {
	mode := theory.Modes(paperPoint, dataset.Whole)[0]
	u, _ := theory.Vectors(paperPoint, dataset.Whole, theory.Sets(paperPoint, dataset.Whole, theory.Asked)[0])
	return mode, u
}

// endDeviation returns |S − predicted| at the end of a run and how far the
// random start may move S there.
//
// Why S should be P/(P + k_x r²) under every rule: what the rules add acts on W2
// from the left through YYᵀ − ŶŶᵀ, which has the modes' vectors u as its
// eigenvectors, and on W1 from the right through XXᵀ, which has the vectors v. So
// a map Σ a u vᵀ stays one, whatever becomes of the strengths, and in all the
// modes that reach Ω_y the vector v has the same share of Ω_x.
//
// What is left of the start: W1 keeps (and under a Hebbian rule slowly loses)
// its random part σ in the directions that no example has, and the map carries
// it to Ω_y times w = ‖W2ᵀu‖. As in systematicityTolerance it moves S by
// 2σ√(S(1−S))·w/a times a standard normal, here five of them, and by σ²χ²w²/a².
// Under gradient descent w is √a; these rules are not balanced, so it is taken
// from the weights at the end.
func endDeviation(run linear.Run, predicted float64) (deviation, tolerance float64) {
	mode, u := askedMode()
	last := run.Last()
	var carried mat.VecDense
	carried.MulVec(run.Final.Weights.Modules[0][1].T(), mat.NewVecDense(len(u), u))
	amplification := smallScale * mat.Norm(&carried, 2) / last.Modes[0]
	share := mode.InputShare
	tolerance = 2*5*amplification*math.Sqrt(share*(1-share)) +
		amplification*amplification*chiSquareBound(paperPoint.Inputs()-paperPoint.NX())
	return math.Abs(last.Systematicity - predicted), tolerance
}

// onsetTolerance bounds how far above P/(P + k_x r²) the start may lift S from
// ruleOnset on: the first-order term of endDeviation at that strength. (What
// other modes mix into Ω_y's rows lies in Γ_x and can only lower S.) There
// w/a = √(w/w')/√a, where w' = ‖W1v‖ and w/w' is at its largest while the mode
// grows under γ = 1, as the first eigenvector of
//
//	w ← w + η(λw' + γ·m·w),  w' ← w' + ηλw,
//
// with m = k_y r² + P, the eigenvalue of YYᵀ: w/w' = μ/λ, μ² − mμ − λ² = 0. Later w
// grows no further and a does.
func onsetTolerance() float64 {
	mode, _ := askedMode()
	m := float64(paperPoint.KY)*paperPoint.R*paperPoint.R + float64(paperPoint.Examples())
	lambda := mode.SingularValue
	mu := (m + math.Sqrt(m*m+4*lambda*lambda)) / 2
	a := ruleOnset * mode.Asymptote()
	return 2 * 5 * smallScale * math.Sqrt(mode.InputShare*(1-mode.InputShare)*mu/lambda/a)
}

// highestSystematicity returns the largest S at any recorded step from ruleOnset
// on, and infinity for a run that never gets there or diverged.
func highestSystematicity(run linear.Run) float64 {
	asymptote := theory.FinalQuadrants(paperPoint, dataset.Whole).Compositional()
	highest := math.Inf(-1)
	for _, o := range run.Trajectory {
		if o.Quadrants.Compositional() >= ruleOnset*asymptote || !math.IsInf(highest, -1) {
			highest = math.Max(highest, o.Systematicity)
		}
	}
	if math.IsInf(highest, -1) || run.Final.Diverged {
		return math.Inf(1)
	}
	return highest
}

// learnedShare returns the compositional norm at the end as a share of gradient
// descent's asymptote.
func learnedShare(run linear.Run) float64 {
	return run.Last().Quadrants.Compositional() / theory.FinalQuadrants(paperPoint, dataset.Whole).Compositional()
}

// antiHebbianLag returns by what share of its asymptote mode 1 is held back
// after so many steps of the anti-Hebbian rule. The other three rules have their
// fixed points where gradient descent has.
//
// The rule shrinks w' = ‖W1v‖ by |β|Pδw' a step and the error must make up for
// it: η w e = |β|Pδw' with e = λ − δa. The same error makes w grow, by ηew' =
// |β|Pδw'²/w, at fixed a = ww', so w⁴ = a² + 4|β|Pδa²t from a balanced w² = a. The
// lag is e/λ = |β|Pδ a/(η λ w²), falling as 1/√t.
func antiHebbianLag(beta, eta float64, steps int) float64 {
	mode, _ := askedMode()
	a := mode.Asymptote()
	shrink := math.Abs(beta) * float64(paperPoint.Examples()) * mode.InputEigenvalue
	w2 := a * math.Sqrt(1+4*shrink*float64(steps))
	return shrink * a / (eta * mode.SingularValue * w2)
}

// lagRemainder is by how much of itself the lag may be larger than antiHebbianLag,
// which leaves out three things: 1/(1 − ‖w_i‖²), at most ‖W1v‖² shared by 50 units
// (below 2 %); the steps before the mode is learned (100 of 1500, and the lag
// falls as 1/√t: 4 %); and how the lag itself slows the growth of w (1 %). All
// three make it larger.
const lagRemainder = 0.07

// ruleClaims compares the runs with a predicted systematicity, a parameter so
// that a test can plant a wrong one.
func ruleClaims(all []ruleResult, predicted float64) []results.Claim {
	worst, highest, least, lag := 0.0, 0.0, math.Inf(1), 0.0
	var ends, shares []string
	for _, r := range all {
		largest, share := 0.0, math.Inf(1)
		for _, run := range r.runs {
			deviation, tolerance := endDeviation(run, predicted)
			largest = math.Max(largest, deviation)
			worst = math.Max(worst, deviation/tolerance)
			highest = math.Max(highest, highestSystematicity(run))
			share = math.Min(share, learnedShare(run))
		}
		least = math.Min(least, share)
		ends = append(ends, fmt.Sprintf("%s %.2g", r.title, largest))
		shares = append(shares, fmt.Sprintf("%s %.4f", r.title, share))
		if r.rule.Beta < 0 {
			lag = antiHebbianLag(r.rule.Beta, r.eta, r.steps)
		}
	}
	const source = paperRules
	seeds := len(all[0].runs)
	return []results.Claim{
		results.NewClaim("learning-rules/systematicity", "all four rules end at S = P/(P + k_x r²), as gradient descent does",
			worst, results.AtMost, 1, source,
			fmt.Sprintf("largest |S − %.4f| at the end over %d seeds, as a share of what the random start explains (five standard deviations); unscaled: %s",
				predicted, seeds, strings.Join(ends, ", "))),
		results.NewClaim("learning-rules/below-one", "at no step does any of them come nearer to S = 1",
			highest, results.AtMost, predicted+onsetTolerance(), source,
			fmt.Sprintf("largest S over %d seeds and all steps from the one at which the compositional norm has reached %g %% of its asymptote; "+
				"the threshold is P/(P + k_x r²) and what the random start may add", seeds, 100*ruleOnset)),
		results.NewClaim("learning-rules/learned", "all four learn the compositional answer",
			least, results.AtLeast, 1-(1+lagRemainder)*lag, source,
			fmt.Sprintf("smallest compositional norm at the end over %d seeds as a share of its asymptote: %s; the threshold is 1 less the share that the anti-Hebbian rule holds back, %.4f by theory to first order and up to %g %% more by its remainder",
				seeds, strings.Join(shares, ", "), lag, 100*lagRemainder)),
	}
}

func ruleQuadrantFigure(all []ruleResult) figure.Figure {
	f := figure.Figure{
		Name:    "learning-rules",
		Title:   "Quadrant norms of the dense network under other learning rules",
		Columns: 2,
		Caption: fmt.Sprintf("Norms of the four blocks of the learned map, mean and range over %d seeds; dashed: where gradient descent ends. "+
			"All four are on their way to gradient descent's end (the anti-Hebbian rule nears it only as 1/√t, and quasi-predictive coding is not there yet): part of the compositional answer always comes from Γ_x.", len(all[0].runs)),
	}
	end := theory.FinalQuadrants(paperPoint, dataset.Whole)
	for _, r := range all {
		p := figure.Panel{Title: r.title, XLabel: "step", YLabel: "norm", YRange: &[2]float64{-0.05, 1.4}, Legend: figure.NoLegend}
		for k, q := range quadrantNorms {
			band := newSeedBand(r.runs, func(o linear.Observation) float64 { return q.of(o.Quadrants) })
			p.Series = append(p.Series, band.series(q.label, k), band.level("", q.of(end), figure.Dashed, k))
		}
		f.Panels = append(f.Panels, p)
	}
	f.Panels[len(f.Panels)-1].Legend = figure.TopLeft // the only panel with room for it
	return f
}

func ruleSystematicityFigure(all []ruleResult) figure.Figure {
	// The room at the right shows where each run ends, and holds the legend.
	p := figure.Panel{XLabel: "step", YLabel: "S", XLog: true, XRange: &[2]float64{10, 6000}, YRange: &[2]float64{0, 1}, Legend: figure.BottomRight}
	for k, r := range all {
		p.Series = append(p.Series, newSeedBand(r.runs, func(o linear.Observation) float64 { return o.Systematicity }).series(r.title, k))
	}
	predicted := theory.Systematicity(paperPoint, dataset.Whole)
	p.Series = append(p.Series,
		figure.Series{Label: "P/(P + k_x r²)", X: []float64{10, 6000}, Y: []float64{predicted, predicted}, Style: figure.Dashed, Color: 6})
	return figure.Figure{
		Name:  "learning-rules-systematicity",
		Title: "Systematicity under other learning rules",
		Caption: fmt.Sprintf("Systematicity S of the dense network, mean and range over %d seeds. "+
			"It rises from that of the random start to P/(P + k_x r²) and stays there under every rule.", len(all[0].runs)),
		Panels: []figure.Panel{p},
	}
}
