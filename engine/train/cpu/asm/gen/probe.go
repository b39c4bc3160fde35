package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// probeChains is how many independent multiply-adds a turn of the probe makes:
// more than latency × throughput (4–5 cycles × 2) of any processor so far.
const probeChains = 12

func probe(v vectors) {
	TEXT("probe"+v.suffix(), NOSPLIT, "func(x *"+v.element()+", n uintptr)")
	Pragma("noescape")
	Doc("probe" + v.suffix() + " makes n × 12 independent multiply-adds of vectors and nothing else; n is at least 1.")
	x := v.register()
	v.load(operand.Mem{Base: Load(Param("x"), GP64())}, x)
	n := Load(Param("n"), GP64())
	sums := zeros(v, probeChains)
	Label("turn")
	for _, s := range sums {
		v.fma(x, x, s)
	}
	DECQ(n)
	JNE(operand.LabelRef("turn"))
	for _, s := range sums {
		v.add(s, sums[0], sums[0])
	}
	VZEROUPPER()
	RET()
}
