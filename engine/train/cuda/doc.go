// Package cuda is the backend that trains copies on NVIDIA GPUs, with kernels of
// its own (package kernels) launched through package engine/cuda.
//
// A copy's modules share no output as a rule, so they learn independently, and each is
// an item of its own: a group of lanes keeps its weights on the multiprocessor from one
// recorded step to the next, in reduced coordinates (see dataset.Reduced), and computes
// the recordings itself. Which kernel that is depends on the item's shape alone
// (choose.go), so a copy's numbers do not depend on what is trained beside it.
// Mini-batches, modules that share outputs, and copies too large for a multiprocessor's
// shared memory go through the matrix products of package large.
//
// Copies of one shape are trained in chunks that fit the device's free memory, two
// chunks at a time on each device, so that one trains while the other's results are
// copied out and recorded. A chunk's run is cut into slices of some milliseconds,
// between which it checks whether it was cancelled.
//
// What is recorded costs time: a recorder that needs no final weights
// (linear.WeightlessRecorder), or only last observations and passages
// (linear.PassageRecorder), does not copy the rest to the host; one that receives
// initial weights should accept them from several goroutines
// (linear.ConcurrentStartRecorder).
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
// The package needs the build tag gpu, because engine/cuda links the driver; `make gpu`
// sets it and all else that is needed. Without it Open returns an error that says so.
package cuda
