package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// products writes one function for each number of columns. Rows come in tiles
// of three, of which every vector of B that is loaded serves three multiply-adds
// and every vector of A as many as there are columns. The last four rows are
// 2 + 2, because a tile of a single row has too few sums to fill the pipeline.
func products(v vectors) {
	for columns := 1; columns <= v.columns(); columns++ {
		product(v, columns)
	}
}

// productArgs are those of a product's arguments that stay in registers.
type productArgs struct {
	d, c, a, b       reg.Register
	aRow, aCol, bRow reg.Register
	// sums are the accumulators. All tiles share them, because the register
	// allocator takes a register that is zeroed for one in use ever since the start.
	sums []reg.VecVirtual
}

func product(v vectors, columns int) {
	name := fmt.Sprintf("product%d%s", columns, v.suffix())
	TEXT(name, NOSPLIT, fmt.Sprintf("func(d, c, a, b, s *%s, m, k, dRow, cRow, aRow, aCol, bRow uintptr)", v.element()))
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is product for n = %d.", name, columns))
	p := productArgs{
		d: Load(Param("d"), GP64()), c: Load(Param("c"), GP64()),
		a: Load(Param("a"), GP64()), b: Load(Param("b"), GP64()),
		aRow: Load(Param("aRow"), GP64()), aCol: Load(Param("aCol"), GP64()), bRow: Load(Param("bRow"), GP64()),
		sums: v.registers(3 * columns),
	}
	m := Load(Param("m"), GP64())

	Label("rows")
	CMPQ(m, operand.U8(4))
	JEQ(operand.LabelRef("pair"))
	CMPQ(m, operand.U8(2))
	JEQ(operand.LabelRef("pair"))
	JCS(operand.LabelRef("single")) // fewer than 2
	p.tile(v, "triple", 3, columns)
	SUBQ(operand.U8(3), m)
	JMP(operand.LabelRef("rows"))

	Label("pair")
	p.tile(v, "pair", 2, columns)
	SUBQ(operand.U8(2), m)
	JMP(operand.LabelRef("rows"))

	Label("single")
	TESTQ(m, m)
	JEQ(operand.LabelRef("done"))
	p.tile(v, "single", 1, columns)

	Label("done")
	VZEROUPPER()
	RET()
}

// row is the memory operand of vector j in row i of a matrix whose row 0 is at
// base; rows up to 2 are reached by scaling.
func row(v vectors, base, stride reg.Register, i, j int) operand.Mem {
	m := operand.Mem{Base: base, Disp: j * v.bytes()}
	if i > 0 {
		m.Index, m.Scale = stride, uint8(i)
	}
	return m
}

// tile computes rows × columns vectors of D and steps a, c and d to the next
// rows.
func (p productArgs) tile(v vectors, name string, rows, columns int) {
	sums := p.sums[:rows*columns]
	for _, s := range sums {
		v.zero(s)
	}
	a, b, k := GP64(), GP64(), GP64()
	MOVQ(p.a, a)
	MOVQ(p.b, b)
	Load(Param("k"), k)
	TESTQ(k, k)
	JEQ(operand.LabelRef(name + "_summed"))

	Label(name + "_k")
	left := v.registers(rows)
	for i := range left {
		v.load(row(v, a, p.aRow, i, 0), left[i])
	}
	for j := 0; j < columns; j++ {
		if rows == 1 {
			v.fma(row(v, b, b, 0, j), left[0], sums[j])
			continue
		}
		right := v.register()
		v.load(row(v, b, b, 0, j), right)
		for i := range left {
			v.fma(right, left[i], sums[i*columns+j])
		}
	}
	ADDQ(p.aCol, a)
	ADDQ(p.bRow, b)
	DECQ(k)
	JNE(operand.LabelRef(name + "_k"))

	Label(name + "_summed")
	// The registers of the loop are free for what only the end needs.
	s, cRow, dRow := k, a, b
	Load(Param("s"), s)
	Load(Param("cRow"), cRow)
	Load(Param("dRow"), dRow)
	TESTQ(s, s)
	JEQ(operand.LabelRef(name + "_scaled"))
	scale := v.register()
	v.load(operand.Mem{Base: s}, scale)
	for _, s := range sums {
		v.mul(scale, s, s)
	}

	Label(name + "_scaled")
	for i := 0; i < rows; i++ {
		for j := 0; j < columns; j++ {
			sum := sums[i*columns+j]
			v.add(row(v, p.c, cRow, i, j), sum, sum)
			v.store(sum, row(v, p.d, dRow, i, j))
		}
	}
	for range rows {
		ADDQ(p.aRow, p.a)
		ADDQ(cRow, p.c)
		ADDQ(dRow, p.d)
	}
}
