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
			o.Add("", p[0], p[1])
		}
		if o.Holds() != c.want {
			t.Errorf("%s: %v", c.name, !c.want)
		}
	}
}

// TestOneToOneInGroups: networks without modules have 0 of them for any number of rules.
func TestOneToOneInGroups(t *testing.T) {
	var o, grid OneToOne
	for rules := range 3 {
		o.Add("monolithic", float64(rules), 0)
		o.Add("modular", float64(rules), float64(rules))
		grid.Add("monolithic", float64(rules), 0)
		if !grid.Add("modular", float64(rules), 2) {
			t.Fatal("a constant is no reason to give up")
		}
	}
	if !o.Holds() {
		t.Error("one to one where there are modules, but not told so")
	}
	if grid.Holds() || grid.Add("modular", 0, 4) || grid.Holds() {
		t.Error("rules by 2 and 4 modules are told to be one to one")
	}
}
