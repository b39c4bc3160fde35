package study

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"modspec/engine/dataset"
	"modspec/engine/figure"
	"modspec/engine/kind/linear/prediction"
	"modspec/engine/results"
	"modspec/engine/theory"
)

const (
	// systematicityScale is σ. The claim is about small starts, and its deviation
	// is the start's share in the map, of order σ; this small, it shows in no
	// digit that matters, and training still needs only ln(1/σ) steps more.
	systematicityScale = 1e-6
	// systematicityRate is ηλ of the dense network's strongest mode, the paper's
	// own value (0.2). Descent is stable below ηλ = 1.
	systematicityRate  = 0.2
	systematicitySteps = 400
	// onsetShare is where learning counts as begun: the compositional norm has
	// reached this share of its asymptote. Before, the map is mostly its random
	// start, and S is the share of Ω_x in noise.
	onsetShare = 0.01
)

var systematicity = Study{
	ID:    "systematicity",
	Paper: Jarvis2023,
	Title: "Systematicity is fixed by the dataset, unless the inputs are partitioned",
	Runs: fmt.Sprintf("dense, split and partitioned networks, h 50, σ %g, ηλ of mode 1 %g, %d steps, on %d datasets: "+
		"bits 2 to 4, n_y 1 to bits, k_x 1 to 3, k_y 0 to 3, r ½, 1 and 2; against P/(P + k_x r²)",
		systematicityScale, systematicityRate, systematicitySteps, len(systematicityGrid())),
	Source: paperModularity + ", systematicity",
	Sweeps: []Sweep{systematicitySweep(systematicityGrid())},
	Judge: func(_ context.Context, e Evidence) (*Outcome, error) {
		dense, split, partitioned, err := systematicityOf(e.Tables["systematicity"])
		if err != nil {
			return nil, err
		}
		return &Outcome{
			Claims:  systematicityClaims(dense, split, partitioned),
			Figures: []figure.Figure{systematicityFigure(dense, split, partitioned)},
		}, nil
	},
}

// systematicityGrid returns the datasets of the study; n_y runs through its
// values as k_x and k_y change.
func systematicityGrid() []dataset.Point {
	var grid []dataset.Point
	for bits := 2; bits <= 4; bits++ {
		for kx := 1; kx <= 3; kx++ {
			for ky := 0; ky <= 3; ky++ {
				for _, r := range []float64{0.5, 1, 2} {
					grid = append(grid, dataset.NewPoint(bits, bits, 1+(kx+ky)%bits, kx, ky, r))
				}
			}
		}
	}
	return grid
}

// systematicitySweep returns the sweep of the three architectures on every dataset, each
// dataset at a learning rate that gives its mode 1 the same pace, so that all of them
// are through within the same number of steps.
func systematicitySweep(grid []dataset.Point) Sweep {
	names := []string{"bits", "ny", "kx", "ky", "r", "lr"}
	values := make([][]string, len(names))
	for _, p := range grid {
		rate := systematicityRate / theory.Modes(p, dataset.Whole)[0].SingularValue
		for i, v := range []float64{float64(p.Bits), float64(p.NY()), float64(p.KX), float64(p.KY), p.R, rate} {
			values[i] = append(values[i], strconv.FormatFloat(v, 'g', -1, 64))
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, `# Three architectures on %d datasets, each at the learning rate %g/λ of its mode 1.
name: systematicity
method: grid
precision: float64
steps: %d
record: {every: 2}
zip: [[%s]]
parameters:
  arch: {values: [dense, split, partitioned]}
  hidden: {value: 50}
  init_scale: {value: %g}
`, len(grid), systematicityRate, systematicitySteps, strings.Join(names, ", "), systematicityScale)
	for i, name := range names {
		fmt.Fprintf(&b, "  %s: {values: [%s]}\n", name, strings.Join(values[i], ", "))
	}
	return Sweep{Name: "systematicity", Text: b.String()}
}

// systematicityRuns are one architecture's runs on every dataset, and what
// theory says of them, by dataset.
type systematicityRuns struct {
	name      string
	grid      []dataset.Point
	runs      []Run
	predicted []float64 // S
	tolerance []float64 // how far the start may move S after the onset
	asymptote []float64 // of the compositional norm
}

// systematicityOf returns the runs of the three architectures.
func systematicityOf(t *Table) (dense, split, partitioned *systematicityRuns, err error) {
	dense, split, partitioned = &systematicityRuns{name: "dense"}, &systematicityRuns{name: "split"}, &systematicityRuns{name: "partitioned"}
	for _, s := range []*systematicityRuns{dense, split, partitioned} {
		for i := range t.Runs {
			if t.Runs[i].Text("arch") != s.name {
				continue
			}
			if err := s.add(&t.Runs[i]); err != nil {
				return nil, nil, nil, err
			}
		}
	}
	return dense, split, partitioned, nil
}

func (s *systematicityRuns) add(run *Run) error {
	c, arch, weights, err := startOf(run)
	if err != nil {
		return err
	}
	// The module that writes Ω_y is the first in all three architectures.
	p, view := c.Task.Point, arch.Modules[0].View()
	starts := prediction.New(p, arch).MeanStarts(weights)
	final := theory.FinalQuadrants(p, view)
	tolerance := 0.0 // a module that does not read Γ_x has no way to deviate
	if view.Reads.Has(dataset.Gamma) {
		tolerance = systematicityTolerance(p, view, starts, c.LearningRate, c.InitScale)
	}
	s.grid, s.runs = append(s.grid, p), append(s.runs, *run)
	s.predicted = append(s.predicted, final.Systematicity())
	s.asymptote = append(s.asymptote, final.Compositional())
	s.tolerance = append(s.tolerance, tolerance)
	return nil
}

// systematicityTolerance bounds |S − P/(P + k_x r²)| from the onset on, for a
// module that reads all of x, from its start alone. Starts are a(0) of its
// modes in the order of theory.Modes.
//
// At strength a the row of the map that answers one bit of Ω_y is
// √c_y (a·v + √a·z), with v the mode's direction and z what W1 has of other
// directions along the hidden direction that the mode has taken:
//
//   - In a direction that no example has, z is as drawn, standard deviation σ. One
//     such direction shares both blocks with v (v's part in Ω_x, less its
//     component along v), of weight c_x g_x with c_x = S, g_x = 1 − S. It moves S
//     to first order, by 2σ√(S(1−S)/a) times a standard normal.
//   - All n_in − P of those directions together add σ²χ²/a to the squared norm, and
//     S cannot move by a larger share than what is added.
//   - In the direction of another Walsh function the sum of what W1 and W2 have of
//     that mode grows with its own λ' and the difference falls, so z has variance
//     σ²(g + 1/g)/2 ≤ σ²(g + 1)/2, where g = (a/a(0))^ρ and ρ = ln(1+ηλ')/ln(1+ηλ)
//     counts real steps; without target λ' = 0 and g = 1. There are P − n_x of
//     them, all in Γ_x, of no first order because they are orthogonal to v; a
//     share x added there moves S by at most S·x.
//
// All three fall as a grows: the third because z then decays or grows more
// slowly than √a (its rate less that of √a is at most
// λ' − (λ + λδ'/δ)/2 < 0 for any a). So the onset is the worst moment. Bits of
// unequal strength are never worse than one of the onset's strength.
//
// Five standard deviations of a normal and as improbable a χ² leave a chance of
// 10⁻⁶ for each dataset.
func systematicityTolerance(p dataset.Point, view dataset.View, starts []float64, eta, sigma float64) float64 {
	modes := theory.Modes(p, view)
	asked, start := modes[0], starts[0]
	for k, m := range modes {
		if m.Kind == theory.Asked {
			asked, start = m, starts[k]
		}
	}
	a := onsetShare * asked.Asymptote()
	growth := 1.0
	for _, m := range modes {
		if m.Kind == theory.Other {
			rho := math.Log1p(eta*m.SingularValue) / math.Log1p(eta*asked.SingularValue)
			growth = math.Pow(a/start, rho)
		}
	}
	share := asked.InputShare
	first := 2 * 5 * sigma * math.Sqrt(share*(1-share)/a)
	added := sigma * sigma / a * (chiSquareBound(p.Inputs()-p.Examples()) + share*(growth+1)/2*chiSquareBound(p.Examples()-p.NX()))
	return first + added
}

// chiSquareBound returns a number that the sum of n squared standard normals
// exceeds with a probability of at most 5.7·10⁻⁷, that of five standard
// deviations: n + 2√(nx) + 2x for e^{−x} = 5.7·10⁻⁷. Laurent and Massart,
// Annals of Statistics 28 (2000), lemma 1.
func chiSquareBound(n int) float64 {
	const x = 14.4
	return float64(n) + 2*math.Sqrt(float64(n)*x) + 2*x
}

// deviationFromOnset returns the largest distance of S from a predicted value
// at any recorded step from the onset to the end. It is infinite if the
// compositional norm never reaches onsetShare of its asymptote or the run
// diverged.
func deviationFromOnset(run *Run, predicted, asymptote float64) float64 {
	largest, begun := 0.0, false
	measured := run.Curve("systematicity")
	for i, q := range run.quadrants() {
		begun = begun || q.Compositional() >= onsetShare*asymptote
		if begun {
			largest = math.Max(largest, math.Abs(measured[i]-predicted))
		}
	}
	if !begun || run.Diverged {
		return math.Inf(1)
	}
	return largest
}

// deviation returns the largest deviation of S from the prediction over all
// datasets, and the largest as a share of its own dataset's tolerance.
func (s *systematicityRuns) deviation() (largest, ofTolerance float64) {
	for i := range s.runs {
		d := deviationFromOnset(&s.runs[i], s.predicted[i], s.asymptote[i])
		largest = math.Max(largest, d)
		ofTolerance = math.Max(ofTolerance, d/s.tolerance[i])
	}
	return largest, ofTolerance
}

// deviationThroughout returns the largest deviation of S from the prediction
// over all datasets and all recorded steps, the random start included.
func (s *systematicityRuns) deviationThroughout() float64 {
	largest := 0.0
	for i := range s.runs {
		for _, measured := range s.runs[i].Curve("systematicity") {
			largest = math.Max(largest, math.Abs(measured-s.predicted[i]))
		}
	}
	return largest
}

func systematicityClaims(dense, split, partitioned *systematicityRuns) []results.Claim {
	count := len(dense.grid)
	var claims []results.Claim
	for _, s := range []*systematicityRuns{dense, split} {
		deviation, ofTolerance := s.deviation()
		claims = append(claims,
			results.NewClaim("systematicity/"+s.name, fmt.Sprintf("the %s network stays at S = P/(P + k_x r²) from the onset of learning to its end, but for what its start explains", s.name),
				ofTolerance, results.AtMost, 1, paperModularity,
				fmt.Sprintf("largest |S − P/(P + k_x r²)| as a share of what the dataset's own initial weights allow (exceeded with probability 10⁻⁶ for each), over %d datasets and all steps from the one at which the compositional norm has reached %g %% of its asymptote; "+
					"the largest deviation itself is %.2g", count, 100*onsetShare, deviation)))
	}
	return append(claims, results.NewClaim("systematicity/partitioned", "the partitioned network has S = 1 at every step: its Ω_y module has no weight on Γ_x",
		partitioned.deviationThroughout(), results.AtMost, 0, paperModularity,
		fmt.Sprintf("largest |S − 1| over %d datasets and all recorded steps; 0 by construction, whatever is learned: the claim guards the network's wiring and not a result of training", count)))
}
