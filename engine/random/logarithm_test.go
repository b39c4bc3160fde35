package random

import (
	"math"
	"math/big"
	"testing"
)

// unitRoundoff is u = 2⁻⁵³, half the distance from 1 to the next float64.
const unitRoundoff = 0x1p-53

// The bounds are those derived at logarithm: 2u in the domain of the tails,
// 4.5u where the exponent is 0 and nothing but the series counts. Both are
// relative. At x = 1 the logarithm is 0 and must be exact.
func TestLogarithmErrorBound(t *testing.T) {
	domains := []struct {
		name      string
		low, high float64
		bound     float64
	}{
		{"tails", 0x1p-53, 0.075, 2 * unitRoundoff},
		{"series alone", math.Sqrt2 / 2, math.Sqrt2, 4.5 * unitRoundoff},
	}
	for _, d := range domains {
		worst := 0.0
		check := func(x float64) {
			want := bigLogarithm(x)
			if want.Sign() == 0 {
				if got := logarithm(x); got != 0 {
					t.Errorf("logarithm(%v) = %v, want 0", x, got)
				}
				return
			}
			difference := new(big.Float).Sub(bigFloat(logarithm(x)), want)
			relative, _ := difference.Quo(difference, want).Float64()
			worst = max(worst, math.Abs(relative))
			if math.Abs(relative) > d.bound {
				t.Errorf("%s: logarithm(%v) is off by %.3g u", d.name, x, relative/unitRoundoff)
			}
		}
		// Even steps in log x visit every binade and both sides of √½.
		const steps = 4000
		ratio := math.Log(d.high / d.low)
		for i := range steps {
			check(d.low * math.Exp(ratio*float64(i)/steps))
		}
		check(d.low)
		check(math.Nextafter(d.high, 0))
		if d.low < 1 && 1 < d.high {
			check(1)
			check(math.Nextafter(1, 0))
			check(math.Nextafter(1, 2))
		}
		t.Logf("%s: largest error %.3g u, bound %.3g u", d.name, worst/unitRoundoff, d.bound/unitRoundoff)
	}
}
