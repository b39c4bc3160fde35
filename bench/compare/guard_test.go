package compare

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/network"
	"modspec/engine/train"
	"modspec/engine/train/cpu"
	"modspec/engine/train/cpu/asm"
)

// guardVariable asks for the test that times; no other does.
const guardVariable = "MODSPEC_RATIO_GUARD"

// leastRatio is how many times faster than plain Go the cpu backend must be, by its
// set of kernels. Measured on one thread of an AMD EPYC: 60 to 95 times with
// AVX-512; vectors half as wide have half the arithmetic. A tenfold slowdown of
// either falls below; what other programs on the machine do hits both.
var leastRatio = map[string]float64{"avx512": 12, "avx2": 6}

// TestRatioGuard trains the same networks on one thread with the cpu backend and with
// the loops that one would write in Go, in turns, and compares the two times: never
// a time with a clock.
func TestRatioGuard(t *testing.T) {
	if os.Getenv(guardVariable) == "" {
		t.Skipf("it times; set %s=1 to run it", guardVariable)
	}
	least, known := leastRatio[asm.Sets[float32]()[0].Set]
	if !known {
		t.Skip("this processor or build has the kernels in plain Go only, which are no faster than plain Go")
	}
	middle := *setting("middle", network.Dense(60), network.Rule{}, 0.16, 64)
	middle.Point, middle.Steps, middle.CheckSteps = dataset.NewPoint(6, 6, 3, 3, 1, 1), 30, 20
	for _, s := range []Setting{checked(), *setting("split", network.Split(50), network.Rule{}, 0.16, 64), middle} {
		t.Run(s.Name, func(t *testing.T) {
			guard(t, s, least)
		})
	}
}

func guard(t *testing.T, s Setting, least float64) {
	ctx := context.Background()
	backend, err := cpu.New(cpu.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	starts, err := s.Write(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	truth, err := Bound(ctx, s, starts)
	if err != nil {
		t.Fatal(err)
	}
	naive := newNaive(t, s)
	path := filepath.Join(t.TempDir(), "maps.f64")
	var flat []float64
	for _, w := range starts {
		flat = append(flat, naive.train(w, s.CheckSteps)...)
	}
	if err := writeNumbers(path, flat); err != nil {
		t.Fatal(err)
	}
	if _, err := truth.Check(s.Point, path); err != nil {
		t.Fatalf("the loops in Go: %v", err)
	}
	const copies, turns = 256, 7
	job, none := s.Job(copies, s.Steps), s.Job(copies, 0)
	took := func(job *train.Job) float64 {
		began := time.Now()
		if err := backend.Train(ctx, job, unseen{}); err != nil {
			t.Fatal(err)
		}
		return time.Since(began).Seconds()
	}
	took(job) // the first is slower than others
	var ratios []float64
	for range turns {
		began := time.Now()
		naive.train(starts[0], s.Steps)
		theirs := time.Since(began).Seconds()
		ours := math.Max(took(job)-took(none), 1e-9) / copies
		ratios = append(ratios, theirs/ours)
	}
	ratio := median(ratios)
	t.Logf("%.1f times as fast as plain Go (of %d turns: %.1f)", ratio, turns, ratios)
	if !(ratio >= least) {
		t.Errorf("the cpu backend is %.1f times as fast as loops in plain Go, but must be at least %g times", ratio, least)
	}
}

// naive is gradient descent as one would write it in Go: one network at a time, in
// reduced coordinates, loops over float32 slices.
type naive struct {
	s      Setting
	d      []float32     // the diagonal of Σ_x
	q      *mat.Dense    // inputs × coordinates
	target [][][]float32 // of each module, Σ_yx Q
}

func newNaive(t *testing.T, s Setting) *naive {
	t.Helper()
	r, err := s.Point.Reduce(nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Point.Correlations(nil)
	if err != nil {
		t.Fatal(err)
	}
	n := &naive{s: s, q: r.Q}
	var yx mat.Dense
	yx.Mul(c.YX, r.Q)
	n.d = narrow(r.D)
	for _, m := range s.Architecture.Modules {
		lo, hi := s.Point.OutputRange(m.Writes)
		n.target = append(n.target, rows(yx.Slice(lo, hi, 0, s.rank())))
	}
	return n
}

func rows(m mat.Matrix) [][]float32 {
	count, cols := m.Dims()
	out := make([][]float32, count)
	for i := range out {
		out[i] = make([]float32, cols)
		for j := range out[i] {
			out[i][j] = float32(m.At(i, j))
		}
	}
	return out
}

func zeros(rows, cols int) [][]float32 {
	out := make([][]float32, rows)
	for i := range out {
		out[i] = make([]float32, cols)
	}
	return out
}

// train takes steps from a network's weights and returns its map.
func (n *naive) train(w *network.Weights, steps int) []float64 {
	rate := float32(n.s.LearningRate)
	var flat []float64
	for m, layers := range w.Modules {
		var reduced mat.Dense
		reduced.Mul(layers[0], n.q)
		w1, w2, target := rows(&reduced), rows(layers[1]), n.target[m]
		e := zeros(len(w2), len(n.d))
		d1 := zeros(len(w1), len(n.d))
		for range steps {
			for i := range w2 {
				for j := range n.d {
					sum := float32(0)
					for k := range w1 {
						sum += w2[i][k] * w1[k][j]
					}
					e[i][j] = target[i][j] - sum*n.d[j]
				}
			}
			for k := range w1 {
				for j := range n.d {
					sum := float32(0)
					for i := range w2 {
						sum += w2[i][k] * e[i][j]
					}
					d1[k][j] = sum
				}
			}
			for i := range w2 {
				for k := range w1 {
					sum := float32(0)
					for j := range n.d {
						sum += e[i][j] * w1[k][j]
					}
					w2[i][k] += rate * sum
				}
			}
			for k := range w1 {
				for j := range n.d {
					w1[k][j] += rate * d1[k][j]
				}
			}
		}
		product := mat.NewDense(len(w2), len(n.d), nil)
		for i := range w2 {
			for j := range n.d {
				for k := range w1 {
					product.Set(i, j, product.At(i, j)+float64(w2[i][k])*float64(w1[k][j]))
				}
			}
		}
		var plain mat.Dense
		plain.Mul(product, n.q.T())
		flat = append(flat, elements(&plain)...)
	}
	return flat
}
