package dataset_test

import (
	"math/rand/v2"
	"testing"

	"modspec/engine/dataset"
)

func TestBlocksHaveNames(t *testing.T) {
	for blocks, want := range map[dataset.Blocks]string{
		dataset.None: "none", dataset.Omega: "omega", dataset.Gamma: "gamma", dataset.Both: "omega+gamma",
	} {
		if got := blocks.String(); got != want {
			t.Errorf("%d is named %q, want %q", blocks, got, want)
		}
	}
}

// The ranges are those of the rows of X and Y that hold ±1 and those that hold r.
func TestRangesAreTheBlocksRows(t *testing.T) {
	eachPoint(t, 9, 20, 4, func(t *testing.T, p dataset.Point, _ *rand.Rand) {
		for _, c := range []struct {
			blocks dataset.Blocks
			lo, hi func(omegas, all int) int
		}{
			{dataset.Omega, func(_, _ int) int { return 0 }, func(n, _ int) int { return n }},
			{dataset.Gamma, func(n, _ int) int { return n }, func(_, all int) int { return all }},
			{dataset.Both, func(_, _ int) int { return 0 }, func(_, all int) int { return all }},
		} {
			nx, inputs := len(p.InputBits), len(p.InputBits)+p.KX<<p.Bits
			if lo, hi := p.InputRange(c.blocks); lo != c.lo(nx, inputs) || hi != c.hi(nx, inputs) {
				t.Errorf("InputRange(%v) is [%d, %d), want [%d, %d)", c.blocks, lo, hi, c.lo(nx, inputs), c.hi(nx, inputs))
			}
			ny, outputs := len(p.OutputBits), len(p.OutputBits)+p.KY<<p.Bits
			if lo, hi := p.OutputRange(c.blocks); lo != c.lo(ny, outputs) || hi != c.hi(ny, outputs) {
				t.Errorf("OutputRange(%v) is [%d, %d), want [%d, %d)", c.blocks, lo, hi, c.lo(ny, outputs), c.hi(ny, outputs))
			}
		}
		if lo, hi := p.InputRange(dataset.None); lo != hi {
			t.Errorf("no block has rows [%d, %d)", lo, hi)
		}
	})
}
