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
		training, err := programtest.Random(r)
		if err != nil {
			t.Fatal(err)
		}
		p := training.Observe
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
