//go:build ignore

// Command normals writes normals.h, what package random draws, for the test of the
// device's copy of it. Run it in the repository's root:
//
//	go run kernels/device/testing/normals.go > kernels/device/testing/normals.h
package main

import (
	"fmt"
	"math"

	"modspec/engine/random"
)

func main() {
	fmt.Println("// Standard normals of engine/random, by their bits: written by normals.go.")
	fmt.Println("struct Drawn {\n  uint64_t seed, point;\n  uint32_t layer, element;\n  uint64_t bits;\n};")
	fmt.Println("static const Drawn drawn[] = {")
	streams := []random.Stream{
		{}, {Seed: 1}, {Point: 1}, {Seed: 0xfedcba9876543210, Point: 0x0123456789abcdef}, {Seed: math.MaxUint64, Point: math.MaxUint64},
	}
	for _, s := range streams {
		for _, layer := range []uint32{0, 1, 768, 769, random.FirstWordLayer - 1} {
			for _, element := range []uint32{0, 1, 2, 3, 4, 5, 26, 27, 449, 450, 65535, 65536, math.MaxInt32, math.MaxUint32 - 1, math.MaxUint32} {
				fmt.Printf("    {%#xull, %#xull, %du, %du, %#016xull},\n", s.Seed, s.Point, layer, element, math.Float64bits(s.Normal(layer, element)))
			}
		}
	}
	fmt.Println("};")
	fmt.Println("\n// Words with their normals: the ends, the borders between centre and tails, and what\n// lies around them.")
	fmt.Println("struct Mapped {\n  uint64_t word, bits;\n};")
	fmt.Println("static const Mapped mapped[] = {")
	words := []uint64{0, 1, 1 << 12, math.MaxUint64, math.MaxUint64 - 1<<12, 1 << 63, 1<<63 - 1}
	// q = ±0.425 and r = 5 in the tails, where the area is e⁻²⁵.
	for _, u := range []float64{0.925, 0.075, math.Exp(-25), 0.5, 0.25, 0.01, 1e-5} {
		at := uint64(u * 0x1p52)
		for k := at - 2; k <= at+2; k++ {
			words = append(words, k<<12, ^(k << 12))
		}
	}
	for _, w := range words {
		fmt.Printf("    {%#xull, %#016xull},\n", w, math.Float64bits(random.Normal(w)))
	}
	fmt.Println("};")
}
