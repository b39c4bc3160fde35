package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rowPartials is how many partial results a row has.
const rowPartials = 16

func reductions(v vectors) {
	rowsOf16(v, "sumRows", v.add)
	rowsOf16(v, "maxRows", v.max)
	sumColumns(v)
	spread(v)
	if !v.wide {
		transpose(v) // its vectors have 256 bits on every set
	}
}

// rowsOf16 reduces rows of a matrix without gaps by an operation, of whole multiples of
// 16 scalars: 16 partial results first, then their halves.
func rowsOf16(v vectors, name string, of func(a, b, to operand.Op)) {
	TEXT(name+v.suffix(), NOSPLIT, "func(d, x *"+v.element()+", rows, n uintptr)")
	Pragma("noescape")
	Doc(name + v.suffix() + " reduces rows of n times 16 scalars; rows and n are at least 1.")
	d, x, rows, left := Load(Param("d"), GP64()), Load(Param("x"), GP64()), Load(Param("rows"), GP64()), GP64()
	n := Load(Param("n"), GP64())
	sums := v.registers(rowPartials * v.size() / v.bytes())
	step := func() { ADDQ(operand.U32(rowPartials*v.size()), x) }
	Label("row")
	for i, s := range sums {
		v.load(operand.Mem{Base: x, Disp: i * v.bytes()}, s)
	}
	step()
	MOVQ(n, left)
	DECQ(left)
	JEQ(operand.LabelRef("halves"))
	Label("next")
	for i, s := range sums {
		of(operand.Mem{Base: x, Disp: i * v.bytes()}, s, s)
	}
	step()
	DECQ(left)
	JNE(operand.LabelRef("next"))
	Label("halves")
	for half := len(sums) / 2; half > 0; half /= 2 {
		for i := range half {
			of(sums[half+i], sums[i], sums[i])
		}
	}
	s := sums[0]
	upper := v.register()
	if v.wide {
		VEXTRACTF64X4(operand.U8(1), s, upper.(reg.Vec).AsY())
		s, upper = s.(reg.Vec).AsY().(reg.VecVirtual), upper.(reg.Vec).AsY().(reg.VecVirtual)
		of(upper, s, s)
	}
	low, high := s.(reg.Vec).AsX(), upper.(reg.Vec).AsX()
	VEXTRACTF128(operand.U8(1), s, high)
	of(high, low, low)
	if v.double {
		VUNPCKHPD(low, low, high)
		of(high, low, low)
		VMOVSD(low, operand.Mem{Base: d})
	} else {
		VUNPCKHPD(low, low, high) // elements 2 and 3
		of(high, low, low)
		VMOVSHDUP(low, high)
		of(high, low, low)
		VMOVSS(low, operand.Mem{Base: d})
	}
	ADDQ(operand.U8(v.size()), d)
	DECQ(rows)
	JNE(operand.LabelRef("row"))
	VZEROUPPER()
	RET()
}

func sumColumns(v vectors) {
	TEXT("sumColumns"+v.suffix(), NOSPLIT, "func(d, x *"+v.element()+", rows, vectors, stride uintptr)")
	Pragma("noescape")
	Doc("sumColumns" + v.suffix() + " is Kernels.SumColumns; rows is at least 1, stride in bytes.")
	d, x := Load(Param("d"), GP64()), Load(Param("x"), GP64())
	vectors, stride := Load(Param("vectors"), GP64()), Load(Param("stride"), GP64())
	from, left := GP64(), GP64()
	all := v.registers(4)
	part := func(name string, count int) {
		sums := all[:count]
		for _, s := range sums {
			v.zero(s)
		}
		MOVQ(x, from)
		Load(Param("rows"), left)
		Label(name + "_row")
		for i, s := range sums {
			v.add(operand.Mem{Base: from, Disp: i * v.bytes()}, s, s)
		}
		ADDQ(stride, from)
		DECQ(left)
		JNE(operand.LabelRef(name + "_row"))
		for i, s := range sums {
			v.store(s, operand.Mem{Base: d, Disp: i * v.bytes()})
		}
		ADDQ(operand.U32(count*v.bytes()), x)
		ADDQ(operand.U32(count*v.bytes()), d)
		SUBQ(operand.U8(count), vectors)
	}
	Label("four")
	CMPQ(vectors, operand.U8(4))
	JCS(operand.LabelRef("one"))
	part("fours", 4)
	JMP(operand.LabelRef("four"))
	Label("one")
	TESTQ(vectors, vectors)
	JEQ(operand.LabelRef("done"))
	part("ones", 1)
	JMP(operand.LabelRef("one"))
	Label("done")
	VZEROUPPER()
	RET()
}

// transpose writes blocks of 8 × 8 float32 or 4 × 4 float64.
func transpose(v vectors) {
	TEXT("transpose"+v.suffix(), NOSPLIT, "func(d, x *"+v.element()+", blocks, dRow, xRow uintptr)")
	Pragma("noescape")
	Doc("transpose" + v.suffix() + " transposes blocks of as many rows and columns as a vector has lanes, which lie beside each other in x; strides are in bytes, blocks is at least 1.")
	side := v.bytes() / v.size()
	from, to := newRows(side, "x", "xRow"), newRows(side, "d", "dRow")
	blocks := Load(Param("blocks"), GP64())
	Label("block")
	rows := v.registers(side)
	for i, r := range rows {
		v.load(from.at(i), r)
	}
	for i, r := range blockOf(v, rows) {
		v.store(r, to.at(i))
	}
	from.advance(operand.U32(v.bytes()))
	step := GP64()
	LEAQ(operand.Mem{Base: to.near, Index: to.one, Scale: uint8(side)}, step)
	MOVQ(step, to.near)
	if to.far != nil {
		LEAQ(operand.Mem{Base: to.near, Index: to.fives, Scale: 1}, to.far)
	}
	DECQ(blocks)
	JNE(operand.LabelRef("block"))
	VZEROUPPER()
	RET()
}

// blockOf returns the columns of a block.
func blockOf(v vectors, r []reg.VecVirtual) []reg.VecVirtual {
	pair := func(of func(...operand.Op), a, b reg.VecVirtual) reg.VecVirtual {
		to := v.register()
		of(b, a, to)
		return to
	}
	// halves joins the lower (0x20) or upper (0x31) halves of a and b.
	halves := func(which uint64, a, b reg.VecVirtual) reg.VecVirtual {
		to := v.register()
		VPERM2F128(operand.U8(which), b, a, to)
		return to
	}
	if v.double {
		t := []reg.VecVirtual{pair(VUNPCKLPD, r[0], r[1]), pair(VUNPCKHPD, r[0], r[1]), pair(VUNPCKLPD, r[2], r[3]), pair(VUNPCKHPD, r[2], r[3])}
		return []reg.VecVirtual{halves(0x20, t[0], t[2]), halves(0x20, t[1], t[3]), halves(0x31, t[0], t[2]), halves(0x31, t[1], t[3])}
	}
	var t []reg.VecVirtual // pairs of rows
	for i := 0; i < 8; i += 2 {
		t = append(t, pair(VUNPCKLPS, r[i], r[i+1]), pair(VUNPCKHPS, r[i], r[i+1]))
	}
	var s []reg.VecVirtual // columns 0 to 3 of rows 0 to 3 in the lower half, 4 to 7 in the upper; then rows 4 to 7
	for i := 0; i < 8; i += 4 {
		s = append(s, pair(VUNPCKLPD, t[i], t[i+2]), pair(VUNPCKHPD, t[i], t[i+2]), pair(VUNPCKLPD, t[i+1], t[i+3]), pair(VUNPCKHPD, t[i+1], t[i+3]))
	}
	var out []reg.VecVirtual
	for _, which := range []uint64{0x20, 0x31} {
		for i := range 4 {
			out = append(out, halves(which, s[i], s[i+4]))
		}
	}
	return out
}

func spread(v vectors) {
	TEXT("spread"+v.suffix(), NOSPLIT, "func(d, x *"+v.element()+", n, each, vectors uintptr)")
	Pragma("noescape")
	Doc("spread" + v.suffix() + " writes each of n scalars to some vectors, each bytes after those of the one before; n and vectors are at least 1.")
	d, x, n := Load(Param("d"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	each, vectors := Load(Param("each"), GP64()), Load(Param("vectors"), GP64())
	to, left := GP64(), GP64()
	value := v.register()
	Label("scalar")
	v.broadcast(operand.Mem{Base: x}, value)
	MOVQ(d, to)
	MOVQ(vectors, left)
	Label("vector")
	v.store(value, operand.Mem{Base: to})
	ADDQ(operand.U32(v.bytes()), to)
	DECQ(left)
	JNE(operand.LabelRef("vector"))
	ADDQ(operand.U8(v.size()), x)
	ADDQ(each, d)
	DECQ(n)
	JNE(operand.LabelRef("scalar"))
	VZEROUPPER()
	RET()
}
