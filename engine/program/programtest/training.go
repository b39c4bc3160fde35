package programtest

import (
	"math"
	"testing"

	"modspec/engine/program"
	"modspec/engine/random"
)

// perceptron is a network with a hidden layer, trained by Adam on samples that are
// drawn anew at each step: rows of four normals, labelled by the largest.
func perceptron() (*program.Training, error) {
	d := program.NewDraft()
	parameter := func(name string, number uint32, shape ...int) program.Variable {
		return d.Parameter(name, d.Start.Scale(d.Start.Normal(program.Draw{Number: number}, shape...), 0.5))
	}
	w1, b1 := parameter("hidden.weight", 0, 7, 4), parameter("hidden.bias", 1, 7)
	w2, b2 := parameter("output.weight", 2, 4, 7), parameter("output.bias", 3, 4)
	loss := func(b *program.Builder) program.Value {
		x := b.Normal(program.Draw{Number: 0}, 5, 4)
		hidden := b.Tanh(b.Linear(x, b.Read(w1), b.Read(b1)))
		return b.Mean(b.CrossEntropy(b.Linear(hidden, b.Read(w2), b.Read(b2)), b.TopK(x, 1)))
	}
	b := d.Step
	parameters := d.Parameters()
	var read []program.Value
	for _, v := range parameters {
		read = append(read, b.Read(v))
	}
	gradients := b.ClipNorm(b.Gradient(loss(b), read), b.Scalar(1))
	program.DefaultAdam(b).Update(d, b.Setting("lr"), parameters, gradients)
	d.Observe.Output("loss", loss(d.Observe))
	return d.Training()
}

// losses compares the losses with their formulas.
func losses(t *testing.T, b Backend) {
	shapes := [][]int{{3, 5}, {3, 5}}
	for _, c := range []struct {
		name      string
		low, high float64
		build     build
		formula   func(y, target []float64) float64 // of a row
	}{
		{"square", -2, 2, on2((*program.Builder).SquareLoss), each(func(y, t float64) float64 { return (y - t) * (y - t) / 2 })},
		{"absolute", -2, 2, on2((*program.Builder).AbsoluteLoss), each(func(y, t float64) float64 { return math.Abs(y - t) })},
		{"Huber", -2, 2, on2(func(b *program.Builder, y, t program.Value) program.Value { return b.HuberLoss(y, t, 0.75) }), each(func(y, t float64) float64 {
			if e := math.Abs(y - t); e > 0.75 {
				return 0.75 * (e - 0.375)
			}
			return (y - t) * (y - t) / 2
		})},
		{"logit", 0, 1, on2((*program.Builder).LogitLoss), each(func(y, t float64) float64 {
			p := 1 / (1 + math.Exp(-y))
			return -t*math.Log(p) - (1-t)*math.Log(1-p)
		})},
		{"cross-entropy", 0, 1, on2((*program.Builder).CrossEntropy), func(y, t []float64) float64 {
			total, loss := 0.0, 0.0
			for _, v := range y {
				total += math.Exp(v)
			}
			for i, v := range y {
				loss -= t[i] * math.Log(math.Exp(v)/total)
			}
			return loss
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			test := testCase{shapes: shapes, low: c.low, high: c.high, build: func(b *program.Builder, in []program.Value) program.Value {
				return b.Total(c.build(b, in))
			}}
			p, err := test.program()
			if err != nil {
				t.Fatal(err)
			}
			at := test.place(77, b)
			want := 0.0
			for row := range 3 {
				want += c.formula(at.Variables[0][row*5:row*5+5], at.Variables[1][row*5:row*5+5])
			}
			a := arithmeticOf(b.Roundoff())
			bound := interpret(p, at, numbers(at.Variables), a)[0][0]
			got, err := b.Evaluate(p, []program.Place{at})
			if err != nil {
				t.Fatal(err)
			}
			if !a.fits(got[0][0][0], number{want, bound.e}) {
				t.Errorf("the loss is %v, want %v to within %.2g", got[0][0][0], want, 2*bound.e)
			}
			compareGradient(t, b, test, at)
		})
	}
}

// compareGradient checks the gradient of a loss on the backend.
func compareGradient(t *testing.T, b Backend, test testCase, at program.Place) {
	t.Helper()
	p, err := test.gradient()
	if err != nil {
		t.Fatal(err)
	}
	if err := compare(b, p, []program.Place{at}); err != nil {
		t.Error(err)
	}
}

func each(f func(y, t float64) float64) func(y, t []float64) float64 {
	return func(y, t []float64) float64 {
		sum := 0.0
		for i := range y {
			sum += f(y[i], t[i])
		}
		return sum
	}
}

// An optimizerCase is an optimizer on the loss ½·Σ c·w², whose gradient is c·w, and
// the published formula as a loop over the weights.
type optimizerCase struct {
	name  string
	build func(b *program.Builder) program.Optimizer
	clip  float64
	// step updates w by its gradient at step t = 1, 2, …; state is zero at first.
	step func(t float64, w, g *float64, state *[2]float64)
}

const rate = 0.0625

var optimizerCases = []optimizerCase{
	{"sgd", func(*program.Builder) program.Optimizer { return program.SGD{} }, 0,
		func(_ float64, w, g *float64, _ *[2]float64) { *w -= rate * *g }},
	{"sgd, clipped", func(*program.Builder) program.Optimizer { return program.SGD{} }, 0.5,
		func(_ float64, w, g *float64, _ *[2]float64) { *w -= rate * *g }},
	{"momentum", func(b *program.Builder) program.Optimizer { return program.SGD{Momentum: b.Scalar(0.875)} }, 0,
		func(_ float64, w, g *float64, s *[2]float64) {
			s[0] = 0.875*s[0] + *g
			*w -= rate * s[0]
		}},
	{"nesterov", func(b *program.Builder) program.Optimizer {
		return program.SGD{Momentum: b.Scalar(0.875), Nesterov: true}
	}, 0,
		func(_ float64, w, g *float64, s *[2]float64) {
			s[0] = 0.875*s[0] + *g
			*w -= rate * (*g + 0.875*s[0])
		}},
	{"adam", func(b *program.Builder) program.Optimizer { return program.DefaultAdam(b) }, 0,
		func(t float64, w, g *float64, s *[2]float64) { adam(t, w, g, s, 0) }},
	{"adamw", func(b *program.Builder) program.Optimizer {
		o := program.DefaultAdam(b)
		o.Decay = b.Scalar(0.25)
		return o
	}, 0,
		func(t float64, w, g *float64, s *[2]float64) { adam(t, w, g, s, 0.25) }},
	{"rmsprop", func(b *program.Builder) program.Optimizer {
		return program.RMSProp{Alpha: b.Scalar(0.75), Epsilon: b.Scalar(0x1p-20)}
	}, 0,
		func(_ float64, w, g *float64, s *[2]float64) {
			s[0] = 0.75*s[0] + 0.25**g**g
			*w -= rate * *g / (math.Sqrt(s[0]) + 0x1p-20)
		}},
}

func adam(t float64, w, g *float64, s *[2]float64, decay float64) {
	s[0] = 0.9*s[0] + (1-0.9)**g
	s[1] = 0.999*s[1] + (1-0.999)**g**g
	*w *= 1 - rate*decay
	*w -= rate * (s[0] / (1 - math.Pow(0.9, t))) / (math.Sqrt(s[1]/(1-math.Pow(0.999, t))) + 1e-8)
}

// optimizers trains two parameters for ten steps, carrying the bound of the
// errors along. On float64 the bound must also be small, so that the comparison
// says something.
func optimizers(t *testing.T, b Backend) {
	for _, c := range optimizerCases {
		t.Run(c.name, func(t *testing.T) {
			d := program.NewDraft()
			curvature := []float64{1, 0.5, 2, 0.25, 1.5}
			var parameters []program.Variable
			var gradients []program.Value
			for i, start := range [][]float64{{1, -2, 0.5}, {3, -0.125}} {
				w := d.Parameter([]string{"a", "b"}[i], d.Start.Constant(start, len(start)))
				parameters = append(parameters, w)
				gradients = append(gradients, d.Step.Multiply(d.Step.Constant(curvature[3*i:][:len(start)], len(start)), d.Step.Read(w)))
			}
			if c.clip > 0 {
				gradients = d.Step.ClipNorm(gradients, d.Step.Scalar(c.clip))
			}
			c.build(d.Step).Update(d, d.Step.Setting("lr"), parameters, gradients)
			training, err := d.Training()
			if err != nil {
				t.Fatal(err)
			}
			place := program.Place{Step: -1, Run: program.Run{Settings: []float64{rate}}}
			values, err := b.Evaluate(training.Start, []program.Place{place})
			if err != nil {
				t.Fatal(err)
			}
			a := arithmeticOf(b.Roundoff())
			place.Variables = values[0]
			bounds := numbers(place.Variables)
			w := []float64{1, -2, 0.5, 3, -0.125}
			var state [5][2]float64
			for step := range 10 {
				place.Step = step
				bounds = interpret(training.Step, place, bounds, a)
				if values, err = b.Evaluate(training.Step, []program.Place{place}); err != nil {
					t.Fatal(err)
				}
				place.Variables = values[0]
				literal(c, float64(step+1), w, curvature, &state)
				for i := range w {
					p, k := 0, i
					if i > 2 {
						p, k = 1, i-3
					}
					bound := bounds[p][k]
					if !a.fits(place.Variables[p][k], number{w[i], bound.e}) {
						t.Fatalf("step %d, weight %d: %v, want %v to within %.2g", step+1, i, place.Variables[p][k], w[i], 2*bound.e)
					}
					if bound.e > 1e7*a.u*math.Max(1, math.Abs(w[i])) {
						t.Fatalf("step %d, weight %d: the bound %.2g is so wide that the comparison says little", step+1, i, bound.e)
					}
				}
			}
		})
	}
}

// literal does a step by the published formula.
func literal(c optimizerCase, t float64, w, curvature []float64, state *[5][2]float64) {
	scale, norm := 1.0, 0.0
	for i := range w {
		norm += curvature[i] * w[i] * curvature[i] * w[i]
	}
	if norm = math.Sqrt(norm); c.clip > 0 && norm > c.clip {
		scale = c.clip / norm
	}
	for i := range w {
		g := scale * curvature[i] * w[i]
		c.step(t, &w[i], &g, &state[i])
	}
}

// schedules compares learning rates with their formulas over steps before, at and
// after their ends.
func schedules(t *testing.T, b Backend) {
	d := program.NewDraft()
	o := d.Observe
	lr := o.Setting("lr")
	o.Output("cosine", o.Cosine(lr, 8, 0.25))
	o.Output("warmup", o.Warmup(lr, 4))
	o.Output("decay", o.Decay(lr, 0.5, 2, 5))
	p, err := o.Build()
	if err != nil {
		t.Fatal(err)
	}
	a := arithmeticOf(b.Roundoff())
	for step := range 12 {
		place := program.Place{Step: step, Run: program.Run{Settings: []float64{rate}, Streams: []random.Stream{}}}
		got, err := b.Evaluate(p, []program.Place{place})
		if err != nil {
			t.Fatal(err)
		}
		x := float64(step)
		decayed := rate
		for _, at := range []int{2, 5} {
			if step >= at {
				decayed /= 2
			}
		}
		bounds := interpret(p, place, nil, a)
		for i, want := range []float64{
			rate * (0.25 + 0.75*(1+math.Cos(math.Pi*math.Min(x, 8)/8))/2),
			rate * math.Min(1, (x+1)/4),
			decayed,
		} {
			if !a.fits(got[0][i][0], number{want, bounds[i][0].e}) {
				t.Errorf("step %d, %s: %v, want %v to within %.2g", step, p.Outputs[i].Name, got[0][i][0], want, 2*bounds[i][0].e)
			}
		}
	}
}
