package network

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
)

// weightsFile is the form of a weights file,
//
//	{"modules": [{"w1": [[…]], "w2": [[…]]}, …]}
//
// one object a module in the architecture's order (split: Ω_y's first), each
// layer a list of rows; a shallow module is {"w": [[…]]}, deeper ones go on with
// w3 and so on.
type weightsFile struct {
	Modules []map[string][][]float64 `json:"modules"`
}

// ReadWeights reads a weights file for an architecture at a point (which must
// have passed [Architecture.At]). It returns an error that names the module and
// layer if anything is missing, unknown, or of the wrong shape.
func ReadWeights(r io.Reader, a Architecture, p dataset.Point) (*Weights, error) {
	decoder := json.NewDecoder(bufio.NewReader(r))
	decoder.DisallowUnknownFields()
	var file weightsFile
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

func readLayers(named map[string][][]float64, count int) ([]*mat.Dense, error) {
	var layers []*mat.Dense
	for l := 0; l < count; l++ {
		name := layerName(l, count)
		rows, ok := named[name]
		if !ok {
			return nil, fmt.Errorf("layer %q is missing: the module has %d of them", name, count)
		}
		layer, err := fromRows(rows)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		layers = append(layers, layer)
		delete(named, name)
	}
	for name := range named {
		return nil, fmt.Errorf("there is a layer %q, but the module has %d, called %s to %s", name, count, layerName(0, count), layerName(count-1, count))
	}
	return layers, nil
}

func fromRows(rows [][]float64) (*mat.Dense, error) {
	if len(rows) == 0 || len(rows[0]) == 0 {
		return nil, fmt.Errorf("the matrix is empty")
	}
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, row := range rows {
		if len(row) != len(rows[0]) {
			return nil, fmt.Errorf("row %d has %d entries, but row 0 has %d", i, len(row), len(rows[0]))
		}
		m.SetRow(i, row)
	}
	return m, nil
}

// WriteWeights writes w in the form that [ReadWeights] reads. Numbers are
// written so that they read back as the same float64.
func WriteWeights(out io.Writer, w *Weights) error {
	file := weightsFile{Modules: []map[string][][]float64{}}
	for _, layers := range w.Modules {
		named := map[string][][]float64{}
		for l, layer := range layers {
			named[layerName(l, len(layers))] = Rows(layer)
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
