package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// slides writes one function for each number of rows and of vectors of columns,
// one or two.
func slides(v vectors) {
	for columns := 1; columns <= 2; columns++ {
		for rows := 1; rows <= v.tileRows(); rows++ {
			slide(v, rows, columns)
		}
	}
}

func slide(v vectors, rows, columns int) {
	name := fmt.Sprintf("slide%dx%d%s", rows, columns, v.suffix())
	TEXT(name, NOSPLIT, fmt.Sprintf("func(d, c, a, b *%s, s %[1]s, outer, inner, aRow, aStep, aSkip, bStep, bSkip, dRow, cRow uintptr)", v.element()))
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is Kernels.Slide for %d rows and %d vectors of columns; inner is at least 1, strides are in bytes,", name, rows, columns),
		"aSkip and bSkip are from behind one inner sum to the start of the next.")
	r := newRowsOf(rows)
	b := Load(Param("b"), GP64())
	outer := Load(Param("outer"), GP64())
	aStep, bStep := Load(Param("aStep"), GP64()), Load(Param("bStep"), GP64())
	sums := zeros(v, rows*columns)
	TESTQ(outer, outer)
	JEQ(operand.LabelRef("summed"))

	Label("outer")
	inner := Load(Param("inner"), GP64())
	Label("inner")
	right := v.registers(columns)
	for j := range right {
		v.load(operand.Mem{Base: b, Disp: j * v.bytes()}, right[j])
	}
	for i := 0; i < rows; i++ {
		x := v.register()
		v.broadcast(r.at(i), x)
		for j := range right {
			v.fma(right[j], x, sums[columns*i+j])
		}
	}
	r.advance(aStep)
	ADDQ(bStep, b)
	DECQ(inner)
	JNE(operand.LabelRef("inner"))
	skip := Load(Param("aSkip"), GP64())
	r.advance(skip)
	skip = Load(Param("bSkip"), GP64())
	ADDQ(skip, b)
	DECQ(outer)
	JNE(operand.LabelRef("outer"))

	Label("summed")
	d, c := Load(Param("d"), GP64()), Load(Param("c"), GP64())
	dRow, cRow := Load(Param("dRow"), GP64()), Load(Param("cRow"), GP64())
	scale := v.register()
	v.broadcast(operand.NewParamAddr("s", 32), scale)
	for i := 0; i < rows; i++ {
		for j := 0; j < columns; j++ {
			sum := sums[columns*i+j]
			v.mul(scale, sum, sum)
			v.add(operand.Mem{Base: c, Disp: j * v.bytes()}, sum, sum)
			v.store(sum, operand.Mem{Base: d, Disp: j * v.bytes()})
		}
		if i < rows-1 {
			ADDQ(cRow, c)
			ADDQ(dRow, d)
		}
	}
	VZEROUPPER()
	RET()
}

// rowsOf addresses up to 14 rows, a stride apart, by two pointers that move and
// the stride's multiples by 1, 3 and 5, which an address may scale by 1, 2, 4 or 8.
type rowsOf struct {
	near, far         reg.Register // row 0 and row 5
	one, three, fives reg.Register
}

func newRowsOf(rows int) rowsOf { return newRows(rows, "a", "aRow") }

// newRows addresses rows of the matrix that an argument points to, with another for
// the stride.
func newRows(rows int, base, stride string) rowsOf {
	r := rowsOf{near: Load(Param(base), GP64()), one: Load(Param(stride), GP64())}
	if rows > 3 {
		three := GP64()
		LEAQ(operand.Mem{Base: r.one, Index: r.one, Scale: 2}, three)
		r.three = three
	}
	if rows > 5 {
		five := GP64()
		LEAQ(operand.Mem{Base: r.one, Index: r.one, Scale: 4}, five)
		r.fives = five
	}
	if rows > 7 {
		far := GP64()
		LEAQ(operand.Mem{Base: r.near, Index: r.fives, Scale: 1}, far)
		r.far = far
	}
	return r
}

// at returns the address of a row's next scalar.
func (r rowsOf) at(row int) operand.Mem {
	switch row {
	case 0:
		return operand.Mem{Base: r.near}
	case 1, 2, 4, 8:
		return operand.Mem{Base: r.near, Index: r.one, Scale: uint8(row)}
	case 3, 6, 12:
		return operand.Mem{Base: r.near, Index: r.three, Scale: uint8(row / 3)}
	case 5, 10:
		return operand.Mem{Base: r.near, Index: r.fives, Scale: uint8(row / 5)}
	case 7, 9, 13:
		return operand.Mem{Base: r.far, Index: r.one, Scale: uint8(row - 5)}
	}
	return operand.Mem{Base: r.far, Index: r.three, Scale: 2} // row 11
}

func (r rowsOf) advance(by operand.Op) {
	ADDQ(by, r.near)
	if r.far != nil {
		ADDQ(by, r.far)
	}
}
