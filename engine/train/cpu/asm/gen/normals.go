package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// constants is a table of 64-bit constants in read-only memory that grows as
// the code asks for them.
type constants struct {
	base  operand.Mem
	place map[uint64]int
}

func newConstants(name string) *constants {
	return &constants{base: GLOBL(name, 8|16), place: map[uint64]int{}} // RODATA|NOPTR
}

func (c *constants) word(w uint64) operand.Mem {
	at, ok := c.place[w]
	if !ok {
		at = 8 * len(c.place)
		c.place[w] = at
		DATA(at, operand.U64(w))
	}
	return c.base.Offset(at)
}

func (c *constants) number(x float64) operand.Mem { return c.word(math.Float64bits(x)) }

// The polynomials of package random's Normal, constant term first; see there.
var (
	centreAbove = []float64{
		3.3871328727963666080e+0, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
		4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3,
	}
	centreBelow = []float64{
		1, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3,
		2.1213794301586595867e+4, 3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3,
	}
	nearAbove = []float64{
		1.42343711074968357734e+0, 4.63033784615654529590e+0, 5.76949722146069140550e+0, 3.64784832476320460504e+0,
		1.27045825245236838258e+0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
	}
	nearBelow = []float64{
		1, 2.05319162663775882187e+0, 1.67638483018380384940e+0, 6.89767334985100004550e-1,
		1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
	}
	farAbove = []float64{
		6.65790464350110377720e+0, 5.46378491116411436990e+0, 1.78482653991729133580e+0, 2.96560571828504891230e-1,
		2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
	}
	farBelow = []float64{
		1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
		7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
	}
	logSeries = []float64{1, 1.0 / 3, 1.0 / 5, 1.0 / 7, 1.0 / 9, 1.0 / 11, 1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21}
)

const (
	ln2High = 6.93147180369123816490e-01
	ln2Low  = 1.90821492927058770002e-10
)

// normals writes the drawing of initial weights. A lane is a stream; every
// rounding is one that package random makes too, in its order, so the bits
// agree: no multiply-add is fused here.
func normals() {
	TEXT("normalsAVX512", NOSPLIT, "func(dst *float64, seeds, points *uint64, scale *float64, layer, first, blocks uintptr)")
	Pragma("noescape")
	Doc("normalsAVX512 is Kernels.Normals for two normals a block, from block first; blocks is at least 1.")
	c := newConstants("normalConstants")
	dst := Load(Param("dst"), GP64())
	blocks := Load(Param("blocks"), GP64())
	scale := at(Load(Param("scale"), GP64()))
	seedLow, seedHigh := halves(c, at(Load(Param("seeds"), GP64())))
	pointLow, pointHigh := halves(c, at(Load(Param("points"), GP64())))
	layer, index := Load(Param("layer"), GP64()), Load(Param("first"), GP64())

	Label("block")
	c0, c1, c2, c3 := filled(index), filled(layer), copyOf(pointLow), copyOf(pointHigh)
	k0, k1 := copyOf(seedLow), copyOf(seedHigh)
	for range 10 {
		p0, p1 := ZMM(), ZMM()
		VPMULUDQ_BCST(c.word(0xD2511F53), c0, p0)
		VPMULUDQ_BCST(c.word(0xCD9E8D57), c2, p1)
		h0, h1 := ZMM(), ZMM()
		VPSRLQ(operand.U8(32), p0, h0)
		VPSRLQ(operand.U8(32), p1, h1)
		// Only the lower halves matter, to the product above and to the words.
		VPTERNLOGQ(operand.U8(0x96), k0, c1, h1) // h1 ⊕ c1 ⊕ k0
		VPTERNLOGQ(operand.U8(0x96), k1, c3, h0)
		c0, c1, c2, c3 = h1, p1, h0, p0
		// The increments fall on both halves of a lane; the upper is not looked at.
		VPADDD_BCST(c.word(0x9E3779B9), k0, k0)
		VPADDD_BCST(c.word(0xBB67AE85), k1, k1)
	}
	normal(c, "even", joined(c, c0, c1), scale, operand.Mem{Base: dst})
	normal(c, "odd", joined(c, c2, c3), scale, operand.Mem{Base: dst, Disp: 64})
	INCQ(index)
	ADDQ(operand.U32(128), dst)
	DECQ(blocks)
	JNE(operand.LabelRef("block"))
	VZEROUPPER()
	RET()
}

// filled is a vector of one integer.
func filled(r reg.Register) reg.VecVirtual {
	to := ZMM()
	VPBROADCASTQ(r, to)
	return to
}

func copyOf(r reg.VecVirtual) reg.VecVirtual {
	to := ZMM()
	VMOVDQA64(r, to)
	return to
}

// halves are the lower and upper 32 bits of each lane in memory.
func halves(c *constants, from operand.Mem) (l, h reg.VecVirtual) {
	l, h = ZMM(), ZMM()
	VMOVDQU64(from, h)
	VPANDQ_BCST(c.word(math.MaxUint32), h, l)
	VPSRLQ(operand.U8(32), h, h)
	return l, h
}

// joined is high<<32 | low of the lower halves.
func joined(c *constants, l, h reg.VecVirtual) reg.VecVirtual {
	a, b := ZMM(), ZMM()
	VPSLLQ(operand.U8(32), h, a)
	VPANDQ_BCST(c.word(math.MaxUint32), l, b)
	VPORQ(a, b, b)
	return b
}

// polynomial is Horner's rule with every product and sum rounded.
func polynomial(c *constants, coefficients []float64, x reg.VecVirtual) reg.VecVirtual {
	p := ZMM()
	last := len(coefficients) - 1
	VMULPD_BCST(c.number(coefficients[last]), x, p)
	for i := last - 1; i >= 0; i-- {
		VADDPD_BCST(c.number(coefficients[i]), p, p)
		if i > 0 {
			VMULPD(x, p, p)
		}
	}
	return p
}

func quotient(c *constants, above, below []float64, x reg.VecVirtual) reg.VecVirtual {
	a, b := polynomial(c, above, x), polynomial(c, below, x)
	VDIVPD(b, a, a)
	return a
}

// normal stores scale · Φ⁻¹ of a word.
func normal(c *constants, name string, word reg.VecVirtual, scale, to operand.Mem) {
	// 1 + k·2⁻⁵² from k = word>>12, less 3/2, plus 2⁻⁵³: exact, it is random's offset.
	q := ZMM()
	VPSRLQ(operand.U8(12), word, q)
	VPORQ_BCST(c.number(1), q, q)
	VADDPD_BCST(c.number(-1.5), q, q)
	VADDPD_BCST(c.number(0x1p-53), q, q)

	r, z := ZMM(), ZMM()
	VMULPD(q, q, r)
	area := ZMM()
	VBROADCASTSD(c.number(0.180625), area)
	VSUBPD(r, area, r)
	above, below := polynomial(c, centreAbove, r), polynomial(c, centreBelow, r)
	VMULPD(q, above, above)
	VDIVPD(below, above, z)

	size, tail := ZMM(), K()
	VPANDQ_BCST(c.word(math.MaxInt64), q, size)
	VCMPPD_BCST(operand.U8(30), c.number(0.425), size, tail) // greater
	KTESTW(tail, tail)
	JEQ(operand.LabelRef(name + "_stored"))
	x := ZMM()
	VBROADCASTSD(c.number(0.5), x)
	VSUBPD(size, x, x)
	root := logarithm(c, x)
	VPXORQ_BCST(c.word(1<<63), root, root)
	VSQRTPD(root, root)
	near := ZMM()
	VADDPD_BCST(c.number(-1.6), root, near)
	value := quotient(c, nearAbove, nearBelow, near)
	far := K()
	VCMPPD_BCST(operand.U8(30), c.number(5), root, tail, far)
	KTESTW(far, far)
	JEQ(operand.LabelRef(name + "_near"))
	VADDPD_BCST(c.number(-5), root, root)
	distant := quotient(c, farAbove, farBelow, root)
	VBLENDMPD(distant, value, far, value)
	Label(name + "_near")
	sign := ZMM()
	VPANDQ_BCST(c.word(1<<63), q, sign)
	VPANDQ_BCST(c.word(math.MaxInt64), value, value)
	VPORQ(sign, value, value)
	VBLENDMPD(value, z, tail, z)
	Label(name + "_stored")
	VMULPD(scale, z, z)
	VMOVUPD(z, to)
}

// logarithm is random's natural logarithm of x in (0, 1).
func logarithm(c *constants, x reg.VecVirtual) reg.VecVirtual {
	m, e := ZMM(), ZMM()
	// The biased exponent as an integer b, into 2⁵² + b, less 2⁵² + 1023.
	VPSRLQ(operand.U8(52), x, e)
	VPORQ_BCST(c.number(0x1p52), e, e)
	VADDPD_BCST(c.number(-(0x1p52 + 1023)), e, e)
	VPANDQ_BCST(c.word(1<<52-1), x, m)
	VPORQ_BCST(c.number(1), m, m)
	large := K()
	VCMPPD_BCST(operand.U8(29), c.number(math.Sqrt2), m, large) // greater or equal
	VMULPD_BCST(c.number(0.5), m, large, m)
	VADDPD_BCST(c.number(1), e, large, e)

	s, below := ZMM(), ZMM()
	VADDPD_BCST(c.number(-1), m, s)
	VADDPD_BCST(c.number(1), m, below)
	VDIVPD(below, s, s)
	z := ZMM()
	VMULPD(s, s, z)
	w := ZMM()
	VBROADCASTSD(c.number(logSeries[len(logSeries)-1]), w)
	for i := len(logSeries) - 2; i >= 0; i-- {
		VMULPD(z, w, w)
		VADDPD_BCST(c.number(logSeries[i]), w, w)
	}
	VADDPD(s, s, s) // 2s, exact
	VMULPD(w, s, s)
	low := ZMM()
	VMULPD_BCST(c.number(ln2Low), e, low)
	VADDPD(low, s, s)
	VMULPD_BCST(c.number(ln2High), e, e)
	VADDPD(s, e, e)
	return e
}
