//go:build gpu

package large

// This file mirrors kernels/device/large_abi.cuh: the parameters of the kernels of the
// large path. Every field takes eight bytes and has the name that it has there; TestABI
// compares the two.

// Which of the matrices at a distance of stride belongs to a copy.
const (
	ofCopy = 0
	ofSlot = 1
	ofTask = 2
)

// matrixABI is one matrix for each copy; the zero value is none.
type matrixABI struct {
	at     uint64
	which  int64
	stride int64
	lead   int64
}

// productABI is a matrix product, or another operation on one matrix, with what
// becomes of it.
type productABI struct {
	rows     int64
	cols     int64
	depth    int64
	first    int64
	copies   int64
	aAcross  int64
	bAcross  int64
	scale    float64
	keep     float64
	a        matrixABI
	b        matrixABI
	c        matrixABI
	d        matrixABI
	raw      matrixABI
	response matrixABI
	term     matrixABI
	rowScale matrixABI
	colScale matrixABI
	rate     matrixABI
	termRate matrixABI
	squares  matrixABI
	taskOf   uint64
	ended    uint64
	clock    uint64
}

// decisionABI says which copies have diverged at a step.
type decisionABI struct {
	first   int64
	copies  int64
	sums    int64
	squares matrixABI
	largest float64
	ended   uint64
	clock   uint64
}

// gatherABI brings the columns of a step's examples together.
type gatherABI struct {
	first   int64
	copies  int64
	rows    int64
	size    int64
	batch   int64
	trained int64
	steps   int64
	epochs  int64
	stride  int64
	from    matrixABI
	to      matrixABI
	orders  uint64
	taskOf  uint64
	ended   uint64
	clock   uint64
}

// outlookABI is what an observation needs to know of a task.
type outlookABI struct {
	r           float64
	inputBits   uint64
	outputBits  uint64
	trained     uint64
	labels      uint64
	projections uint64
}

// projectionABI says where a bit's Walsh function meets a module's map.
type projectionABI struct {
	used int64
	in   int64
	out  int64
}

// viewABI is one module of an observation.
type viewABI struct {
	top      int64
	rows     int64
	edge     int64
	cols     int64
	omegaIn  int64
	omegaOut int64
	mapping  matrixABI
}

// Where a record has what.
const (
	sumTrainOmega   = 0
	sumTrainGamma   = 1
	sumTestOmega    = 2
	sumTestGamma    = 3
	sumOmegaOmega   = 4
	sumGammaOmega   = 5
	sumOmegaGamma   = 6
	sumGammaGamma   = 7
	firstProjection = 8
)

// observationABI is what is to be measured of some copies.
type observationABI struct {
	first    int64
	copies   int64
	bits     int64
	outputs  int64
	inputs   int64
	omegaIn  int64
	omegaOut int64
	modules  int64
	fields   int64
	parts    int64
	views    uint64
	outlooks uint64
	taskOf   uint64
	ended    uint64
	out      uint64
}
