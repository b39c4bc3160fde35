package study

import (
	"context"
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/figure"
	"modspec/engine/network"
	"modspec/engine/results"
	"modspec/engine/theory"
)

// ruleOnset is where learning counts as begun in this study: the compositional norm has
// reached this share of its asymptote.
const ruleOnset = 0.1

var learningRules = Study{
	ID:    "learning-rules",
	Paper: Jarvis2023,
	Title: "Other learning rules leave systematicity where it is",
	Runs: fmt.Sprintf("dense network, %v, h 50, σ 0.01/50, 12 seeds; Hebbian β 0.001 and anti-Hebbian β −0.001 (η 0.08, 1500 steps), "+
		"contrastive Hebbian γ 1 (η 0.04, 1500 steps), quasi-predictive coding γ −1 (η 0.08, 3000 steps)", paperPoint),
	Source: paperRules,
	Sweeps: []Sweep{file("learning-rules")},
	Judge: func(_ context.Context, e Evidence) (*Outcome, error) {
		all, err := ruleResults(e.Tables["learning-rules"])
		if err != nil {
			return nil, err
		}
		return &Outcome{
			Claims:  ruleClaims(all, theory.Systematicity(all[0].point, dataset.Whole)),
			Figures: []figure.Figure{ruleQuadrantFigure(all), ruleSystematicityFigure(all)},
		}, nil
	},
}

// carriedRemainder bounds by what share askedMode.follow is off under the anti-Hebbian
// rule. A unit's 1 − ‖w_i‖² has all 8 directions of the map in it, of which it counts one.
// With ‖W1v‖² = 0.2 in each (at the end w = 2.6 and w' = a/w) shared by 50 units that is
// 8·0.2/50 = 3.2 % of the shrinking of W1, and w goes with the fourth root of that (see
// antiHebbianLag): 0.8 %.
const carriedRemainder = 0.01

// ruleTitles are the rules as figures name them.
var ruleTitles = map[string]string{
	"hebbian": "Hebbian", "anti-hebbian": "anti-Hebbian", "contrastive-hebbian": "contrastive Hebbian", "predictive-coding": "quasi-predictive coding",
}

// ruleResult is what one rule makes of the paper's dataset.
type ruleResult struct {
	title      string
	point      dataset.Point
	rule       network.Rule
	eta, scale float64 // η, σ
	steps      int
	runs       []Run
	carried    []float64 // ‖W2ᵀu‖ at the end of each run; see askedMode.follow
}

// ruleResults returns the result of each rule of the table.
func ruleResults(t *Table) ([]ruleResult, error) {
	var all []ruleResult
	for _, runs := range t.Settings() {
		r := ruleResult{title: ruleTitles[runs[0].Text("rule")], steps: int(runs[0].Number("steps")), runs: runs}
		for i := range runs {
			c, _, weights, err := startOf(&runs[i])
			if err != nil {
				return nil, err
			}
			r.point, r.rule, r.eta, r.scale = c.Task.Point, c.Rule, c.LearningRate, c.InitScale
			r.carried = append(r.carried, r.mode().follow(weights.Modules[0], r.rule, r.eta, r.steps))
		}
		all = append(all, r)
	}
	return all, nil
}

// An askedMode is mode 1 of a dataset with its singular vectors, and the eigenvalue m of
// YYᵀ that belongs to it.
type askedMode struct {
	theory.Mode
	u, v     []float64
	outputs  float64 // m = k_y r² + P
	examples float64 // P
}

func (r *ruleResult) mode() askedMode {
	m := askedMode{Mode: theory.Modes(r.point, dataset.Whole)[0], examples: float64(r.point.Examples())}
	m.u, m.v = theory.Vectors(r.point, dataset.Whole, theory.Sets(r.point, dataset.Whole, theory.Asked)[0])
	m.outputs = float64(r.point.KY)*r.point.R*r.point.R + m.examples
	return m
}

// follow returns ‖w‖ for w = W2ᵀu after so many steps of a rule: the network's own steps
// (see network.Rule) in the one direction of the mode, from its initial weights. With
// w' = W1v and a = w·w' they are
//
//	w  ← w  + η(λ − δa)w' + ηγ(m − Pδa²)w
//	w' ← w' + η(λ − δa)w  + βPδ(1 − ‖w'‖²)w'      or, for β < 0, βPδ w'_i/(1 − w'_i²).
//
// Left out is what the β terms have of the other modes: their vectors in hidden space are
// nearly orthogonal to w', and for β < 0 see carriedRemainder.
func (m askedMode) follow(layers []*mat.Dense, rule network.Rule, eta float64, steps int) float64 {
	var w, below mat.VecDense
	w.MulVec(layers[1].T(), mat.NewVecDense(len(m.u), m.u))
	below.MulVec(layers[0], mat.NewVecDense(len(m.v), m.v))
	up, down := w.RawVector().Data, below.RawVector().Data
	for range steps {
		a, square := mat.Dot(&w, &below), mat.Dot(&below, &below)
		pull := eta * (m.SingularValue - m.InputEigenvalue*a)
		contrast := eta * rule.Gamma * (m.outputs - m.examples*m.InputEigenvalue*a*a)
		hebb := rule.Beta * m.examples * m.InputEigenvalue
		for i, x := range up {
			y := down[i]
			up[i] += pull*y + contrast*x
			if rule.Beta < 0 {
				down[i] += pull*x + hebb*y/(1-y*y)
			} else {
				down[i] += pull*x + hebb*(1-square)*y
			}
		}
	}
	return mat.Norm(&w, 2)
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
// Under gradient descent w is √a; these rules are not balanced, so it is followed to
// the end.
func (r *ruleResult) endDeviation(i int, predicted float64) (deviation, tolerance float64) {
	run := &r.runs[i]
	amplification := r.scale * r.carried[i] / last(run.Curve("mode_1"))
	share := r.mode().InputShare
	tolerance = 2*5*amplification*math.Sqrt(share*(1-share)) +
		amplification*amplification*chiSquareBound(r.point.Inputs()-r.point.NX())
	return math.Abs(last(run.Curve("systematicity")) - predicted), tolerance
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
func (r *ruleResult) onsetTolerance() float64 {
	mode := r.mode()
	m := mode.outputs
	lambda := mode.SingularValue
	mu := (m + math.Sqrt(m*m+4*lambda*lambda)) / 2
	a := ruleOnset * mode.Asymptote()
	return 2 * 5 * r.scale * math.Sqrt(mode.InputShare*(1-mode.InputShare)*mu/lambda/a)
}

// highestSystematicity returns the largest S at any recorded step from ruleOnset
// on, and infinity for a run that never gets there or diverged.
func (r *ruleResult) highestSystematicity(run *Run) float64 {
	asymptote := theory.FinalQuadrants(r.point, dataset.Whole).Compositional()
	highest, systematicity := math.Inf(-1), run.Curve("systematicity")
	for i, q := range run.quadrants() {
		if q.Compositional() >= ruleOnset*asymptote || !math.IsInf(highest, -1) {
			highest = math.Max(highest, systematicity[i])
		}
	}
	if math.IsInf(highest, -1) || run.Diverged {
		return math.Inf(1)
	}
	return highest
}

// learnedShare returns the compositional norm at the end as a share of gradient
// descent's asymptote.
func (r *ruleResult) learnedShare(run *Run) float64 {
	return last(values(run.quadrants(), dataset.Quadrants.Compositional)) / theory.FinalQuadrants(r.point, dataset.Whole).Compositional()
}

// antiHebbianLag returns by what share of its asymptote mode 1 is held back
// after so many steps of the anti-Hebbian rule. The other three rules have their
// fixed points where gradient descent has.
//
// The rule shrinks w' = ‖W1v‖ by |β|Pδw' a step and the error must make up for
// it: η w e = |β|Pδw' with e = λ − δa. The same error makes w grow, by ηew' =
// |β|Pδw'²/w, at fixed a = ww', so w⁴ = a² + 4|β|Pδa²t from a balanced w² = a. The
// lag is e/λ = |β|Pδ a/(η λ w²), falling as 1/√t.
func (r *ruleResult) antiHebbianLag() float64 {
	mode := r.mode()
	a := mode.Asymptote()
	shrink := math.Abs(r.rule.Beta) * mode.examples * mode.InputEigenvalue
	w2 := a * math.Sqrt(1+4*shrink*float64(r.steps))
	return shrink * a / (r.eta * mode.SingularValue * w2)
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
		for i := range r.runs {
			run := &r.runs[i]
			deviation, tolerance := r.endDeviation(i, predicted)
			largest = math.Max(largest, deviation)
			worst = math.Max(worst, deviation/tolerance)
			highest = math.Max(highest, r.highestSystematicity(run))
			share = math.Min(share, r.learnedShare(run))
		}
		least = math.Min(least, share)
		ends = append(ends, fmt.Sprintf("%s %.2g", r.title, largest))
		shares = append(shares, fmt.Sprintf("%s %.4f", r.title, share))
		if r.rule.Beta < 0 {
			lag = r.antiHebbianLag()
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
			highest, results.AtMost, predicted+all[0].onsetTolerance(), source,
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
	end := theory.FinalQuadrants(all[0].point, dataset.Whole)
	for _, r := range all {
		p := figure.Panel{Title: r.title, XLabel: "step", YLabel: "norm", YRange: &[2]float64{-0.05, 1.4}, Legend: figure.NoLegend}
		for k, q := range quadrantNorms {
			band := newSeedBand(r.runs, func(r *Run) []float64 { return values(r.quadrants(), q.of) })
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
		p.Series = append(p.Series, newSeedBand(r.runs, metric("systematicity")).series(r.title, k))
	}
	predicted := theory.Systematicity(all[0].point, dataset.Whole)
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
