//go:build gpu

package cuda

// This file mirrors kernels/device/abi.h: the parameters of the kernels, and the
// addresses of their results. Every field takes eight bytes and has the name that it
// has there; TestABI compares the two.

// maxLayers is the most layers of weights that one module of a fused launch has.
const maxLayers = 8

// taskABI is a dataset as one module sees it, in its coordinates.
type taskABI struct {
	inputs      int64
	coords      int64
	outputs     int64
	examples    int64
	omegaIn     int64
	gammaIn     int64
	omegaOut    int64
	modes       int64
	trained     int64
	r           float64
	q           uint64
	d           uint64
	yx          uint64
	yy          uint64
	functionals uint64
	targets     uint64
	signs       uint64
	isTrained   uint64
	goals       uint64
}

// itemABI is one module of one copy.
type itemABI struct {
	task      int64
	module    int64
	seed      uint64
	point     uint64
	initScale float64
	eta       float64
	etaGamma  float64
	beta      float64
	limit     int64
	given     uint64
}

// launchABI is what all items of a launch share.
type launchABI struct {
	items         int64
	layers        int64
	widths        [maxLayers + 1]int64
	coords        int64
	rule          int64
	from          int64
	to            int64
	records       int64
	firstRecord   int64
	fields        int64
	keptRecords   int64
	stateStride   int64
	stillStride   int64
	finalStride   int64
	scratchStride int64
	tasks         uint64
	members       uint64
	recordSteps   uint64
	state         uint64
	still         uint64
	ended         uint64
	out           uint64
	passed        uint64
	finals        uint64
	scratch       uint64
}

// Where a record has what.
const (
	fieldTrainOmega = 0
	fieldTrainGamma = 1
	fieldTestOmega  = 2
	fieldTestGamma  = 3
	fieldOmegaOmega = 4
	fieldGammaOmega = 5
	fieldOmegaGamma = 6
	fieldGammaGamma = 7
	fieldFirstMode  = 8
)

// The rule of a launch is a sum of these.
const (
	ruleGamma   = 1
	ruleHebbian = 2
	ruleAnti    = 4
)
