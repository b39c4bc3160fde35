//go:build gpu

package large

import (
	"modspec/engine/cuda"
)

// layout is where everything lies that some copies of one shape need on the
// device. The names are those of package cpu's general net: prefix[l] = W_l ⋯ W_1, back[l]
// is E carried back to layer l's output, l counting from 0.
type layout struct {
	copies, slots int
	size          int // bytes of a Real
	modules       []moduleLayout

	taskOf, ended, clock array // int64, by copy
	eta, etaGamma, beta  array // Real, a number by copy
	squares              array // double, by copy: one for each block of a module's map
	orders               array // uint32, epochs x copies, a row of training examples each
	out                  array // double, by copy: parts x fields of an observation

	labels  array // Y by task, unless diagonal
	y       array // Y of a step's examples by copy, for mini-batches
	answers array // Ŷ
	rest    array // Y − Ŷ

	// For observations, by task.
	inputBits, outputBits, trained array // int64
	targets                        array // double, labels of all examples; for teachers alone
	projections                    array // projectionABI, three int64 each
}

// moduleLayout is one module's part.
type moduleLayout struct {
	first      [2]array // W_1 in coordinates: of even steps, and of odd ones
	above      []array  // W_2 …
	prefix     []array  // prefix[0] stays empty: it is W_1
	back       []array  // back[0] stays empty: W_1 is changed at once
	response   array    // M·diag(δ), for γ when diagonal
	contrast   array    // YYᵀ − ŶŶᵀ
	last       array    // γ term
	hidden     []array  // H_l
	below      []array  // H_{l−1} − W_lᵀH_l
	lengths    []array  // 1/(1 − ‖w_i‖²)
	terms      []array  // β terms
	d, yx, yy  array    // by task, when diagonal
	x          array    // by task, unless diagonal
	inputs     array    // of a step's examples by copy, for mini-batches
	sums       [2]int   // its numbers in squares: the first, and how many
	projection array    // Q, double, by task

	still   array   // double, by copy: the part of W_1 outside the coordinates
	reduced array   // double, by slot: W_1 in coordinates
	plain   []array // double, by slot: the layers in plain inputs
	maps    []array // double, by slot: maps[l] = W_l ⋯ W_1; maps[0] stays empty
}

// weight is layer l's array, W_1 as it is at a step of the given parity.
func (m *moduleLayout) weight(l, parity int) array {
	if l == 0 {
		return m.first[parity]
	}
	return m.above[l-1]
}

func (m *moduleLayout) layers() int { return 1 + len(m.above) }

// product is W_l ⋯ W_1 at a step of the given parity.
func (m *moduleLayout) product(l, parity int) array {
	if l == 0 {
		return m.first[parity]
	}
	return m.prefix[l]
}

// mapping is the last of them, the module's map.
func (m *moduleLayout) mapping(parity int) array { return m.product(m.layers()-1, parity) }

const (
	// orderBytes bounds the orders of examples that are on the device at a time.
	orderBytes = 64 << 20
	// warpsPerObservation is how many warps share an observation's rows at most.
	warpsPerObservation = 64
)

// layOut lays the room out for some copies with so many tasks between them. Weights and
// maps in double, which copies pass through when they start, are observed and end, have
// room for some copies at a time, in about slotBytes.
func layOut(r *cuda.Layout, t *task, size, copies, tasks, slotBytes int) *layout {
	p := t.linear.Point
	x := &layout{copies: copies, size: size}
	ofCopies := func(elem, rows, cols int) array { return numbers(r, elem, ofCopy, copies, rows, cols) }
	ofTasks := func(elem, rows, cols int) array { return numbers(r, elem, ofTask, tasks, rows, cols) }
	x.taskOf, x.ended, x.clock = numbers(r, 8, ofCopy, 1, 1, copies), numbers(r, 8, ofCopy, 1, 1, copies), numbers(r, 8, ofCopy, 1, 1, copies)
	x.eta, x.etaGamma, x.beta = ofCopies(size, 1, 1), ofCopies(size, 1, 1), ofCopies(size, 1, 1)

	sums := 0
	for i := range t.modules {
		m := moduleLayout{}
		m.layOutTraining(t, &t.modules[i], size, ofCopies, ofTasks)
		m.sums = [2]int{sums, mapBlocks(t, &t.modules[i], size)}
		sums += m.sums[1]
		x.modules = append(x.modules, m)
	}
	x.squares = ofCopies(8, 1, sums)
	if !t.diagonal {
		outputs := p.Outputs()
		x.labels = ofTasks(size, outputs, t.trained)
		x.answers, x.rest = ofCopies(size, outputs, t.batch), ofCopies(size, outputs, t.batch)
		if t.batch < t.trained {
			x.y = ofCopies(size, outputs, t.batch)
			epochs := max(1, min(cuda.CeilDiv(1024, t.stepsOfEpoch()), orderBytes/(4*copies*t.trained)))
			x.orders = numbers(r, 4, ofCopy, epochs, 1, copies*t.trained)
		}
	}

	x.inputBits, x.outputBits = ofTasks(8, 1, p.NX()), ofTasks(8, 1, p.NY())
	x.trained = ofTasks(8, 1, p.Examples())
	if t.linear.Teacher != nil {
		x.targets = ofTasks(8, p.Outputs(), p.Examples())
	}
	x.projections = ofTasks(8, 1, 3*len(t.modules)*p.Bits)
	x.out = ofCopies(8, 1, t.parts()*t.fields()) // as parts are even in number, without gaps
	x.layOutSlots(r, t, slotBytes, ofCopies, ofTasks)
	return x
}

// layOutTraining lays out what steps need of a module.
func (m *moduleLayout) layOutTraining(t *task, lm *module, size int, ofCopies, ofTasks func(elem, rows, cols int) array) {
	widths, outputs := lm.widths(), lm.hi-lm.lo
	m.prefix, m.back = make([]array, len(widths)-1), make([]array, len(widths)-1)
	for l := range widths[1:] {
		rows, cols := widths[l+1], widths[l]
		if l == 0 {
			m.first = [2]array{ofCopies(size, rows, cols), ofCopies(size, rows, cols)}
			continue
		}
		m.above = append(m.above, ofCopies(size, rows, cols))
		m.back[l] = ofCopies(size, rows, lm.coords)
		if l < len(widths)-2 || !t.diagonal || t.gamma { // else the map leaves nothing but E
			m.prefix[l] = ofCopies(size, rows, lm.coords)
		}
	}
	if t.diagonal {
		m.d, m.yx = ofTasks(size, 1, lm.coords), ofTasks(size, outputs, lm.coords)
	} else {
		m.x = ofTasks(size, lm.coords, t.trained)
		if t.batch < t.trained {
			m.inputs = ofCopies(size, lm.coords, t.batch)
		}
	}
	if t.gamma {
		last := m.above[len(m.above)-1]
		m.contrast, m.last = ofCopies(size, outputs, outputs), ofCopies(size, last.rows, last.cols)
		if t.diagonal {
			m.response, m.yy = ofCopies(size, outputs, lm.coords), ofTasks(size, outputs, outputs)
		}
	}
	if t.beta == 0 {
		return
	}
	for l := range widths[1 : len(widths)-1] {
		rows, cols := widths[l+1], widths[l]
		m.hidden = append(m.hidden, ofCopies(size, rows, t.batch))
		m.terms = append(m.terms, ofCopies(size, rows, cols))
		if t.beta > 0 {
			m.below = append(m.below, ofCopies(size, cols, t.batch))
		} else {
			m.lengths = append(m.lengths, ofCopies(size, 1, rows))
		}
	}
}

// layOutSlots lays out what a copy passes through when it starts, is observed and ends.
func (x *layout) layOutSlots(r *cuda.Layout, t *task, slotBytes int, ofCopies, ofTasks func(elem, rows, cols int) array) {
	each := 0
	for i := range t.modules {
		each += t.modules[i].slotNumbers() * 8
	}
	x.slots = max(1, min(x.copies, slotBytes/each))
	ofSlots := func(rows, cols int) array { return numbers(r, 8, ofSlot, x.slots, rows, cols) }
	for i := range t.modules {
		lm, m := &t.modules[i], &x.modules[i]
		widths := lm.widths()
		if lm.q != nil {
			m.projection = ofTasks(8, lm.inputs, lm.coords)
			m.still = ofCopies(8, widths[1], lm.inputs)
			m.reduced = ofSlots(widths[1], lm.coords)
		}
		m.maps = make([]array, len(widths)-1)
		for l := range widths[1:] {
			if l == 0 {
				m.plain = append(m.plain, ofSlots(widths[1], lm.inputs))
				continue
			}
			m.plain = append(m.plain, ofSlots(widths[l+1], widths[l]))
			m.maps[l] = ofSlots(widths[l+1], lm.inputs)
		}
	}
}

// slotNumbers is about how many numbers of a slot belong to the module.
func (m *module) slotNumbers() int {
	widths, sum := m.widths(), 0
	sum += widths[1] * (m.inputs + m.coords)
	for l := 1; l+1 < len(widths); l++ {
		sum += widths[l+1] * (widths[l] + m.inputs)
	}
	return sum
}

// mapping64 is the module's map in plain inputs.
func (m *moduleLayout) mapping64() array {
	if len(m.above) == 0 {
		return m.plain[0]
	}
	return m.maps[len(m.maps)-1]
}

// stepsOfEpoch is the number of steps in which every training example comes once.
func (t *task) stepsOfEpoch() int { return cuda.CeilDiv(t.trained, t.batch) }

// parts is how many warps share the rows of an observation, and fields how many
// numbers each of them leaves.
func (t *task) parts() int {
	return cuda.CeilDiv(min(warpsPerObservation, t.linear.Point.Outputs()), observeWarps) * observeWarps
}

func (t *task) fields() int {
	return firstProjection + len(t.modules)*(3*t.linear.Point.Bits+1)
}
