package programtest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"modspec/engine/program"
	"modspec/engine/random"
)

// Random returns a training of random operations on small tensors: values of few shapes
// that are used again and again, so that chains meet products, views of views, parts of
// tensors, results that several operations read, and variables that are read after their
// next value is known. It has a setting, and a stream of random numbers.
func Random(r *rand.Rand) (*program.Training, error) {
	d := program.NewDraft()
	var variables []program.Variable
	for i := range 3 {
		initial := d.Start.Normal(program.Draw{Number: uint32(i)}, 3, 4)
		variables = append(variables, d.State(fmt.Sprint("x", i), initial))
	}
	next := randomValues(r, d.Step, variables)
	for _, v := range variables {
		for range 50 {
			x := next[r.IntN(len(next))]
			if program.Size(d.Step.Shape(x)) == 12 && r.IntN(5) > 0 {
				d.Set(v, d.Step.Reshape(x, 3, 4))
				break
			}
		}
	}
	seen := randomValues(r, d.Observe, variables)[7:]
	for i, v := range seen {
		if r.IntN(3) == 0 || i == len(seen)-1 {
			d.Observe.Output(fmt.Sprint("y", i), v)
		}
	}
	return d.Training()
}

// randomValues appends random operations and returns all values; the first seven are
// variables, draws and constants.
func randomValues(r *rand.Rand, b *program.Builder, variables []program.Variable) []program.Value {
	var values []program.Value
	for _, v := range variables {
		values = append(values, b.Read(v))
	}
	values = append(values, b.Normal(program.Draw{}, 4, 3), b.Fill(b.Setting("s"), 3, 4), b.Fill(b.Steps(), 2, 3, 2), b.Constant([]float64{1, -1, 0.5, 2}, 4))
	pick := func(fits func(shape []int) bool) program.Value {
		for range 50 {
			if v := values[r.IntN(len(values))]; fits(b.Shape(v)) {
				return v
			}
		}
		return program.None
	}
	like := func(x program.Value) program.Value {
		size := program.Size(b.Shape(x))
		y := pick(func(s []int) bool { return program.Size(s) == size })
		if y == program.None {
			y = x
		}
		return b.Reshape(y, b.Shape(x)...)
	}
	for number := range 40 {
		x := pick(func([]int) bool { return true })
		shape := b.Shape(x)
		axes := len(shape)
		v := program.None
		switch r.IntN(23) {
		case 0:
			v = b.Tanh(b.Add(x, like(x)))
		case 1:
			v = b.Multiply(b.Sigmoid(x), like(x))
		case 2:
			v = b.Subtract(x, b.Scale(like(x), 0.5))
		case 3:
			v = b.Maximum(b.Affine(x, -1, 0.25), like(x))
		case 4:
			v = b.Select(b.Relu(b.Sin(b.Affine(x, 1, 0.1))), like(x), b.Like(b.Scalar(-0.5), x))
		case 5:
			v = b.Divide(x, b.Affine(b.Square(like(x)), 1, 1))
		case 6, 7:
			if axes > 0 {
				v = b.Sum(x, r.IntN(axes))
			}
		case 8, 9:
			if axes < 3 {
				v = b.Broadcast(x, r.IntN(axes+1), 1+r.IntN(3))
			}
		case 10:
			v = b.Transpose(x, r.Perm(axes)...)
		case 11, 12:
			if axes > 0 {
				axis := r.IntN(axes)
				low := r.IntN(shape[axis] + 1)
				v = b.Slice(x, axis, low, low+r.IntN(shape[axis]-low+1))
			}
		case 13:
			if axes > 0 {
				v = b.Pad(x, r.IntN(axes), r.IntN(2), r.IntN(3))
			}
		case 14:
			if axes > 0 {
				v = b.Concat(r.IntN(axes), x, like(x), b.Like(b.Scalar(1.5), x))
			}
		case 15, 16:
			if axes == 2 {
				y := pick(func(s []int) bool { return len(s) == 2 && s[0] == shape[1] })
				if y != program.None {
					v = b.Affine(b.MatMul(x, y, false, false), 0.25, 0)
				}
			}
		case 17:
			if axes == 2 {
				y := like(x)
				v = b.Tanh(b.Add(b.MatMul(x, y, true, false), b.MatMul(y, x, true, false)))
			}
		case 18:
			if axes > 0 && shape[axes-1] > 0 {
				v = b.Softmax(x)
			}
		case 19:
			if axes > 0 && shape[0] > 0 {
				d := program.Draw{Number: uint32(1 + number)}
				if number%2 == 0 {
					v = b.Gather(x, b.Whole(d, shape[0], 2))
				} else {
					v = b.Gather(x, b.Batch(d, shape[0], max(1, shape[0]-1)))
				}
			}
		case 20, 21:
			if axes == 2 {
				y := pick(func(s []int) bool { return len(s) == 2 && s[0] == shape[1] })
				if y != program.None {
					v = b.MatMul(x, y, false, false)
					v = b.Tanh(b.Relu(b.Add(v, like(v))))
				}
			}
		case 22:
			row := b.Tanh(pick(func(s []int) bool { return len(s) > 0 }))
			v = b.Multiply(b.Broadcast(b.Flat(row), 0, 2), b.Broadcast(b.Flat(b.Affine(row, 0.5, 1)), 0, 2))
		}
		// Large values would only meet the ends of the type.
		if v != program.None && program.Size(b.Shape(v)) < 200 {
			values = append(values, v)
		}
	}
	return values
}

// randoms checks that random programs agree with the definitions of their operations,
// however they are fused.
func randoms(t *testing.T, b Backend) {
	programs := uint64(30)
	if testing.Short() {
		programs = 10
	}
	for seed := range programs {
		r := rand.New(rand.NewPCG(seed, 7))
		training, err := Random(r)
		if err != nil {
			t.Fatal(err)
		}
		var at []program.Place
		for run := range uint64(3) {
			place := program.Place{Step: int(run), Run: program.Run{Streams: []random.Stream{{Seed: run}}, Settings: []float64{0.5}}}
			for range training.Variables {
				x := make([]float64, 12)
				for i := range x {
					x[i] = representable(r.NormFloat64(), b)
				}
				place.Variables = append(place.Variables, x)
			}
			at = append(at, place)
		}
		for _, p := range []*program.Program{training.Step, training.Observe} {
			if err := compare(b, p, at); err != nil {
				t.Fatalf("program %d: %v", seed, err)
			}
		}
	}
}
