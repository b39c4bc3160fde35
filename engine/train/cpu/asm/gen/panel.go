package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// panels writes Kernels.Panel for one and two vectors of columns, in tiles of at most
// tileRows rows.
func panels(v vectors) {
	for columns := 1; columns <= 2; columns++ {
		panel(v, columns)
	}
}

// A panelTile is what the tiles of a panel share.
type panelTile struct {
	vectors
	columns    int
	a, d, c    reg.Register // of the tile's first row
	rows       rowsOf
	aStep, b   reg.Register
	bRow, left reg.Register
	sums       []reg.VecVirtual
}

func panel(v vectors, columns int) {
	name := fmt.Sprintf("panel%d%s", columns, v.suffix())
	TEXT(name, NOSPLIT, fmt.Sprintf("func(d, c, a, b *%s, low %[1]s, rows, inner, dRow, cRow, aRow, aStep, bRow uintptr)", v.element()))
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is Kernels.Panel for %d vectors of columns; strides are in bytes.", name, columns))
	height := v.tileRows()
	p := panelTile{
		vectors: v, columns: columns,
		d: Load(Param("d"), GP64()), c: Load(Param("c"), GP64()), rows: newRowsOf(height),
		aStep: Load(Param("aStep"), GP64()), bRow: Load(Param("bRow"), GP64()),
		a: GP64(), b: GP64(), left: GP64(), sums: v.registers(height * columns),
	}
	MOVQ(p.rows.near, p.a)
	rows := Load(Param("rows"), GP64())

	// The last rows are two tiles of about half a tile's height or more, since few
	// sums leave the processor waiting for each.
	take := GP64()
	Label("tiles")
	MOVQ(operand.U32(height), take)
	CMPQ(rows, operand.U8(2*height))
	JCC(operand.LabelRef("chosen"))
	MOVQ(rows, take)
	CMPQ(rows, operand.U8(height))
	JLS(operand.LabelRef("chosen"))
	INCQ(take)
	SHRQ(operand.U8(1), take)
	Label("chosen")
	SUBQ(take, rows)
	for r := height; r > 1; r-- {
		CMPQ(take, operand.U8(r))
		JEQ(operand.LabelRef(fmt.Sprint("rows", r)))
	}
	for r := 1; r <= height; r++ {
		Label(fmt.Sprint("rows", r))
		p.write(fmt.Sprint("rows", r), r)
		TESTQ(rows, rows)
		JEQ(operand.LabelRef("done"))
		for range r {
			ADDQ(p.rows.one, p.a)
		}
		JMP(operand.LabelRef("tiles"))
	}
	Label("done")
	VZEROUPPER()
	RET()
}

// write computes a tile and steps d and c to the next rows.
func (p *panelTile) write(name string, rows int) {
	v := p.vectors
	for i := range rows {
		for j := range p.columns {
			v.load(operand.Mem{Base: p.c, Disp: j * v.bytes()}, p.sums[p.columns*i+j])
		}
		ADDQ(operand.NewParamAddr("cRow", 64), p.c)
	}
	MOVQ(p.a, p.rows.near)
	if rows > 7 {
		LEAQ(operand.Mem{Base: p.a, Index: p.rows.fives, Scale: 1}, p.rows.far)
	}
	Load(Param("b"), p.b)
	Load(Param("inner"), p.left)
	TESTQ(p.left, p.left)
	JEQ(operand.LabelRef(name + "_summed"))

	Label(name + "_inner")
	right := v.registers(p.columns)
	for j := range right {
		v.load(operand.Mem{Base: p.b, Disp: j * v.bytes()}, right[j])
	}
	for i := range rows {
		x := v.register()
		v.broadcast(p.rows.at(i), x)
		for j := range right {
			v.fma(right[j], x, p.sums[p.columns*i+j])
		}
	}
	ADDQ(p.aStep, p.rows.near)
	if rows > 7 {
		ADDQ(p.aStep, p.rows.far)
	}
	ADDQ(p.bRow, p.b)
	DECQ(p.left)
	JNE(operand.LabelRef(name + "_inner"))

	Label(name + "_summed")
	low := v.register()
	v.broadcast(operand.NewParamAddr("low", 32), low)
	for i := range rows {
		for j := range p.columns {
			sum := p.sums[p.columns*i+j]
			v.max(sum, low, sum) // the sum where it is NaN
			v.store(sum, operand.Mem{Base: p.d, Disp: j * v.bytes()})
		}
		ADDQ(operand.NewParamAddr("dRow", 56), p.d)
	}
}
