package theory_test

import (
	"encoding/json"
	"os"
	"sort"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/theory"
)

// goldenCase is a case of datasets.json; see the README beside that file.
type goldenCase struct {
	Name  string
	Point struct {
		Bits       int
		InputRows  []int `json:"input_rows"`
		OutputRows []int `json:"output_rows"`
		KX         int   `json:"k_x"`
		KY         int   `json:"k_y"`
		R          float64
	}
	SigmaXEigenvalues     []float64 `json:"sigma_x_eigenvalues"`
	SigmaYXSingularValues []float64 `json:"sigma_yx_singular_values"`
	ModeInputEigenvalues  []float64 `json:"mode_input_eigenvalues"`
	ModeStrengths         []float64 `json:"mode_strengths"`
	Quadrants             map[string]float64
	Rounding              float64
}

func (c goldenCase) point() dataset.Point {
	return dataset.Point{
		Bits: c.Point.Bits, InputBits: c.Point.InputRows, OutputBits: c.Point.OutputRows,
		KX: c.Point.KX, KY: c.Point.KY, R: c.Point.R,
	}
}

// The independent program decomposes explicit matrices; each case says how far
// rounding may carry it, relative to the largest number of a group.
func TestGoldenSpectra(t *testing.T) {
	data, err := os.ReadFile("../../testdata/golden/datasets.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []goldenCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatal("the file has no cases")
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			p := c.point()
			bound := 2 * c.Rounding * unitRoundoff
			compareGroup(t, "eigenvalues of Σ_x", expand(t, theory.InputEigenvalues(p, dataset.Whole)), c.SigmaXEigenvalues, bound)
			compareGroup(t, "singular values of Σ_yx", expand(t, theory.SingularValues(p, dataset.Whole)), c.SigmaYXSingularValues, bound)

			var deltas, strengths []float64
			for _, m := range sortedModes(p) {
				for range m.Multiplicity {
					deltas = append(deltas, m.InputEigenvalue)
					strengths = append(strengths, m.Asymptote())
				}
			}
			compareGroup(t, "δ of the modes", deltas, c.ModeInputEigenvalues, bound)
			compareGroup(t, "strengths of the modes", strengths, c.ModeStrengths, bound)

			q := theory.FinalQuadrants(p, dataset.Whole)
			compareGroup(t, "quadrants",
				[]float64{q.OmegaOmega, q.GammaOmega, q.OmegaGamma, q.GammaGamma},
				[]float64{c.Quadrants["omega_x_to_omega_y"], c.Quadrants["gamma_x_to_omega_y"], c.Quadrants["omega_x_to_gamma_y"], c.Quadrants["gamma_x_to_gamma_y"]}, bound)
		})
	}
}

// sortedModes are the modes in the file's order: λ descending, and δ descending
// among those whose λ is the same but for rounding.
func sortedModes(p dataset.Point) []theory.Mode {
	modes := theory.Modes(p, dataset.Whole)
	sort.SliceStable(modes, func(i, j int) bool {
		a, b := modes[i], modes[j]
		if d := a.SingularValue - b.SingularValue; d > gamma(8)*a.SingularValue || -d > gamma(8)*b.SingularValue {
			return d > 0
		}
		return a.InputEigenvalue > b.InputEigenvalue
	})
	return modes
}

// compareGroup compares numbers that are judged by the largest of them.
func compareGroup(t *testing.T, name string, got, want []float64, bound float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: there are %d, want %d", name, len(got), len(want))
	}
	largest := 0.0
	for _, v := range want {
		largest = max(largest, v)
	}
	for i := range want {
		near(t, name, got[i], want[i], bound*largest)
	}
}
