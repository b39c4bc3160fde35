package network_test

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/network"
	"modspec/engine/random"
)

func initial(t *testing.T, a network.Architecture, p dataset.Point, s random.Stream, sigma float64) *network.Weights {
	t.Helper()
	w, err := network.Initial(a, p, s, sigma)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// Element (i, j) of layer l of module m is σ times normal number i·cols + j of
// stream layer 256m + l, drawn here one by one and backwards: no order counts.
func TestInitialIsAFunctionOfTheElement(t *testing.T) {
	const sigma = 0.02
	stream := random.Stream{Seed: 7, Point: 1 << 40}
	for _, arch := range []network.Architecture{network.Shallow(), network.Dense(5), network.Split(4, 3), network.Partitioned(6)} {
		w := initial(t, arch, paper, stream, sigma)
		if err := w.Check(arch, paper); err != nil {
			t.Fatal(err)
		}
		for m := len(w.Modules) - 1; m >= 0; m-- {
			for l := len(w.Modules[m]) - 1; l >= 0; l-- {
				rows, cols := w.Modules[m][l].Dims()
				for i := rows - 1; i >= 0; i-- {
					for j := cols - 1; j >= 0; j-- {
						want := sigma * stream.Normal(uint32(m*256+l), uint32(i*cols+j))
						if got := w.Modules[m][l].At(i, j); got != want {
							t.Fatalf("%s, module %d, layer %d, element (%d, %d) is %v, want %v", arch.Name, m, l, i, j, got, want)
						}
					}
				}
			}
		}
	}
}

// Changing what comes later in a network leaves what comes before as it is.
func TestInitialDoesNotDependOnOtherLayers(t *testing.T) {
	stream := random.Stream{Seed: 3}
	deep, dense := initial(t, network.Dense(5, 4, 3), paper, stream, 1), initial(t, network.Dense(5), paper, stream, 1)
	if !mat.Equal(deep.Modules[0][0], dense.Modules[0][0]) {
		t.Error("W1 depends on how many layers follow it")
	}
	two := network.Architecture{Modules: append(network.Dense(5).Modules, network.Shallow().Modules...)}
	if w := initial(t, two, paper, stream, 1); !mat.Equal(w.Modules[0][1], dense.Modules[0][1]) {
		t.Error("W2 depends on whether another module follows")
	}
}

// All weights of a network are standard normals times σ. Of n independent ones
// the mean has standard error σ/√n and the mean square σ²√(2/n); the correlation
// of two layers has 1/√n. Five standard errors are passed once in a million seeds.
func TestInitialHasItsMoments(t *testing.T) {
	const sigma = 0.3
	w := initial(t, network.Split(200, 50), dataset.NewPoint(4, 4, 2, 3, 1, 1), random.Stream{Seed: 11, Point: 5}, sigma)
	for m, layers := range w.Modules {
		for l, layer := range layers {
			values := layer.RawMatrix().Data
			n := float64(len(values))
			mean, square := 0.0, 0.0
			for _, v := range values {
				mean += v / n
				square += v * v / n
			}
			if math.Abs(mean) > 5*sigma/math.Sqrt(n) {
				t.Errorf("module %d, layer %d: the mean of %v weights is %v", m, l, n, mean)
			}
			if math.Abs(square-sigma*sigma) > 5*sigma*sigma*math.Sqrt(2/n) {
				t.Errorf("module %d, layer %d: the mean square of %v weights is %v, want %v", m, l, n, square, sigma*sigma)
			}
		}
	}
	a, b := w.Modules[0][0].RawMatrix().Data, w.Modules[1][0].RawMatrix().Data
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i] / (sigma * sigma)
	}
	if n := float64(len(a)); math.Abs(sum/n) > 5/math.Sqrt(n) {
		t.Errorf("the first layers of the two modules have correlation %v: they must not share a seed", sum/n)
	}
}

func TestInitialNamesWhatIsWrong(t *testing.T) {
	for _, sigma := range []float64{-1, math.NaN(), math.Inf(1), math.Nextafter(network.MaxScale, 1e300), 1e150, math.MaxFloat64, math.Nextafter(network.MinScale, 0), math.SmallestNonzeroFloat64} {
		if _, err := network.Initial(network.Dense(5), paper, random.Stream{}, sigma); err == nil || !strings.Contains(err.Error(), "must be 0 or 1e-30 to 1e+30") {
			t.Errorf("σ = %v: the error is %v", sigma, err)
		}
	}
	wide := network.Dense(network.MaxUnits)
	if _, err := network.Initial(wide, dataset.NewPoint(8, 8, 1, 1, 1, 1), random.Stream{}, 1); err == nil ||
		!strings.Contains(err.Error(), "layer 1 of module 1 would have 1048576 × 264 weights, more than the 134217728") {
		t.Errorf("a layer past the limit: the error is %v", err)
	}
	zero := initial(t, network.Dense(5), paper, random.Stream{}, 0)
	if norm := mat.Norm(zero.Modules[0][0], 2); norm != 0 {
		t.Errorf("σ = 0 gives weights of norm %v", norm)
	}
}

func TestCloneSharesNothing(t *testing.T) {
	w := initial(t, network.Split(4), paper, random.Stream{}, 1)
	c := w.Clone()
	before := w.Modules[1][0].At(2, 3)
	c.Modules[1][0].Set(2, 3, 99)
	if w.Modules[1][0].At(2, 3) != before {
		t.Error("changing a clone changed the original")
	}
}

// literalMap adds up every path from an input to an output.
func literalMap(a network.Architecture, p dataset.Point, w *network.Weights) (sum, size *mat.Dense) {
	sum, size = mat.NewDense(p.Outputs(), p.Inputs(), nil), mat.NewDense(p.Outputs(), p.Inputs(), nil)
	for m, module := range a.Modules {
		inLo, inHi := p.InputRange(module.Reads)
		outLo, _ := p.OutputRange(module.Writes)
		for j := inLo; j < inHi; j++ {
			values, sizes := make([]float64, inHi-inLo), make([]float64, inHi-inLo)
			values[j-inLo], sizes[j-inLo] = 1, 1
			for _, layer := range w.Modules[m] {
				rows, cols := layer.Dims()
				nextValues, nextSizes := make([]float64, rows), make([]float64, rows)
				for i := range rows {
					for k := range cols {
						nextValues[i] += layer.At(i, k) * values[k]
						nextSizes[i] += math.Abs(layer.At(i, k)) * sizes[k]
					}
				}
				values, sizes = nextValues, nextSizes
			}
			for i := range values {
				sum.Set(outLo+i, j, sum.At(outLo+i, j)+values[i])
				size.Set(outLo+i, j, size.At(outLo+i, j)+sizes[i])
			}
		}
	}
	return sum, size
}

// A network's map is the sum of its paths. A chain of products of lengths h_1, h_2, …
// is within γ of their sum, relative to the absolute values, on either side.
func TestMapIsTheSumOfAllPaths(t *testing.T) {
	custom, err := network.ParseModules("both>both:5; omega>omega:4x3; gamma>both:0")
	if err != nil {
		t.Fatal(err)
	}
	for _, arch := range []network.Architecture{network.Shallow(), network.Dense(5), network.Dense(6, 4, 5), network.Split(4), network.Partitioned(3, 2), custom} {
		w := initial(t, arch, paper, random.Stream{Seed: 5}, 1)
		want, size := literalMap(arch, paper, w)
		got := w.Map(arch, paper)
		length := paper.Inputs() + len(arch.Modules)
		for _, m := range arch.Modules {
			for _, h := range m.Hidden {
				length += h
			}
		}
		bound := 2 * float64(length) * 0x1p-53 / (1 - float64(length)*0x1p-53)
		for i := range paper.Outputs() {
			for j := range paper.Inputs() {
				if d := math.Abs(got.At(i, j) - want.At(i, j)); !(d <= bound*size.At(i, j)) {
					t.Fatalf("%s: M[%d,%d] is %v, want %v", arch.Name, i, j, got.At(i, j), want.At(i, j))
				}
			}
		}
	}
}

func TestPartSharesTheWhole(t *testing.T) {
	whole := mat.NewDense(paper.Outputs(), paper.Inputs(), nil)
	m := network.Module{Reads: dataset.Gamma, Writes: dataset.Gamma}
	part := m.Part(whole, paper)
	if rows, cols := part.Dims(); rows != 8 || cols != 24 {
		t.Errorf("the part is %d × %d, want 8 × 24", rows, cols)
	}
	part.Set(0, 0, 1)
	if whole.At(1, 3) != 1 {
		t.Error("the part does not start at row n_y and column n_x of the whole")
	}
}

func TestWeightsCheckNamesWhatIsWrong(t *testing.T) {
	good := func() *network.Weights { return initial(t, network.Split(4), paper, random.Stream{}, 1) }
	for _, c := range []struct {
		name  string
		spoil func(w *network.Weights)
		want  string
	}{
		{"module missing", func(w *network.Weights) { w.Modules = w.Modules[:1] }, "there are weights for 1 modules, but the split architecture has 2 here"},
		{"layer missing", func(w *network.Weights) { w.Modules[1] = w.Modules[1][:1] }, "module 2 has 1 layers of weights, but must have 2"},
		{"nil layer", func(w *network.Weights) { w.Modules[1][0] = nil }, "module 2, w1 is missing, but must be 4 × 27"},
		{"transposed", func(w *network.Weights) { w.Modules[0][0] = mat.DenseCopyOf(w.Modules[0][0].T()) }, "module 1, w1 is 27 × 4, but must be 4 × 27 (output × input)"},
		{"NaN", func(w *network.Weights) { w.Modules[1][1].Set(7, 3, math.NaN()) }, "module 2, w2 holds NaN, but weights must be finite"},
		{"Inf", func(w *network.Weights) { w.Modules[0][1].Set(0, 0, math.Inf(-1)) }, "module 1, w2 holds -Inf"},
	} {
		w := good()
		c.spoil(w)
		if err := w.Check(network.Split(4), paper); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want one with %q", c.name, err, c.want)
		}
	}
	// What lies beside a part of a larger matrix is none of the layer's business.
	larger := mat.NewDense(4, 30, nil)
	larger.Set(1, 29, math.NaN())
	w := good()
	w.Modules[0][0] = larger.Slice(0, 4, 0, 27).(*mat.Dense)
	if err := w.Check(network.Split(4), paper); err != nil {
		t.Errorf("a part of a larger matrix: %v", err)
	}
}
