// Package network describes modular networks: what each module reads and
// writes, how it is built, how its weights start and by which rule they learn.
//
// A [Module] reads some blocks of the input and writes some blocks of the
// output through linear layers, ŷ = W_L ⋯ W_2 W_1 x. An [Architecture] is a list
// of modules; where their outputs overlap, they add up and share one error. The
// paper's four are [Shallow], [Dense], [Split] and [Partitioned].
//
// [Weights] are a network's layers, drawn by [Initial] as a function of
// (seed, point, element) alone, or read from a file by [ReadWeights]. Layer l of
// a module is called w1, w2, … (output × input of that layer: w1 is
// hidden × input, the last one output × hidden).
//
// Source: the paper, sections 3 to 5; the learning rules from its appendix on
// other learning rules.
package network
