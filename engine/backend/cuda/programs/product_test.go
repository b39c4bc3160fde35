//go:build gpu

package programs

import (
	"fmt"
	"math"
	"testing"

	"modspec/engine/backend/reference"
	"modspec/engine/program"
	"modspec/engine/random"
)

// Products and convolutions of all tiles, over sizes beside those of tiles, agree with the
// reference to within γ(depth)·Σ|a||b|, with tensor cores 2^-10 + 2^-22 more (see
// program_product_tf32.cu), in which the bound of Σ|a||b| comes from the reference with
// absolute values. A chain that follows adds a bias and rectifies, which enlarges no
// error but rounds once more.
func TestProducts(t *testing.T) {
	d := opened(t)
	type product struct {
		x, y  []int
		build func(b *program.Builder, x, y program.Value) program.Value
		depth int
	}
	matMul := func(tx, ty bool) func(b *program.Builder, x, y program.Value) program.Value {
		return func(b *program.Builder, x, y program.Value) program.Value { return b.MatMul(x, y, tx, ty) }
	}
	var list []product
	for _, s := range [][4]int{{1, 129, 65, 17}, {1, 128, 64, 8}, {2, 100, 61, 9}, {3, 33, 31, 40}, {1, 5, 300, 7}} {
		batch, m, n, k := s[0], s[1], s[2], s[3]
		list = append(list, product{[]int{batch, m, k}, []int{batch, k, n}, matMul(false, false), k}, product{[]int{batch, k, m}, []int{batch, k, n}, matMul(true, false), k},
			product{[]int{batch, m, k}, []int{batch, n, k}, matMul(false, true), k}, product{[]int{batch, k, m}, []int{batch, n, k}, matMul(true, true), k})
	}
	// Parts of rows and of columns, which products read where they lie.
	list = append(list,
		product{[]int{3, 20, 13}, []int{3, 13, 9}, func(b *program.Builder, x, y program.Value) program.Value {
			return b.MatMul(b.Slice(x, 1, 3, 17), b.Slice(y, 2, 2, 8), false, false)
		}, 13},
		product{[]int{3, 13, 20}, []int{3, 9, 15}, func(b *program.Builder, x, y program.Value) program.Value {
			return b.MatMul(b.Slice(x, 2, 1, 18), b.Slice(y, 2, 1, 14), true, true)
		}, 13},
		product{[]int{3, 15, 6}, []int{3, 16, 7}, func(b *program.Builder, x, y program.Value) program.Value {
			return b.MatMul(b.Slice(x, 1, 2, 15), b.Slice(y, 1, 1, 14), true, false)
		}, 13})
	for _, s := range [][6]int{{2, 3, 9, 11, 70, 3}, {3, 2, 6, 7, 5, 2}} {
		images, channels, height, width, filters, window := s[0], s[1], s[2], s[3], s[4], s[5]
		x, w := []int{images, channels, height, width}, []int{filters, channels, window, window - 1}
		y := []int{images, filters, height - window + 1, width - window + 2}
		list = append(list, product{x, w, (*program.Builder).Conv2D, program.Size(w[1:])}, product{y, w, (*program.Builder).Conv2DInput, filters * program.Size(w[2:])},
			product{x, y, (*program.Builder).Conv2DWeights, images * program.Size(y[2:])})
	}
	runs := uint64(2)
	if testing.Short() {
		runs = 1
	}
	for _, o := range []Options{{}, {Precision: Float64}, {TF32: true}} {
		u := evaluator{d, o}.Roundoff()
		for _, c := range list {
			draft := program.NewDraft()
			b := draft.Observe
			v, w := draft.State("x", draft.Start.Zeros(c.x...)), draft.State("y", draft.Start.Zeros(c.y...))
			x, y := b.Read(v), b.Read(w)
			z := c.build(b, x, y)
			b.Output("product", z)
			b.Output("chain", b.Relu(b.Affine(z, -1, 0.5)))
			p, err := b.Build()
			if err != nil {
				t.Fatal(err)
			}
			var at []program.Place
			for seed := range runs {
				place := program.Place{}
				for i, shape := range [][]int{c.x, c.y} {
					data := make([]float64, program.Size(shape))
					random.Stream{Seed: seed}.Normals(data, uint32(i))
					for k := range data {
						data[k] = float64(float32(data[k]))
					}
					place.Variables = append(place.Variables, data)
				}
				at = append(at, place)
			}
			got, err := Evaluate(d, p, o, at)
			if err != nil {
				t.Fatal(err)
			}
			for i := range at {
				want, err := reference.Evaluate(p, at[i])
				if err != nil {
					t.Fatal(err)
				}
				sizes := program.Place{}
				for _, data := range at[i].Variables {
					abs := make([]float64, len(data))
					for k := range data {
						abs[k] = math.Abs(data[k])
					}
					sizes.Variables = append(sizes.Variables, abs)
				}
				bound, err := reference.Evaluate(p, sizes)
				if err != nil {
					t.Fatal(err)
				}
				relative := float64(c.depth) * u * 1.001
				if o.TF32 {
					relative = 0x1p-10 + 0x1p-22 + float64(c.depth)*0x1p-23*1.001
				}
				for k := range want[0] {
					// The reference's own rounding is that of float64.
					most := (relative + float64(c.depth)*0x1p-53) * bound[0][k]
					if !(math.Abs(got[i][0][k]-want[0][k]) <= most) || !(math.Abs(got[i][1][k]-want[1][k]) <= most+2*u*(0.5+math.Abs(want[0][k]))) {
						t.Fatalf("%s: element %d is %v and %v, want %v and %v to within %.2g", fmt.Sprint(c.x, c.y, o), k, got[i][0][k], got[i][1][k], want[0][k], want[1][k], most)
					}
				}
			}
		}
	}
}
