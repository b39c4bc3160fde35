package programtest

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"modspec/engine/program"
)

// definitionBackend evaluates programs by their definitions, in float64.
type definitionBackend struct {
	// spoil, where it is set, changes the results.
	spoil func(p *program.Program, results [][]float64)
}

func (definitionBackend) Roundoff() float64 { return 0x1p-53 }

func (d definitionBackend) Evaluate(p *program.Program, at []program.Place) ([][][]float64, error) {
	var out [][][]float64
	for _, place := range at {
		var results [][]float64
		for _, o := range interpret(p, place, numbers(place.Variables), arithmeticOf(0x1p-53)) {
			values := make([]float64, len(o))
			for i := range o {
				values[i] = o[i].v
			}
			results = append(results, values)
		}
		if d.spoil != nil {
			d.spoil(p, results)
		}
		out = append(out, results)
	}
	return out, nil
}

// TestPlantedFaultsAreCaught spoils one element of each case's result by three
// times its bound, or by the last place where the bound is 0.
func TestPlantedFaultsAreCaught(t *testing.T) {
	for i, c := range cases() {
		p, err := c.program()
		if err != nil {
			t.Fatal(err)
		}
		at := []program.Place{c.place(uint64(i), definitionBackend{})}
		if err := compare(definitionBackend{}, p, at); err != nil {
			t.Fatalf("%s without a fault: %v", c.name(), err)
		}
		if program.Size(p.Nodes[p.Outputs[0].Value].Shape) == 0 {
			continue
		}
		bound := interpret(p, at[0], numbers(at[0].Variables), arithmeticOf(0x1p-53))[0]
		faulty := definitionBackend{func(_ *program.Program, results [][]float64) {
			last := len(results[0]) - 1
			results[0][last] = math.Nextafter(results[0][last]+3*bound[last].e, math.Inf(1))
		}}
		if compare(faulty, p, at) == nil {
			t.Errorf("%s: a fault of three times the bound %.2g passes", c.name(), bound[len(bound)-1].e)
		}
		// The bound itself must be one of roundings, not a wide one.
		for k, b := range bound {
			if size := math.Max(1, math.Abs(b.v)); b.e > 1e7*0x1p-53*size {
				t.Errorf("%s, element %d: the bound %.2g of %v is too wide to say anything", c.name(), k, b.e, b.v)
			}
		}
	}
}

// TestGradientsAreDerivatives compares the gradient of every operation, and the
// gradient of the gradient, with central differences.
//
// The difference D(h) of a smooth loss is off by h²·f‴/6 and by the rounding of
// two losses over 2h. D(h) − D(h/2) is about 3/4 of the first error of D(h), of
// which D(h/2) keeps 1/3; the whole difference is taken for it. The interpreter
// gives the bound of the second.
func TestGradientsAreDerivatives(t *testing.T) {
	for i, c := range cases() {
		if c.constant || c.op == program.Stop {
			continue
		}
		t.Run(c.name(), func(t *testing.T) {
			first := func(b *program.Builder, in []program.Value) program.Value { return c.loss(b, in) }
			second := func(b *program.Builder, in []program.Value) program.Value {
				sum := b.Scalar(0)
				for k, g := range b.Gradient(c.loss(b, in), in) {
					weights := make([]float64, program.Size(b.Shape(g)))
					for e := range weights {
						weights[e] = float64((e+k)%5)/2 - 0.75
					}
					sum = b.Add(sum, b.Total(b.Multiply(g, b.Constant(weights, b.Shape(g)...))))
				}
				return sum
			}
			at := c.place(uint64(3000+i), definitionBackend{})
			differentiate(t, &c, first, at)
			differentiate(t, &c, second, at)
		})
	}
}

func differentiate(t *testing.T, c *testCase, loss func(*program.Builder, []program.Value) program.Value, at program.Place) {
	t.Helper()
	d, in := c.builder()
	b := d.Observe
	l := loss(b, in)
	b.Output("loss", l)
	for i, g := range b.Gradient(l, in) {
		b.Output(fmt.Sprint("gradient in x", i), g)
	}
	p, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	a := arithmeticOf(0x1p-53)
	result := interpret(p, at, numbers(at.Variables), a)
	value := func(i, k int, shift float64) number {
		moved := program.Place{Variables: slices.Clone(at.Variables)}
		moved.Variables[i] = slices.Clone(at.Variables[i])
		moved.Variables[i][k] += shift
		return interpret(p, moved, numbers(moved.Variables), a)[0][0]
	}
	for i := range at.Variables {
		if slices.Contains(c.whole, i) || slices.Contains(c.steps, i) {
			continue // no derivative
		}
		stride := max(1, len(at.Variables[i])/4) // a few elements of a large operand
		for k := 0; k < len(at.Variables[i]); k += stride {
			difference := func(h float64) (float64, float64) {
				up, down := value(i, k, h), value(i, k, -h)
				return (up.v - down.v) / (2 * h), (up.e + down.e) / (2 * h)
			}
			const h = 0x1p-12
			wide, _ := difference(h)
			narrow, rounding := difference(h / 2)
			got := result[1+i][k]
			bound := math.Abs(wide-narrow) + rounding + got.e
			if bound > 1e-4*math.Max(1, math.Abs(narrow)) {
				t.Fatalf("operand %d, element %d: the bound %.2g is too wide to say anything", i, k, bound)
			}
			if !(math.Abs(got.v-narrow) <= bound) {
				t.Fatalf("operand %d, element %d: the gradient is %v, the difference %v to within %.2g\n%s", i, k, got.v, narrow, bound, p)
			}
		}
	}
}

// TestStopHasNoGradient: the loss depends on x, its gradient does not.
func TestStopHasNoGradient(t *testing.T) {
	c := testCase{op: program.Stop, shapes: [][]int{{3}}, low: 1, high: 2, build: func(b *program.Builder, in []program.Value) program.Value {
		return b.Multiply(b.Stop(in[0]), in[0])
	}}
	p, err := c.gradient()
	if err != nil {
		t.Fatal(err)
	}
	at := c.place(1, definitionBackend{})
	got, _ := definitionBackend{}.Evaluate(p, []program.Place{at})
	for i, x := range at.Variables[0] {
		// The loss is Σ c·x², of which one factor is stopped: c·x.
		if want := (float64(i)/4 - 0.625) * x; math.Abs(got[0][1][i]-want) > 4*0x1p-53 {
			t.Errorf("the gradient is %v, want %v", got[0][1][i], want)
		}
	}
}

// TestSuiteOnDefinitions runs the suite's programs on the definitions themselves,
// so that what compares with other formulas (losses, optimizers, schedules,
// draws) is checked without a backend.
func TestSuiteOnDefinitions(t *testing.T) {
	b := definitionBackend{}
	losses(t, b)
	optimizers(t, b)
	schedules(t, b)
	draws(t, b)
	neighbours(t, b)
}
