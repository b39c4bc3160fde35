//go:build gpu

package large

import (
	"os"
	"regexp"
	"strconv"
	"testing"
)

// The tiles are those that gemm.cu makes kernels of.
func TestTilesHaveKernels(t *testing.T) {
	text, err := os.ReadFile("../../../../kernels/device/gemm.cu")
	if err != nil {
		t.Fatal(err)
	}
	number := `(\d+), `
	line := regexp.MustCompile(`(?m)^PRODUCT\(` + number + number + number + number + number + number + number + number + `\w+, (f32|f64), \d+\)`)
	made := map[string]tile{}
	for _, m := range line.FindAllStringSubmatch(string(text), -1) {
		n := make([]int, len(m))
		for i := 1; i <= 8; i++ {
			n[i], _ = strconv.Atoi(m[i])
		}
		down, across, rows, cols, slices := n[1], n[2], n[3], n[4], n[6]
		k := tile{kernel: "gemm_r" + m[7] + "c" + m[8] + "_" + m[9], rows: 4 * rows * down, cols: 8 * cols * across, threads: 32 * down * across * slices, slices: slices}
		made[k.kernel] = k
	}
	for _, listed := range append(append([]tile{}, tiles32...), tiles64...) {
		rate := listed.rate
		listed.rate = 0
		if made[listed.kernel] != listed {
			t.Errorf("the list has %+v, gemm.cu %+v", listed, made[listed.kernel])
		}
		if rate <= 0 || rate > 1 {
			t.Errorf("%s is expected to run at %v of the peak", listed.kernel, rate)
		}
		delete(made, listed.kernel)
	}
	for name := range made {
		t.Errorf("gemm.cu makes %s, which is not listed", name)
	}
}

// The products of sweeps waste little, and those that would starve a device are cut up.
func TestTiles(t *testing.T) {
	for _, c := range []struct {
		what                      string
		tiles                     []tile
		rows, cols, depth, copies int
		kernel                    string
		wanted                    float64 // least share of padded elements that are wanted
	}{
		{"bits 8, 256 hidden units: the map", tiles32, 257, 256, 256, manyCopies, "gemm_r132c128_f32", 0.97},
		{"its second layer", tiles32, 257, 256, 256, 64, "gemm_r132c128_f32", 0.97},
		{"its first layer", tiles32, 256, 256, 257, 64, "gemm_r128c128_f32", 1},
		{"bits 9, 512 hidden units", tiles32, 514, 512, 512, 64, "gemm_r132c128_f32", 0.97},
		{"bits 7, 128 hidden units", tiles32, 129, 128, 128, 1024, "gemm_r132c128_f32", 0.97},
		{"one copy alone", tiles32, 257, 256, 256, 1, "gemm_r32c32_f32", 0.89},
		{"a few outputs of many hidden units", tiles32, 9, 8, 16384, 64, "gemm_r16c16_f32", 0.28},
		{"the same, one copy: as before", tiles32, 9, 8, 16384, 1, "gemm_r16c16_f32", 0.28},
		{"few outputs, few hidden units", tiles32, 9, 8, 50, 64, "gemm_r32c32_f32", 0.07},
		{"float64", tiles64, 257, 256, 256, 64, "gemm_r64c64_f64", 0.80},
	} {
		got := chooseTile(c.tiles, c.rows, c.cols, c.depth, c.copies, 132)
		wanted := float64(c.rows*c.cols) / float64(got.padded(c.rows, c.cols))
		if got.kernel != c.kernel || wanted < c.wanted {
			t.Errorf("%s: %s, of whose elements %.3g are wanted, want %s with %.3g", c.what, got.kernel, wanted, c.kernel, c.wanted)
		}
	}
}

// Which order a sum has depends on the shape of the product alone.
func TestTilesKeepBits(t *testing.T) {
	for _, tiles := range [][]tile{tiles32, tiles64} {
		for rows := 1; rows < 300; rows += 7 {
			for cols := 1; cols < 300; cols += 11 {
				for _, depth := range []int{1, 255, 256, 5000} {
					want := chooseTile(tiles, rows, cols, depth, manyCopies, 1).slices
					for _, copies := range []int{1, 3, 1000} {
						for _, processors := range []int{1, 20, 132} {
							if got := chooseTile(tiles, rows, cols, depth, copies, processors).slices; got != want {
								t.Fatalf("%d × %d × %d: %d copies on %d multiprocessors share the depth by %d, many by %d", rows, cols, depth, copies, processors, got, want)
							}
						}
					}
				}
			}
		}
	}
}
