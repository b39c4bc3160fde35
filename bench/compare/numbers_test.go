package compare

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modspec/engine/random"
)

// A power law's exponent is found to within the roundings of its logarithms: sums of
// five terms of at most log(1e12) < 28, divided by a spread of more than 1, in all
// fewer than 100 roundings.
func TestFitFindsExponents(t *testing.T) {
	g := Growth{}
	for _, x := range []float64{1, 3, 10, 100, 1000} {
		g.Points = append(g.Points, GrowthPoint{X: x, Seconds: 0.2 * math.Pow(x, 1.5), Work: 7 * x * x, Memory: 1 << 20})
	}
	g.fit(false)
	tolerance := 100 * 28 * 0x1p-53
	for _, c := range []struct{ got, want float64 }{{g.Time, 1.5}, {g.Work, 2}, {g.Memory, 0}} {
		if !(math.Abs(c.got-c.want) <= tolerance) {
			t.Errorf("the exponent is %v, want %v", c.got, c.want)
		}
	}
	for i := range g.Points { // a constant in front is no growth
		g.Points[i].Seconds, g.Points[i].Work = 5+g.Points[i].X, 3+2*g.Points[i].X
	}
	g.fit(true)
	// 5 + x and x are one rounding of 1005 apart, and the smallest difference is 2.
	if tolerance += 1005 * 0x1p-52; !(math.Abs(g.Time-1) <= tolerance && math.Abs(g.Work-1) <= tolerance) {
		t.Errorf("beyond the first point the exponents are %v and %v, want 1", g.Time, g.Work)
	}
}

func TestMedian(t *testing.T) {
	values := []float64{3, 1, 2}
	if got := median(values); got != 2 || values[0] != 3 {
		t.Errorf("the median is %g, and the values are %v", got, values)
	}
	if got := median([]float64{4, 1, 2, 3}); got != 2.5 {
		t.Errorf("the median is %g, want 2.5", got)
	}
}

func TestNumbersAsTheTableWritesThem(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.00123456: "0.00123", 1.5: "1.50", 12.345: "12.3", 999.4: "999", 1234: "1,230", 9_876_543: "9,880,000",
		-41.5: "-41.5", math.Inf(1): "+Inf",
	} {
		if got := digits(v); got != want {
			t.Errorf("%v is written %q, want %q", v, got, want)
		}
	}
	for v, want := range map[float64]string{0.76: "76 %", 0.0123: "1.2 %", 1.04: "104 %"} {
		if got := percent(v); got != want {
			t.Errorf("%v is written %q, want %q", v, got, want)
		}
	}
	if got := count(1, "copy", "copies") + ", " + count(100_000, "copy", "copies"); got != "1 copy, 100,000 copies" {
		t.Errorf("counts are written %q", got)
	}
}

// A meter adds up packages, not their parts, and survives a counter that comes round.
func TestMeter(t *testing.T) {
	folder := t.TempDir()
	write := func(name, file, text string) {
		t.Helper()
		dir := filepath.Join(folder, name)
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if m, why := openMeter(folder); m != nil || !strings.Contains(why, "RAPL") {
		t.Errorf("in an empty folder the meter is %v, because %q", m, why)
	}
	write("intel-rapl:0", "energy_uj", "1000000")
	write("intel-rapl:1", "energy_uj", "9000000")
	write("intel-rapl:0:0", "energy_uj", "5")
	write("intel-rapl:1", "max_energy_range_uj", "10000000")
	m, why := openMeter(folder)
	if m == nil {
		t.Fatal(why)
	}
	before, err := m.read()
	if err != nil {
		t.Fatal(err)
	}
	write("intel-rapl:0", "energy_uj", "1500000")
	write("intel-rapl:1", "energy_uj", "1000000")
	if used, err := m.since(before); err != nil || used != 0.5+2 {
		t.Errorf("%g J were used (%v), want 2.5", used, err)
	}
	write("intel-rapl:0", "energy_uj", "much")
	if _, why := openMeter(folder); why == "" {
		t.Error("a counter that is no number is believed")
	}
}

// An epoch of images agrees with itself, and not with one at another learning rate.
func TestImagesTruth(t *testing.T) {
	truth, err := Images{"split"}.Write(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "variables.f64")
	write := func(rate float64, spoil func(all []float64)) {
		t.Helper()
		var all []float64
		for i := range truth.start {
			for k, from := range truth.start[i] {
				all = append(all, from+rate*(truth.end[i][k]-from))
			}
		}
		if spoil != nil {
			spoil(all)
		}
		if err := writeNumbers(path, all); err != nil {
			t.Fatal(err)
		}
	}
	write(1, nil)
	if off, err := truth.Check(path); err != nil || off > 1e-9 { // rounding of start + (end − start)
		t.Errorf("the truth is off itself by %g: %v", off, err)
	}
	write(1.05, nil)
	if _, err := truth.Check(path); err == nil {
		t.Error("a movement that is 5 % too large passes")
	}
	write(1, func(all []float64) { all[len(all)-1] = math.NaN() })
	if _, err := truth.Check(path); err == nil {
		t.Error("NaN passes")
	}
	if err := os.Truncate(path, 8); err != nil {
		t.Fatal(err)
	}
	if _, err := truth.Check(path); err == nil {
		t.Error("a file of one number passes")
	}
}

// The work of an image is what one counts by hand: for each convolution its kernel at
// every place, for the linear layer its weights, twice more for gradients but for that
// of the image.
func TestWorkOfImages(t *testing.T) {
	conv1, conv2 := 32*9*27*20*58, 32*32*7*21*14*38
	conv3, linear := 32*32*5*15*10*24, 1030*32*240
	want := float64(2*conv1 + 3*(conv2+conv3+linear))
	got, err := Images{"dense"}.work()
	if err != nil || got != want {
		t.Errorf("an image takes %v multiply-adds (%v), want %v", got, err, want)
	}
}

// Two tables of the same distribution agree; a systematicity that is off, or a
// network that is missing, does not.
func TestSweepsAgree(t *testing.T) {
	s := Sweep{KX: []int{1, 2}, R: []float64{0.5, 1}, Seeds: 50, Steps: 10, Rate: 0.1}
	table := func(seed uint64, shift float64) []sweepRow {
		var rows []sweepRow
		normals := make([]float64, 6*s.copies())
		random.Stream{Seed: seed}.Normals(normals, 0)
		for _, kx := range s.KX {
			for _, r := range s.R {
				for range s.Seeds {
					v := normals[:6]
					normals = normals[6:]
					rows = append(rows, sweepRow{kx, r, 1 + 0.1*v[0], 2 + 0.1*v[1], 3 + 0.1*v[2], 4 + 0.1*v[3], 5 + 0.1*v[4], 0.5 + shift + 0.01*v[5]})
				}
			}
		}
		return rows
	}
	ours := table(1, 0)
	if err := agree(s, ours, table(2, 0)); err != nil {
		t.Error(err)
	}
	// 0.02 are twice the standard deviation and ten of the difference of two means.
	if err := agree(s, ours, table(2, 0.02)); err == nil {
		t.Error("a systematicity that is off passes")
	}
	if err := agree(s, ours, table(2, 0)[1:]); err == nil {
		t.Error("a missing network passes")
	}
	if err := agree(s, ours, table(2, math.NaN())); err == nil {
		t.Error("NaN passes")
	}
}
