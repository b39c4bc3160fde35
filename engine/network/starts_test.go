package network_test

import (
	"math"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/theory"
)

// A mode's start is the mean over its directions, by the formula of the module's
// depth; the vectors are the module's own. Means of n numbers, divided before
// or after they are added up, are within n + 1 roundings of the exact one.
func TestModeStartsAreMeansOverDirections(t *testing.T) {
	stream := random.Stream{Seed: 2}
	p := dataset.NewPoint(3, 3, 2, 2, 1, 1.5)
	for _, arch := range []network.Architecture{network.Shallow(), network.Dense(5), network.Split(4), network.Partitioned(3)} {
		w := initial(t, arch, p, stream, 0.1)
		for m, module := range arch.Modules {
			starts, err := network.ModeStarts(p, module, w.Modules[m])
			if err != nil {
				t.Fatal(err)
			}
			modes := theory.Modes(p, module.View())
			if len(starts) != len(modes) {
				t.Fatalf("%s, module %d: %d starts for %d modes", arch.Name, m, len(starts), len(modes))
			}
			for i, mode := range modes {
				want, size := 0.0, 0.0
				for _, set := range theory.Sets(p, module.View(), mode.Kind) {
					u, v := theory.Vectors(p, module.View(), set)
					var start float64
					if len(w.Modules[m]) == 1 {
						start = theory.ShallowStart(w.Modules[m][0], u, v)
					} else {
						start = theory.DeepStart(w.Modules[m][0], w.Modules[m][1], u, v)
					}
					want += start / float64(mode.Multiplicity)
					size += math.Abs(start) / float64(mode.Multiplicity)
				}
				if math.Abs(starts[i]-want) > 2*float64(mode.Multiplicity+2)*0x1p-53*size {
					t.Errorf("%s, module %d, %v mode starts at %v, want %v", arch.Name, m, mode.Kind, starts[i], want)
				}
			}
		}
	}
	deep := network.Dense(5, 4)
	if starts, err := network.ModeStarts(p, deep.Modules[0], initial(t, deep, p, stream, 0.1).Modules[0]); err == nil {
		t.Errorf("two hidden layers have no parameter-free start, but got %v", starts)
	}
}
