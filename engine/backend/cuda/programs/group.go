//go:build gpu

package programs

import (
	"errors"
	"fmt"
	"math"

	"modspec/engine/cuda"
	"modspec/engine/program"
)

// A group is runs whose programs are executed side by side, with its memory on a device.
type group struct {
	device   *cuda.Device
	stream   *cuda.Stream
	options  Options
	kernels  map[string]*cuda.Function
	common   *common
	programs []*loaded
	watching bound // of pieces: none where no variable is watched
	address  uint64
	bytes    int64
}

// A loaded program is one whose launches are in device memory.
type loaded struct {
	memory   *memory
	launches []bound
}

// newGroup lays out memory for some runs and brings over what does not change.
func newGroup(d *cuda.Device, kernels map[string]*cuda.Function, runs int, s sizes, o Options, plans []*plan) (g *group, err error) {
	g = &group{device: d, options: o, kernels: kernels}
	var tables []*table
	layOut := func(base uint64) {
		r := &cuda.Layout{Next: base}
		g.common = layOutCommon(r, runs, s, o, plans)
		g.programs, tables = nil, nil
		for _, p := range plans {
			m := g.common.layOut(r, p)
			t, launches := p.bind(m, r.Next)
			r.Take(int64(len(t.bytes)))
			g.programs = append(g.programs, &loaded{m, launches})
			tables = append(tables, t)
		}
		t, watching := g.common.bindWatch(s, o, r.Next)
		r.Take(int64(len(t.bytes)))
		g.watching, tables = watching, append(tables, t)
		g.bytes = int64(r.Next - base)
	}
	layOut(0)
	if g.address, err = d.Allocate(g.bytes, fmt.Sprintf("%d runs of a program", runs)); err != nil {
		return nil, err
	}
	layOut(g.address)
	defer func() {
		if err != nil {
			err = first(err, g.close())
		}
	}()
	if g.stream, err = d.NewStream(); err != nil {
		return nil, err
	}
	for _, t := range tables {
		if err := g.stream.Upload(t.base, t.bytes, "the launches of a program"); err != nil {
			return nil, err
		}
	}
	for _, l := range g.programs {
		for v, at := range l.memory.constants {
			if err := g.bringConstant(at, &l.memory.plan.nodes[v]); err != nil {
				return nil, err
			}
		}
		for v, at := range l.memory.orders {
			if err := g.ones(at, runs*(l.memory.plan.nodes[v].Count+1), "the orders of examples"); err != nil {
				return nil, err
			}
		}
	}
	if err := g.ones(g.common.faults, runs, "room for faults"); err != nil {
		return nil, err
	}
	return g, g.ones(g.common.ended, runs, "runs that have diverged")
}

// ones sets all bits of some words: −1, or the largest number without a sign.
func (g *group) ones(at uint64, words int, purpose string) error {
	list := make([]int64, words)
	for i := range list {
		list[i] = -1
	}
	return g.stream.Upload(at, cuda.AsBytes(list), purpose)
}

// first returns the first error: closing after a failure gives further errors.
func first(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

// close frees the group's memory once nothing uses it any more. On a broken device it
// is lost already.
func (g *group) close() error {
	if g.device.Broken() {
		return nil
	}
	var errs []error
	if g.stream != nil {
		errs = append(errs, g.stream.Wait("what was begun"), g.stream.Destroy())
	}
	return errors.Join(append(errs, g.device.Release(g.address))...)
}

// numbers are numbers as the device has them.
func (g *group) numbers(data []float64) []byte {
	if g.options.Precision == Float64 {
		return cuda.AsBytes(data)
	}
	return cuda.AsBytes(float32s(data))
}

func float32s(data []float64) []float32 {
	out := make([]float32, len(data))
	for i, v := range data {
		out[i] = float32(v)
	}
	return out
}

// bringConstant copies a constant to the device, in pieces: one of bytes can be large, and
// its numbers are formed here.
func (g *group) bringConstant(at uint64, n *program.Node) error {
	const piece = 1 << 20
	for low := 0; low < n.Size(); low += piece {
		numbers := g.numbers(n.Numbers(low, min(low+piece, n.Size())))
		if err := g.stream.Upload(at+uint64(low*g.common.bytes), numbers, "the constants of a program"); err != nil {
			return err
		}
	}
	return nil
}

// bring copies a tensor of every run to the device.
func (g *group) bring(to tensorAt, of func(run int) []float64, purpose string) error {
	if to.stride == 0 {
		return nil
	}
	all := make([]float64, g.common.runs*to.stride)
	for run := range g.common.runs {
		copy(all[run*to.stride:], of(run))
	}
	return g.stream.Upload(to.at, g.numbers(all), purpose)
}

// fetch copies tensors of some sizes of every run from the device: by run, then by tensor.
func (g *group) fetch(from []tensorAt, sizes []int, purpose string) ([][][]float64, error) {
	parts := make([][]byte, len(from))
	for i, t := range from {
		parts[i] = make([]byte, g.common.bytes*max(0, (g.common.runs-1)*t.stride+sizes[i]))
		if sizes[i] == 0 {
			continue
		}
		if err := g.stream.Download(parts[i], t.at, purpose); err != nil {
			return nil, err
		}
	}
	if err := g.stream.Wait(purpose); err != nil {
		return nil, err
	}
	out := make([][][]float64, g.common.runs)
	for run := range out {
		out[run] = make([][]float64, len(from))
	}
	for i, t := range from {
		numbers := g.read(parts[i])
		for run := range out {
			out[run][i] = make([]float64, sizes[i])
			if sizes[i] > 0 {
				copy(out[run][i], numbers[run*t.stride:])
			}
		}
	}
	return out, nil
}

func (g *group) read(data []byte) []float64 {
	if g.options.Precision == Float64 {
		return cuda.AsNumbers[float64](data)
	}
	numbers := cuda.AsNumbers[float32](data)
	out := make([]float64, len(numbers))
	for i, v := range numbers {
		out[i] = float64(v)
	}
	return out
}

// bringRuns copies the settings and streams of the runs to the device.
func (g *group) bringRuns(of func(run int) *program.Run) error {
	var seeds []uint64
	for run := range g.common.runs {
		for _, s := range of(run).Streams {
			seeds = append(seeds, s.Seed, s.Point)
		}
	}
	if err := g.stream.Upload(g.common.seeds, cuda.AsBytes(seeds), "seeds"); err != nil {
		return err
	}
	return g.bring(g.common.settings, func(run int) []float64 { return of(run).Settings }, "settings")
}

// bringSteps says how many steps each run has done.
func (g *group) bringSteps(of func(run int) int) error {
	steps := make([]int64, g.common.runs)
	for run := range steps {
		steps[run] = int64(of(run))
	}
	if err := g.stream.Upload(g.common.steps, cuda.AsBytes(steps), "steps"); err != nil {
		return err
	}
	return g.bring(g.common.count, func(run int) []float64 { return []float64{float64(max(of(run), 0))} }, "steps")
}

// launch queues a program.
func (g *group) launch(l *loaded) error {
	for _, b := range l.launches {
		if err := g.kernels[b.name].LaunchRows(g.stream, b.blocks, g.common.runs, b.threads, b.shared, b.list, uint64(b.pieces), g.common.ended); err != nil {
			return err
		}
	}
	return nil
}

// watch marks runs that have diverged by the step that is not counted yet.
func (g *group) watch() error {
	b := g.watching
	if b.pieces == 0 {
		return nil
	}
	return g.kernels[b.name].LaunchRows(g.stream, b.blocks, g.common.runs, b.threads, 0, b.list, uint64(b.pieces), g.common.ended, g.common.steps)
}

// tick counts a step of every run.
func (g *group) tick() error {
	return g.kernels[tickKernel+g.options.suffix()].Launch(g.stream, (g.common.runs+reduceThreads-1)/reduceThreads, reduceThreads, 0,
		g.common.steps, g.common.count.at, uint64(g.common.runs))
}

// The kernels that count steps and that watch variables, without their precision.
const (
	tickKernel  = "program_tick"
	watchKernel = "program_watch"
)

// outputs returns the results of a program after it was launched: by run, then by output.
func (g *group) outputs(l *loaded) ([][][]float64, error) {
	p := l.memory.plan
	var from []tensorAt
	var sizes []int
	for _, o := range p.program.Outputs {
		r := p.resolve(o.Value)
		t := l.memory.tensor(r.root)
		t.at += uint64(r.offset * g.common.bytes)
		from = append(from, t)
		sizes = append(sizes, p.nodes[o.Value].Size())
	}
	return g.fetch(from, sizes, "results")
}

// fault waits, and returns an error if a program found a fault in a run that counts.
// The runs have numbers, and the error names the step.
func (g *group) fault(p *plan, counts func(run int) bool, numbers []int, step int) error {
	list := make([]uint64, g.common.runs)
	if err := g.stream.Download(cuda.AsBytes(list), g.common.faults, "faults"); err != nil {
		return err
	}
	if err := g.stream.Wait("faults"); err != nil {
		return err
	}
	for run, key := range list {
		if key == math.MaxUint64 || !counts(run) {
			continue
		}
		v := int(key >> 32)
		return fmt.Errorf("run %d, by step %d: %s, node %d of the program: index number %d is no row of a table of %d",
			numbers[run], step, p.nodes[v].Op, v, uint32(key), p.nodes[p.nodes[v].In[0]].Shape[0])
	}
	return nil
}

// loadKernels loads the kernels of some programs.
func loadKernels(d *cuda.Device, o Options, plans []*plan) (map[string]*cuda.Function, error) {
	names := []string{tickKernel + o.suffix(), watchKernel + o.suffix()}
	for _, p := range plans {
		for i := range p.launches {
			names = append(names, p.launches[i].name(o))
		}
	}
	kernels := map[string]*cuda.Function{}
	for _, name := range names {
		var err error
		if kernels[name], err = d.Function(name); err != nil {
			return nil, err
		}
	}
	return kernels, nil
}
