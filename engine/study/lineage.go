package study

import (
	"math"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear/prediction"
	"modspec/engine/theory"
)

func (l lineage) last() prediction.Sample { return l.measured[len(l.measured)-1] }

// compositionalKept returns the compositional norm of the last generation as a
// share of that of the true labels, and nonCompositionalKept the other.
func (l lineage) compositionalKept() float64 {
	return l.last().Quadrants.Compositional() / l.final.Compositional()
}

func (l lineage) nonCompositionalKept() float64 {
	return l.last().Quadrants.NonCompositional() / l.final.NonCompositional()
}

// floor returns √(k_y n_y r²/(k_y r² + P))·a1, what mode 1 of strength a1 puts
// into Γ_y of the dense network.
func floor(p dataset.Point, a1 float64) float64 {
	gamma := float64(p.KY) * p.R * p.R
	return math.Sqrt(gamma*float64(p.NY())/(gamma+float64(p.Examples()))) * a1
}

// overFloor returns the dense network's non-compositional norm over its floor:
// the least of all generations, and the last.
func (l lineage) overFloor() (least, last float64) {
	least = math.Inf(1)
	for _, g := range l.measured {
		last = g.Quadrants.NonCompositional() / floor(l.point, g.Modes[0])
		least = math.Min(least, last)
	}
	return least, last
}

// offModes12 returns how far, as a share, the dense network's last
// non-compositional norm is from that of modes 1 and 2 at their asymptotes.
func (l lineage) offModes12() float64 {
	modes := theory.Modes(l.point, dataset.Whole)
	ends := make([]float64, len(modes))
	for k, m := range modes {
		if m.Kind != theory.Other {
			ends[k] = m.Asymptote()
		}
	}
	return math.Abs(l.last().Quadrants.NonCompositional()/theory.Quadrants(modes, ends).NonCompositional() - 1)
}

// isPurged reports whether the last generation is without its non-compositional
// part.
func (l lineage) isPurged() bool { return l.nonCompositionalKept() <= purgedThreshold }

// largestShare returns the largest share of either norm that a generation keeps
// of the one before it, the true labels first.
func (l lineage) largestShare() float64 {
	largest, before := 0.0, l.final
	for _, g := range l.measured {
		largest = math.Max(largest, g.Quadrants.Compositional()/before.Compositional())
		largest = math.Max(largest, g.Quadrants.NonCompositional()/before.NonCompositional())
		before = g.Quadrants
	}
	return largest
}

// shareOf returns the share of the seeds of which something is true.
func shareOf[T any](seeds []T, is func(*T) bool) float64 {
	count := 0
	for i := range seeds {
		if is(&seeds[i]) {
			count++
		}
	}
	return float64(count) / float64(len(seeds))
}
