// Command gen writes the assembly kernels of package asm and the Go stubs that
// declare them, one instruction set a run:
//
//	go run . -set avx512 -out ../avx512_amd64.s -stubs ../avx512_amd64.go -pkg asm
//	go run . -set avx2 -out ../avx2_amd64.s -stubs ../avx2_amd64.go -pkg asm
//
// It is a module of its own, so that what it needs never enters modspec's.
package main

import (
	"flag"
	"log"

	. "github.com/mmcloughlin/avo/build"
)

func main() {
	name := flag.String("set", "", "instruction set: avx512 or avx2")
	flag.Parse()
	wide, ok := map[string]bool{"avx512": true, "avx2": false}[*name]
	if !ok {
		log.Fatalf("-set is %q, but must be avx512 or avx2", *name)
	}
	ConstraintExpr("!noasm")
	declareMasks(*name)
	for _, v := range []vectors{{wide: wide}, {wide: wide, double: true}} {
		products(v)
		elementwise(v)
		blockTile(v)
		probe(v)
		functions(v)
		panels(v)
		reductions(v)
	}
	slides(vectors{wide: wide})
	if wide {
		normals()
	}
	Generate()
}
