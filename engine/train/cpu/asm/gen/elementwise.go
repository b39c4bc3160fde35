package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// partials is the number of sums that a sum of squares is spread over, enough
// to hide the latency of an addition behind two a cycle.
const partials = 4

func elementwise(v vectors) {
	residual(v)
	relax(v)
	combine(v)
	sumSquares(v)
	rearrange(v)
}

func at(base reg.Register) operand.Mem { return operand.Mem{Base: base} }

func indexed(base, index reg.Register, disp int) operand.Mem {
	return operand.Mem{Base: base, Index: index, Scale: 1, Disp: disp}
}

// gather adds the partial sums to the vector at norm, (0+1) + (2+3) first.
func gather(v vectors, sums []reg.VecVirtual, norm reg.Register) {
	v.add(sums[1], sums[0], sums[0])
	v.add(sums[3], sums[2], sums[2])
	v.add(sums[2], sums[0], sums[0])
	v.add(at(norm), sums[0], sums[0])
	v.store(sums[0], at(norm))
}

func zeros(v vectors, n int) []reg.VecVirtual {
	list := v.registers(n)
	for _, r := range list {
		v.zero(r)
	}
	return list
}

// perRow writes the loop over rows, and in each over its columns: body is called
// for four columns at a time and for each that is left. offset counts the bytes
// of all columns so far, column those of this row.
func perRow(v vectors, body func(offset, column reg.Register, columns int), rowDone func()) {
	rows, cols := Load(Param("rows"), GP64()), Load(Param("cols"), GP64())
	offset, column, left := GP64(), GP64(), GP64()
	XORQ(offset, offset)
	TESTQ(rows, rows)
	JEQ(operand.LabelRef("done"))

	Label("row")
	XORQ(column, column)
	MOVQ(cols, left)

	Label("four")
	CMPQ(left, operand.U8(partials))
	JCS(operand.LabelRef("one"))
	body(offset, column, partials)
	ADDQ(operand.U32(partials*v.bytes()), offset)
	ADDQ(operand.U32(partials*v.bytes()), column)
	SUBQ(operand.U8(partials), left)
	JMP(operand.LabelRef("four"))

	Label("one")
	TESTQ(left, left)
	JEQ(operand.LabelRef("next"))
	body(offset, column, 1)
	ADDQ(operand.U32(v.bytes()), offset)
	ADDQ(operand.U32(v.bytes()), column)
	DECQ(left)
	JMP(operand.LabelRef("one"))

	Label("next")
	rowDone()
	DECQ(rows)
	JNE(operand.LabelRef("row"))
	Label("done")
}

func residual(v vectors) {
	TEXT("residual"+v.suffix(), NOSPLIT, "func(e, transposed, m, a, b, norm *"+v.element()+", rows, cols, across uintptr)")
	Pragma("noescape")
	Doc("residual" + v.suffix() + " is Kernels.Residual; transposed may be nil, across is in bytes.")
	e, m := Load(Param("e"), GP64()), Load(Param("m"), GP64())
	a, b := Load(Param("a"), GP64()), Load(Param("b"), GP64())
	transposed, stride := Load(Param("transposed"), GP64()), GP64()
	to := GP64()
	Load(Param("across"), stride)
	MOVQ(transposed, to)
	sums := zeros(v, partials)
	perRow(v, func(offset, column reg.Register, columns int) {
		values := v.registers(columns)
		for j, r := range values {
			x := v.register()
			v.load(indexed(m, offset, j*v.bytes()), x)
			v.load(indexed(a, offset, j*v.bytes()), r)
			v.fma(x, x, sums[j])
			v.fnma(indexed(b, column, j*v.bytes()), x, r)
			v.store(r, indexed(e, offset, j*v.bytes()))
		}
		skip := "only" + string(rune('0'+columns))
		TESTQ(transposed, transposed)
		JEQ(operand.LabelRef(skip))
		for _, r := range values {
			v.store(r, at(to))
			ADDQ(stride, to)
		}
		Label(skip)
	}, func() {
		TESTQ(transposed, transposed) // nil stays nil
		JEQ(operand.LabelRef("kept"))
		ADDQ(operand.U32(v.bytes()), transposed)
		MOVQ(transposed, to)
		Label("kept")
	})
	norm := Load(Param("norm"), GP64())
	gather(v, sums, norm)
	VZEROUPPER()
	RET()
}

func relax(v vectors) {
	TEXT("relax"+v.suffix(), NOSPLIT, "func(w, a, b, norm, smallest *"+v.element()+", rows, cols uintptr)")
	Pragma("noescape")
	Doc("relax" + v.suffix() + " is Kernels.Relax.")
	w := Load(Param("w"), GP64())
	a, b := Load(Param("a"), GP64()), Load(Param("b"), GP64())
	sums := zeros(v, partials)
	smallest := v.register()
	v.broadcast(at(Load(Param("smallest"), GP64())), smallest)
	perRow(v, func(offset, column reg.Register, columns int) {
		for j := 0; j < columns; j++ {
			x, r := v.register(), v.register()
			v.load(indexed(w, offset, j*v.bytes()), x)
			v.load(indexed(a, offset, j*v.bytes()), r)
			v.fma(x, x, sums[j])
			v.fnma(indexed(b, column, j*v.bytes()), x, r)
			v.add(x, r, r)
			v.flush(r, smallest)
			v.store(r, indexed(w, offset, j*v.bytes()))
		}
	}, func() {})
	norm := Load(Param("norm"), GP64())
	gather(v, sums, norm)
	VZEROUPPER()
	RET()
}

// overVectors writes a loop over n vectors, four at a time and then singly.
func overVectors(v vectors, body func(offset reg.Register, count int)) {
	n, offset := Load(Param("n"), GP64()), GP64()
	XORQ(offset, offset)
	Label("four")
	CMPQ(n, operand.U8(partials))
	JCS(operand.LabelRef("one"))
	body(offset, partials)
	ADDQ(operand.U32(partials*v.bytes()), offset)
	SUBQ(operand.U8(partials), n)
	JMP(operand.LabelRef("four"))
	Label("one")
	TESTQ(n, n)
	JEQ(operand.LabelRef("done"))
	body(offset, 1)
	ADDQ(operand.U32(v.bytes()), offset)
	DECQ(n)
	JMP(operand.LabelRef("one"))
	Label("done")
}

func combine(v vectors) {
	TEXT("combine"+v.suffix(), NOSPLIT, "func(d, c, s, x *"+v.element()+", n uintptr)")
	Pragma("noescape")
	Doc("combine" + v.suffix() + " is Kernels.Combine.")
	d, c, x := Load(Param("d"), GP64()), Load(Param("c"), GP64()), Load(Param("x"), GP64())
	s := v.register()
	v.load(at(Load(Param("s"), GP64())), s)
	overVectors(v, func(offset reg.Register, count int) {
		for j := 0; j < count; j++ {
			r := v.register()
			v.load(indexed(c, offset, j*v.bytes()), r)
			v.fma(indexed(x, offset, j*v.bytes()), s, r)
			v.store(r, indexed(d, offset, j*v.bytes()))
		}
	})
	VZEROUPPER()
	RET()
}

func sumSquares(v vectors) {
	TEXT("sumSquares"+v.suffix(), NOSPLIT, "func(norm, x *"+v.element()+", n uintptr)")
	Pragma("noescape")
	Doc("sumSquares" + v.suffix() + " is Kernels.SumSquares.")
	x := Load(Param("x"), GP64())
	sums := zeros(v, partials)
	overVectors(v, func(offset reg.Register, count int) {
		for j := 0; j < count; j++ {
			r := v.register()
			v.load(indexed(x, offset, j*v.bytes()), r)
			v.fma(r, r, sums[j])
		}
	})
	norm := Load(Param("norm"), GP64())
	gather(v, sums, norm)
	VZEROUPPER()
	RET()
}

func rearrange(v vectors) {
	TEXT("rearrange"+v.suffix(), NOSPLIT, "func(d, x *"+v.element()+", rows, cols, dRow, dCol, xRow, xCol uintptr)")
	Pragma("noescape")
	Doc("rearrange" + v.suffix() + " is Kernels.Rearrange; rows and cols are at least 1, strides are in bytes.")
	d, x := Load(Param("d"), GP64()), Load(Param("x"), GP64())
	rows, cols := Load(Param("rows"), GP64()), Load(Param("cols"), GP64())
	dRow, dCol := Load(Param("dRow"), GP64()), Load(Param("dCol"), GP64())
	xRow, xCol := Load(Param("xRow"), GP64()), Load(Param("xCol"), GP64())
	from, to, left := GP64(), GP64(), GP64()
	Label("row")
	MOVQ(x, from)
	MOVQ(d, to)
	MOVQ(cols, left)
	Label("column")
	r := v.register()
	v.load(at(from), r)
	v.store(r, at(to))
	ADDQ(xCol, from)
	ADDQ(dCol, to)
	DECQ(left)
	JNE(operand.LabelRef("column"))
	ADDQ(xRow, x)
	ADDQ(dRow, d)
	DECQ(rows)
	JNE(operand.LabelRef("row"))
	VZEROUPPER()
	RET()
}
