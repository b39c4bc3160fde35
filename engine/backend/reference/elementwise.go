package reference

import (
	"math"

	"modspec/engine/program"
)

// elementwise computes an elementwise operation.
func elementwise(out []float64, n *program.Node, in []tensor) {
	x := in[0].data
	var y []float64
	if len(in) > 1 {
		y = in[1].data
	}
	each := func(f func(x float64) float64) {
		for i := range out {
			out[i] = f(x[i])
		}
	}
	both := func(f func(x, y float64) float64) {
		for i := range out {
			out[i] = f(x[i], y[i])
		}
	}
	switch n.Op {
	case program.Affine:
		each(func(x float64) float64 { return float64(n.A*x) + n.B })
	case program.Add:
		both(func(x, y float64) float64 { return x + y })
	case program.Subtract:
		both(func(x, y float64) float64 { return x - y })
	case program.Multiply:
		both(func(x, y float64) float64 { return x * y })
	case program.Divide:
		both(func(x, y float64) float64 { return x / y })
	case program.Maximum:
		both(maximum)
	case program.Less:
		both(func(x, y float64) float64 {
			if x < y {
				return 1
			}
			return 0
		})
	case program.Select:
		z := in[2].data
		for i := range out {
			if out[i] = z[i]; x[i] != 0 {
				out[i] = y[i]
			}
		}
	case program.Relu:
		each(func(x float64) float64 {
			if x <= 0 {
				return 0
			}
			return x
		})
	case program.Exp:
		each(math.Exp)
	case program.Log:
		each(math.Log)
	case program.Sqrt:
		each(math.Sqrt)
	case program.Tanh:
		each(math.Tanh)
	case program.Sigmoid:
		each(sigmoid)
	case program.Softplus:
		each(func(x float64) float64 { // ln(1 + e^x) = max(x, 0) + ln(1 + e^−|x|)
			if math.IsNaN(x) {
				return x
			}
			return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
		})
	case program.Erf:
		each(math.Erf)
	case program.Sin:
		each(math.Sin)
	case program.Cos:
		each(math.Cos)
	case program.Atan2:
		both(math.Atan2)
	default:
		panic("reference: " + n.Op.String() + " is no elementwise operation")
	}
}

// maximum is the larger number, NaN if one of them is NaN. Of zeros it is +0 if
// one of them is.
func maximum(x, y float64) float64 {
	// math.Max is +Inf for +Inf and NaN.
	if math.IsNaN(x) || math.IsNaN(y) {
		return math.NaN()
	}
	return math.Max(x, y)
}

// sigmoid is 1/(1 + e^−x), computed from e^−|x|, which cannot overflow.
func sigmoid(x float64) float64 {
	e := math.Exp(-math.Abs(x))
	if x < 0 {
		return e / (1 + e)
	}
	return 1 / (1 + e)
}
