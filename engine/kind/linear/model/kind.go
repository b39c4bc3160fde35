package model

import (
	"fmt"
	"strconv"
	"strings"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/number"
	"modspec/engine/results"
	"modspec/engine/train"
)

// Kind is the kind of modular linear networks.
var Kind kind

type kind struct{}

var (
	_ train.Summarizer = Kind
	_ train.Strict     = Kind
)

// Name implements train.Kind.
func (kind) Name() string { return "linear" }

// Doc implements train.Kind.
func (kind) Doc() string {
	return "modular linear networks on datasets of compositional and non-compositional features"
}

// Parameters implements train.Kind.
func (kind) Parameters() results.Schema { return linear.Parameters }

// Metrics implements train.Kind.
func (kind) Metrics() results.Schema { return linear.Metrics }

// Summary implements train.Summarizer.
func (kind) Summary() results.Schema { return linear.Summary }

// The places of the parameters in [linear.Parameters].
const (
	bitsParameter = iota
	nxParameter
	nyParameter
	kxParameter
	kyParameter
	rParameter
	inputBitsParameter
	outputBitsParameter
	archParameter
	modulesParameter
	hiddenParameter
	depthParameter
	ruleParameter
	gammaParameter
	betaParameter
	lrParameter
	initScaleParameter
	stepsParameter
	trainExamplesParameter
	batchParameter
	parameterCount
)

// Conflicts implements train.Strict.
func (kind) Conflicts() []train.Conflict {
	return []train.Conflict{
		{One: "arch", Other: "modules", Remedy: "both name an architecture; leave one of them out (a dense network as modules is both>both)"},
		{One: "input_bits", Other: "nx", Remedy: "both say how many bits there are; leave nx out"},
		{One: "output_bits", Other: "ny", Remedy: "both say how many bits there are; leave ny out"},
	}
}

// CheckText implements train.Strict.
func (kind) CheckText(parameter, text string) (string, error) {
	if parameter == "modules" {
		// The widths that modules leave open are given by hidden and depth; here any
		// will do to see that the text is one.
		_, err := network.ParseModules(text, 1)
		return strings.Join(strings.Fields(text), " "), err
	}
	rows, err := parseRows(text)
	if err != nil {
		return "", err
	}
	if len(rows) == 0 {
		return noRows, nil
	}
	return rowsText(rows), nil
}

// parseRows reads rows of Ω such as "0,2"; "none" is the empty list of rows.
func parseRows(text string) ([]int, error) {
	if strings.TrimSpace(text) == noRows {
		return []int{}, nil
	}
	var rows []int
	for _, part := range strings.Split(text, ",") {
		n, err := number.Whole(strings.TrimSpace(part), 0, dataset.MaxBits-1)
		if err != nil {
			return nil, fmt.Errorf("a row of Ω %w; rows stand with commas between them, such as \"0,2\", or %s for no row", err, noRows)
		}
		if len(rows) > 0 && n <= rows[len(rows)-1] {
			return nil, fmt.Errorf("rows are %s, but must be ascending without repeats", number.Quote(text))
		}
		rows = append(rows, n)
	}
	return rows, nil
}

// noRows stands for an empty list of rows in a setting, where an empty text would look
// like a missing value.
const noRows = "none"

// rowsText writes rows as results and identities have them: "0,2", or "" for none.
func rowsText(rows []int) string {
	parts := make([]string, len(rows))
	for i, r := range rows {
		parts[i] = strconv.Itoa(r)
	}
	return strings.Join(parts, ",")
}
