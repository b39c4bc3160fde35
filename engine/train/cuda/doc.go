// Package cuda is the backend that trains copies on NVIDIA GPUs, with kernels of
// its own (package kernels) launched through package engine/cuda.
//
// A copy's modules share no output as a rule, so they learn apart, and each is an
// item of its own: a group of lanes keeps its weights on the multiprocessor from
// one recorded step to the next, in reduced coordinates (see dataset.Reduced), and
// serves the recordings itself. Which kernel that is depends on the item's shape
// alone (choose.go), so a copy's numbers do not depend on what is trained beside
// it. Mini-batches, modules that share outputs, and copies too large for a
// multiprocessor's shared memory go through the products of the large path
// (large.go).
//
// Copies of one shape are trained in chunks that fit the device's free memory, two
// chunks at a time on each device, so that one trains while the other's results are
// copied out and recorded. A chunk's run is cut into slices of some milliseconds,
// between which it looks whether it was cancelled.
//
// What is recorded costs time: a recorder that needs no final weights
// (train.WeightlessRecorder), or only last observations and passages
// (train.PassageRecorder), leaves the rest on the device; one that is told starting
// weights should let several goroutines tell them (train.ConcurrentStartRecorder).
//
// # Precision
//
// Weights start as the float64 that network.Initial draws, bit by bit, are projected
// in float64 and then rounded; everything recorded is added up in float64. A copy
// diverges at the first step at which the squared norm of a module's map is not
// finite in the precision of training, or its observation is not, or its last weights
// are not.
//
// The same job gives the same bits whatever the number of copies, devices and chunks,
// on devices of one compute capability.
//
// # Building
//
// The package needs the build tag gpu, because engine/cuda links the driver;
// `make gpu` sets it and all else that is needed. Without it Open says so.
package cuda
