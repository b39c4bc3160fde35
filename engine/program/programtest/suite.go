package programtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"modspec/engine/program"
	"modspec/engine/random"
)

// A Backend executes programs.
type Backend interface {
	// Roundoff is the unit roundoff of its real type, 2⁻⁵³ or 2⁻²⁴.
	Roundoff() float64
	// Evaluate returns the results of a program at each of several places, which
	// it may compute side by side: by place, then by output.
	Evaluate(p *program.Program, at []program.Place) ([][][]float64, error)
}

// Suite checks a backend: every operation and its gradient against their
// definitions, over shapes with axes of 0 and 1 and with values that are not
// finite; the losses, optimizers and schedules against their published formulas;
// draws against package random; that the bits of a run do not depend on the runs
// beside it; and what a backend may compute as it stores a product.
func Suite(t *testing.T, b Backend) {
	t.Run("operations", func(t *testing.T) { operations(t, b) })
	t.Run("gradients", func(t *testing.T) { gradients(t, b) })
	t.Run("losses", func(t *testing.T) { losses(t, b) })
	t.Run("optimizers", func(t *testing.T) { optimizers(t, b) })
	t.Run("schedules", func(t *testing.T) { schedules(t, b) })
	t.Run("draws", func(t *testing.T) { draws(t, b) })
	t.Run("neighbours", func(t *testing.T) { neighbours(t, b) })
	t.Run("indices", func(t *testing.T) { indices(t, b) })
	t.Run("bytes", func(t *testing.T) { byteConstants(t, b) })
	t.Run("ends of products", func(t *testing.T) { ends(t, b) })
	t.Run("random programs", func(t *testing.T) { randoms(t, b) })
}

// operations checks every case with ordinary values, and elementwise operations
// and reductions with values at the edges of the type too.
func operations(t *testing.T, b Backend) {
	checked := map[program.Op]bool{}
	for i, c := range cases() {
		t.Run(c.name(), func(t *testing.T) {
			p, err := c.program()
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range p.Nodes {
				checked[n.Op] = true
			}
			places := []program.Place{c.place(uint64(2*i), b), c.place(uint64(2*i+1), b)}
			if c.edges {
				places = append(places, c.edgePlace(uint64(i), b))
			}
			if err := compare(b, p, places); err != nil {
				t.Error(err)
			}
		})
	}
	for op := range program.Operations {
		if op := program.Op(op); !checked[op] && definitions[op] != nil {
			t.Errorf("the operation %s has no case", op)
		}
	}
	for op := range program.Operations {
		switch op := program.Op(op); op {
		case program.Constant, program.Read, program.Setting, program.Steps,
			program.Normal, program.Uniform, program.Whole, program.Batch: // see draws and optimizers
		default:
			if definitions[op] == nil {
				t.Errorf("the operation %s has no definition", op)
			}
		}
	}
}

// gradients checks the gradient program of every case on the backend. That the
// program is the derivative is checked by finite differences, in this package's
// own test.
func gradients(t *testing.T, b Backend) {
	for i, c := range cases() {
		if c.constant {
			continue
		}
		t.Run(c.name(), func(t *testing.T) {
			p, err := c.gradient()
			if err != nil {
				t.Fatal(err)
			}
			if err := compare(b, p, []program.Place{c.place(uint64(1000+i), b)}); err != nil {
				t.Error(err)
			}
		})
	}
}

// compare evaluates a program on the backend and by definition. The error names
// the first element that differs.
func compare(b Backend, p *program.Program, at []program.Place) error {
	got, err := b.Evaluate(p, at)
	if err != nil {
		return err
	}
	if len(got) != len(at) {
		return fmt.Errorf("there are results of %d places, want %d", len(got), len(at))
	}
	for i := range at {
		if err := Compare(p, at[i], got[i], b.Roundoff()); err != nil {
			return err
		}
	}
	return nil
}

// Compare returns an error that names the first element of results, by output,
// that is not the program's at a place to within the bound of arithmetic with a
// unit roundoff. It serves where results come from elsewhere: another library, or
// a whole training.
func Compare(p *program.Program, at program.Place, results [][]float64, roundoff float64) error {
	a := arithmeticOf(roundoff)
	return agree(p, a, results, interpret(p, at, numbers(at.Variables), a))
}

// agree compares results with numbers, element by element.
func agree(p *program.Program, a arithmetic, got [][]float64, want [][]number) error {
	if len(got) != len(want) {
		return fmt.Errorf("there are %d results, want %d", len(got), len(want))
	}
	undetermined, all := 0, 0
	for o := range want {
		if len(got[o]) != len(want[o]) {
			return fmt.Errorf("%s has %d elements, want %d", p.Outputs[o].Name, len(got[o]), len(want[o]))
		}
		for k, w := range want[o] {
			all++
			if math.IsInf(w.e, 1) {
				undetermined++
			}
			if !a.fits(got[o][k], w) {
				return fmt.Errorf("%s, element %d: %v, want %v to within %.2g\n%s", p.Outputs[o].Name, k, got[o][k], w.v, 2*w.e, p)
			}
		}
	}
	// A comparison in which no value is known would pass without a check.
	if 4*undetermined > all {
		return fmt.Errorf("%d of %d elements are undetermined, so this checks little:\n%s", undetermined, all, p)
	}
	return nil
}

// A testCase is a program of one operation, with operands to be drawn.
type testCase struct {
	op       program.Op
	shapes   [][]int
	build    func(b *program.Builder, in []program.Value) program.Value
	low      float64 // operands lie between low and high
	high     float64
	edges    bool  // whether ±0, ±∞ and NaN are tried
	constant bool  // no gradient
	whole    []int // operands that are indices of rows
	steps    []int // operands in which the results are step functions
}

func (c *testCase) name() string { return fmt.Sprint(c.op, c.shapes) }

// builder returns a builder whose variables are the operands.
func (c *testCase) builder() (*program.Draft, []program.Value) {
	d := program.NewDraft()
	var in []program.Value
	for i, shape := range c.shapes {
		v := d.State(fmt.Sprint("x", i), d.Start.Zeros(shape...))
		in = append(in, d.Observe.Read(v))
	}
	return d, in
}

func (c *testCase) program() (*program.Program, error) {
	d, in := c.builder()
	d.Observe.Output(c.op.String(), c.build(d.Observe, in))
	return d.Observe.Build()
}

// loss is a weighted sum of the results, with weights that tell elements apart.
func (c *testCase) loss(b *program.Builder, in []program.Value) program.Value {
	y := c.build(b, in)
	weights := make([]float64, program.Size(b.Shape(y)))
	for i := range weights {
		weights[i] = float64(i%7)/4 - 0.625
	}
	return b.Total(b.Multiply(y, b.Constant(weights, b.Shape(y)...)))
}

func (c *testCase) gradient() (*program.Program, error) {
	d, in := c.builder()
	b := d.Observe
	b.Output("loss", c.loss(b, in))
	for i, g := range b.Gradient(c.loss(b, in), in) {
		b.Output(fmt.Sprint("gradient in x", i), g)
	}
	return b.Build()
}

// place draws operands.
func (c *testCase) place(seed uint64, b Backend) program.Place {
	r := rand.New(rand.NewPCG(seed, 1))
	var at program.Place
	for i, shape := range c.shapes {
		data := make([]float64, program.Size(shape))
		for k := range data {
			data[k] = representable(c.low+(c.high-c.low)*r.Float64(), b)
			if slices.Contains(c.whole, i) {
				data[k] = float64(r.IntN(c.shapes[0][0]+1) - 1)
			}
		}
		at.Variables = append(at.Variables, data)
	}
	return at
}

// edgePlace draws operands from the edges of the type.
func (c *testCase) edgePlace(seed uint64, b Backend) program.Place {
	edges := []float64{0, math.Copysign(0, -1), 1, -1, math.Inf(1), math.Inf(-1), math.NaN(), 0.5, -3, 20, -20, 200, -200}
	r := rand.New(rand.NewPCG(seed, 2))
	var at program.Place
	for _, shape := range c.shapes {
		data := make([]float64, program.Size(shape))
		for k := range data {
			data[k] = representable(edges[r.IntN(len(edges))], b)
		}
		at.Variables = append(at.Variables, data)
	}
	return at
}

// representable rounds a number to the backend's type.
func representable(v float64, b Backend) float64 {
	if b.Roundoff() > 0x1p-53 {
		return float64(float32(v))
	}
	return v
}

// draws checks that draws are those of package random, rounded to the type, of
// each run's own streams, anew at each step.
func draws(t *testing.T, b Backend) {
	d := program.NewDraft()
	o := d.Observe
	o.Output("normal", o.Normal(program.Draw{Stream: 0, Number: 3}, 3, 5))
	o.Output("uniform", o.Uniform(program.Draw{Stream: 1, Number: 0}, 7))
	o.Output("whole", o.Whole(program.Draw{Stream: 1, Number: 1}, 10, 33))
	o.Output("batch", o.Batch(program.Draw{Stream: 0, Number: 0}, 10, 4))
	o.Output("none", o.Normal(program.Draw{Stream: 0, Number: 1}, 0))
	p, err := o.Build()
	if err != nil {
		t.Fatal(err)
	}
	var at []program.Place
	for step := -1; step < 7; step++ {
		for seed := range uint64(2) {
			at = append(at, program.Place{Step: step, Run: program.Run{Streams: []random.Stream{{Seed: seed}, {Seed: 5, Point: seed}}}})
		}
	}
	got, err := b.Evaluate(p, at)
	if err != nil {
		t.Fatal(err)
	}
	for i := range at {
		s := at[i].Run.Streams
		batch := s[0].Permutation(10, uint32(max(at[i].Step, 0)/3))
		batch = append(batch, -1, -1)[max(at[i].Step, 0)%3*4:][:4]
		if at[i].Step >= 0 {
			s = []random.Stream{s[0].At(uint64(at[i].Step)), s[1].At(uint64(at[i].Step))}
		}
		for k := range 15 {
			same(t, "normal", got[i][0][k], representable(s[0].Normal(3, uint32(k)), b))
		}
		for k := range 7 {
			same(t, "uniform", got[i][1][k], representable(random.Uniform(s[1].Uint64(random.FirstWordLayer, uint32(k))), b))
		}
		for k := range 33 {
			// The high half of word·10: the word as a fraction of 2⁶⁴, times ten.
			word := s[1].Uint64(random.FirstWordLayer+1, uint32(k))
			same(t, "whole", got[i][2][k], math.Floor(float64(word>>11)*0x1p-53*10))
		}
		for k := range 4 {
			same(t, "batch", got[i][3][k], float64(batch[k]))
		}
	}
}

func same(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Float64bits(got) != math.Float64bits(want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
}

// neighbours checks that a run has the same bits alone and beside others.
func neighbours(t *testing.T, b Backend) {
	training, err := perceptron()
	if err != nil {
		t.Fatal(err)
	}
	var at []program.Place
	for seed := range uint64(35) {
		place := program.Place{Step: int(seed % 3), Run: program.Run{Streams: []random.Stream{{Seed: seed}}, Settings: []float64{0.125}}}
		for v, info := range training.Variables {
			data := make([]float64, program.Size(info.Shape))
			s := random.Stream{Seed: seed, Point: 9}
			for i := range data {
				data[i] = representable(s.Normal(uint32(v), uint32(i)), b)
				if !info.Trained {
					data[i] = math.Abs(data[i])
				}
			}
			place.Variables = append(place.Variables, data)
		}
		at = append(at, place)
	}
	alone := make([][][]float64, len(at))
	for i := range at {
		got, err := b.Evaluate(training.Step, at[i:i+1])
		if err != nil {
			t.Fatal(err)
		}
		alone[i] = got[0]
	}
	for _, count := range []int{2, 5, 16, 35} {
		together, err := b.Evaluate(training.Step, at[:count])
		if err != nil {
			t.Fatal(err)
		}
		for i := range together {
			for o := range together[i] {
				for k, v := range together[i][o] {
					same(t, fmt.Sprintf("run %d of %d, %s, element %d", i, count, training.Step.Outputs[o].Name, k), v, alone[i][o][k])
				}
			}
		}
	}
}

// indices checks that an index that is no row is an error, and −1 a row of zeros.
func indices(t *testing.T, b Backend) {
	c := testCase{op: program.Gather, shapes: [][]int{{3, 2}, {2}}, build: func(b *program.Builder, in []program.Value) program.Value {
		return b.Gather(in[0], in[1])
	}}
	p, err := c.program()
	if err != nil {
		t.Fatal(err)
	}
	table := []float64{1, 2, 3, 4, 5, 6}
	got, err := b.Evaluate(p, []program.Place{{Variables: [][]float64{table, {2, -1}}}})
	if err != nil {
		t.Fatal(err)
	}
	if want := []float64{5, 6, 0, 0}; !slices.Equal(got[0][0], want) {
		t.Errorf("rows 2 and −1 are %v, want %v", got[0][0], want)
	}
	for _, index := range []float64{3, -2, 0.5, math.NaN(), math.Inf(1)} {
		if _, err := b.Evaluate(p, []program.Place{{Variables: [][]float64{table, {0, index}}}}); err == nil {
			t.Errorf("the index %v into 3 rows is no error", index)
		}
	}
}

// byteConstants checks constants of bytes: of which rows are taken, also from two places
// and through another shape, of which all elements are read, and both.
func byteConstants(t *testing.T, b Backend) {
	type B = program.Builder
	type V = program.Value
	var numbers [256]float64
	for code := range numbers {
		numbers[code] = float64(code)/7 - 20
	}
	bytes := make([]byte, 5*37)
	for i := range bytes {
		bytes[i] = byte(i*i + 3*i)
	}
	for name, use := range map[string]func(p *B, table, rows V) []V{
		"rows":            func(p *B, table, rows V) []V { return []V{p.Gather(table, rows)} },
		"rows twice":      func(p *B, table, rows V) []V { return []V{p.Gather(table, rows), p.Gather(table, p.Scale(rows, 0))} },
		"another shape":   func(p *B, table, rows V) []V { return []V{p.Gather(p.Reshape(table, 5, 1, 37), rows)} },
		"all":             func(p *B, table, _ V) []V { return []V{p.Sum(p.Square(table), 1)} },
		"itself":          func(p *B, table, _ V) []V { return []V{table} },
		"rows and all":    func(p *B, table, rows V) []V { return []V{p.Gather(table, rows), p.MatMul(table, table, false, true)} },
		"rows and itself": func(p *B, table, rows V) []V { return []V{p.Gather(table, rows), table} },
	} {
		d := program.NewDraft()
		indices := d.State("indices", d.Start.Zeros(3))
		o := d.Observe
		for i, v := range use(o, o.ByteConstant(bytes, &numbers, 5, 37), o.Read(indices)) {
			o.Output(fmt.Sprint(i), v)
		}
		training, err := d.Training()
		if err != nil {
			t.Fatal(err)
		}
		if err := compare(b, training.Observe, []program.Place{{Variables: [][]float64{{4, -1, 2}}}}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// ends checks products that are followed by an addition or a Relu, of one row and of
// several: a row of biases may be added as a product is stored, but the product itself,
// which has the size of one where it is a row, may not.
func ends(t *testing.T, b Backend) {
	type B = program.Builder
	type V = program.Value
	for name, end := range map[string]func(p *B, y, bias V) V{
		"biases":             func(p *B, y, bias V) V { return p.Relu(p.Add(y, bias)) },
		"biases first":       func(p *B, y, bias V) V { return p.Relu(p.Add(bias, y)) },
		"itself":             func(p *B, y, _ V) V { return p.Add(y, y) },
		"itself and Relu":    func(p *B, y, _ V) V { return p.Relu(p.Add(y, y)) },
		"its Relu":           func(p *B, y, _ V) V { return p.Add(p.Relu(y), y) },
		"twice the biases":   func(p *B, y, bias V) V { return p.Add(p.Add(y, bias), bias) },
		"another's Relu":     func(p *B, y, bias V) V { return p.Add(y, p.Relu(bias)) },
		"product of itself":  func(p *B, y, _ V) V { return p.Add(p.Multiply(y, y), y) },
		"biases that follow": func(p *B, y, bias V) V { return p.Add(y, p.Subtract(bias, y)) },
	} {
		for _, rows := range []int{1, 3} {
			d := program.NewDraft()
			x, w, bias := d.State("x", d.Start.Zeros(rows, 4)), d.State("w", d.Start.Zeros(4, 5)), d.State("bias", d.Start.Zeros(5))
			o := d.Observe
			o.Output(name, end(o, o.MatMul(o.Read(x), o.Read(w), false, false), o.Broadcast(o.Read(bias), 0, rows)))
			training, err := d.Training()
			if err != nil {
				t.Fatal(err)
			}
			place := program.Place{}
			for v, info := range training.Variables {
				data := make([]float64, program.Size(info.Shape))
				for i := range data {
					data[i] = representable(random.Stream{Seed: 3}.Normal(uint32(v), uint32(i)), b)
				}
				place.Variables = append(place.Variables, data)
			}
			if err := compare(b, training.Observe, []program.Place{place}); err != nil {
				t.Errorf("%s, %d rows: %v", name, rows, err)
			}
		}
	}
}
