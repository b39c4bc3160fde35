package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"modspec/engine/dataset"
	"modspec/engine/number"
)

// pointFlags are the flags that name a dataset; their defaults are the dataset
// of the paper's dynamics figures.
type pointFlags struct {
	bits, nx, ny, kx, ky  int
	r                     float64
	inputBits, outputBits string
	set                   *pflag.FlagSet
}

func (f *pointFlags) add(set *pflag.FlagSet) {
	f.set = set
	numberVar(set, &f.bits, "bits", 3, fmt.Sprintf("n, %d to %d; there are 2ⁿ examples", dataset.MinBits, dataset.MaxBits))
	numberVar(set, &f.nx, "nx", 3, "n_x, compositional inputs, at most bits (default: bits)")
	numberVar(set, &f.ny, "ny", 1, "n_y, compositional outputs, at most n_x")
	numberVar(set, &f.kx, "kx", 3, "k_x, copies of r·I in the input")
	numberVar(set, &f.ky, "ky", 1, "k_y, copies of r·I in the output")
	numberVar(set, &f.r, "r", 1, "strength of the non-compositional features, ≥ 0")
	set.StringVar(&f.inputBits, "input-bits", "", "rows of Ω that the input has, such as 0,2 (default: the first n_x)")
	set.StringVar(&f.outputBits, "output-bits", "", "rows of Ω that the output has, such as 1 (default: the first n_y)")
	set.Lookup("nx").DefValue = "0" // shown as no default: it follows --bits
}

// point returns the dataset that the flags name, or an error that says which
// value is not allowed.
func (f *pointFlags) point() (dataset.Point, error) {
	// Out-of-range bits are refused first, since the default of n_x follows them.
	if !f.set.Changed("nx") {
		f.nx = f.bits
	}
	for _, c := range []struct {
		name  string
		value int
	}{{"nx", f.nx}, {"ny", f.ny}} {
		if c.value < 0 {
			return dataset.Point{}, badInput(fmt.Errorf("--%s is %d, but must be 0 or more", c.name, c.value))
		}
	}
	// Counts past the largest space are cut to one more than it allows: still
	// refused, without first making a list of that length.
	p := dataset.NewPoint(f.bits, min(f.nx, dataset.MaxBits+1), min(f.ny, dataset.MaxBits+1), f.kx, f.ky, f.r)
	for _, rows := range []struct {
		flag, count, text string
		to                *[]int
	}{{"input-bits", "nx", f.inputBits, &p.InputBits}, {"output-bits", "ny", f.outputBits, &p.OutputBits}} {
		if !f.set.Changed(rows.flag) {
			continue
		}
		list, err := parseRows(rows.text)
		if err != nil {
			return p, badInput(fmt.Errorf("--%s: %w", rows.flag, err))
		}
		if f.set.Changed(rows.count) && len(list) != len(*rows.to) {
			return p, badInput(fmt.Errorf("--%s names %d rows, but --%s is %d; leave one of them out", rows.flag, len(list), rows.count, len(*rows.to)))
		}
		*rows.to = list
	}
	return p, badInput(p.Validate())
}

// parseRows reads a list of rows such as "0,2"; the empty text is no row.
func parseRows(text string) ([]int, error) {
	rows := []int{}
	if strings.TrimSpace(text) == "" {
		return rows, nil
	}
	for _, part := range strings.Split(text, ",") {
		n, err := number.Whole(strings.TrimSpace(part), 0, dataset.MaxBits-1)
		if err != nil {
			return nil, fmt.Errorf("a row of Ω %w; rows stand with commas between them, such as 0,2", err)
		}
		rows = append(rows, n)
	}
	return rows, nil
}

// pointJSON is a dataset as it stands in results.
type pointJSON struct {
	Bits       int     `json:"bits"`
	NX         int     `json:"nx"`
	NY         int     `json:"ny"`
	KX         int     `json:"kx"`
	KY         int     `json:"ky"`
	R          float64 `json:"r"`
	InputBits  []int   `json:"input_bits"`
	OutputBits []int   `json:"output_bits"`
}

func newPointJSON(p dataset.Point) pointJSON {
	return pointJSON{p.Bits, p.NX(), p.NY(), p.KX, p.KY, p.R, p.InputBits, p.OutputBits}
}
