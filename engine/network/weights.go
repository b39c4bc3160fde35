package network

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/random"
)

// Weights are the weights of a network: for each module its layers from the
// first (W1, hidden × input) to the last (output × hidden).
type Weights struct {
	Modules [][]*mat.Dense
}

// Initial draws a network's initial weights, independent normals of standard
// deviation sigma. Element (i, j) of layer l of module m is normal number
// i·cols + j of stream layer m·256 + l: a function of (seed, point, element)
// alone, so the same network has the same weights in whatever order, batch or
// thread it is made. The architecture must have passed [Architecture.At] p.
//
// It returns an error if sigma is not allowed ([CheckScale]), or if a layer is too
// large to form.
func Initial(a Architecture, p dataset.Point, stream random.Stream, sigma float64) (*Weights, error) {
	if err := CheckScale(sigma); err != nil {
		return nil, err
	}
	if err := a.CheckSizes(p); err != nil {
		return nil, err
	}
	w := &Weights{}
	for m, module := range a.Modules {
		shape := module.Shape(p)
		var layers []*mat.Dense
		for l := 0; l+1 < len(shape); l++ {
			rows, cols := shape[l+1], shape[l]
			values := make([]float64, rows*cols)
			stream.Normals(values, InitialLayer(m, l))
			for i := range values {
				values[i] *= sigma
			}
			layers = append(layers, mat.NewDense(rows, cols, values))
		}
		w.Modules = append(w.Modules, layers)
	}
	return w, nil
}

// InitialLayer is the layer of the random stream that the initial weights of layer l of
// module m are drawn from.
func InitialLayer(m, l int) uint32 { return uint32(m*256 + l) }

// CheckSizes returns an error if a layer of weights, or the product of a module's
// layers up to one, would have more than dataset.MaxElements elements. The
// architecture must have passed [Architecture.At] p.
func (a Architecture) CheckSizes(p dataset.Point) error {
	for m, module := range a.Modules {
		shape := module.Shape(p)
		for l := range shape[1:] {
			if rows, cols := shape[l+1], shape[l]; rows > dataset.MaxElements/cols {
				return fmt.Errorf("layer %d of module %d would have %d × %d weights, more than the %d that are held at once; use fewer bits, copies or hidden units", l+1, m+1, rows, cols, dataset.MaxElements)
			}
			if rows, cols := shape[l+1], shape[0]; rows > dataset.MaxElements/cols {
				return fmt.Errorf("the product of the first %d layers of module %d would have %d × %d elements, more than the %d that are held at once; use fewer bits, copies or hidden units", l+1, m+1, rows, cols, dataset.MaxElements)
			}
		}
	}
	return nil
}

// MinScale and MaxScale bound the standard deviation of initial weights, unless it
// is 0. Within them the weights are normal numbers of float32 too, and what theory
// makes of them in float64, squares of weights and sums of up to 2²⁰·2²³ of these,
// neither underflows to 0 nor overflows.
const (
	MinScale = 1e-30
	MaxScale = 1e30
)

// CheckScale returns an error unless sigma can be the standard deviation of
// initial weights: 0, or [MinScale] to [MaxScale].
func CheckScale(sigma float64) error {
	if sigma != 0 && !(sigma >= MinScale && sigma <= MaxScale) {
		return fmt.Errorf("the initial scale is %v, but must be 0 or %g to %g", sigma, MinScale, MaxScale)
	}
	return nil
}

// Clone returns a deep copy.
func (w *Weights) Clone() *Weights {
	c := &Weights{Modules: make([][]*mat.Dense, len(w.Modules))}
	for m, layers := range w.Modules {
		for _, l := range layers {
			c.Modules[m] = append(c.Modules[m], mat.DenseCopyOf(l))
		}
	}
	return c
}

// Finite reports whether all weights are finite numbers.
func (w *Weights) Finite() bool {
	for _, layers := range w.Modules {
		for _, layer := range layers {
			if !FiniteLayer(layer) {
				return false
			}
		}
	}
	return true
}

// FiniteLayer reports whether all weights of a layer are finite numbers.
func FiniteLayer(layer *mat.Dense) bool {
	for _, v := range layer.RawMatrix().Data {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// Check returns an error unless w has the modules, layers and shapes of the
// architecture at p and only finite values.
func (w *Weights) Check(a Architecture, p dataset.Point) error {
	if len(w.Modules) != len(a.Modules) {
		return fmt.Errorf("there are weights for %d modules, but the %s architecture has %d here", len(w.Modules), a.Name, len(a.Modules))
	}
	for m, module := range a.Modules {
		shape := module.Shape(p)
		if len(w.Modules[m]) != len(shape)-1 {
			return fmt.Errorf("module %d has %d layers of weights, but must have %d", m+1, len(w.Modules[m]), len(shape)-1)
		}
		for l, layer := range w.Modules[m] {
			if err := checkLayer(layer, shape[l+1], shape[l]); err != nil {
				return fmt.Errorf("module %d, %s %w", m+1, LayerName(l, len(shape)-1), err)
			}
		}
	}
	return nil
}

// checkLayer reports what keeps a matrix from being a layer of finite weights. It
// goes by rows, because a matrix that is part of a larger one has gaps between
// them.
func checkLayer(layer *mat.Dense, rows, cols int) error {
	if layer == nil {
		return fmt.Errorf("is missing, but must be %d × %d (output × input)", rows, cols)
	}
	if r, c := layer.Dims(); r != rows || c != cols {
		return fmt.Errorf("is %d × %d, but must be %d × %d (output × input)", r, c, rows, cols)
	}
	for i := range rows {
		for _, v := range layer.RawRowView(i) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("holds %v, but weights must be finite", v)
			}
		}
	}
	return nil
}

// ModuleMap returns the map of one module, W_L ⋯ W_2 W_1 (its outputs × inputs).
func (w *Weights) ModuleMap(m int) *mat.Dense {
	product := mat.DenseCopyOf(w.Modules[m][0])
	for _, layer := range w.Modules[m][1:] {
		var next mat.Dense
		next.Mul(layer, product)
		product = &next
	}
	return product
}

// Map returns the network's whole map M, n_out × n_in: each module's map added
// into the blocks that it reads and writes.
func (w *Weights) Map(a Architecture, p dataset.Point) *mat.Dense {
	total := mat.NewDense(p.Outputs(), p.Inputs(), nil)
	for m, module := range a.Modules {
		part := module.Part(total, p)
		part.Add(part, w.ModuleMap(m))
	}
	return total
}

// Part returns the part of an n_out × n_in matrix that a module occupies: the rows
// of the blocks that it writes and the columns of those that it reads. It
// shares memory with the matrix.
func (m Module) Part(whole *mat.Dense, p dataset.Point) *mat.Dense {
	outLo, outHi := p.OutputRange(m.Writes)
	inLo, inHi := p.InputRange(m.Reads)
	return whole.Slice(outLo, outHi, inLo, inHi).(*mat.Dense)
}

// LayerName is the name of layer l (from 0) of a module of the given number of
// layers, as weights files have it: w for a shallow module, else w1, w2, ….
func LayerName(l, layers int) string {
	if layers == 1 {
		return "w"
	}
	return fmt.Sprintf("w%d", l+1)
}
