package network

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
)

// A weights file is one JSON object,
//
//	{"modules": [{"w1": [[…]], "w2": [[…]]}, …]}
//
// with one object a module in the architecture's order (split: Ω_y's first), each
// layer a list of rows; a shallow module is {"w": [[…]]}, deeper ones go on with
// w3 and so on. Layer is how one of them is kept: as text when the file is read,
// so that what is wrong with it can be said with its name.
type weightsFile[Layer any] struct {
	Modules []map[string]Layer `json:"modules"`
}

// ReadWeights reads a weights file for an architecture at a point (which must
// have passed [Architecture.At]). It returns an error that names the module and
// layer if anything is missing, unknown, not a finite number, or of the wrong
// shape.
func ReadWeights(r io.Reader, a Architecture, p dataset.Point) (*Weights, error) {
	decoder := json.NewDecoder(bufio.NewReader(r))
	decoder.DisallowUnknownFields()
	var file weightsFile[json.RawMessage]
	if err := decoder.Decode(&file); err != nil {
		return nil, fmt.Errorf(`weights must be JSON of the form {"modules":[{"w1":[[…]],"w2":[[…]]}]}: %w`, err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("weights must be one JSON object, but more follows it")
	}
	if len(file.Modules) != len(a.Modules) {
		return nil, fmt.Errorf("there are weights for %d modules, but the %s architecture has %d here", len(file.Modules), a.Name, len(a.Modules))
	}
	w := &Weights{}
	for m, module := range a.Modules {
		layers, err := readLayers(file.Modules[m], len(module.Shape(p))-1)
		if err != nil {
			return nil, fmt.Errorf("module %d: %w", m+1, err)
		}
		w.Modules = append(w.Modules, layers)
	}
	if err := w.Check(a, p); err != nil {
		return nil, err
	}
	return w, nil
}

func readLayers(named map[string]json.RawMessage, count int) ([]*mat.Dense, error) {
	names := make([]string, count)
	for l := range names {
		names[l] = LayerName(l, count)
	}
	var layers []*mat.Dense
	for _, name := range names {
		text, ok := named[name]
		if !ok {
			return nil, fmt.Errorf("layer %q is missing: the module has %s", name, strings.Join(names, ", "))
		}
		layer, err := readLayer(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		layers = append(layers, layer)
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("there is a layer %q, but the module has only %s", name, strings.Join(names, ", "))
		}
	}
	return layers, nil
}

// readLayer reads a matrix as a list of its rows. Entries are read as pointers,
// because null, which is what many programs write for NaN, would otherwise be
// taken for 0.
func readLayer(text json.RawMessage) (*mat.Dense, error) {
	var rows [][]*float64
	if err := json.Unmarshal(text, &rows); err != nil {
		return nil, fmt.Errorf("it must be a list of rows of numbers: %w", err)
	}
	if len(rows) == 0 || len(rows[0]) == 0 {
		return nil, fmt.Errorf("the matrix is empty")
	}
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, row := range rows {
		if len(row) != len(rows[0]) {
			return nil, fmt.Errorf("row %d has %d entries, but row 0 has %d", i, len(row), len(rows[0]))
		}
		for j, v := range row {
			if v == nil {
				return nil, fmt.Errorf("row %d, entry %d is null, but weights must be finite numbers", i, j)
			}
			m.Set(i, j, *v)
		}
	}
	return m, nil
}

// WriteWeights writes w in the form that [ReadWeights] reads. Numbers are
// written so that they read back as the same float64.
func WriteWeights(out io.Writer, w *Weights) error {
	file := weightsFile[[][]float64]{Modules: []map[string][][]float64{}}
	for _, layers := range w.Modules {
		named := map[string][][]float64{}
		for l, layer := range layers {
			named[LayerName(l, len(layers))] = Rows(layer)
		}
		file.Modules = append(file.Modules, named)
	}
	return json.NewEncoder(out).Encode(file)
}

// Rows returns a matrix as a list of its rows, the form in which it is written
// as JSON.
func Rows(m *mat.Dense) [][]float64 {
	n, _ := m.Dims()
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = append([]float64(nil), m.RawRowView(i)...)
	}
	return rows
}
