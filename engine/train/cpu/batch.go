package cpu

import "modspec/engine/train/cpu/asm"

// batch is the examples of a step: always the same ones for full batches, else
// the next of a fresh order in each epoch, every lane by its own stream.
type batch[F asm.Float] struct {
	g        *algebra[F]
	task     *task
	lanes    []*lane
	size     int         // examples of this step
	inputs   []matrix[F] // C of each module, coordinates × examples
	across   []matrix[F] // their transposes
	labels   matrix[F]   // Y, outputs × examples
	answers  matrix[F]   // Ŷ
	residues matrix[F]   // Y − Ŷ
	share    []F         // 1/size
	orders   [][]int     // of each lane, this epoch's
	epoch    int
	served   int // examples of this epoch
	loaded   bool
}

func newBatch[F asm.Float](g *algebra[F], t *task) *batch[F] {
	b := &batch[F]{g: g, task: t, share: g.fill(0), orders: make([][]int, g.lanes)}
	outputs := t.linear.Point.Outputs()
	for i := range t.modules {
		b.inputs = append(b.inputs, g.new(t.modules[i].coords, t.batch))
		b.across = append(b.across, g.new(t.batch, t.modules[i].coords))
	}
	b.labels, b.answers, b.residues = g.new(outputs, t.batch), g.new(outputs, t.batch), g.new(outputs, t.batch)
	return b
}

func (b *batch[F]) prepare(lanes []*lane) {
	b.lanes, b.epoch, b.served, b.loaded = lanes, 0, 0, false
	for i := range b.orders {
		b.orders[i] = nil
	}
	for _, m := range append(append([]matrix[F]{b.labels}, b.inputs...), b.across...) {
		clear(m.data[:cap(m.data)])
	}
}

// next brings the examples of the next step and computes answers and residues of
// the maps as they are.
func (b *batch[F]) next(n *generalNet[F]) {
	b.load()
	clear(b.answers.data)
	for i := range n.modules {
		m := &n.modules[i]
		rows := b.answers.slice(m.lo, m.hi, b.g.lanes)
		b.g.product(rows, rows, nil, m.mapping(), b.inputs[i])
	}
	b.g.k.Combine(b.residues.data, b.labels.data, n.minus, b.answers.data)
}

// residual computes E of a module, rows lo … hi−1 of (Y − Ŷ)·Cᵀ/m.
func (b *batch[F]) residual(e matrix[F], module, lo, hi int) {
	b.g.product(e, matrix[F]{}, b.share, b.residues.slice(lo, hi, b.g.lanes), b.across[module])
}

func (b *batch[F]) load() {
	full := b.task.batch == b.task.trained
	if full && b.loaded {
		return
	}
	b.loaded = true
	if b.served == b.task.trained {
		b.served = 0
		b.epoch++
	}
	size := min(b.task.batch, b.task.trained-b.served)
	b.resize(size)
	for l, lane := range b.lanes {
		if lane == nil {
			continue
		}
		if full {
			b.orders[l] = nil
		} else if b.served == 0 {
			b.orders[l] = lane.copy.Stream.Permutation(b.task.trained, uint32(b.epoch))
		}
		b.fill(l, lane)
	}
	b.served += size
}

// resize shapes the matrices for a number of examples: the last batch of an
// epoch may be smaller.
func (b *batch[F]) resize(size int) {
	if size == b.size {
		return
	}
	b.size = size
	shape := func(m matrix[F], rows, cols int) matrix[F] {
		m = b.g.shape(m.data[:cap(m.data)], rows, cols)
		clear(m.data)
		return m
	}
	for i := range b.inputs {
		coords := b.task.modules[i].coords
		b.inputs[i], b.across[i] = shape(b.inputs[i], coords, size), shape(b.across[i], size, coords)
	}
	rows := b.labels.rows
	b.labels, b.answers, b.residues = shape(b.labels, rows, size), shape(b.answers, rows, size), shape(b.residues, rows, size)
	for i := range b.share {
		b.share[i] = F(1 / float64(size))
	}
}

// fill writes a lane's examples.
func (b *batch[F]) fill(l int, lane *lane) {
	for e := 0; e < b.size; e++ {
		from := b.served + e
		if b.orders[l] != nil {
			from = b.orders[l][from]
		}
		for i := range b.inputs {
			x := lane.task.modules[i].x
			for j := 0; j < b.inputs[i].rows; j++ {
				v := F(x.At(j, from))
				b.inputs[i].data[b.inputs[i].at(j, e, b.g.lanes)+l] = v
				b.across[i].data[b.across[i].at(e, j, b.g.lanes)+l] = v
			}
		}
		for j := 0; j < b.labels.rows; j++ {
			b.labels.data[b.labels.at(j, e, b.g.lanes)+l] = F(lane.task.labels.At(j, from))
		}
	}
}
