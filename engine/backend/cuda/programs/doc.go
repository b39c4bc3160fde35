// Package programs executes programs on NVIDIA GPUs, in float32 or float64, for many runs
// side by side, with kernels of its own (package kernels, program_*.cu) launched through
// package engine/cuda.
//
// # Plan
//
// A program is planned once, without knowledge of the number of runs. Elementwise
// operations are fused into chains, which one kernel steps through as a short code; a
// chain that begins with a product is applied by the product's kernel before it stores.
// Layout operations are not computed where a chain reads them: it reads their operand by
// index. Every result is computed as late as it may be, and of one stage all that one
// kernel computes is one launch: an optimizer's updates of all parameters, the gradients
// of all weights. Results that a later launch reads lie in buffers whose memory is used
// again. A variable is overwritten in place where nothing reads its old value any more,
// and by a copy at the end otherwise.
//
// Each tensor of a group of runs is one stretch of memory, run after run. Runs are the
// last axis of every grid. The launches of a step are recorded once as a CUDA graph and
// started again for each step; the number of steps done is counted on the device.
//
// # Bits
//
// Sums are taken in an order that depends on shapes alone, and draws are the numbers of
// program.Node.Sample rounded to the precision, so a run has the same bits alone and beside
// others. With Options.TF32 products round their factors to 11 bits: a sum Σ a·b is then
// off by up to 2^-10·Σ|a·b|.
//
// # Divergence
//
// After each step the device checks the variables. A run of which one is not finite has
// diverged at that step: it is not changed from then on, and finishes with the
// variables of that step, whatever is recorded. Results of Observe are not checked,
// since a measure that does not exist is NaN.
//
// # Limits
//
// A group has at most 65535 runs, and as many as the device's free memory holds; further
// runs are trained after it. A transposition moves at most 6 axes apart, after axes that
// stay side by side are joined. Tensors have fewer than 2^31 elements, as in package
// program.
//
// # Building
//
// Execution needs the build tag gpu, because engine/cuda links the driver; `make gpu` sets
// it and all else that is needed. [Count] needs none.
package programs
