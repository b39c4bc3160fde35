package theory

import (
	"math"
	"sort"

	"modspec/engine/dataset"
)

// A Level is a value together with how often it occurs.
type Level struct {
	Value        float64 `json:"value"`
	Multiplicity int     `json:"multiplicity"`
}

// SingularValues returns the non-zero singular values of a view's Σ_yx,
// descending.
func SingularValues(p dataset.Point, v dataset.View) []Level {
	return levels(p, v, func(m Mode) float64 { return m.SingularValue })
}

// Asymptotes returns the non-zero strengths λ/δ at which the view's modes end,
// descending.
func Asymptotes(p dataset.Point, v dataset.View) []Level {
	return levels(p, v, Mode.Asymptote)
}

// InputEigenvalues returns the non-zero eigenvalues of a view's Σ_x, descending,
// those of modes that are never learned among them.
func InputEigenvalues(p dataset.Point, v dataset.View) []Level {
	var list []Level
	for kind := Asked; kind <= NotGiven; kind++ {
		if sets := Sets(p, v, kind); len(sets) > 0 {
			list = append(list, Level{p.InputPower(sets[0], v.Reads) / float64(p.Examples()), len(sets)})
		}
	}
	return merge(list)
}

func levels(p dataset.Point, v dataset.View, value func(Mode) float64) []Level {
	var list []Level
	for _, m := range Modes(p, v) {
		list = append(list, Level{value(m), m.Multiplicity})
	}
	return merge(list)
}

// merge sorts levels in descending order, drops zeros and joins equal values.
// Two kinds of mode can share a value (k_x = k_y makes λ/δ of Asked and Other
// equal), computed along different routes: each is a few products, quotients
// and roots, so equal values differ by at most 8 roundings of 2⁻⁵³.
func merge(list []Level) []Level {
	sort.SliceStable(list, func(i, j int) bool { return list[i].Value > list[j].Value })
	out := []Level{}
	for _, l := range list {
		if l.Value == 0 || l.Multiplicity == 0 {
			continue
		}
		if n := len(out); n > 0 && math.Abs(out[n-1].Value-l.Value) <= 8*0x1p-53*l.Value {
			out[n-1].Multiplicity += l.Multiplicity
			continue
		}
		out = append(out, l)
	}
	return out
}
