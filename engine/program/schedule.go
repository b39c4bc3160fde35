package program

import (
	"fmt"
	"math"
)

// The schedules of a learning rate: functions of the number of steps done,
// t = 0, 1, …; rate is the scalar that they multiply.

// Cosine falls from rate at t = 0 to end·rate at t = steps, and stays there:
// rate·(end + (1 − end)·(1 + cos(π·t/steps))/2). Source: I. Loshchilov, F. Hutter,
// SGDR, 2017, equation 5, with one period.
func (b *Builder) Cosine(rate Value, steps int, end float64) Value {
	if steps < 1 || !(end >= 0 && end <= 1) {
		return b.fail("Cosine", fmt.Errorf("the schedule has %d steps and ends at %v of its rate, but must have 1 or more and end at 0 to 1", steps, end))
	}
	share := b.Scale(b.Minimum(b.Steps(), b.Scalar(float64(steps))), 1/float64(steps))
	factor := b.Affine(b.Cos(b.Scale(share, math.Pi)), (1-end)/2, end+(1-end)/2)
	return b.Multiply(rate, factor)
}

// Warmup rises from rate/steps at t = 0 to rate at t = steps − 1, and stays there.
func (b *Builder) Warmup(rate Value, steps int) Value {
	if steps < 1 {
		return b.fail("Warmup", fmt.Errorf("the schedule has %d steps, but must have 1 or more", steps))
	}
	share := b.Affine(b.Steps(), 1/float64(steps), 1/float64(steps))
	return b.Multiply(rate, b.Minimum(share, b.Scalar(1)))
}

// Decay multiplies rate by factor after each of the given numbers of steps, in
// ascending order: a step schedule.
func (b *Builder) Decay(rate Value, factor float64, after ...int) Value {
	if !(factor > 0) || math.IsInf(factor, 0) {
		return b.fail("Decay", fmt.Errorf("the factor is %v, but must be a finite number above 0", factor))
	}
	for i, at := range after {
		if at < 1 || i > 0 && at <= after[i-1] {
			return b.fail("Decay", fmt.Errorf("the steps are %v, but must ascend from 1 or more", after))
		}
		before := b.Less(b.Steps(), b.Scalar(float64(at)))
		rate = b.Select(before, rate, b.Scale(rate, factor))
	}
	return rate
}
