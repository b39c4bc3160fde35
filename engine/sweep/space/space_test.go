package space_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"modspec/engine/kind/linear/model"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/yamlfile"
)

// TestGridOrder: the table's order of parameters, the last one fastest, whatever
// the order in the file.
func TestGridOrder(t *testing.T) {
	s := sweeptest.Enumerate(t, "method: grid\nparameters:\n  lr: {values: [0.2, 0.1]}\n  ky: {min: 1, max: 2}\n  kx: {values: [3, 1]}\n")
	var got []string
	for i := range s.Len() {
		p := sweeptest.Point(s, i)
		got = append(got, fmt.Sprintf("%d %d %v", p.KX, p.KY, p.LR))
	}
	want := "3 1 0.2, 3 1 0.1, 3 2 0.2, 3 2 0.1, 1 1 0.2, 1 1 0.1, 1 2 0.2, 1 2 0.1"
	if strings.Join(got, ", ") != want {
		t.Errorf("the points are %s, want %s", strings.Join(got, ", "), want)
	}
}

// TestCountEqualsEnumeration compares a space of many axes with nested loops.
func TestCountEqualsEnumeration(t *testing.T) {
	s := sweeptest.Enumerate(t, `
method: grid
skip_invalid: true
parameters:
  bits: {min: 1, max: 4}
  nx: {min: 0, max: 4}
  ny: {min: 0, max: 4}
  kx: {min: 0, max: 1}
  ky: {min: 0, max: 1}
  arch: {values: [dense, shallow, partitioned]}
  rule: {values: [gd, hebbian]}
  train_examples: {values: [2, 5, all]}
  batch: {values: [1, 4, all]}
`)
	valid, candidates := map[sweeptest.Parameters]bool{}, 0
	for bits := 1; bits <= 4; bits++ {
		for nx := 0; nx <= 4; nx++ {
			for ny := 0; ny <= 4; ny++ {
				for k := range 4 {
					for _, arch := range []string{"dense", "shallow", "partitioned"} {
						for _, rule := range []string{"gd", "hebbian"} {
							for _, examples := range []int{2, 5, 0} {
								for _, batch := range []int{1, 4, 0} {
									candidates++
									kx, ky := k/2, k%2
									if examples == 0 {
										examples = 1 << bits
									}
									if batch == 0 {
										batch = examples
									}
									switch {
									case nx > bits, ny > nx, nx+kx == 0, ny+ky == 0:
									case examples > 1<<bits, batch > examples:
									case arch == "shallow" && rule == "hebbian":
									case arch == "partitioned" && (nx == 0 || ny == 0) && (kx == 0 || ky == 0):
									default:
										valid[sweeptest.Parameters{Bits: bits, NX: nx, NY: ny, KX: kx, KY: ky, Arch: arch, Rule: rule, TrainExamples: examples, Batch: batch}] = true
									}
								}
							}
						}
					}
				}
			}
		}
	}
	if got := s.File.Candidates(); got != candidates {
		t.Errorf("%d candidates, want %d", got, candidates)
	}
	if s.Len()+s.Skipped+s.Duplicates != candidates {
		t.Errorf("%d points, %d skipped, %d duplicates: not %d in all", s.Len(), s.Skipped, s.Duplicates, candidates)
	}
	if s.Len() != len(valid) {
		t.Errorf("%d points, want %d", s.Len(), len(valid))
	}
	ids := map[space.ID]bool{}
	for i := range s.Len() {
		p := sweeptest.Point(s, i)
		ids[space.CopyID(model.Kind, s.Point(i), "float32", 0)] = true
		key := sweeptest.Parameters{Bits: p.Bits, NX: p.NX, NY: p.NY, KX: p.KX, KY: p.KY, Arch: p.Arch, Rule: p.Rule, TrainExamples: p.TrainExamples, Batch: p.Batch}
		if !valid[key] {
			t.Fatalf("point %d is %+v, which the loops do not have", i, p)
		}
		delete(valid, key)
	}
	if len(ids) != s.Len() {
		t.Errorf("%d ids of %d points", len(ids), s.Len())
	}
	skipped := 0
	for i, r := range s.Reasons {
		skipped += r.Count
		if i > 0 && r.Count > s.Reasons[i-1].Count {
			t.Error("the reasons do not stand in order of their counts")
		}
	}
	if skipped != s.Skipped {
		t.Errorf("the reasons count %d, but %d were skipped", skipped, s.Skipped)
	}
}

// TestZip: zipped parameters move together, in a grid and in draws.
func TestZip(t *testing.T) {
	const parameters = "zip: [[lr, bits], [kx, ky, r]]\nparameters:\n  bits: {min: 2, max: 4}\n  lr: {values: [0.04, 0.08, 0.16]}\n  kx: {values: [1, 2]}\n  ky: {values: [2, 3]}\n  r: {values: [1, 1]}\n"
	for _, method := range []string{"grid", "random\nrun_cap: 100"} {
		s := sweeptest.Enumerate(t, "method: "+method+"\n"+parameters)
		if s.Len() != 6 {
			t.Errorf("%s: %d points, want 3·2", method, s.Len())
		}
		for i := range s.Len() {
			if p := sweeptest.Point(s, i); p.LR != 0.01*float64(int(1)<<p.Bits) || p.KY != p.KX+1 {
				t.Errorf("%s: point %d is %+v", method, i, p)
			}
		}
	}
}

func TestRunCapOfGrid(t *testing.T) {
	whole := sweeptest.Enumerate(t, "method: grid\nskip_invalid: true\nparameters:\n  bits: {min: 2, max: 4}\n  ny: {min: 0, max: 4}\n")
	capped := sweeptest.Enumerate(t, "method: grid\nrun_cap: 5\nskip_invalid: true\nparameters:\n  bits: {min: 2, max: 4}\n  ny: {min: 0, max: 4}\n")
	if whole.Len() != 3+4+5 || capped.Len() != 5 {
		t.Fatalf("%d and %d points, want 12 and 5", whole.Len(), capped.Len())
	}
	for i := range capped.Len() {
		if sweeptest.Point(whole, i) != sweeptest.Point(capped, i) {
			t.Errorf("point %d differs", i)
		}
	}
	// 0, 1, 2 of 2 bits, then 3 and 4 are skipped, then 0 and 1 of 3 bits.
	if capped.Skipped != 2 {
		t.Errorf("%d skipped, want 2", capped.Skipped)
	}
}

// TestMeaninglessParameters: what has no meaning at a point is not part of it, so
// it makes no second point.
func TestMeaninglessParameters(t *testing.T) {
	s := sweeptest.Enumerate(t, "method: grid\nparameters:\n  arch: {values: [dense, shallow]}\n  hidden: {values: [10, 20]}\n  depth: {values: [1, 2]}\n")
	if s.Len() != 4+1 || s.Duplicates != 3 {
		t.Errorf("%d points and %d duplicates, want 5 and 3", s.Len(), s.Duplicates)
	}
	if p := sweeptest.Point(s, 4); p.Arch != "shallow" || p.Hidden != 0 || p.Depth != 0 {
		t.Errorf("the shallow point is %+v", p)
	}
	s = sweeptest.Enumerate(t, "method: grid\nparameters:\n  rule: {values: [gd, hebbian]}\n  beta: {values: [0.1, 0.2]}\n")
	if s.Len() != 3 || s.Duplicates != 1 {
		t.Errorf("%d points and %d duplicates, want 3 and 1", s.Len(), s.Duplicates)
	}
	s = sweeptest.Enumerate(t, "method: grid\nparameters:\n  nx: {values: [all, 3]}\n  batch: {values: [8, all]}\n  train_examples: {values: [8, all]}\n")
	if s.Len() != 1 || s.Duplicates != 7 {
		t.Errorf("%d points and %d duplicates, want 1 and 7: all are the same network", s.Len(), s.Duplicates)
	}
}

func TestRefusedSpaces(t *testing.T) {
	for _, c := range []struct {
		what, file string
		line       int
		words      []string
	}{
		{"n_y above n_x", "method: grid\nparameters:\n  bits: {values: [2, 3]}\n  ny: {min: 0, max: 3}\n", 2, []string{"bits=2 ny=3", "n_y is 3", "skip_invalid: true"}},
		{"nothing left", "method: grid\nskip_invalid: true\nparameters:\n  bits: {value: 2}\n  ny: {min: 3, max: 4}\n", 3, []string{"none of the 2 points", "n_y is 3"}},
		{"a width nobody has", "method: grid\nparameters:\n  arch: {value: shallow}\n  hidden: {values: [10, 20]}\n", 4, []string{"hidden has no effect", "shallow"}},
		{"a strength nobody has", "method: grid\nparameters:\n  rule: {values: [gd, hebbian]}\n  gamma: {value: 1}\n", 4, []string{"gamma has no effect", "no rule"}},
		{"a strength of the wrong sign", "method: grid\nparameters:\n  rule: {value: hebbian}\n  beta: {value: -1}\n", 2, []string{"beta is -1", "above 0"}},
		{"a strength of nothing", "method: grid\nparameters:\n  rule: {value: predictive-coding}\n  gamma: {value: 0}\n", 2, []string{"gamma is 0", "below 0"}},
		{"a rule without its layer", "method: grid\nparameters:\n  rule: {value: hebbian}\n  arch: {value: shallow}\n", 2, []string{"hidden layer"}},
		{"no layer", "method: grid\nparameters:\n  depth: {value: 0}\n", 2, []string{"depth is 0", "arch: shallow"}},
		{"too many examples", "method: grid\ntrain_examples: 9\n", 1, []string{"training examples is 9", "8"}},
		{"too large a batch", "method: grid\ntrain_examples: 4\nparameters:\n  batch: {value: 5}\n", 3, []string{"batch is 5"}},
		{"rows that are not there", "method: grid\nparameters:\n  bits: {value: 2}\n  input_bits: {value: [0, 2]}\n", 2, []string{"row 2"}},
		{"too many shapes", "method: grid\nparameters:\n  kx: {min: 1, max: 400}\n  ky: {min: 1, max: 400}\n", 2, []string{"65536 different shapes"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			_, err := space.Enumerate(t.Context(), sweeptest.Parse(t, c.file))
			var faults yamlfile.Faults
			if !errors.As(err, &faults) {
				t.Fatalf("the error is %v, want faults", err)
			}
			if faults[0].Line != c.line {
				t.Errorf("on line %d, want %d", faults[0].Line, c.line)
			}
			for _, w := range c.words {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("the message lacks %q: %v", w, err)
				}
			}
		})
	}
}

func TestEnumerateStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f := sweeptest.Parse(t, "method: random\nrun_cap: 4000000\nparameters:\n  r: {min: 1, max: 2}\n")
	if _, err := space.Enumerate(ctx, f); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// TestDraws: a random sweep is the same every time, a longer one begins with a
// shorter one, other parameters leave a parameter's draws alone, and another
// seed gives others.
func TestDraws(t *testing.T) {
	file := func(runs, seed int, more string) *space.Space {
		return sweeptest.Enumerate(t, fmt.Sprintf("method: random\nrun_cap: %d\nsampling_seed: %d\nparameters:\n  r: {min: 0.5, max: 1.5}\n  init_scale: {min: 1.0e-4, max: 1.0e-2, distribution: log_uniform_values}\n%s", runs, seed, more))
	}
	short, long, more, other := file(50, 0, ""), file(500, 0, ""), file(50, 0, "  kx: {min: 1, max: 3}\n"), file(50, 1, "")
	equal := 0
	for i := range 50 {
		p := sweeptest.Point(short, i)
		if sweeptest.Point(long, i) != p {
			t.Errorf("draw %d depends on how many there are", i)
		}
		if q := sweeptest.Point(more, i); q.R != p.R || q.InitScale != p.InitScale {
			t.Errorf("draw %d depends on other parameters", i)
		}
		if sweeptest.Point(other, i).R == p.R {
			equal++
		}
	}
	if equal > 0 {
		t.Errorf("%d of 50 draws do not depend on the seed", equal)
	}
	// Golden: the values are part of copies' identities.
	p := sweeptest.Point(short, 0)
	if got, want := fmt.Sprintf("%x %x", p.R, p.InitScale), "0x1.5ef7347609199p+00 0x1.56ad4b91bb908p-09"; got != want {
		t.Errorf("draw 0 is %s, want %s", got, want)
	}
}

// TestDistributions compares 20,000 draws with what they are drawn from. The
// mean of n draws of standard deviation s is off by more than 5s/√n with
// probability 6·10⁻⁷; being a function of the seed, it either is or is not.
func TestDistributions(t *testing.T) {
	const n = 20000
	s := sweeptest.Enumerate(t, fmt.Sprintf("method: random\nrun_cap: %d\nparameters:\n  r: {min: 0.5, max: 1.5}\n  lr: {min: 1.0e-4, max: 1.0e-1, distribution: log_uniform_values}\n  kx: {min: 1, max: 4}\n  hidden: {min: 4, max: 64, distribution: log_uniform_values}\n  arch: {values: [dense, split]}\n", n))
	if s.Len() != n {
		t.Fatalf("%d points", s.Len())
	}
	var r, lr, kx, split, hidden float64
	for i := range n {
		p := sweeptest.Point(s, i)
		if p.R < 0.5 || p.R > 1.5 || p.LR < 1e-4 || p.LR > 1e-1 || p.KX < 1 || p.KX > 4 || p.Hidden < 4 || p.Hidden > 64 {
			t.Fatalf("point %d is outside its ranges: %+v", i, p)
		}
		r += p.R / n
		lr += math.Log10(p.LR) / n
		kx += float64(p.KX) / n
		hidden += math.Log2(float64(p.Hidden)) / n
		if p.Arch == "split" {
			split += 1.0 / n
		}
	}
	for _, c := range []struct {
		what                 string
		got, mean, deviation float64
	}{
		{"r", r, 1, math.Sqrt(1. / 12)},
		{"log lr", lr, -2.5, 3 * math.Sqrt(1./12)},
		{"kx", kx, 2.5, math.Sqrt(15. / 12)},
		{"split", split, 0.5, 0.5},
		// Rounding to whole numbers moves the logarithm by at most 0.18 at a width
		// of 4 and by 0.02 on average; its mean stays within 0.01.
		{"log hidden", hidden, 4, 4 * math.Sqrt(1./12)},
	} {
		slack := 0.0
		if c.what == "log hidden" {
			slack = 0.01
		}
		if off := math.Abs(c.got - c.mean); off > 5*c.deviation/math.Sqrt(n)+slack {
			t.Errorf("the mean of %s is %v, want %v", c.what, c.got, c.mean)
		}
	}
}
