package programs

import (
	"fmt"
	"math"
	"slices"

	"modspec/engine/program"
)

const (
	codeGiven = iota
	codeLoad
	codeMove
)

// codes are the codes of elementwise operations.
var codes = map[program.Op]int{
	program.Affine: 3, program.Relu: 4, program.Sqrt: 5, program.Exp: 6, program.Log: 7, program.Tanh: 8,
	program.Sigmoid: 9, program.Softplus: 10, program.Erf: 11, program.Sin: 12, program.Cos: 13,
	program.Add: 14, program.Subtract: 15, program.Multiply: 16, program.Divide: 17, program.Maximum: 18,
	program.Less: 19, program.Atan2: 20, program.Select: 21,
}

// maxSlots mirrors MAX_SLOTS, and the sources those of enum ProgramSource.
const (
	maxSlots          = 8
	sourceAccumulator = maxSlots
	sourceA           = maxSlots + 1
	sourceB           = maxSlots + 2
	sourceNone        = maxSlots + 3
)

// An instruction of a chain. Its sources are numbers of instructions, or one of the two
// numbers that it brings.
type instruction struct {
	code    int
	in      []source
	a, b    float64
	operand int // codeLoad
	over    int // codeLoad: the instruction whose result it keeps where its operand has no element; −1: none
	node    int // whose result it is; −1: none
	store   int // operand; −1: none
	slot    int // of the result; −1: the accumulator alone
}

// A source is the result of an instruction, or with value −1 the number a or b.
type source struct {
	value int
	b     bool
}

// A piece is a chain, or a part of one that has too many results at a time, as
// instructions.
type piece struct {
	product  int // −1: none
	nodes    []int
	code     []instruction
	operands []operand
	slots    int
}

// A writer writes the code of a piece.
type writer struct {
	plan    *plan
	piece   *piece
	results map[int]int    // instructions by node
	loaded  map[string]int // and by operand
}

// pieces cuts a chain into pieces, in the order in which they are computed: as few as the
// number of slots allows.
func (p *plan) pieces(c *chain) ([]*piece, error) {
	var list []*piece
	rest, product := c.nodes, c.product
	for first := true; first || len(rest) > 0; first = false {
		best, err := p.write(product, nil)
		if err != nil {
			return nil, err
		}
		count := 0
		// A longer piece may need fewer slots than a shorter one, since what a
		// piece's result is used for within it need not be kept; the first that does not
		// fit ends the search nevertheless.
		for count < len(rest) {
			next, err := p.write(product, rest[:count+1])
			if err != nil {
				return nil, err
			}
			if next == nil {
				break
			}
			best, count = next, count+1
		}
		if count == 0 && len(rest) > 0 && product < 0 {
			return nil, fmt.Errorf("%s needs more than %d slots in a chain", p.nodes[rest[0]].Op, maxSlots)
		}
		list = append(list, best)
		rest, product = rest[count:], -1
	}
	return list, nil
}

// write returns a piece of some nodes, none where it needs too many slots.
func (p *plan) write(product int, nodes []int) (*piece, error) {
	w := &writer{plan: p, piece: &piece{product: product, nodes: nodes}, results: map[int]int{}, loaded: map[string]int{}}
	if product >= 0 {
		w.results[product] = w.add(instruction{code: codeGiven, node: product})
	}
	for _, v := range nodes {
		if err := w.node(v); err != nil {
			return nil, err
		}
	}
	if !w.piece.allocate() {
		return nil, nil
	}
	return w.piece, nil
}

func (w *writer) add(i instruction) int {
	i.store, i.slot = -1, -1
	if i.code != codeLoad {
		i.operand, i.over = -1, -1
	}
	w.piece.code = append(w.piece.code, i)
	return len(w.piece.code) - 1
}

// node writes the operation of a root.
func (w *writer) node(v int) error {
	n := &w.plan.nodes[v]
	if isView(n.Op) {
		i, err := w.view(v)
		if err != nil {
			return err
		}
		// What was loaded for another root is moved: it has a result of its own.
		if w.piece.code[i].node >= 0 {
			i = w.add(instruction{code: codeMove, in: []source{{value: i}}})
		}
		w.piece.code[i].node = v
		w.results[v] = i
		return nil
	}
	out := instruction{code: codes[n.Op], node: v, a: n.A, b: n.B}
	var numbers []float64
	for _, in := range n.In {
		x, ok := w.plan.immediate(in)
		if !ok {
			i, err := w.value(in)
			if err != nil {
				return err
			}
			out.in = append(out.in, source{value: i})
			continue
		}
		at := slices.IndexFunc(numbers, func(y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
		if at < 0 {
			at = len(numbers)
			numbers = append(numbers, x)
		}
		// An affine operation brings two numbers already, a selection may have three.
		if n.Op == program.Affine || at > 1 {
			out.in = append(out.in, source{value: w.add(instruction{code: codeMove, in: []source{{value: -1}}, a: x, node: -1})})
			continue
		}
		out.in = append(out.in, source{value: -1, b: at == 1})
	}
	if n.Op != program.Affine {
		numbers = append(numbers, 0, 0)
		out.a, out.b = numbers[0], numbers[1]
	}
	w.results[v] = w.add(out)
	return nil
}

// value returns the instruction that has an operand of an elementwise operation.
func (w *writer) value(in program.Value) (int, error) {
	r := w.plan.resolve(in)
	if i, ok := w.results[r.root]; ok && !r.part {
		return i, nil
	}
	if isView(w.plan.nodes[r.root].Op) && !r.part {
		return w.view(r.root)
	}
	return w.load(flat(r)), nil
}

// view returns the instruction that has the result of a view.
func (w *writer) view(root int) (int, error) {
	operands, zeros, err := w.plan.view(root)
	if err != nil {
		return 0, err
	}
	if len(operands) == 1 && operands[0].bounded < 0 {
		return w.load(operands[0]), nil
	}
	key := fmt.Sprint("view ", root)
	if i, ok := w.loaded[key]; ok {
		return i, nil
	}
	i := -1
	if zeros {
		i = w.add(instruction{code: codeMove, in: []source{{value: -1}}, node: -1})
	}
	for _, o := range operands {
		i = w.add(instruction{code: codeLoad, operand: w.piece.operand(o), over: i, node: -1})
	}
	w.loaded[key] = i
	return i, nil
}

func (w *writer) load(o operand) int {
	key := o.key()
	i, ok := w.loaded[key]
	if !ok {
		i = w.add(instruction{code: codeLoad, operand: w.piece.operand(o), over: -1, node: -1})
		w.loaded[key] = i
	}
	return i
}

// operand returns the number of an operand of the piece.
func (p *piece) operand(o operand) int {
	p.operands = append(p.operands, o)
	return len(p.operands) - 1
}

// allocate gives slots to results that are used later than by the next instruction, and
// reports whether there are enough.
func (p *piece) allocate() bool {
	last := make([]int, len(p.code))
	kept := make([]bool, len(p.code))
	for i := range last {
		last[i] = -1
	}
	for i := range p.code {
		for _, in := range p.code[i].in {
			if in.value >= 0 {
				last[in.value] = i
				kept[in.value] = kept[in.value] || i > in.value+1
			}
		}
	}
	var free []int
	for slot := range maxSlots {
		free = append(free, slot)
	}
	for i := range p.code {
		for v := range i {
			if kept[v] && last[v] == i {
				free = append(free, p.code[v].slot)
			}
		}
		p.code[i].slot = -1
		if kept[i] {
			if len(free) == 0 {
				return false
			}
			slices.Sort(free)
			p.code[i].slot, free = free[0], free[1:]
			p.slots = max(p.slots, p.code[i].slot+1)
		}
	}
	return true
}
