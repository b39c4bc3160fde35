package programs

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"modspec/engine/program"
)

// TestProducts multiplies matrices of every size that the blocks of a product tell
// apart, with biases and a Relu. An element is a chain of multiply-adds from the
// first bias on, so float64 must equal that chain to the bit. In float32 a chain of
// length k is off by at most k·u·Σ|x·y|, u = 2⁻²⁴ (N. J. Higham, Accuracy and
// stability of numerical algorithms, §3.1), and the kernel sets must agree to the bit.
func TestProducts(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for _, s := range []struct{ m, k, n int }{{195, 5, 17}, {40, 60, 275}, {197, 21, 257}, {9, 321, 258}, {2, 700, 31}, {193, 577, 1}, {1, 333, 260}, {8, 0, 40}, {130, 70, 96}, {16, 530, 400}, {5, 300, 211}} {
		for flags := range 4 {
			if testing.Short() && flags > 0 { // plain Go takes seconds under the race detector
				continue
			}
			tx, ty := flags&1 != 0, flags&2 != 0
			for _, ends := range []string{"", "bias", "bias, relu", "relu"} {
				if ends != "" && flags != 2 {
					continue
				}
				name := fmt.Sprintf("%d×%d×%d, transposed %v %v, %s", s.m, s.k, s.n, tx, ty, ends)
				p, at := productCase(t, r, s.m, s.k, s.n, tx, ty, ends)
				first := map[Precision][]float64{}
				forEachSet(t, func(t *testing.T, o Options) {
					threads := []int{1}
					if s.m*s.k*s.n >= leastShared && flags%2 == 0 {
						threads = []int{1, 2, 3}
					}
					for _, o.Threads = range threads {
						results, err := Evaluate(p, o, at)
						if err != nil {
							t.Fatal(err)
						}
						got := results[0][0]
						if first[o.Precision] == nil {
							first[o.Precision] = got
							checkProduct(t, name, got, at.Variables, s.m, s.k, s.n, tx, ty, ends, o.Precision)
						}
						same(t, fmt.Sprintf("%s, %d threads", name, o.Threads), [][]float64{got}, [][]float64{first[o.Precision]})
					}
				})
			}
		}
	}
}

func productCase(t *testing.T, r *rand.Rand, m, k, n int, tx, ty bool, ends string) (*program.Program, program.Place) {
	d := program.NewDraft()
	x, y := []int{m, k}, []int{k, n}
	if tx {
		x = []int{k, m}
	}
	if ty {
		y = []int{n, k}
	}
	b := d.Observe
	v := [3]program.Value{}
	var at program.Place
	for i, shape := range [][]int{x, y, {n}} {
		v[i] = b.Read(d.State(fmt.Sprint("x", i), d.Start.Zeros(shape...)))
		data := make([]float64, program.Size(shape))
		for k := range data {
			data[k] = float64(float32(r.NormFloat64()))
		}
		at.Variables = append(at.Variables, data)
	}
	z := b.MatMul(v[0], v[1], tx, ty)
	if ends == "bias" || ends == "bias, relu" {
		z = b.Add(b.Broadcast(v[2], 0, m), z)
	}
	if ends == "relu" || ends == "bias, relu" {
		z = b.Relu(z)
	}
	b.Output("z", z)
	p, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return p, at
}

func checkProduct(t *testing.T, name string, got []float64, in [][]float64, m, k, n int, tx, ty bool, ends string, precision Precision) {
	t.Helper()
	for i := range m {
		for j := range n {
			sum, size := 0.0, 0.0
			if ends == "bias" || ends == "bias, relu" {
				sum, size = in[2][j], math.Abs(in[2][j])
			}
			for l := range k {
				a, b := i*k+l, l*n+j
				if tx {
					a = l*m + i
				}
				if ty {
					b = j*k + l
				}
				sum = math.FMA(in[0][a], in[1][b], sum)
				size += math.Abs(in[0][a] * in[1][b])
			}
			if ends == "relu" || ends == "bias, relu" {
				sum = math.Max(sum, 0)
			}
			bound := 0.0
			if precision == Float32 {
				bound = float64(k+1) * 0x1p-24 * size
			}
			if g := got[i*n+j]; !(math.Abs(g-sum) <= bound) {
				t.Fatalf("%s: element %d, %d is %v, want %v to within %.2g", name, i, j, g, sum, bound)
			}
		}
	}
}

// TestPlans holds the compiler to what it promises: products take their biases and
// Relu along, an optimizer's update is one chain for each variable that overwrites
// it, and nothing is computed that no result needs.
func TestPlans(t *testing.T) {
	m := &mixture{encoding: 4, width: 6, batch: 8, rules: 2, gate: monolithic, optimizer: adam}
	training := m.training(t)
	p, err := compile[float32](training.Step, true)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.moves) > 0 {
		t.Errorf("%d variables are copied at the end of the step, but all are results of chains", len(p.moves))
	}
	biased, rectified, products, updates := 0, 0, 0, 0
	for _, i := range p.instructions {
		switch i := i.(type) {
		case *product[float32]:
			products++
			if i.hasBias {
				biased++
			}
			if i.low == 0 {
				rectified++
			}
		case *chain[float32]:
			written := 0
			for _, s := range i.steps {
				if i.operands[s.d].place.size > 0 && i.operands[s.d].place.storage == inVariable {
					written++
				}
			}
			if written > 0 {
				updates++
				if written != 3 {
					t.Errorf("a chain writes %d variables, want a parameter and its two moments", written)
				}
			}
		}
	}
	// Eight layers, two of them to a Relu and two not, in encoders, core and decoder;
	// forward, and back to weights and inputs, the digits and the rule being none.
	if biased != 8 || rectified != 4 || updates != 16 {
		t.Errorf("%d products have biases, %d a Relu, and there are %d updates; want 8, 4 and 16", biased, rectified, updates)
	}
	if want := 2 + 8 + 8 + 6; products != want { // two for the targets
		t.Errorf("there are %d products, want %d", products, want)
	}
}
