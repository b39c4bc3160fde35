package prediction

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/theory"
)

// points are datasets with every kind of mode among them.
var points = map[string]dataset.Point{
	"paper":      dataset.NewPoint(3, 3, 1, 3, 1, 1),
	"odd rows":   {Bits: 3, InputBits: []int{0, 2}, OutputBits: []int{1}, KX: 2, KY: 3, R: 1.5},
	"no gammas":  dataset.NewPoint(2, 2, 1, 0, 0, 0),
	"gamma in":   dataset.NewPoint(2, 0, 0, 1, 1, 2),
	"no gamma x": dataset.NewPoint(3, 2, 2, 0, 1, 0.5),
	"one bit":    dataset.NewPoint(1, 1, 1, 1, 1, 1),
}

var architectures = []network.Architecture{
	network.Dense(24), network.Shallow(), network.Split(17), network.Partitioned(16),
	{Name: "custom", Modules: []network.Module{{Reads: dataset.Omega, Writes: dataset.Omega}, {Reads: dataset.Both, Writes: dataset.Gamma, Hidden: []int{20}}}},
}

// startsOf and meansOf are those of a network of one module.
func startsOf(p dataset.Point, m network.Module, layers []*mat.Dense) (Starts, error) {
	return one(p, m).Starts(nil, &network.Weights{Modules: [][]*mat.Dense{layers}})
}

func meansOf(p dataset.Point, m network.Module, layers []*mat.Dense) []float64 {
	return one(p, m).MeanStarts(&network.Weights{Modules: [][]*mat.Dense{layers}})
}

func one(p dataset.Point, m network.Module) *Predictor {
	return New(p, network.Architecture{Name: "custom", Modules: []network.Module{m}})
}

func initial(t *testing.T, a network.Architecture, p dataset.Point, s random.Stream, sigma float64) *network.Weights {
	t.Helper()
	w, err := network.Initial(a, p, s, sigma)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestStartsAreFactored: transforms and inner products give what singular vectors
// and an orthogonal factorisation give. The inner products of K directions carry
// at most n_in + n_out + h roundings of their magnitudes; taking a block out
// multiplies that by the condition of the block, which for twice as many hidden
// units as directions is (1+1/√2)²/(1−1/√2)² = 34 for large K and stays below a
// hundred here.
func TestStartsAreFactored(t *testing.T) {
	for name, p := range points {
		for _, arch := range architectures {
			here, err := arch.At(p)
			if err != nil {
				continue
			}
			w, err := network.Initial(here, p, random.Stream{Seed: 3, Point: 9}, 0.1)
			if err != nil {
				t.Fatal(err)
			}
			for m, module := range here.Modules {
				modes := theory.Modes(p, module.View())
				if len(modes) == 0 {
					continue // nothing that the module's inputs say is asked of it
				}
				got := newStarter(p, module.View(), modes).of(w.Modules[m], new(startRoom))
				lists, err := factoredStarts(p, module, w.Modules[m])
				if err != nil {
					t.Fatal(err)
				}
				units := 1
				if len(module.Hidden) > 0 {
					units = module.Hidden[0]
				}
				roundings := float64(p.Inputs()+p.Outputs()+units) * 0x1p-53
				largest := 0.0
				for _, starts := range lists {
					for _, a := range starts {
						largest = math.Max(largest, math.Abs(a))
					}
				}
				for k, want := range lists {
					own := slices.Sorted(slices.Values(got[:len(want)]))
					got = got[len(want):]
					slices.Sort(want)
					for i := range want {
						same(t, fmt.Sprintf("%s, %s, module %d, a(0) of %v mode %d", name, arch.Name, m, modes[k].Kind, i), own[i], want[i], 100*roundings*largest)
					}
				}
				if len(got) > 0 {
					t.Errorf("%s, %s, module %d: %d starts too many", name, arch.Name, m, len(got))
				}
			}
		}
	}
}

// TestFewHiddenUnitsCannotLearnAll: where there are more directions than hidden
// units, as many start from 0 as are too many.
func TestFewHiddenUnitsCannotLearnAll(t *testing.T) {
	p := points["paper"]
	for hidden := 1; hidden < 8; hidden++ {
		here := network.Dense(hidden)
		w, err := network.Initial(here, p, random.Stream{Seed: 3}, 0.1)
		if err != nil {
			t.Fatal(err)
		}
		learned := 0
		for _, a := range newStarter(p, dataset.Whole, theory.Modes(p, dataset.Whole)).of(w.Modules[0], new(startRoom)) {
			if a > 0 {
				learned++
			}
		}
		if learned != hidden {
			t.Errorf("%d hidden units learn %d directions", hidden, learned)
		}
	}
}

func same(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.IsNaN(got) && math.IsNaN(want) || math.Abs(got-want) <= tolerance {
		return
	}
	t.Errorf("%s is %v, want %v ± %v", what, got, want, tolerance)
}

// The paper's dataset and initial weights.
var paperPoint = dataset.NewPoint(3, 3, 1, 3, 1, 1)

const (
	paperHidden = 50
	paperScale  = 0.01 / 50
)

// The strongest mode has nothing before it and, here, one direction: its start
// is theory's own. All others can only lose to the modes before them.
func TestStartsAgainstMeanStarts(t *testing.T) {
	for _, arch := range []network.Architecture{network.Dense(paperHidden), network.Split(paperHidden), network.Shallow()} {
		w := initial(t, arch, paperPoint, random.Stream{Seed: 1}, paperScale)
		for m, module := range arch.Modules {
			starts, err := startsOf(paperPoint, module, w.Modules[m])
			if err != nil {
				t.Fatal(err)
			}
			means, err := meansOf(paperPoint, module, w.Modules[m]), error(nil)
			if err != nil {
				t.Fatal(err)
			}
			modes := theory.Modes(paperPoint, module.View())
			if len(starts) != len(modes) {
				t.Fatalf("%s: starts of %d modes, want %d", arch.Name, len(starts), len(modes))
			}
			for k, mode := range modes {
				if len(starts[k]) != mode.Multiplicity {
					t.Fatalf("%s, %v: %d starts, want %d", arch.Name, mode.Kind, len(starts[k]), mode.Multiplicity)
				}
				mean := 0.0
				for _, a := range starts[k] {
					mean += a / float64(mode.Multiplicity)
				}
				// Sums of 50 squares in different orders differ by at most 50 roundings each.
				equal := math.Abs(mean-means[k]) <= 100*0x1p-53*math.Abs(means[k])
				switch {
				case k == 0 || len(module.Hidden) == 0:
					if !equal {
						t.Errorf("%s, %v: mean start %v, want %v", arch.Name, mode.Kind, mean, means[k])
					}
				case equal || mean > means[k]:
					t.Errorf("%s, %v: mean start %v is not below %v, although stronger modes take a share of it", arch.Name, mode.Kind, mean, means[k])
				}
			}
		}
	}
}

// Where the columns of all directions are orthogonal and of one length, nothing
// is taken and nothing spreads: every start is the mode's.
func TestStartsOfOrthogonalColumns(t *testing.T) {
	arch := network.Dense(paperHidden)
	w := initial(t, arch, paperPoint, random.Stream{Seed: 1}, paperScale)
	w1, w2 := w.Modules[0][0], w.Modules[0][1]
	w1.Zero()
	w2.Zero()
	next := 0
	for _, mode := range theory.Modes(paperPoint, dataset.Whole) {
		for _, set := range theory.Sets(paperPoint, dataset.Whole, mode.Kind) {
			u, v := theory.Vectors(paperPoint, dataset.Whole, set)
			for j, x := range v {
				w1.Set(next, j, x)
			}
			for i, x := range u {
				w2.Set(i, next, x)
			}
			next++
		}
	}
	starts, err := startsOf(paperPoint, arch.Modules[0], w.Modules[0])
	if err != nil {
		t.Fatal(err)
	}
	for k, of := range starts {
		for _, a := range of {
			// A column is a sum of n_in + n_out = 36 products around 1.
			if math.Abs(a-1) > 4*36*0x1p-53 {
				t.Errorf("mode %d starts from %v, want 1", k+1, a)
			}
		}
	}
}

// Four hidden units can learn four directions of eight.
//
// A, made square, is 8 × 8, and Householder's R is that of a matrix within γ of
// c·8·8 roundings of A in Frobenius norm, c a small constant (Higham, Accuracy and
// Stability of Numerical Algorithms, theorem 19.4); 8 is taken for it. What rounding
// leaves of a direction that has no room is therefore γ² of ‖A‖² at most, and ‖A‖²
// is the sum of theory's starts over all directions.
func TestStartsWithFewHiddenUnits(t *testing.T) {
	module := network.Dense(4).Modules[0]
	layers := initial(t, network.Dense(4), paperPoint, random.Stream{Seed: 1}, paperScale).Modules[0]
	starts, err := startsOf(paperPoint, module, layers)
	if err != nil {
		t.Fatal(err)
	}
	means, err := meansOf(paperPoint, module, layers), error(nil)
	if err != nil {
		t.Fatal(err)
	}
	norm, learned := 0.0, 0
	for k, of := range starts {
		norm += means[k] * float64(len(of))
	}
	const roundings = 8 * 8 * 8 * 0x1p-53
	for _, of := range starts {
		for _, a := range of {
			if a > roundings*roundings*norm {
				learned++
			}
		}
	}
	if learned != 4 {
		t.Errorf("%d directions start above 0, want 4", learned)
	}
}

func TestStartsRefuseDeeperModules(t *testing.T) {
	arch := network.Dense(5, 5)
	w := initial(t, arch, paperPoint, random.Stream{Seed: 1}, paperScale)
	if _, err := startsOf(paperPoint, arch.Modules[0], w.Modules[0]); err == nil {
		t.Error("no error for two hidden layers")
	}
}

// TestStartsAtTheBounds: from initial weights of every scale that is allowed
// each direction has a finite start, and from some that a file may hold and whose
// squares overflow there is an error. Such weights reached a factorisation that
// panics, as did a dataset without output signal, which has no mode.
func TestStartsAtTheBounds(t *testing.T) {
	dense := network.Dense(paperHidden)
	for _, sigma := range []float64{0, network.MinScale, 1, network.MaxScale} {
		w := initial(t, dense, paperPoint, random.Stream{Seed: 1}, sigma)
		starts, err := startsOf(paperPoint, dense.Modules[0], w.Modules[0])
		if err != nil {
			t.Fatalf("σ = %v: %v", sigma, err)
		}
		for k := range starts {
			for _, a := range starts[k] {
				if math.IsInf(a, 0) || (a > 0) != (sigma > 0) {
					t.Errorf("σ = %v: a direction of mode %d starts from %v", sigma, k+1, a)
				}
			}
		}
	}
	for _, scale := range []float64{1e200, math.MaxFloat64} {
		w := initial(t, dense, paperPoint, random.Stream{Seed: 1}, 1)
		for _, layer := range w.Modules[0] {
			layer.Scale(scale, layer)
		}
		if starts, err := startsOf(paperPoint, dense.Modules[0], w.Modules[0]); err == nil {
			t.Errorf("weights of %v: the starts are %v, want an error", scale, starts)
		}
	}
	silent := dataset.NewPoint(3, 3, 0, 3, 1, 0)
	w := initial(t, dense, silent, random.Stream{Seed: 1}, paperScale)
	if starts, err := startsOf(silent, dense.Modules[0], w.Modules[0]); err != nil || len(starts) != 0 {
		t.Errorf("without output signal: starts %v, error %v; want none of either", starts, err)
	}
}

// A mode's start is the mean over its directions of theory's own, with singular vectors
// written out. A column is a sum of n_in + n_out products, squared and added up over h
// units, and the mean is of m directions: on each side at most 2(n_in + n_out) + h + m
// roundings of what the magnitudes give.
func TestMeanStartsAreMeansOverDirections(t *testing.T) {
	stream := random.Stream{Seed: 2}
	p := dataset.NewPoint(3, 3, 2, 2, 1, 1.5)
	for _, arch := range []network.Architecture{network.Shallow(), network.Dense(5), network.Split(4), network.Partitioned(3)} {
		w := initial(t, arch, p, stream, 0.1)
		for m, module := range arch.Modules {
			starts := meansOf(p, module, w.Modules[m])
			modes := theory.Modes(p, module.View())
			if len(starts) != len(modes) {
				t.Fatalf("%s, module %d: %d starts for %d modes", arch.Name, m, len(starts), len(modes))
			}
			for i, mode := range modes {
				want, size := 0.0, 0.0
				for _, set := range theory.Sets(p, module.View(), mode.Kind) {
					u, v := theory.Vectors(p, module.View(), set)
					var start float64
					if len(w.Modules[m]) == 1 {
						start = theory.ShallowStart(w.Modules[m][0], u, v)
					} else {
						start = theory.DeepStart(w.Modules[m][0], w.Modules[m][1], u, v)
					}
					want += start / float64(mode.Multiplicity)
					size += magnitude(w.Modules[m], u, v) / float64(mode.Multiplicity)
				}
				units := 1
				if len(module.Hidden) > 0 {
					units = module.Hidden[0]
				}
				roundings := float64(2*(p.Inputs()+p.Outputs()) + units + mode.Multiplicity)
				if math.Abs(starts[i]-want) > 2*roundings*0x1p-53*size {
					t.Errorf("%s, module %d, %v mode starts at %v, want %v", arch.Name, m, mode.Kind, starts[i], want)
				}
			}
		}
	}
	deep := network.Dense(5, 4)
	for _, a := range meansOf(p, deep.Modules[0], initial(t, deep, p, stream, 0.1).Modules[0]) {
		if !math.IsNaN(a) {
			t.Errorf("two hidden layers have no parameter-free start, but got %v", a)
		}
	}
}

// magnitude is a direction's start where nothing cancels.
func magnitude(layers []*mat.Dense, u, v []float64) float64 {
	abs := func(list []float64) []float64 {
		out := make([]float64, len(list))
		for i, x := range list {
			out[i] = math.Abs(x)
		}
		return out
	}
	var positive []*mat.Dense
	for _, layer := range layers {
		var of mat.Dense
		of.Apply(func(_, _ int, x float64) float64 { return math.Abs(x) }, layer)
		positive = append(positive, &of)
	}
	if len(layers) == 1 {
		return theory.ShallowStart(positive[0], abs(u), abs(v))
	}
	return theory.DeepStart(positive[0], positive[1], abs(u), abs(v))
}
