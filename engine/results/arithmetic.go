package results

import (
	"math"
	"runtime"
	"strings"
)

// Arithmetic names what the last bits of a result depend on beside the backend: two
// programs with one name make the same results of the same work, two with different
// names do not.
//
//   - "amd64": built for this architecture as Go does by default.
//   - "amd64-v3": built with GOAMD64=v3 or v4, for which the compiler joins a product
//     and a sum into one instruction with one rounding.
//   - "…-noasm": built with the tag noasm or safe, by which gonum leaves out its
//     assembly, and forms its sums in another order. Our own kernels have the same bits
//     in plain Go.
//   - "…-nofma": the processor has no fused multiply-add (none of 2013 or later), which
//     Go's exponential function uses where there is one.
//   - "arm64" and others: the architecture. The compiler joins products and sums there
//     too, and gonum has no assembly for it.
func Arithmetic() string {
	name := runtime.GOARCH + fused + plain
	// exp(0.375) rounds to this with fused multiply-adds, and to its neighbour below
	// without.
	if runtime.GOARCH == "amd64" && math.Float64bits(math.Exp(0.375)) != 0x3ff747a513dbef6b {
		name += "-nofma"
	}
	return name
}

// ArithmeticName returns the arithmetic of the process that p describes. A provenance
// from before it was recorded has none; it counts as that of the usual build for its
// platform.
func (p *Provenance) ArithmeticName() string {
	if p.Arithmetic != "" {
		return p.Arithmetic
	}
	_, arch, _ := strings.Cut(p.Platform, "/")
	return arch
}

// OtherArithmetic returns why a process with the arithmetic of now cannot continue what
// a process with that of then has begun at path; "" if it can.
func OtherArithmetic(path, then, now string) string {
	if then == now {
		return ""
	}
	return path + " was begun by a build for " + then + ", from whose results those of this build, for " + now +
		", differ in the last bits; go on with the other build (GOAMD64 and -tags of go build decide), or choose another folder"
}
