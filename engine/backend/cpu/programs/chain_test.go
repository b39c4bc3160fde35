package programs

import (
	"fmt"
	"testing"

	"modspec/engine/backend/reference"
	"modspec/engine/program"
	"modspec/engine/random"
)

// TestLongChains adds broadcasts of every form to tensors of several chunks. Sums of
// two numbers are rounded once on every backend, so that float64 equals the reference
// to the bit, and so does float32 with whole numbers.
func TestLongChains(t *testing.T) {
	for _, s := range []struct{ before, length, after int }{
		{1, 500, 7}, {7, 500, 1}, {1, 3, 1500}, {2, 1300, 1}, {1500, 3, 1}, {1, 2100, 1}, {3, 5, 211}, {1, 1, 3000}, {1, 3, 1024}, {1, 2, 2047}, {3, 1023, 1},
	} {
		d := program.NewDraft()
		b := d.Observe
		size := s.before * s.length * s.after
		x := b.Read(d.State("x", d.Start.Zeros(s.before, s.length, s.after)))
		y := b.Read(d.State("y", d.Start.Zeros(s.before, s.after)))
		each := b.Reshape(b.Broadcast(y, 1, s.length), s.before, s.length, s.after)
		b.Output("sum", b.Add(x, each))
		// The same once more around it, to put two broadcasts behind each other.
		twice := func(axis int) program.Value { return b.Broadcast(b.Broadcast(y, 1, s.length), axis, 2) }
		for axis := range 4 {
			z := twice(axis)
			b.Output(fmt.Sprint("sum ", axis), b.Add(b.Reshape(b.Broadcast(x, axis, 2), b.Shape(z)...), z))
		}
		p, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		at := program.Place{Variables: [][]float64{make([]float64, size), make([]float64, s.before*s.after)}}
		for v := range at.Variables {
			for i := range at.Variables[v] {
				at.Variables[v][i] = float64(random.Stream{Seed: 3}.Uint64(random.FirstWordLayer+uint32(v), uint32(i)) % 1000)
			}
		}
		want, err := reference.Evaluate(p, at)
		if err != nil {
			t.Fatal(err)
		}
		forEachSet(t, func(t *testing.T, o Options) {
			got, err := Evaluate(p, o, at)
			if err != nil {
				t.Fatal(err)
			}
			same(t, fmt.Sprint(s), got[0], want)
		})
	}
}

// TestIntermediateResults: what a product or a chain passes on may be a result too.
func TestIntermediateResults(t *testing.T) {
	for wanted := 1; wanted < 1<<6; wanted++ {
		d := program.NewDraft()
		b := d.Observe
		x := b.Read(d.State("x", d.Start.Zeros(3, 2)))
		product := b.MatMul(x, x, false, true)
		biased := b.Add(product, b.Broadcast(b.Sum(x, 1), 0, 3))
		rectified := b.Relu(biased)
		scaled := b.Scale(rectified, 3)
		sum := b.Add(scaled, b.Scale(product, 2))
		values := []program.Value{product, biased, rectified, scaled, sum, b.Subtract(biased, b.Scale(sum, 2))}
		for i, v := range values {
			if wanted>>i&1 == 1 {
				b.Output(fmt.Sprint(i), v)
			}
		}
		p, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		at := program.Place{Variables: [][]float64{{1, -2, 3, 5, -7, 11}}} // all results are whole
		want, err := reference.Evaluate(p, at)
		if err != nil {
			t.Fatal(err)
		}
		forEachSet(t, func(t *testing.T, o Options) {
			got, err := Evaluate(p, o, at)
			if err != nil {
				t.Fatal(err)
			}
			same(t, fmt.Sprint("results ", wanted), got[0], want)
		})
	}
}
