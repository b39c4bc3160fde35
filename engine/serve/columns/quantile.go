package columns

import "math"

// Quantile returns the q-quantile of ascending numbers, by linear interpolation
// between the two nearest: the number in place q·(n−1), counted from 0. It is
// NaN of none.
func Quantile(ascending []float64, q float64) float64 {
	if len(ascending) == 0 {
		return math.NaN()
	}
	place := q * float64(len(ascending)-1)
	below := int(place)
	if below+1 >= len(ascending) {
		return ascending[len(ascending)-1]
	}
	share := place - float64(below)
	if share == 0 { // also where the next number is infinite
		return ascending[below]
	}
	return ascending[below]*(1-share) + ascending[below+1]*share
}
