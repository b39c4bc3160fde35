package dataset_test

import (
	"encoding/json"
	"os"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
)

// goldenCase is what this package can check of a case of datasets.json; see the
// README beside that file.
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
	Examples, Inputs, Outputs int
	X, Y                      [][]float64
}

func (c goldenCase) point() dataset.Point {
	return dataset.Point{
		Bits: c.Point.Bits, InputBits: c.Point.InputRows, OutputBits: c.Point.OutputRows,
		KX: c.Point.KX, KY: c.Point.KY, R: c.Point.R,
	}
}

// The matrices of the independent program equal ours exactly.
func TestGoldenMatrices(t *testing.T) {
	data, err := os.ReadFile("../../testdata/golden/datasets.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []goldenCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	matrices := 0
	for _, c := range cases {
		p := c.point()
		if p.Examples() != c.Examples || p.Inputs() != c.Inputs || p.Outputs() != c.Outputs {
			t.Errorf("%s: P, n_in, n_out are %d, %d, %d, want %d, %d, %d",
				c.Name, p.Examples(), p.Inputs(), p.Outputs(), c.Examples, c.Inputs, c.Outputs)
		}
		if c.X == nil {
			continue
		}
		matrices++
		x, err := p.X()
		if err != nil {
			t.Fatal(err)
		}
		y, err := p.Y()
		if err != nil {
			t.Fatal(err)
		}
		identical(t, c.Name+" X", x, dense(c.X))
		identical(t, c.Name+" Y", y, dense(c.Y))
	}
	if matrices == 0 {
		t.Error("no case has matrices")
	}
}

func dense(rows [][]float64) *mat.Dense {
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, row := range rows {
		m.SetRow(i, row)
	}
	return m
}
