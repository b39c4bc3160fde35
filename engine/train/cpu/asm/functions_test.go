package asm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// edges are numbers at which functions change their form.
var edges = []float64{
	0, math.Copysign(0, -1), 1, -1, 0.5, -0.5, math.Inf(1), math.Inf(-1), math.NaN(), math.Sqrt2, math.Sqrt2 / 2, math.Ln2 / 2, -math.Ln2 / 2,
	88, 89, 90, -87, -88, -103, -104, -105, 709, 710, 711, -708, -745, -746, 9, 10, 11, 19, 20, 21, -10, -20, 40, -40,
	math.MaxFloat32, math.MaxFloat64, math.SmallestNonzeroFloat32, math.SmallestNonzeroFloat64, 0x1p-126, 0x1p-127, 0x1p-1022, 0x1p-1023,
}

// operands are n numbers: of every magnitude, of a few units, and edges.
func operands[F Float](r *rand.Rand, n int) []F {
	list := make([]F, n)
	for i := range list {
		switch r.IntN(4) {
		case 0:
			list[i] = F(edges[r.IntN(len(edges))])
		case 1:
			list[i] = F(r.NormFloat64() * math.Exp(30*r.NormFloat64()))
		default:
			list[i] = F(10 * r.NormFloat64())
		}
	}
	return list
}

func TestFunctions(t *testing.T) {
	forEachSet(t, testFunctions[float32], testFunctions[float64])
}

// testFunctions compares with the plain loops, to the bit, for all lengths that
// unrolled loops tell apart and with the result in an operand's place.
func testFunctions[F Float](t *testing.T, k *Kernels[F]) {
	r := rand.New(rand.NewPCG(7, 8))
	for f := range NumFunctions {
		for _, n := range []int{0, 1, 2, 3, 4, 5, 9, 200} {
			size := n * k.Lanes
			x, y, z := operands[F](r, size+1), operands[F](r, size+1), operands[F](r, size+1)
			a, b := F(r.NormFloat64()), F(r.NormFloat64())
			got, want := newGuarded[F](size, 1), newGuarded[F](size, 1)
			call := func(of func(d, x, y, z *F, a, b F, n uintptr), d []F) {
				if n == 0 { // a pointer to something
					d = make([]F, 1)
				}
				of(&d[0], &x[0], &y[0], &z[0], a, b, uintptr(n))
			}
			name := fmt.Sprintf("function %d of %d vectors", f, n)
			call(k.Function(f), got.data)
			call(k.plainFunction(f), want.data)
			for i := range want.data {
				g, w := float64(got.data[i]), float64(want.data[i])
				if math.Float64bits(g) != math.Float64bits(w) && !(math.IsNaN(g) && math.IsNaN(w)) {
					t.Fatalf("%s: f(%v, %v, %v) with %v and %v is %v, but the plain loop gives %v", name, x[i], y[i], z[i], a, b, g, w)
				}
			}
			got.check(t, name)
			if n == 0 {
				continue
			}
			for at := range 3 {
				in := [3][]F{x, y, z}
				copy(got.data, in[at])
				in[at] = got.data
				k.Function(f)(&got.data[0], &in[0][0], &in[1][0], &in[2][0], a, b, uintptr(n))
				same(t, name+", in place", got.data, want.data)
			}
		}
	}
}

// TestFunctionErrors compares the plain transcendental functions, whose bits the
// others have, with package math in float64 over their whole range. In float32 the
// errors must be below the 4 units in the last place that are promised. Package math
// itself is good to about a unit in float64, so 5 are allowed there.
func TestFunctionErrors(t *testing.T) {
	softplus := func(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }
	sigmoid := func(x float64) float64 {
		if x < -38 { // e^−38 is below half a unit of 1
			return math.Exp(x)
		}
		return 1 / (1 + math.Exp(-x))
	}
	for _, c := range []struct {
		name      string
		of32      func(float32) float32
		of64      func(float64) float64
		want      func(float64) float64
		low, high float64
	}{
		{"exp", mathematics32.exp, mathematics64.exp, math.Exp, -740, 709},
		{"log", mathematics32.log, mathematics64.log, math.Log, 1e-320, 1e300},
		{"tanh", mathematics32.tanh, mathematics64.tanh, math.Tanh, -25, 25},
		{"sigmoid", mathematics32.sigmoid, mathematics64.sigmoid, sigmoid, -700, 700},
		{"softplus", mathematics32.softplus, mathematics64.softplus, softplus, -700, 700},
	} {
		r := rand.New(rand.NewPCG(9, 10))
		worst32, worst64 := 0.0, 0.0
		for range 100_000 {
			x := c.low + (c.high-c.low)*r.Float64()
			switch r.IntN(3) {
			case 0: // near 0
				x = r.NormFloat64() * math.Exp(4*r.NormFloat64()-2)
			case 1:
				x = 4 * r.NormFloat64()
			}
			if c.name == "log" {
				x = math.Abs(x)
				if r.IntN(2) == 0 {
					x = math.Exp(x) // near 1 and far
				}
			}
			if x < c.low || x > c.high {
				continue
			}
			single := float32(x)
			if math.IsInf(float64(single), 0) {
				continue
			}
			want := c.want(float64(single))
			if math.Abs(want) > math.MaxFloat32 {
				want = math.Inf(1)
			}
			worst32 = max(worst32, units(float64(c.of32(single)), want, 23, -149))
			worst64 = max(worst64, units(c.of64(x), c.want(x), 52, -1074))
		}
		t.Logf("%s: %.2f units in float32, %.2f in float64", c.name, worst32, worst64)
		if worst32 > 4 || worst64 > 5 {
			t.Errorf("%s is wrong by %.2f units in float32 and %.2f in float64", c.name, worst32, worst64)
		}
	}
}

// units is a difference in units of the last of so many binary digits of want, of
// which the smallest is 2^least.
func units(got, want float64, digits, least int) float64 {
	if got == want {
		return 0
	}
	_, e := math.Frexp(want)
	return math.Abs(got-want) / math.Ldexp(1, max(e-1-digits, least))
}

func TestPanel(t *testing.T) {
	forEachSet(t, testPanel[float32], testPanel[float64])
}

func testPanel[F Float](t *testing.T, k *Kernels[F]) {
	r := rand.New(rand.NewPCG(11, 12))
	for _, vectors := range []int{1, 2} {
		for rows := range 2*k.TileRows + 3 {
			for _, inner := range []int{0, 1, 2, 7} {
				width := vectors * k.Lanes
				p := Panel[F]{Rows: rows, Inner: inner, Vectors: vectors, ARow: inner + 1, AStep: 1, BRow: width + r.IntN(2), DRow: width, Low: F(math.Inf(-1))}
				if r.IntN(2) == 0 {
					p.ARow, p.AStep = 1, rows+2
				}
				if r.IntN(2) == 0 {
					p.Low = 0
				}
				switch r.IntN(3) {
				case 0:
					p.CRow = width + 1
				case 1:
					p.DRow = r.IntN(width) // rows overwrite the ends of those before
				}
				p.A = numbers[F](r, (rows+2)*(inner+2), k.Lanes)
				p.B = numbers[F](r, (inner+1)*(width+1), k.Lanes)
				p.C = numbers[F](r, (rows+1)*(width+1), k.Lanes)
				got, want := newGuarded[F](rows*width, 1), newGuarded[F](rows*width, 1)
				name := fmt.Sprintf("%d rows, %d deep, %d vectors", rows, inner, vectors)
				p.D = got.data
				k.Panel(&p)
				p.D = want.data
				plainTwin(k).Panel(&p)
				same(t, name, got.data, want.data)
				got.check(t, name)
			}
		}
	}
}

func TestReductions(t *testing.T) {
	forEachSet(t, testReductions[float32], testReductions[float64])
}

func testReductions[F Float](t *testing.T, k *Kernels[F]) {
	r := rand.New(rand.NewPCG(13, 14))
	twin := plainTwin(k)
	for _, rows := range []int{0, 1, 2, 5, 8, 17} {
		for _, columns := range []int{1, 3, 4, 8, 15, 16, 17, 32, 40, 48, 65} {
			name := fmt.Sprintf("%d×%d", rows, columns)
			x := numbers[F](r, rows*columns, columns)
			compare := func(what string, size int, of func(k *Kernels[F], d []F)) {
				got, want := newGuarded[F](size, 1), newGuarded[F](size, 1)
				of(k, got.data)
				of(twin, want.data)
				same(t, name+", "+what, got.data, want.data)
				got.check(t, name+", "+what)
			}
			compare("sums of rows", rows, func(k *Kernels[F], d []F) { k.SumRows(d, x, rows, columns) })
			// Zeros of either sign are equally large.
			numbered := make([]F, rows*columns)
			for i := range numbered {
				numbered[i] = F(r.NormFloat64())
			}
			compare("largest of rows", rows, func(k *Kernels[F], d []F) { k.MaxRows(d, numbered, rows, columns) })
			compare("transposed", rows*columns, func(k *Kernels[F], d []F) { k.Transpose(d, x, rows, columns, rows, columns) })
			for _, each := range []int{0, 1, 3, 4, 8, 17} {
				got := make([]F, rows*each+k.Lanes)
				k.Spread(got, x, rows, each)
				want := make([]F, rows*each+k.Lanes)
				twin.Spread(want, x, rows, each)
				same(t, name+", spread", got[:rows*each], want[:rows*each])
			}
			vectors := columns / k.Lanes
			compare("sums of columns", vectors*k.Lanes, func(k *Kernels[F], d []F) { k.SumColumns(d, x, rows, vectors, columns) })
			compare("rows copied", rows*vectors*k.Lanes, func(k *Kernels[F], d []F) { k.CopyRows(d, x, rows, vectors, vectors*k.Lanes, columns) })
		}
	}
	// The sums themselves, of whole numbers, which no order of additions changes.
	x := make([]F, 3*1000)
	for i := range x {
		x[i] = F(i % 7)
	}
	var sums [3]F
	k.SumRows(sums[:], x, 3, 1000)
	for i, got := range sums {
		want := F(0)
		for _, v := range x[i*1000:][:1000] {
			want += v
		}
		if got != want {
			t.Errorf("row %d has the sum %v, want %v", i, got, want)
		}
	}
}
