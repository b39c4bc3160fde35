package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Predicates of comparisons, none of which signals; the processor's manual has them.
const (
	equal     = 0
	unordered = 3
	notEqual  = 4  // true for NaN
	less      = 17 // false for NaN, as are the next but one
	notAtMost = 22 // true for NaN
	atLeast   = 29
	greater   = 30
)

// compare returns the lanes where left is in a relation to right, which may be in
// memory: a vector of bits in AVX2, a mask register in AVX-512.
func (v vectors) compare(predicate int, left reg.VecVirtual, right operand.Op) reg.Register {
	if v.wide {
		mask := K()
		if v.double {
			VCMPPD(operand.U8(predicate), right, left, mask)
		} else {
			VCMPPS(operand.U8(predicate), right, left, mask)
		}
		return mask
	}
	mask := YMM()
	if v.double {
		VCMPPD(operand.U8(predicate), right, left, mask)
	} else {
		VCMPPS(operand.U8(predicate), right, left, mask)
	}
	return mask
}

// choose returns yes in the lanes of a mask and no in the others.
func (v vectors) choose(mask reg.Register, yes, no reg.VecVirtual) reg.VecVirtual {
	r := v.register()
	switch {
	case v.wide && v.double:
		VBLENDMPD(yes, no, mask, r)
	case v.wide:
		VBLENDMPS(yes, no, mask, r)
	case v.double:
		VBLENDVPD(mask, yes, no, r)
	default:
		VBLENDVPS(mask, yes, no, r)
	}
	return r
}

// where returns x in the lanes of a mask and 0 in the others.
func (v vectors) where(mask reg.Register, x reg.VecVirtual) reg.VecVirtual {
	r := v.register()
	switch {
	case v.wide && v.double:
		VMOVAPD_Z(x, mask, r)
	case v.wide:
		VMOVAPS_Z(x, mask, r)
	default:
		v.and(mask, x, r)
	}
	return r
}

func (v vectors) move(from, to reg.VecVirtual) {
	if v.double {
		VMOVAPD(from, to)
	} else {
		VMOVAPS(from, to)
	}
}

// Differences and quotients are b − a and b/a.

func (v vectors) sub(a, b, to operand.Op) { either(v, VSUBPS, VSUBPD)(a, b, to) }
func (v vectors) div(a, b, to operand.Op) { either(v, VDIVPS, VDIVPD)(a, b, to) }

// max is b where it is larger and otherwise a, min likewise.
func (v vectors) max(a, b, to operand.Op) { either(v, VMAXPS, VMAXPD)(a, b, to) }
func (v vectors) min(a, b, to operand.Op) { either(v, VMINPS, VMINPD)(a, b, to) }

func (v vectors) and(a, b, to operand.Op) { either(v, VANDPS, VANDPD)(a, b, to) }
func (v vectors) or(a, b, to operand.Op)  { either(v, VORPS, VORPD)(a, b, to) }

func (v vectors) sqrt(x, to operand.Op) {
	if v.double {
		VSQRTPD(x, to)
	} else {
		VSQRTPS(x, to)
	}
}

// fma132 is to·a + b, fma213 is to·b + a.
func (v vectors) fma132(a, b, to operand.Op) { either(v, VFMADD132PS, VFMADD132PD)(a, b, to) }
func (v vectors) fma213(a, b, to operand.Op) { either(v, VFMADD213PS, VFMADD213PD)(a, b, to) }

func either(v vectors, single, double func(...operand.Op)) func(...operand.Op) {
	if v.double {
		return double
	}
	return single
}

// sign is the bit of the sign.
func (v vectors) sign() uint64 {
	if v.double {
		return 1 << 63
	}
	return 1 << 31
}
