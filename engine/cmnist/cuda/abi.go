//go:build gpu

package cuda

// This file mirrors kernels/device/conv_abi.cuh: what the kernels of convolutions are
// told. Every field takes eight bytes and has the name that it has there; TestABI
// compares the two.

// layerABI is one layer of one tower of one run.
type layerABI struct {
	channels        int64
	height          int64
	width           int64
	units           int64
	kernelHeight    int64
	kernelWidth     int64
	rectified       int64
	rectifiedBelow  int64
	parts           int64
	splits          int64
	rate            float64
	momentum        float64
	in              uint64
	order           uint64
	out             uint64
	delta           uint64
	below           uint64
	weights         uint64
	biases          uint64
	velocityWeights uint64
	velocityBiases  uint64
	partials        uint64
}

// headABI is the outputs of one tower of one run.
type headABI struct {
	outputs int64
	lo      int64
	digits  int64
	r       float64
	out     uint64
	delta   uint64
	order   uint64
	numbers uint64
}
