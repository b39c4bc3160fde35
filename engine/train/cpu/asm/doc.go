// Package asm holds the kernels of the CPU backend: products and elementwise
// operations on vectors whose lanes are independent, the tile of a packed matrix
// product, and what programs need: elementwise functions, panels of products, sums and
// transposes.
//
// There are three sets of kernels, AVX-512, AVX2 (with FMA) and plain Go, for
// float32 and float64 each. [Sets] lists those that this processor can run,
// fastest first. Every method states the sums it forms and their order, and all
// sets keep it, with one rounding for a multiply-add: the same input gives the
// same bits on every set. The plain-Go set is the definition; it is what every
// other platform runs, and what the build tag noasm leaves.
//
// The assembly is written by the generator in the folder gen, a module of its
// own.
//
//go:generate go -C gen run . -set avx512 -out ../avx512_amd64.s -stubs ../avx512_amd64.go -pkg asm
//go:generate go -C gen run . -set avx2 -out ../avx2_amd64.s -stubs ../avx2_amd64.go -pkg asm
package asm
