package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// functions writes the elementwise functions. Their names are those of package asm's
// Function, in lower case.
func functions(v vectors) {
	f := &function{vectors: v, full: newFull(v)}
	x := func() reg.VecVirtual { return f.read("x") }
	y := func() reg.VecVirtual { return f.read("y") }
	f.write("copy", 4, nil, x)
	f.write("affine", 4, func() { f.scalar("a", 32); f.scalar("b", 32+v.size()) }, func() reg.VecVirtual {
		r := v.register()
		v.move(f.kept["b"], r)
		v.fma(f.operand("x"), f.kept["a"], r)
		return r
	})
	f.write("scale", 4, func() { f.scalar("a", 32) }, func() reg.VecVirtual {
		r := v.register()
		v.mul(f.operand("x"), f.kept["a"], r)
		return r
	})
	f.write("divideBy", 4, func() { f.scalar("a", 32) }, func() reg.VecVirtual {
		r := x()
		v.div(f.kept["a"], r, r)
		return r
	})
	f.write("multiplyTo", 4, func() { f.scalar("a", 32) }, func() reg.VecVirtual {
		r := y()
		v.fma(f.operand("x"), f.kept["a"], r)
		return r
	})
	binary := func(name string, of func(a, b, to operand.Op)) {
		f.write(name, 4, nil, func() reg.VecVirtual {
			r := x()
			of(f.operand("y"), r, r)
			return r
		})
	}
	binary("add", v.add)
	binary("subtract", v.sub)
	binary("multiply", v.mul)
	binary("divide", v.div)
	f.write("maximum", 1, nil, func() reg.VecVirtual {
		a, r := x(), v.register()
		v.max(f.operand("y"), a, r) // y where either is NaN
		return v.choose(v.compare(unordered, a, a), a, r)
	})
	f.write("less", 2, func() { f.keep("one", f.number(1)) }, func() reg.VecVirtual {
		return v.where(v.compare(less, x(), f.operand("y")), f.kept["one"])
	})
	f.write("select", 1, func() { f.zero() }, func() reg.VecVirtual {
		return v.choose(v.compare(notEqual, x(), f.kept["zero"]), y(), f.read("z"))
	})
	f.write("gate", 2, func() { f.zero() }, func() reg.VecVirtual {
		return v.where(v.compare(greater, x(), f.kept["zero"]), y())
	})
	f.write("relu", 2, func() { f.zero() }, func() reg.VecVirtual {
		a := x()
		return v.where(v.compare(notAtMost, a, f.kept["zero"]), a)
	})
	f.write("sqrt", 2, nil, func() reg.VecVirtual {
		r := x()
		v.sqrt(r, r)
		return r
	})
	f.write("exp", 1, f.keepExp, func() reg.VecVirtual { return f.exp(x()) })
	f.write("log", 1, f.zero, func() reg.VecVirtual { return f.log(x()) })
	f.write("tanh", 1, func() { f.keep("magic", f.number(f.magic())); f.keep("most", f.number(f.mostTanh())) }, func() reg.VecVirtual { return f.tanh(x()) })
	f.write("sigmoid", 1, func() { f.keepExp(); f.zero() }, func() reg.VecVirtual { return f.sigmoid(x()) })
	f.write("softplus", 1, func() { f.keepExp(); f.zero() }, func() reg.VecVirtual { return f.softplus(x()) })
}

// function writes the loop of one function.
type function struct {
	vectors
	*full
	pointers map[string]reg.Register
	offset   reg.Register
	disp     int
	kept     map[string]reg.VecVirtual // what stays in registers through the loop
}

func (f *function) write(name string, unrolled int, before func(), body func() reg.VecVirtual) {
	v := f.vectors
	TEXT(name+v.suffix(), NOSPLIT, "func(d, x, y, z *"+v.element()+", a, b "+v.element()+", n uintptr)")
	Pragma("noescape")
	Doc(name + v.suffix() + " is a Function.")
	f.pointers, f.kept = map[string]reg.Register{}, map[string]reg.VecVirtual{}
	d := Load(Param("d"), GP64())
	// Only operands that the function has are loaded.
	used := map[string][]string{
		"multiplyTo": {"x", "y"}, "add": {"x", "y"}, "subtract": {"x", "y"}, "multiply": {"x", "y"}, "divide": {"x", "y"},
		"maximum": {"x", "y"}, "less": {"x", "y"}, "gate": {"x", "y"}, "select": {"x", "y", "z"},
	}[name]
	if used == nil {
		used = []string{"x"}
	}
	for _, o := range used {
		f.pointers[o] = Load(Param(o), GP64())
	}
	n := Load(Param("n"), GP64())
	f.offset = GP64()
	XORQ(f.offset, f.offset)
	if before != nil {
		before()
	}
	turn := func(count int) {
		for i := range count {
			f.disp = i * v.bytes()
			v.store(body(), indexed(d, f.offset, f.disp))
		}
		ADDQ(operand.U32(count*v.bytes()), f.offset)
		SUBQ(operand.U8(count), n)
	}
	if unrolled > 1 {
		Label("several")
		CMPQ(n, operand.U8(unrolled))
		JCS(operand.LabelRef("one"))
		turn(unrolled)
		JMP(operand.LabelRef("several"))
	}
	Label("one")
	TESTQ(n, n)
	JEQ(operand.LabelRef("done"))
	turn(1)
	JMP(operand.LabelRef("one"))
	Label("done")
	VZEROUPPER()
	RET()
}

// operand is the place of the next vector of an operand.
func (f *function) operand(name string) operand.Mem {
	return indexed(f.pointers[name], f.offset, f.disp)
}

func (f *function) read(name string) reg.VecVirtual {
	r := f.register()
	f.load(f.operand(name), r)
	return r
}

func (f *function) keep(name string, from operand.Mem) {
	f.kept[name] = f.register()
	f.load(from, f.kept[name])
}

func (f *function) scalar(name string, offset int) {
	f.kept[name] = f.register()
	f.broadcast(operand.NewParamAddr(name, offset), f.kept[name])
}

func (f *function) zero() {
	f.kept["zero"] = f.register()
	f.vectors.zero(f.kept["zero"])
}

func (f *function) keepExp() {
	most, least := 89.0, -104.0
	if f.double {
		most, least = 710, -746
	}
	f.keep("magic", f.number(f.magic()))
	f.keep("most", f.number(most))
	f.keep("least", f.number(least))
}

// The constants of package asm's mathematics; see there.

func (v vectors) digits() int {
	if v.double {
		return 52
	}
	return 23
}

func (v vectors) magic() float64 { return math.Ldexp(1.5, v.digits()) }

func (v vectors) mostTanh() float64 {
	if v.double {
		return 40
	}
	return 20
}

func (v vectors) ln2() (high, low float64) {
	if v.double {
		return ln2High, ln2Low
	}
	return 0x1.63p-1, -0x1.bd0106p-13
}

func (v vectors) terms() (exponential, logarithm int) {
	if v.double {
		return 12, 11
	}
	return 6, 5
}

// reduce returns n + magic, n and r of x = n·ln 2 + r.
func (f *function) reduce(x reg.VecVirtual) (t, n, r reg.VecVirtual) {
	t, n, r = f.register(), f.register(), f.register()
	high, low := f.ln2()
	f.move(x, t)
	f.fma132(f.number(math.Log2E), f.kept["magic"], t)
	f.sub(f.kept["magic"], t, n)
	f.move(x, r)
	f.fnma(f.number(high), n, r)
	f.fnma(f.number(low), n, r)
	return t, n, r
}

func (f *function) horner(terms int, x reg.VecVirtual, of func(i int) float64) reg.VecVirtual {
	p := f.register()
	f.load(f.number(of(terms-1)), p)
	for i := terms - 2; i >= 0; i-- {
		f.fma213(f.number(of(i)), x, p)
	}
	return p
}

// expm1 is e^r − 1.
func (f *function) expm1(r reg.VecVirtual) reg.VecVirtual {
	terms, _ := f.terms()
	p := f.horner(terms, r, func(i int) float64 { return 1 / math.Gamma(float64(i+3)) })
	q := f.register()
	f.mul(r, r, q)
	f.fma213(r, p, q)
	return q
}

// power is 2^n of n + magic, in a register of its own.
func (f *function) power(t reg.VecVirtual) reg.VecVirtual {
	r := f.register()
	if f.double {
		VPSLLQ(operand.U8(52), t, r)
		VPADDQ(f.number(1), r, r)
	} else {
		VPSLLD(operand.U8(23), t, r)
		VPADDD(f.number(1), r, r)
	}
	return r
}

func (f *function) exp(x reg.VecVirtual) reg.VecVirtual {
	limited := f.register()
	f.min(x, f.kept["most"], limited) // x where it is NaN
	f.max(limited, f.kept["least"], limited)
	_, n, r := f.reduce(limited)
	p := f.expm1(r)
	f.add(f.number(1), p, p)
	t := f.register()
	f.move(n, t)
	f.fma132(f.number(0.5), f.kept["magic"], t)
	first := f.power(t)
	f.sub(f.kept["magic"], t, t)
	f.sub(t, n, n)
	f.add(f.kept["magic"], n, n)
	second := f.power(n)
	f.mul(first, p, p)
	f.mul(second, p, p)
	return p
}

// split returns e and m of x = 2^e·m.
func (f *function) split(x reg.VecVirtual) (e, m reg.VecVirtual) {
	e, m = f.register(), f.register()
	bias := 127.0
	if f.double {
		bias = 1023
		VPSRLQ(operand.U8(52), x, e)
	} else {
		VPSRLD(operand.U8(23), x, e)
	}
	offset := math.Ldexp(1, f.digits())
	f.or(f.number(offset), e, e)
	f.sub(f.number(offset+bias), e, e)
	f.and(f.word(1<<f.digits()-1), x, m)
	f.or(f.number(1), m, m)
	large := f.compare(atLeast, m, f.number(math.Sqrt2))
	half := f.register()
	f.mul(f.number(0.5), m, half)
	m = f.choose(large, half, m)
	one := f.register()
	f.load(f.number(1), one)
	f.add(f.where(large, one), e, e)
	return e, m
}

// logOf is e·ln 2 + ln m.
func (f *function) logOf(e, m reg.VecVirtual) reg.VecVirtual {
	s, below, z := f.register(), f.register(), f.register()
	f.sub(f.number(1), m, s)
	f.add(f.number(1), m, below)
	f.div(below, s, s)
	f.mul(s, s, z)
	_, terms := f.terms()
	w := f.horner(terms, z, func(i int) float64 { return 1 / float64(2*i+1) })
	high, low := f.ln2()
	l := f.register()
	f.mul(f.number(low), e, l)
	f.add(s, s, s)
	f.fma(w, s, l)
	f.fma(f.number(high), e, l)
	return l
}

func (f *function) log(x reg.VecVirtual) reg.VecVirtual {
	smallest, lift, lifted := 0x1p-126, 0x1p24, 24.0
	if f.double {
		smallest, lift, lifted = 0x1p-1022, 0x1p54, 54
	}
	small := f.compare(less, x, f.number(smallest))
	up, by := f.register(), f.register()
	f.mul(f.number(lift), x, up)
	f.load(f.number(lifted), by)
	by = f.where(small, by)
	e, m := f.split(f.choose(small, up, x))
	f.sub(by, e, e)
	r := f.logOf(e, m)
	special := f.register()
	r = f.choose(f.compare(equal, x, f.number(math.Inf(1))), x, r)
	f.load(f.number(math.Inf(-1)), special)
	r = f.choose(f.compare(equal, x, f.kept["zero"]), special, r)
	f.load(f.number(math.NaN()), special)
	return f.choose(f.compare(atLeast, x, f.kept["zero"]), r, special)
}

func (f *function) tanh(x reg.VecVirtual) reg.VecVirtual {
	y := f.register()
	f.and(f.word(f.sign()-1), x, y)
	f.add(y, y, y)
	f.min(y, f.kept["most"], y)
	t, _, r := f.reduce(y)
	power, q, e := f.power(t), f.expm1(r), f.register()
	f.sub(f.number(1), power, e)
	f.fma(power, q, e)
	below := f.register()
	f.add(f.number(2), e, below)
	f.div(below, e, e)
	sign := f.register()
	f.and(f.word(f.sign()), x, sign)
	f.or(sign, e, e)
	return e
}

// fall is e^−|x|.
func (f *function) fall(x reg.VecVirtual) reg.VecVirtual {
	y := f.register()
	f.or(f.word(f.sign()), x, y)
	return f.exp(y)
}

func (f *function) sigmoid(x reg.VecVirtual) reg.VecVirtual {
	e := f.fall(x)
	one := f.register()
	f.load(f.number(1), one)
	above := f.choose(f.compare(less, x, f.kept["zero"]), e, one)
	f.add(one, e, e)
	f.div(e, above, above)
	return above
}

func (f *function) softplus(x reg.VecVirtual) reg.VecVirtual {
	y := f.fall(x)
	w := f.register()
	f.add(f.number(1), y, w)
	l := f.logOf(f.split(w))
	rest := f.register()
	f.sub(f.number(1), w, rest)
	f.sub(rest, y, y)
	f.div(w, y, y)
	f.add(y, l, l)
	f.add(f.where(f.compare(greater, x, f.kept["zero"]), x), l, l)
	return l
}

// full is a table of constants, each filling a vector, in read-only memory.
type full struct {
	v     vectors
	base  operand.Mem
	place map[uint64]int
}

func newFull(v vectors) *full {
	return &full{v, GLOBL("full"+v.suffix(), 8|16), map[uint64]int{}} // RODATA|NOPTR
}

// word is a vector of the bits of an element.
func (c *full) word(w uint64) operand.Mem {
	at, known := c.place[w]
	if !known {
		at = len(c.place) * c.v.bytes()
		c.place[w] = at
		twice := w
		if !c.v.double {
			twice |= w << 32
		}
		for i := 0; i < c.v.bytes(); i += 8 {
			DATA(at+i, operand.U64(twice))
		}
	}
	return c.base.Offset(at)
}

func (c *full) number(x float64) operand.Mem {
	if c.v.double {
		return c.word(math.Float64bits(x))
	}
	return c.word(uint64(math.Float32bits(float32(x))))
}
