package cpu

import (
	"fmt"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/network"
)

// BenchmarkSides times one core on networks of growing size with copies in lanes
// and alone: lanesLimit is where the two meet.
func BenchmarkSides(b *testing.B) {
	for _, c := range []struct{ bits, hidden int }{{3, 50}, {4, 50}, {5, 30}, {5, 60}, {5, 120}, {6, 30}, {6, 60}, {6, 120}, {6, 240}, {7, 60}, {7, 120}, {7, 240}, {8, 60}, {8, 256}} {
		s := setting{
			name: fmt.Sprintf("bits=%d/hidden=%d", c.bits, c.hidden), arch: network.Dense(c.hidden),
			point: dataset.NewPoint(c.bits, c.bits, 1, 3, 1, 1), rate: 0.16,
		}
		b.Run(s.name+"/lanes", func(b *testing.B) { benchmarkStep[float32](b, s, inLanes) })
		b.Run(s.name+"/alone", func(b *testing.B) { benchmarkStep[float32](b, s, alone) })
	}
}
