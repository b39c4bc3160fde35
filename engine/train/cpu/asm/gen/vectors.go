package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// vectors is one kind of vector: its width in bits and what its lanes hold.
type vectors struct {
	wide   bool // 512 bits, else 256
	double bool // float64, else float32
}

// bytes is the size of one vector.
func (v vectors) bytes() int {
	if v.wide {
		return 64
	}
	return 32
}

// element is the Go type of a lane.
func (v vectors) element() string {
	if v.double {
		return "float64"
	}
	return "float32"
}

// size is the size of one lane in bytes.
func (v vectors) size() int {
	if v.double {
		return 8
	}
	return 4
}

// suffix ends the names of the functions of this kind.
func (v vectors) suffix() string {
	set, lane := "AVX2", "F32"
	if v.wide {
		set = "AVX512"
	}
	if v.double {
		lane = "F64"
	}
	return set + lane
}

// columns is the widest tile of a product over lanes: 3 × columns accumulators,
// 3 vectors of A and at least one of B must find room in 32 (16) registers.
func (v vectors) columns() int {
	if v.wide {
		return 9
	}
	return 4
}

func (v vectors) register() reg.VecVirtual {
	if v.wide {
		return ZMM()
	}
	return YMM()
}

func (v vectors) registers(n int) []reg.VecVirtual {
	list := make([]reg.VecVirtual, n)
	for i := range list {
		list[i] = v.register()
	}
	return list
}

func (v vectors) load(from operand.Mem, to reg.VecVirtual) {
	if v.double {
		VMOVUPD(from, to)
	} else {
		VMOVUPS(from, to)
	}
}

func (v vectors) store(from reg.VecVirtual, to operand.Mem) {
	if v.double {
		VMOVUPD(from, to)
	} else {
		VMOVUPS(from, to)
	}
}

func (v vectors) zero(r reg.VecVirtual) {
	if v.wide {
		VPXORD(r, r, r)
	} else {
		VXORPS(r, r, r)
	}
}

// fma adds a·b to sum; a may be in memory.
func (v vectors) fma(a, b, sum operand.Op) {
	if v.double {
		VFMADD231PD(a, b, sum)
	} else {
		VFMADD231PS(a, b, sum)
	}
}

// fnma subtracts a·b from sum; a may be in memory.
func (v vectors) fnma(a, b, sum operand.Op) {
	if v.double {
		VFNMADD231PD(a, b, sum)
	} else {
		VFNMADD231PS(a, b, sum)
	}
}

func (v vectors) mul(a, b, to operand.Op) {
	if v.double {
		VMULPD(a, b, to)
	} else {
		VMULPS(a, b, to)
	}
}

func (v vectors) add(a, b, to operand.Op) {
	if v.double {
		VADDPD(a, b, to)
	} else {
		VADDPS(a, b, to)
	}
}

// broadcast fills a vector with the scalar in memory.
func (v vectors) broadcast(from operand.Mem, to reg.VecVirtual) {
	if v.double {
		VBROADCASTSD(from, to)
	} else {
		VBROADCASTSS(from, to)
	}
}

// flush makes lanes with −smallest < r < smallest 0; NaN stays.
func (v vectors) flush(r, smallest reg.VecVirtual) {
	const atLeast = 21 // not less, quiet: true for NaN
	mask, size := v.register(), v.register()
	if v.wide {
		keep := K()
		if v.double {
			VPANDQ_BCST(signless.Offset(8), r, size)
			VCMPPD(operand.U8(atLeast), smallest, size, keep)
			VMOVAPD_Z(r, keep, r)
		} else {
			VPANDD_BCST(signless, r, size)
			VCMPPS(operand.U8(atLeast), smallest, size, keep)
			VMOVAPS_Z(r, keep, r)
		}
		return
	}
	if v.double {
		VBROADCASTSD(signless.Offset(8), mask)
		VANDPD(mask, r, size)
		VCMPPD(operand.U8(atLeast), smallest, size, mask)
		VANDPD(mask, r, r)
	} else {
		VBROADCASTSS(signless, mask)
		VANDPS(mask, r, size)
		VCMPPS(operand.U8(atLeast), smallest, size, mask)
		VANDPS(mask, r, r)
	}
}

// signless holds the masks of all bits but the sign, of a float32 and, 8 bytes
// on, of a float64.
var signless operand.Mem

// declareMasks writes them to the output. It must come before the first use.
func declareMasks(set string) {
	signless = GLOBL("signless"+set, 8|16) // RODATA|NOPTR
	DATA(0, operand.U64(math.MaxInt32))
	DATA(8, operand.U64(math.MaxInt64))
}
