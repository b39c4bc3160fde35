//go:build gpu

package cuda

import (
	"unsafe"

	"modspec/engine/cuda"
)

// program is the launches of a step and of answers. Each serves one level of layers of
// every tower of every member, the levels counted from the image up, as far as one class
// of kernels is right for them.
type program struct {
	lists   uint64 // layerABI and headABI: the lists of all launches, one after the other
	step    []launch
	answers map[uint64][]launch // by where the images lie
}

// launch is a kernel with the list of what it serves.
type launch struct {
	kernel  *cuda.Function
	threads int
	list    uint64
	rows    int               // of the list
	blocks  func(int64) int64 // the most that one of them needs for some images
}

const (
	layerSize = int64(unsafe.Sizeof(layerABI{}))
	headSize  = int64(unsafe.Sizeof(headABI{}))
)

// layOut gives the program its memory: a step names each layer five times at most and
// each tower once, and answers to a set of images name each layer twice.
func (p *program) layOut(g *group, r *room) {
	layers, towers := 0, 0
	for _, m := range g.members {
		for t := range m.net.towers {
			layers += len(m.net.towers[t].layers)
			towers++
		}
	}
	p.lists = r.take(int64(layers*(5+2*len(g.images.sets)))*layerSize + int64(towers)*headSize)
}

// keep goes on with some of the members and makes the program for them. Nothing that
// was launched for others still runs.
func (g *group) keep(members []*member) error {
	g.members = members
	p := &g.program
	var levels [][]layerABI
	var heads []headABI
	for _, m := range members {
		for t := range m.net.towers {
			w := &m.net.towers[t]
			for level, l := range g.layersOf(m, w) {
				if level == len(levels) {
					levels = append(levels, nil)
				}
				levels[level] = append(levels[level], l)
			}
			heads = append(heads, g.headOf(m, w))
		}
	}
	c := composer{group: g, next: p.lists}
	p.step = nil
	for _, list := range levels {
		c.forward(&p.step, list)
	}
	c.heads(&p.step, heads)
	for level := len(levels) - 1; level >= 0; level-- {
		if level > 0 {
			c.data(&p.step, levels[level])
		}
		c.weights(&p.step, levels[level])
	}
	p.answers = map[uint64][]launch{}
	for _, set := range g.images.sets {
		var launches []launch
		for level, list := range levels {
			if level == 0 {
				list = append([]layerABI(nil), list...)
				for i := range list {
					list[i].in, list[i].order = set.address, g.images.inOrder
				}
			}
			c.forward(&launches, list)
		}
		p.answers[set.address] = launches
	}
	return c.err
}

// layersOf returns a tower's layers as the kernels are told them.
func (g *group) layersOf(m *member, t *tower) []layerABI {
	list := make([]layerABI, len(t.layers))
	for i := range t.layers {
		l := &t.layers[i]
		a := layerABI{
			channels: int64(l.in.Channels), height: int64(l.in.Height), width: int64(l.in.Width),
			units: int64(l.out.Channels), kernelHeight: int64(l.height), kernelWidth: int64(l.width),
			parts: int64(l.parts(g.job.Batch)), splits: int64(l.splits()), rate: g.job.LearningRate, momentum: g.job.Momentum,
			out: l.values, delta: l.change,
			weights: m.net.parameters.address + uint64(l.weights), biases: m.net.parameters.address + uint64(l.biases),
		}
		if m.net.velocity.bytes > 0 {
			a.velocityWeights, a.velocityBiases = m.net.velocity.address+uint64(l.weights), m.net.velocity.address+uint64(l.biases)
		}
		if l.rectified {
			a.rectified = 1
		}
		if a.parts > 1 || a.splits > 1 {
			a.partials = t.partials
		}
		if i == 0 {
			a.in, a.order = g.images.trained, m.net.order
		} else {
			below := &t.layers[i-1]
			a.in, a.below, a.rectifiedBelow = below.values, below.change, list[i-1].rectified
		}
		list[i] = a
	}
	return list
}

// headOf returns a tower's outputs as the kernels are told them.
func (g *group) headOf(m *member, t *tower) headABI {
	composition, last := g.job.Data.Composition, t.last()
	return headABI{
		outputs: int64(t.hi - t.lo), lo: int64(t.lo), digits: int64(composition.Digits), r: composition.R,
		out: last.values, delta: last.change, order: m.net.order, numbers: g.images.numbers,
	}
}

// run queues launches for images that stand from a place of their orders on.
func (g *group) run(launches []launch, start, images int) error {
	for i := range launches {
		l := &launches[i]
		if err := l.kernel.LaunchRows(g.stream, int(l.blocks(int64(images))), l.rows, l.threads, 0, l.list, uint64(start), uint64(images)); err != nil {
			return err
		}
	}
	return nil
}

// step queues a step.
func (g *group) step(step int) error {
	start := step * g.job.Batch
	return g.run(g.program.step, start, min(g.job.Batch, g.job.Data.Train.Count()-start))
}

// answer has every member answer images first ... first + count − 1 of a set, and
// waits for the answers.
func (g *group) answer(set imageSet, first, count int) error {
	if err := g.run(g.program.answers[set.address], first, count); err != nil {
		return err
	}
	for _, m := range g.members {
		for t := range m.net.towers {
			w := &m.net.towers[t]
			if err := g.stream.Download(cuda.AsBytes(w.answers[:count*(w.hi-w.lo)]), w.last().values, "answers"); err != nil {
				return err
			}
		}
	}
	return g.stream.Wait("answers")
}

// answers writes what the member answered to an image, counted from the first that
// was asked.
func (m *member) answers(to []float64, i int) {
	for t := range m.net.towers {
		w := &m.net.towers[t]
		for o, v := range w.answers[i*(w.hi-w.lo):][:w.hi-w.lo] {
			to[w.lo+o] = float64(v)
		}
	}
}
