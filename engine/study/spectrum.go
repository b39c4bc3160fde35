package study

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/figure"
	"modspec/engine/results"
	"modspec/engine/theory"
)

// spectrumStrengths are the values of r in the grid. Between them the condition
// of Σ_x stays below (k_x r² + P)/(k_x r²) = 32.25/0.25 = 129, its value at
// bits 5, k_x 1, r ½.
var spectrumStrengths = []float64{0, 0.5, 1, 2}

var spectrum = Study{
	ID:    "spectrum",
	Paper: Jarvis2023,
	Title: "Closed-form spectrum against numerical decompositions",
	Runs: fmt.Sprintf("no training; %d datasets: bits 1 to 5, every n_x from 0 to bits and n_y from 0 to n_x, k_x and k_y from 0 to 3, r 0, ½, 1 and 2, "+
		"Ω_y the first n_y bits and, where n_x < bits, also the last n_y; Σ_x and Σ_yx formed and decomposed in full", len(spectrumGrid())),
	Source: paperDatasets,
	Judge:  judgeSpectrum,
}

// spectrumGrid returns the datasets of the study. Views of modules are in it
// too: one that reads or writes a single block sees the dataset whose n or k on
// that side is 0.
func spectrumGrid() []dataset.Point {
	var grid []dataset.Point
	add := func(p dataset.Point) {
		if p.Validate() == nil { // leaves out empty inputs and outputs
			grid = append(grid, p)
		}
	}
	for bits := 1; bits <= 5; bits++ {
		for nx := 0; nx <= bits; nx++ {
			for ny := 0; ny <= nx; ny++ {
				for kx := range 4 {
					for ky := range 4 {
						for _, r := range spectrumStrengths {
							p := dataset.NewPoint(bits, nx, ny, kx, ky, r)
							add(p)
							if nx < bits && ny > 0 {
								p.OutputBits = lastRows(bits, ny)
								add(p)
							}
						}
					}
				}
			}
		}
	}
	return grid
}

// lastRows returns the last n of Ω's rows.
func lastRows(bits, n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = bits - n + i
	}
	return rows
}

// numericalSpectrum is what linear algebra finds of a dataset, knowing nothing
// of its structure. Values are descending.
type numericalSpectrum struct {
	singularValues   []float64         // of Σ_yx
	inputEigenvalues []float64         // of Σ_x
	asymptotes       []float64         // singular values of M = Σ_yx Σ_x⁺
	quadrants        dataset.Quadrants // of M
}

// decompose forms Σ_x and Σ_yx of a dataset and decomposes them. One
// eigendecomposition Σ_x = UΛUᵀ gives the eigenvalues and, with those below
// rounding left out, the pseudo-inverse in M = Σ_yx U Λ⁺ Uᵀ, the least-squares
// map that gradient descent from zero ends at.
func decompose(p dataset.Point) (*numericalSpectrum, error) {
	c, err := p.Correlations(nil)
	if err != nil {
		return nil, err
	}
	n := p.Inputs()
	symmetric := mat.NewSymDense(n, mat.DenseCopyOf(c.X).RawMatrix().Data)
	var eigen mat.EigenSym
	if !eigen.Factorize(symmetric, true) {
		return nil, fmt.Errorf("the eigenvectors of Σ_x at %v did not converge", p)
	}
	s := &numericalSpectrum{inputEigenvalues: eigen.Values(nil)}
	slices.Reverse(s.inputEigenvalues)

	var vectors, m mat.Dense
	eigen.VectorsTo(&vectors)
	m.Mul(c.YX, inverseOf(&vectors, &vectors, eigen.Values(nil)))
	s.quadrants = p.Quadrants(&m)
	if s.singularValues, err = singularValues(c.YX); err != nil {
		return nil, fmt.Errorf("correlation Σ_yx at %v: %w", p, err)
	}
	if s.asymptotes, err = singularValues(&m); err != nil {
		return nil, fmt.Errorf("least-squares map Σ_yx Σ_x⁺ at %v: %w", p, err)
	}
	return s, nil
}

// closedSpectrum is the same in closed form; levels without their zeros.
type closedSpectrum struct {
	singularValues, inputEigenvalues, asymptotes []theory.Level
	quadrants                                    dataset.Quadrants
}

func closedForm(p dataset.Point) closedSpectrum {
	return closedSpectrum{
		singularValues:   theory.SingularValues(p, dataset.Whole),
		inputEigenvalues: theory.InputEigenvalues(p, dataset.Whole),
		asymptotes:       theory.Asymptotes(p, dataset.Whole),
		quadrants:        theory.FinalQuadrants(p, dataset.Whole),
	}
}

// spectrumDeviation holds largest distances of closed forms from numerical
// values, each as a share of the largest value of its dataset.
type spectrumDeviation struct {
	singularValues, inputEigenvalues, asymptotes, quadrants float64
}

// deviation compares one dataset's closed forms with its decompositions, value
// by value in descending order and zeros included, so that a multiplicity that
// is off by one counts as a whole value.
func (c closedSpectrum) deviation(s *numericalSpectrum) spectrumDeviation {
	list := func(q dataset.Quadrants) []float64 {
		return []float64{q.OmegaOmega, q.GammaOmega, q.OmegaGamma, q.GammaGamma}
	}
	return spectrumDeviation{
		singularValues:   shareOfLargest(unfold(c.singularValues), s.singularValues),
		inputEigenvalues: shareOfLargest(unfold(c.inputEigenvalues), s.inputEigenvalues),
		asymptotes:       shareOfLargest(unfold(c.asymptotes), s.asymptotes),
		quadrants:        shareOfLargest(list(c.quadrants.Norms()), list(s.quadrants.Norms())),
	}
}

// unfold writes levels out, each as often as it occurs.
func unfold(levels []theory.Level) []float64 {
	var values []float64
	for _, l := range levels {
		for range l.Multiplicity {
			values = append(values, l.Value)
		}
	}
	return values
}

// shareOfLargest returns the largest distance between two lists, the shorter one
// continued by zeros, as a share of the largest value in either; 0 if all are 0.
func shareOfLargest(a, b []float64) float64 {
	at := func(v []float64, i int) float64 {
		if i < len(v) {
			return v[i]
		}
		return 0
	}
	distance, largest := 0.0, 0.0
	for i := range max(len(a), len(b)) {
		distance = math.Max(distance, math.Abs(at(a, i)-at(b, i)))
		largest = math.Max(largest, math.Max(at(a, i), at(b, i)))
	}
	if largest == 0 {
		return 0
	}
	return distance / largest
}

func (d spectrumDeviation) max(o spectrumDeviation) spectrumDeviation {
	return spectrumDeviation{
		singularValues:   math.Max(d.singularValues, o.singularValues),
		inputEigenvalues: math.Max(d.inputEigenvalues, o.inputEigenvalues),
		asymptotes:       math.Max(d.asymptotes, o.asymptotes),
		quadrants:        math.Max(d.quadrants, o.quadrants),
	}
}

// largestSpectrumDeviation compares all given datasets on all cores. closed is
// the closed form to compare, a parameter so that a test can plant a wrong one.
func largestSpectrumDeviation(ctx context.Context, grid []dataset.Point, closed func(dataset.Point) closedSpectrum) (spectrumDeviation, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	workers := runtime.GOMAXPROCS(0)
	found := make([]spectrumDeviation, workers)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			// Every worker takes every workers-th point: neighbours in the grid cost
			// about the same.
			for i := w; i < len(grid) && ctx.Err() == nil; i += workers {
				numerical, err := decompose(grid[i])
				if err != nil {
					stop(err)
					return
				}
				found[w] = found[w].max(closed(grid[i]).deviation(numerical))
			}
		})
	}
	group.Wait()
	largest := spectrumDeviation{}
	for _, d := range found {
		largest = largest.max(d)
	}
	return largest, context.Cause(ctx)
}

// spectrumTolerance bounds the rounding of the decompositions. A backward-stable
// solver leaves errors of c·n·u·‖A‖ with unit roundoff u = 2⁻⁵³ and c of the
// order of 10; through the pseudo-inverse they grow by the condition of Σ_x. At
// n ≤ 3·32 + 5 = 101 and condition ≤ 129 (see spectrumStrengths) n·u·129 =
// 1.4·10⁻¹², which leaves c a factor of 70.
const spectrumTolerance = 1e-10

func judgeSpectrum(ctx context.Context, _ Evidence) (*Outcome, error) {
	grid := spectrumGrid()
	d, err := largestSpectrumDeviation(ctx, grid, closedForm)
	if err != nil {
		return nil, err
	}
	fig, err := spectrumFigure()
	if err != nil {
		return nil, err
	}
	claim := func(name, title string, measured float64, of string) results.Claim {
		return results.NewClaim("spectrum/"+name, title, measured, results.AtMost, spectrumTolerance, paperDatasets,
			fmt.Sprintf("largest difference of %s over %d datasets, zeros included, as a share of the largest of its dataset", of, len(grid)))
	}
	return &Outcome{
		Claims: []results.Claim{
			claim("singular-values", "closed-form singular values of Σ_yx are those of a numerical decomposition",
				d.singularValues, "any singular value of Σ_yx"),
			claim("input-eigenvalues", "closed-form eigenvalues of Σ_x are those of a numerical decomposition",
				d.inputEigenvalues, "any eigenvalue of Σ_x"),
			claim("asymptotes", "closed-form asymptotes are the singular values of the least-squares map",
				d.asymptotes, "any singular value of Σ_yx Σ_x⁺"),
			claim("quadrants", "closed-form final quadrant norms are those of the least-squares map",
				d.quadrants, "any quadrant norm of Σ_yx Σ_x⁺"),
		},
		Figures: []figure.Figure{fig},
	}, nil
}
