package results

import (
	"math"
	"testing"
)

func TestOneToOne(t *testing.T) {
	nan := math.NaN()
	var many [][2]float64
	for i := range mostPairs + 1 {
		many = append(many, [2]float64{float64(i), float64(-i)})
	}
	for _, c := range []struct {
		name  string
		pairs [][2]float64
		want  bool
	}{
		{"equal", [][2]float64{{4, 4}, {4, 4}, {8, 8}, {4, 4}}, true},
		{"four times", [][2]float64{{1, 4}, {2, 8}, {1, 4}}, true},
		{"where there is one", [][2]float64{{4, 4}, {4, nan}, {nan, 8}, {8, 8}}, true},
		{"a grid", [][2]float64{{1, 1}, {1, 2}, {2, 1}, {2, 2}}, false},
		{"a function with no inverse", [][2]float64{{1, 1}, {2, 1}, {3, 2}}, false},
		{"the inverse of none", [][2]float64{{1, 1}, {1, 2}, {2, 3}}, false},
		{"changed places", [][2]float64{{1, 1}, {2, 2}, {1, 2}}, false},
		{"constants", [][2]float64{{0, 0}, {0, 0}}, false},
		{"as many as are kept", append(many[:mostPairs:mostPairs], many[0]), true},
		{"more", many, false},
		{"nothing", nil, false},
	} {
		var o OneToOne
		for _, p := range c.pairs {
			o.Add(p[0], p[1])
		}
		if o.Holds() != c.want {
			t.Errorf("%s: %v", c.name, !c.want)
		}
	}
}
