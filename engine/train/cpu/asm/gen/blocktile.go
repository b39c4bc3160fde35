package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// tileRows is the height of the packed product's tile; it is two vectors wide.
// 14 × 2 accumulators, two vectors of B and one of A fill 31 of 32 registers,
// 6 × 2 with the same company 15 of 16.
func (v vectors) tileRows() int {
	if v.wide {
		return 14
	}
	return 6
}

func blockTile(v vectors) {
	TEXT("blockTile"+v.suffix(), NOSPLIT, "func(d, c, a, b *"+v.element()+", s "+v.element()+", k, dRow, cRow uintptr)")
	Pragma("noescape")
	Doc("blockTile" + v.suffix() + " is Kernels.Tile; row strides are in bytes.")
	d, c := Load(Param("d"), GP64()), Load(Param("c"), GP64())
	a, b, k := Load(Param("a"), GP64()), Load(Param("b"), GP64()), Load(Param("k"), GP64())
	dRow, cRow := Load(Param("dRow"), GP64()), Load(Param("cRow"), GP64())
	rows := v.tileRows()
	sums := zeros(v, 2*rows)
	TESTQ(k, k)
	JEQ(operand.LabelRef("summed"))

	Label("k")
	left, right := v.register(), v.register()
	v.load(operand.Mem{Base: b}, left)
	v.load(operand.Mem{Base: b, Disp: v.bytes()}, right)
	for i := 0; i < rows; i++ {
		x := v.register()
		v.broadcast(operand.Mem{Base: a, Disp: i * v.size()}, x)
		v.fma(left, x, sums[2*i])
		v.fma(right, x, sums[2*i+1])
	}
	ADDQ(operand.U32(rows*v.size()), a)
	ADDQ(operand.U32(2*v.bytes()), b)
	DECQ(k)
	JNE(operand.LabelRef("k"))

	Label("summed")
	scale := v.register()
	v.broadcast(operand.NewParamAddr("s", 32), scale)
	for i := 0; i < rows; i++ {
		for j := 0; j < 2; j++ {
			sum := sums[2*i+j]
			v.mul(scale, sum, sum)
			v.add(operand.Mem{Base: c, Disp: j * v.bytes()}, sum, sum)
			v.store(sum, operand.Mem{Base: d, Disp: j * v.bytes()})
		}
		ADDQ(cRow, c)
		ADDQ(dRow, d)
	}
	VZEROUPPER()
	RET()
}
