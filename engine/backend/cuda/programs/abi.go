//go:build gpu

package programs

// This file mirrors kernels/device/program_abi.cuh: the parameters of the kernels of
// programs. Every field takes eight bytes and has the name that it has there; TestABI
// compares the two.

type programInstruction struct {
	word    int64
	operand int64
	store   int64
	a       float64
	b       float64
}

type programOperand struct {
	at         uint64
	stride     int64
	offset     int64
	axes       int64
	bounded    int64
	low        int64
	high       int64
	length     [maxAxes]int64
	multiplier [maxAxes]int64
	shift      [maxAxes]int64
	step       [maxAxes]int64
}

type programChain struct {
	first    int64
	size     int64
	count    int64
	code     uint64
	operands uint64
}

type programDigits struct {
	height           int64
	heightMultiplier int64
	heightShift      int64
	width            int64
	widthMultiplier  int64
	widthShift       int64
}

type programSteps struct {
	outer int64
	y     int64
	x     int64
}

type programSide struct {
	at      uint64
	stride  int64
	batch   int64
	wide    int64
	bounded int64
	height  int64
	width   int64
	extent  programSteps
	depth   programSteps
}

type programProduct struct {
	first       int64
	batch       int64
	rows        int64
	cols        int64
	depth       int64
	size        int64
	rowStep     int64
	colStep     programSteps
	rowDigits   programDigits
	colDigits   programDigits
	depthDigits programDigits
	left        programSide
	right       programSide
	count       int64
	code        uint64
	operands    uint64
}

type programSum struct {
	first      int64
	size       int64
	length     int64
	after      int64
	slices     int64
	from       uint64
	fromStride int64
	to         uint64
	toStride   int64
}

// The kinds of programRows.
const (
	rowSoftmax = iota
	rowLogSoftmax
	rowTop
)

type programRows struct {
	first      int64
	rows       int64
	length     int64
	kind       int64
	most       int64
	lanes      int64
	from       uint64
	fromStride int64
	to         uint64
	toStride   int64
}

type programGather struct {
	first         int64
	size          int64
	width         int64
	rows          int64
	node          int64
	table         uint64
	tableStride   int64
	indices       uint64
	indicesStride int64
	to            uint64
	toStride      int64
	faults        uint64
}

type programWatch struct {
	first      int64
	size       int64
	from       uint64
	fromStride int64
}

// The kinds of programDraw.
const (
	drawNormal = iota
	drawUniform
	drawWhole
	drawBatch
)

type programDraw struct {
	first    int64
	size     int64
	kind     int64
	number   int64
	below    int64
	stream   int64
	streams  int64
	seeds    uint64
	steps    uint64
	order    uint64
	to       uint64
	toStride int64
}
