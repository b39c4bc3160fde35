package programs

import (
	"modspec/engine/program"
	"modspec/engine/random"
	"modspec/engine/train/cpu/asm"
)

// setting is a number that the run brings, or the number of steps done.
type setting[F asm.Float] struct {
	d      place
	number int // −1 for the steps
}

func (s *setting[F]) run(m *machine[F]) error {
	v := float64(max(m.step, 0))
	if s.number >= 0 {
		v = m.settings[s.number]
	}
	m.at(s.d)[0] = F(v)
	return nil
}

// draw draws random numbers.
type draw[F asm.Float] struct {
	d place
	n *program.Node
}

func (r *draw[F]) run(m *machine[F]) error {
	d := m.at(r.d)[:r.d.size]
	s := m.streams[r.n.Draw.Stream]
	if r.n.Op == program.Batch {
		m.batch(d, r.n, s)
		return nil
	}
	if sample, ok := any(d).([]float64); ok {
		r.n.Sample(sample, s, m.step)
		return nil
	}
	for first := 0; first < len(d); first += len(m.sample) {
		part := m.sample[:min(len(m.sample), len(d)-first)]
		r.n.SamplePart(part, s, m.step, first)
		fill(d[first:], part)
	}
	return nil
}

// An order is the examples of an epoch as mini-batches take them.
type order struct {
	stream   random.Stream
	epoch    int
	examples []float64
}

// batch is program.Node.Sample with the order of the epoch kept.
func (m *machine[F]) batch(d []F, n *program.Node, s random.Stream) {
	perEpoch := (n.Count + len(d) - 1) / len(d)
	step := max(m.step, 0)
	o, known := m.orders[n]
	if !known || o.stream != s || o.epoch != step/perEpoch {
		// The epoch's order is that of a batch of all examples, of which the step is
		// the epoch.
		o = order{s, step / perEpoch, make([]float64, n.Count)}
		n.Sample(o.examples, s, o.epoch)
		m.orders[n] = o
	}
	rest := o.examples[step%perEpoch*len(d):]
	for i := range d {
		d[i] = -1
		if i < len(rest) {
			d[i] = F(rest[i])
		}
	}
}
