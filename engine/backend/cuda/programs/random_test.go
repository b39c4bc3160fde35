//go:build gpu

package programs

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"modspec/engine/cuda"
	"modspec/engine/program"
	"modspec/engine/program/programtest"
	"modspec/engine/random"
)

// randomProgram returns a program of random operations on small tensors: values of few
// shapes that are used again and again, so that chains meet products, views of views,
// parts of tensors, and results that several stages read.
func randomProgram(r *rand.Rand) (*program.Program, error) {
	d := program.NewDraft()
	b := d.Observe
	var values []program.Value
	for i := range 3 {
		v := d.State(fmt.Sprint("x", i), d.Start.Zeros(3, 4))
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
	any := func([]int) bool { return true }
	like := func(x program.Value) program.Value {
		size := program.Size(b.Shape(x))
		y := pick(func(s []int) bool { return program.Size(s) == size })
		if y == program.None {
			y = x
		}
		return b.Reshape(y, b.Shape(x)...)
	}
	for number := range 40 {
		x := pick(any)
		shape := b.Shape(x)
		axes := len(shape)
		v := program.None
		switch r.IntN(20) {
		case 0:
			v = b.Tanh(b.Add(x, like(x)))
		case 1:
			v = b.Multiply(b.Sigmoid(x), like(x))
		case 2:
			v = b.Subtract(x, b.Scale(like(x), 0.5))
		case 3:
			v = b.Maximum(b.Affine(x, -1, 0.25), like(x))
		case 4:
			v = b.Select(b.Relu(b.Sin(x)), like(x), b.Like(b.Scalar(-0.5), x))
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
		}
		// Large values would only meet the ends of the type.
		if v != program.None && program.Size(b.Shape(v)) < 200 {
			values = append(values, v)
		}
	}
	for i, v := range values[7:] {
		if r.IntN(3) == 0 || i == len(values)-8 {
			b.Output(fmt.Sprint("y", i), v)
		}
	}
	return b.Build()
}

// Random programs agree with the definitions of their operations, however they are fused,
// and leave what lies beside their tensors as it was. On the stand-in memory is NaN
// where nothing was written.
func TestRandomPrograms(t *testing.T) {
	d := opened(t)
	programs := uint64(60)
	if testing.Short() {
		programs = 8
	}
	for seed := range programs {
		r := rand.New(rand.NewPCG(seed, 7))
		p, err := randomProgram(r)
		if err != nil {
			t.Fatal(err)
		}
		var at []program.Place
		for run := range uint64(3) {
			place := program.Place{Step: int(run) - 1, Run: program.Run{Streams: []random.Stream{{Seed: run}}, Settings: []float64{0.5}}}
			for range 3 {
				var x []float64
				for range 12 {
					x = append(x, float64(float32(r.NormFloat64())))
				}
				place.Variables = append(place.Variables, x)
			}
			at = append(at, place)
		}
		for _, o := range []Options{{}, {Precision: Float64}} {
			b := evaluator{d, o}
			plan, err := newPlan(p, o, false)
			if err != nil {
				t.Fatal(err)
			}
			got, err := evaluate(d, plan, at)
			if err != nil {
				t.Fatal(err)
			}
			plan.place(8)
			apart, err := guarded(d, plan, at)
			if err != nil {
				t.Fatalf("program %d, %v: %v\n%s", seed, o, err, plan)
			}
			if fmt.Sprint(apart) != fmt.Sprint(got) {
				t.Fatalf("program %d, %v: where no memory is used again the results are %v, want %v", seed, o, apart, got)
			}
			for i := range at {
				if err := programtest.Compare(p, at[i], got[i], b.Roundoff()); err != nil {
					t.Fatalf("program %d, place %d, %v: %v\n%s", seed, i, o, err, plan)
				}
			}
		}
	}
}

// guarded evaluates a plan and returns an error if anything was written but tensors.
func guarded(d *cuda.Device, p *plan, at []program.Place) (out [][][]float64, err error) {
	s := sizes{settings: len(at[0].Run.Settings), streams: len(at[0].Run.Streams)}
	for _, v := range at[0].Variables {
		s.variables = append(s.variables, len(v))
	}
	err = d.Do(func() error {
		kernels, err := loadKernels(d, p.options, []*plan{p})
		if err != nil {
			return err
		}
		g, err := newGroup(d, kernels, len(at), s, p.options, []*plan{p})
		if err != nil {
			return err
		}
		read := func() ([]byte, error) {
			all := make([]byte, g.bytes)
			if err := g.stream.Download(all, g.address, "all memory"); err != nil {
				return nil, err
			}
			return all, g.stream.Wait("all memory")
		}
		before, err := read()
		if err != nil {
			return err
		}
		if out, err = g.evaluate(at); err != nil {
			return err
		}
		after, err := read()
		if err != nil {
			return err
		}
		m, bytes := g.programs[0].memory, uint64(p.options.Precision.bytes())
		free := func(from, count uint64) { copy(after[from-g.address:][:count], before[from-g.address:]) }
		for root, b := range p.buffers {
			for run := range at {
				free(m.tensor(root).at+uint64(run*b.stride)*bytes, uint64(p.nodes[root].Size())*bytes)
			}
		}
		for _, v := range append(slices.Clone(m.variables), m.settings, m.count) {
			free(v.at, uint64(len(at)*v.stride)*bytes)
		}
		for root, order := range m.orders {
			free(order, uint64(8*len(at)*(p.nodes[root].Count+1)))
		}
		free(m.steps, uint64(8*len(at)))
		free(m.seeds, uint64(16*len(at)*m.streams))
		for i := range after {
			if after[i] != before[i] {
				return fmt.Errorf("byte %d of the memory is %#x, but was %#x before", i, after[i], before[i])
			}
		}
		return g.close()
	})
	return out, err
}
