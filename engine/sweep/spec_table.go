package sweep

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"modspec/engine/dataset"
	"modspec/engine/network"
	"modspec/engine/number"
	"modspec/engine/yamlfile"
)

// parameter numbers the parameters of a sweep in the order of the table. The
// order is that of a grid, and it numbers the random draws, so a new parameter
// goes to the end.
type parameter int

const (
	bitsParameter parameter = iota
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

// valueKind says what a parameter's values are.
type valueKind int

const (
	wholeKind      valueKind = iota // a whole number
	wholeOrAllKind                  // a whole number, or "all" for as many as there are
	realKind                        // a number
	nameKind                        // one of a list of names
	rowsKind                        // rows of Ω, "0,2"
	modulesKind                     // modules of one's own
)

// MaxSteps bounds a copy's updates, as modspec train does.
const MaxSteps = 100_000_000

// definition is one row of the table of parameters: its name in a sweep file,
// what values it takes and from where to where.
type definition struct {
	name     string
	kind     valueKind
	min, max float64  // of numbers
	least    float64  // of numbers above 0, where there is one
	names    []string // of nameKind
}

// table holds the parameters of a sweep: the flags of modspec train that shape a
// run, with underscores, in the order of results.Parameters.
var table = [parameterCount]definition{
	bitsParameter:          {name: "bits", kind: wholeKind, min: dataset.MinBits, max: dataset.MaxBits},
	nxParameter:            {name: "nx", kind: wholeOrAllKind, min: 0, max: dataset.MaxBits},
	nyParameter:            {name: "ny", kind: wholeOrAllKind, min: 0, max: dataset.MaxBits},
	kxParameter:            {name: "kx", kind: wholeKind, min: 0, max: dataset.MaxCopies},
	kyParameter:            {name: "ky", kind: wholeKind, min: 0, max: dataset.MaxCopies},
	rParameter:             {name: "r", kind: realKind, min: 0, max: dataset.MaxR, least: dataset.MinR},
	inputBitsParameter:     {name: "input_bits", kind: rowsKind},
	outputBitsParameter:    {name: "output_bits", kind: rowsKind},
	archParameter:          {name: "arch", kind: nameKind, names: network.Names},
	modulesParameter:       {name: "modules", kind: modulesKind},
	hiddenParameter:        {name: "hidden", kind: wholeKind, min: 1, max: network.MaxUnits},
	depthParameter:         {name: "depth", kind: wholeKind, min: 0, max: network.MaxDepth},
	ruleParameter:          {name: "rule", kind: nameKind, names: network.RuleNames},
	gammaParameter:         {name: "gamma", kind: realKind, min: -math.MaxFloat64, max: math.MaxFloat64},
	betaParameter:          {name: "beta", kind: realKind, min: -math.MaxFloat64, max: math.MaxFloat64},
	lrParameter:            {name: "lr", kind: realKind, min: 0, max: math.MaxFloat64},
	initScaleParameter:     {name: "init_scale", kind: realKind, min: 0, max: network.MaxScale, least: network.MinScale},
	stepsParameter:         {name: "steps", kind: wholeKind, min: 0, max: MaxSteps},
	trainExamplesParameter: {name: "train_examples", kind: wholeOrAllKind, min: 1, max: 1 << dataset.MaxBits},
	batchParameter:         {name: "batch", kind: wholeOrAllKind, min: 1, max: 1 << dataset.MaxBits},
}

// parameterNames are the names of the table, in its order.
var parameterNames = func() []string {
	names := make([]string, parameterCount)
	for i, d := range table {
		names[i] = d.name
	}
	return names
}()

// parameterByName returns the parameter of a name, or -1.
func parameterByName(name string) parameter {
	return parameter(slices.Index(parameterNames, name))
}

// numeric reports whether the parameter's values are numbers.
func (d *definition) numeric() bool { return d.kind <= realKind }

// whole reports whether the parameter's numbers are whole.
func (d *definition) whole() bool { return d.kind <= wholeOrAllKind }

// maxWhole bounds the whole numbers of a range of reals: all up to it are exact in
// float64.
const maxWhole = 1 << 53

// number reads a number that may stand as the parameter's value, whatever the
// others are.
func (d *definition) number(n *yamlfile.Node) (float64, error) {
	if d.whole() {
		v, err := yamlfile.Whole(n, int(d.min), int(d.max))
		switch {
		case err == nil:
			return float64(v), nil
		case d.kind == wholeOrAllKind:
			return 0, fmt.Errorf("%s %w, or all", d.name, err)
		}
		return 0, fmt.Errorf("%s %w", d.name, err)
	}
	v, err := n.Real()
	switch {
	case err != nil:
		return 0, fmt.Errorf("%s %w", d.name, err)
	case v < d.min || v > d.max || v > 0 && v < d.least:
		return 0, fmt.Errorf("%s is %s, but must be %s", d.name, numberText(v), d.bounds())
	}
	return v, nil
}

// bounds says which real numbers are allowed; all are finite.
func (d *definition) bounds() string {
	switch {
	case d.max == math.MaxFloat64:
		return "a finite number ≥ 0"
	case d.least > 0:
		return fmt.Sprintf("0 or %s to %s", numberText(d.least), numberText(d.max))
	}
	return fmt.Sprintf("%s to %s", numberText(d.min), numberText(d.max))
}

// numberText writes a number so that it reads back as the same float64, whole ones
// of common size without an exponent.
func numberText(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatInt(int64(v), 10)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// A Value is what a parameter is set to.
type Value struct {
	Number float64 // of a number
	Text   string  // of a name, rows or modules; "all" for as many as there are
}

// all is the value "as many as there are": n_x of the bits, n_y of n_x, training
// examples of P, a batch of the training examples.
const all = "all"

// String returns the value as it is written in a sweep file, without quotes.
func (v Value) String() string {
	if v.Text != "" {
		return v.Text
	}
	return numberText(v.Number)
}

// parseRows reads rows of Ω such as "0,2" and returns them in that form without
// spaces; "none" is the empty list of rows.
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

// noRows stands for an empty list of rows in a sweep file, where nothing at all
// would look like a value that was forgotten.
const noRows = "none"

// rowsText writes rows as results and identities have them: "0,2", or "" for none.
func rowsText(rows []int) string {
	parts := make([]string, len(rows))
	for i, r := range rows {
		parts[i] = strconv.Itoa(r)
	}
	return strings.Join(parts, ",")
}
