//go:build !amd64 || noasm

package asm

// assembly returns nothing: there is none for this platform, or the build tag
// noasm leaves it out.
func assembly[F Float]() []*Kernels[F] { return nil }
