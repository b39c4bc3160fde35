// Package programs executes programs (package program) on vector processors, in
// float32 or float64, for any number of runs.
//
// [Compile] turns the three programs of a training into plans once. A plan is a list
// of instructions with a place in memory for each of their results:
//
//   - Nodes that no result depends on are left out. Reshape and Stop move nothing.
//   - Elementwise nodes of one size that feed one another become one chain, which
//     goes through the tensor a chunk at a time, so that what passes between them
//     stays in the L1 cache. A Broadcast that only chains use is read in place. The
//     update of a variable by an optimizer is one chain.
//   - Products multiply by panels of the second factor with the tiles of package asm.
//     Biases and a Relu are added as a tile is stored. A large product of few terms that
//     a chain alone reads is computed some rows at a time, between parts of the chain:
//     the gradient of a layer with many weights goes into their update from the cache.
//   - A constant of bytes of which only rows are taken stays where it is.
//   - Results share memory when they are not needed at the same time. A variable is
//     overwritten in place where nothing reads its old value afterwards.
//
// Runs are a queue. A worker, one for each thread, has memory for one run, takes a
// run and trains it to its end. Where runs are fewer than threads, those of a worker
// share the rows of large products. Nothing is shared between runs but constants, so the
// bits of a run do not depend on the number of threads or on the runs beside it, and
// they are the same on every kernel set of package asm.
//
// # Divergence
//
// At each recorded step, and at the last, the variables are checked. If one of them is
// not finite, the run has diverged, at the first step after the previous check at which
// one was not: the steps in between are repeated from the variables of the previous
// check, which gives the same numbers. Where a run begins at a checkpoint, that counts
// as its previous check. Results of Observe are not checked, since a measure that does
// not exist is NaN.
package programs
