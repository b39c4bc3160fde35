package network_test

import (
	"math"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/theory"
)

// The paper's dataset and initial weights.
var paperPoint = dataset.NewPoint(3, 3, 1, 3, 1, 1)

const (
	paperHidden = 50
	paperScale  = 0.01 / 50
)

// The strongest mode has nothing before it and, here, one direction: its start
// is theory's own. All others can only lose to the modes before them.
func TestDirectionStartsAgainstModeStarts(t *testing.T) {
	for _, arch := range []network.Architecture{network.Dense(paperHidden), network.Split(paperHidden), network.Shallow()} {
		w := initial(t, arch, paperPoint, random.Stream{Seed: 1}, paperScale)
		for m, module := range arch.Modules {
			starts, err := network.DirectionStarts(paperPoint, module, w.Modules[m])
			if err != nil {
				t.Fatal(err)
			}
			means, err := network.ModeStarts(paperPoint, module, w.Modules[m])
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
func TestDirectionStartsOfOrthogonalColumns(t *testing.T) {
	arch := network.Dense(paperHidden)
	w := initial(t, arch, paperPoint, random.Stream{Seed: 1}, paperScale)
	w1, w2 := w.Modules[0][0], w.Modules[0][1]
	w1.Zero()
	w2.Zero()
	next := 0
	for _, mode := range theory.Modes(paperPoint, theory.Whole) {
		for _, set := range theory.Sets(paperPoint, theory.Whole, mode.Kind) {
			u, v := theory.Vectors(paperPoint, theory.Whole, set)
			for j, x := range v {
				w1.Set(next, j, x)
			}
			for i, x := range u {
				w2.Set(i, next, x)
			}
			next++
		}
	}
	starts, err := network.DirectionStarts(paperPoint, arch.Modules[0], w.Modules[0])
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
func TestDirectionStartsWithFewHiddenUnits(t *testing.T) {
	module := network.Dense(4).Modules[0]
	layers := initial(t, network.Dense(4), paperPoint, random.Stream{Seed: 1}, paperScale).Modules[0]
	starts, err := network.DirectionStarts(paperPoint, module, layers)
	if err != nil {
		t.Fatal(err)
	}
	means, err := network.ModeStarts(paperPoint, module, layers)
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

func TestDirectionStartsRefuseDeeperModules(t *testing.T) {
	arch := network.Dense(5, 5)
	w := initial(t, arch, paperPoint, random.Stream{Seed: 1}, paperScale)
	if _, err := network.DirectionStarts(paperPoint, arch.Modules[0], w.Modules[0]); err == nil {
		t.Error("no error for two hidden layers")
	}
}

// TestDirectionStartsAtTheBounds: from initial weights of every scale that is allowed
// each direction has a finite start, and from some that a file may hold and whose
// squares overflow there is an error. Such weights reached a factorisation that
// panics, as did a dataset without output signal, which has no mode.
func TestDirectionStartsAtTheBounds(t *testing.T) {
	dense := network.Dense(paperHidden)
	for _, sigma := range []float64{0, network.MinScale, 1, network.MaxScale} {
		w := initial(t, dense, paperPoint, random.Stream{Seed: 1}, sigma)
		starts, err := network.DirectionStarts(paperPoint, dense.Modules[0], w.Modules[0])
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
		if starts, err := network.DirectionStarts(paperPoint, dense.Modules[0], w.Modules[0]); err == nil {
			t.Errorf("weights of %v: the starts are %v, want an error", scale, starts)
		}
	}
	silent := dataset.NewPoint(3, 3, 0, 3, 1, 0)
	w := initial(t, dense, silent, random.Stream{Seed: 1}, paperScale)
	if starts, err := network.DirectionStarts(silent, dense.Modules[0], w.Modules[0]); err != nil || len(starts) != 0 {
		t.Errorf("without output signal: starts %v, error %v; want none of either", starts, err)
	}
}
