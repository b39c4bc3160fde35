// Package large trains copies of linear networks on a GPU that are too large for the
// fused kernels, or whose steps are not theirs: mini-batches, outputs that modules share,
// modules without input, very many layers. All copies of one shape that fit the device
// are trained together, step by step; a step is a list of matrix products and other
// operations, each a kernel launch, which the driver records and starts again.
//
// It has the build tag gpu, like package train/cuda, which calls [Train].
package large
