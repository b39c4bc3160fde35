//go:build gpu

package large

import (
	"math"

	"modspec/engine/cuda"
)

// operation is one launch of a kernel of the large path: its list's index-th entry.
type operation struct {
	kernel  string
	blocks  int
	threads int
	list    listKind
	index   int
}

// listKind is which of a program's lists an operation's entry is in.
type listKind int

const (
	productList listKind = iota
	decisionList
	gatherList
	observationList
	listKinds
)

// program is all operations that a bundle of copies ever needs, made once. An
// operation's launch is the address of a list and an index.
type program struct {
	layout         *layout
	task           *task
	copies, slots  int
	tiles          []tile
	suffix         string // of kernels for a Real: "_f32" or "_f64"
	multiprocessor int    // of the device, how many
	outlooks       uint64 // address of the tasks' outlooks
	views          uint64 // address of the modules' views

	products     []productABI
	decisions    []decisionABI
	gathers      []gatherABI
	observations []observationABI
	viewList     []viewABI

	mapping [2][]operation    // the maps of a step of either parity and whether they are finite
	update  [2][2][]operation // the step after, for whole batches and for an epoch's last
	groups  []slotGroup
}

// slotGroup is the copies that pass through the slots together.
type slotGroup struct {
	first, copies int
	start         []operation // from plain weights to where training starts
	read          []operation // the weights as they are in plain inputs
	observe       []operation // their maps and sums, after read
}

// elementThreads is the number of threads of a block that goes element by element,
// elementPacks the number of packs that it serves, and observeWarps the number of
// warps of a block that observes.
const (
	elementThreads = 256
	elementPacks   = 1024
	observeWarps   = 8
)

// elementBlocks is the number of blocks for each copy of a kernel that goes pack by
// pack through a matrix.
func elementBlocks(rows, cols, size int) int {
	return max(1, cuda.CeilDiv(rows*cuda.CeilDiv(cols, 16/size), elementPacks))
}

// mapBlocks is the number of blocks that each leave a sum of squares of a module's map.
func mapBlocks(t *task, m *module, size int) int {
	rows, cols := m.hi-m.lo, m.coords
	if len(m.module.Hidden) == 0 {
		return elementBlocks(rows, cols, size)
	}
	return mapTile(m, size).count(rows, cols)
}

// mapTile is the tile of a module's map. It is chosen by the shape alone, because the
// sums of squares are sums over tiles, and whether a copy diverges shall not depend on
// how many others there are.
func mapTile(m *module, size int) *tile {
	hidden := m.module.Hidden
	return chooseTile(tilesOf(size), m.hi-m.lo, m.coords, hidden[len(hidden)-1], manyCopies, 1)
}

func tilesOf(size int) []tile {
	if size == 4 {
		return tiles32
	}
	return tiles64
}

// newProgram makes the operations of a bundle of copies.
func newProgram(t *task, x *layout, multiprocessors int, outlooks, views uint64) *program {
	p := &program{layout: x, task: t, copies: x.copies, slots: x.slots, tiles: tilesOf(x.size), suffix: "_f32",
		multiprocessor: multiprocessors, outlooks: outlooks, views: views}
	if x.size == 8 {
		p.suffix = "_f64"
	}
	for parity := range 2 {
		p.mapping[parity] = p.mapOperations(parity)
		sizes := []int{t.batch}
		if last := t.trained % t.batch; last > 0 {
			sizes = append(sizes, last)
		}
		for variant, size := range sizes {
			p.update[parity][variant] = p.updateOperations(parity, size)
		}
	}
	for i := range t.modules {
		p.viewList = append(p.viewList, p.view(i))
	}
	for first := 0; first < p.copies; first += p.slots {
		p.groups = append(p.groups, p.slotOperations(first, min(p.slots, p.copies-first)))
	}
	return p
}

// base is what all operations on the copies in training share.
func (p *program) base() productABI {
	x := p.layout
	return productABI{copies: int64(p.copies), scale: 1, taskOf: x.taskOf.at, ended: x.ended.at, clock: x.clock.at}
}

// multiply is an operation D = … A·B …; the operands' shapes are as they are stored.
// rows, cols and depth follow from A and B unless they are views; size is that of
// the elements.
func (p *program) multiply(d productABI, rows, cols, depth int) operation {
	t := chooseTile(p.tiles, rows, cols, depth, int(d.copies), p.multiprocessor)
	return p.multiplyIn(t, d, rows, cols, depth)
}

// multiply64 is multiply for matrices of double.
func (p *program) multiply64(d productABI, rows, cols, depth int) operation {
	return p.multiplyIn(chooseTile(tiles64, rows, cols, depth, int(d.copies), p.multiprocessor), d, rows, cols, depth)
}

func (p *program) multiplyIn(t *tile, d productABI, rows, cols, depth int) operation {
	d.rows, d.cols, d.depth = int64(rows), int64(cols), int64(depth)
	p.products = append(p.products, d)
	return operation{kernel: t.kernel, blocks: t.count(rows, cols) * int(d.copies), threads: t.threads, list: productList, index: len(p.products) - 1}
}

// elementwise is an operation of large.cu on a matrix A of elements of so many bytes.
func (p *program) elementwise(kernel string, d productABI, rows, cols, size int) operation {
	d.rows, d.cols = int64(rows), int64(cols)
	p.products = append(p.products, d)
	return operation{kernel: kernel, blocks: elementBlocks(rows, cols, size) * int(d.copies), threads: elementThreads, list: productList, index: len(p.products) - 1}
}

// apply is the epilogue of a product on A as it is.
func (p *program) apply(d productABI, rows, cols int) operation {
	return p.elementwise("large_apply"+p.suffix, d, rows, cols, p.layout.size)
}

// decide ends the copies whose maps are not finite.
func (p *program) decide() operation {
	x := p.layout
	largest := math.MaxFloat64
	if x.size == 4 {
		largest = math.MaxFloat32
	}
	p.decisions = append(p.decisions, decisionABI{first: 0, copies: int64(p.copies), sums: int64(x.squares.cols), squares: x.squares.abi(),
		largest: largest, ended: x.ended.at, clock: x.clock.at})
	return operation{kernel: "large_decide_f64", blocks: cuda.CeilDiv(p.copies, elementThreads/32), threads: elementThreads, list: decisionList, index: len(p.decisions) - 1}
}

// gather brings the columns of a step's examples from one matrix to another.
func (p *program) gather(from, to array, size int) operation {
	x, t := p.layout, p.task
	p.gathers = append(p.gathers, gatherABI{first: 0, copies: int64(p.copies), rows: int64(from.rows), size: int64(size), batch: int64(t.batch),
		trained: int64(t.trained), steps: int64(t.stepsOfEpoch()), epochs: int64(x.orders.count), stride: int64(x.orders.lead),
		from: from.abi(), to: to.abi(), orders: x.orders.at, taskOf: x.taskOf.at, ended: x.ended.at, clock: x.clock.at})
	return operation{kernel: "large_gather" + p.suffix, blocks: max(1, cuda.CeilDiv(from.rows*size, elementPacks)) * p.copies, threads: elementThreads, list: gatherList, index: len(p.gathers) - 1}
}
