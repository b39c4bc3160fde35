//go:build gpu

package large

import (
	"modspec/engine/cuda"
)

// tile is a shape of the matrix product's kernel, gemm_r<rows>c<cols>_<type>.
type tile struct {
	kernel     string
	rows, cols int
	threads    int
	// slices is how many groups of a block share the depth. An element is then a sum of
	// as many partial sums, so the choice of such a tile may depend only on the shape
	// of the product; see chooseTile.
	slices int
	// rate is the share of the peak that a full tile is expected to run at: what its
	// multiply-adds are of all its instructions, times the loss to latency.
	rate float64
}

// The tiles of kernels/device/gemm.cu.
var (
	tiles32 = []tile{
		{"gemm_r132c128_f32", 132, 128, 192, 1, 0.78},
		{"gemm_r128c128_f32", 128, 128, 256, 1, 0.78},
		{"gemm_r96c128_f32", 96, 128, 192, 1, 0.75},
		{"gemm_r64c64_f32", 64, 64, 64, 1, 0.65},
		{"gemm_r32c32_f32", 32, 32, 64, 1, 0.35},
		{"gemm_r16c16_f32", 16, 16, 256, 8, 0.15},
	}
	tiles64 = []tile{
		{"gemm_r64c64_f64", 64, 64, 128, 1, 0.75},
		{"gemm_r32c32_f64", 32, 32, 64, 1, 0.55},
		{"gemm_r16c16_f64", 16, 16, 256, 8, 0.25},
	}
)

// slicedDepth is the depth from which on it is worth sharing: two slices of 16 for
// each of eight groups.
const slicedDepth = 256

// manyCopies stands for so many copies that no multiprocessor is ever idle.
const manyCopies = 1 << 30

// count is how many tiles cover a result.
func (t *tile) count(rows, cols int) int {
	return cuda.CeilDiv(rows, t.rows) * cuda.CeilDiv(cols, t.cols)
}

// padded is the number of elements that the tiles of a result compute.
func (t *tile) padded(rows, cols int) int { return t.count(rows, cols) * t.rows * t.cols }

// chooseTile returns the tile that is expected to finish the products of some copies
// first, on a device of so many multiprocessors. A multiprocessor works off its share
// of the blocks, padded elements and all, at the tile's rate; with few copies small
// tiles keep more of them busy.
//
// An element's bits are the same for all tiles that do not share the depth out. Those
// that do are taken for results that are small beside any other tile, by the shape of
// the product alone, so that results do not depend on other copies.
func chooseTile(tiles []tile, rows, cols, depth, copies, multiprocessors int) *tile {
	best := cheapest(tiles, func(t *tile) float64 {
		if t.slices > 1 && depth < slicedDepth {
			return -1
		}
		return float64(t.padded(rows, cols)) / t.rate
	})
	if best.slices > 1 || copies == manyCopies {
		return best
	}
	return cheapest(tiles, func(t *tile) float64 {
		if t.slices > 1 {
			return -1
		}
		each := cuda.CeilDiv(t.count(rows, cols)*copies, multiprocessors)
		return float64(each*t.rows*t.cols) / t.rate
	})
}

// cheapest returns the first tile of the lowest cost; a negative cost rules it out.
func cheapest(tiles []tile, cost func(*tile) float64) *tile {
	var best *tile
	lowest := 0.0
	for i := range tiles {
		if c := cost(&tiles[i]); c >= 0 && (best == nil || c < lowest) {
			best, lowest = &tiles[i], c
		}
	}
	return best
}
