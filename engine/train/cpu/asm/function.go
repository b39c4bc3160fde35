package asm

import (
	"math"
	"unsafe"
)

// A Function is a function of elements of vectors.
type Function uint8

// The functions. x, y and z are operands, a and b scalars, d is the result. NaN in
// an operand that is used gives NaN.
const (
	Copy       Function = iota // x
	Affine                     // a·x + b, with one rounding
	Scale                      // a·x
	DivideBy                   // x/a
	MultiplyTo                 // a·x + y, with one rounding
	Add                        // x + y
	Subtract                   // x − y
	Multiply                   // x·y
	Divide                     // x/y
	Maximum                    // the larger of x and y
	Less                       // 1 where x < y, otherwise 0
	Select                     // y where x is not 0, otherwise z
	Gate                       // y where x > 0, otherwise 0
	Relu                       // x where x > 0 or x is NaN, otherwise 0
	Sqrt
	Exp
	Log
	Tanh
	Sigmoid  // 1/(1 + e^−x)
	Softplus // ln(1 + e^x)
	NumFunctions
)

// apply computes a function for n vectors. Operands that a function does not have
// may be nil; d may be any operand.
type apply[F Float] = func(d, x, y, z *F, a, b F, n uintptr)

// Function returns the loop of a function over n vectors from each pointer on. It
// checks nothing, and n is at most 4096, since assembly cannot be preempted. d may
// be an operand.
//
// Exp, Log, Tanh, Sigmoid and Softplus have an error below 4 units in the last
// place; see mathematics.go. The others are rounded once, Select and its like not
// at all.
func (k *Kernels[F]) Function(f Function) func(d, x, y, z *F, a, b F, n uintptr) {
	if k.raw != nil && k.raw.functions[f] != nil {
		return k.raw.functions[f]
	}
	return k.plainFunction(f)
}

// plainFunction returns the loop that the assembly of a function equals.
func (k *Kernels[F]) plainFunction(f Function) apply[F] {
	c := k.mathematics
	unary := func(of func(x F) F) apply[F] {
		return func(d, x, _, _ *F, _, _ F, n uintptr) {
			to, from := k.elements(d, n), k.elements(x, n)
			for i, v := range from {
				to[i] = of(v)
			}
		}
	}
	scalar := func(of func(x, a, b F) F) apply[F] {
		return func(d, x, _, _ *F, a, b F, n uintptr) {
			to, from := k.elements(d, n), k.elements(x, n)
			for i, v := range from {
				to[i] = of(v, a, b)
			}
		}
	}
	binary := func(of func(x, y F) F) apply[F] {
		return func(d, x, y, _ *F, _, _ F, n uintptr) {
			to, first, second := k.elements(d, n), k.elements(x, n), k.elements(y, n)
			for i, v := range first {
				to[i] = of(v, second[i])
			}
		}
	}
	switch f {
	case Copy:
		return unary(func(x F) F { return x })
	case Affine:
		return scalar(func(x, a, b F) F { return k.fma(a, x, b) })
	case Scale:
		return scalar(func(x, a, _ F) F { return a * x })
	case DivideBy:
		return scalar(func(x, a, _ F) F { return x / a })
	case MultiplyTo:
		return func(d, x, y, _ *F, a, _ F, n uintptr) {
			to, first, second := k.elements(d, n), k.elements(x, n), k.elements(y, n)
			for i, v := range first {
				to[i] = k.fma(a, v, second[i])
			}
		}
	case Add:
		return binary(func(x, y F) F { return x + y })
	case Subtract:
		return binary(func(x, y F) F { return x - y })
	case Multiply:
		return binary(func(x, y F) F { return x * y })
	case Divide:
		return binary(func(x, y F) F { return x / y })
	case Maximum:
		return binary(func(x, y F) F {
			if x > y || x != x {
				return x
			}
			return y
		})
	case Less:
		return binary(func(x, y F) F {
			if x < y {
				return 1
			}
			return 0
		})
	case Select:
		return func(d, x, y, z *F, _, _ F, n uintptr) {
			to, condition, yes, no := k.elements(d, n), k.elements(x, n), k.elements(y, n), k.elements(z, n)
			for i, v := range condition {
				r := no[i]
				if v != 0 {
					r = yes[i]
				}
				to[i] = r
			}
		}
	case Gate:
		return binary(func(x, y F) F {
			if x > 0 {
				return y
			}
			return 0
		})
	case Relu:
		return unary(func(x F) F {
			if x <= 0 {
				return 0
			}
			return x
		})
	case Sqrt:
		return unary(func(x F) F { return F(math.Sqrt(float64(x))) })
	case Exp:
		return unary(c.exp)
	case Log:
		return unary(c.log)
	case Tanh:
		return unary(c.tanh)
	case Sigmoid:
		return unary(c.sigmoid)
	case Softplus:
		return unary(c.softplus)
	}
	panic("asm: there is no such function")
}

// elements are n vectors from a pointer on.
func (k *Kernels[F]) elements(p *F, n uintptr) []F {
	return unsafe.Slice(p, int(n)*k.Lanes)
}
