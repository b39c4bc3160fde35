// Package cpu is the backend that trains many copies at once on vector
// processors, in float32 or float64.
//
// A vector lane holds a copy: sixteen float32 copies (eight float64) lie side by side
// in AVX-512, half as many in AVX2, and every scalar of the algorithm is a vector, so a
// small network of any shape runs at full width. Copies of equal shape share a vector
// whatever their points, rates and seeds; the threads train one group of a vector after
// the other, so memory does not grow with their number. Networks too large for that are
// trained in another way: one copy at a time, vectors along its rows, its matrix
// products packed and blocked for the caches.
//
// Where the rule leaves the part of a first layer orthogonal to the inputs alone
// (β = 0) a module trains in reduced coordinates, W1Q (see dataset.Reduced). Full
// batches of modules that share no output then need no second moments but a
// diagonal; everything else goes through the examples themselves. See network.go
// for the paths.
//
// # Precision
//
// Weights start as the float64 that network.Initial draws, projected in float64
// and then rounded. What is recorded is computed in float64 from the weights as
// they are. A copy diverges at the first step at which the squared norm of its
// modules' maps, Σ_m ‖W_L ⋯ W_1‖², is not finite in the precision that it is
// trained in, or its observation is not. In float64 and for modules that share
// no output this is the definition of package reference; float32 ends at
// 3.4·10³⁸, so it may report a step a few earlier.
//
// The same job gives the same bits on any number of threads and any kernel set
// (see package asm), and whatever copies lie beside it in the vector.
package cpu
