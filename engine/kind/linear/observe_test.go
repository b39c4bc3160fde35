package linear_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/theory"
)

// scene is a network of random maps on a task, with what it is observed to be.
type scene struct {
	task  *linear.Task
	arch  network.Architecture
	maps  []*mat.Dense
	whole *mat.Dense // M
	seen  linear.Observation
}

// architectures are those that an observer must tell apart: one module, modules
// with outputs of their own, and outputs that add up.
func architectures(t *testing.T) []network.Architecture {
	t.Helper()
	overlapping, err := network.ParseModules("both>both:5; omega>omega:4; gamma>both:0")
	if err != nil {
		t.Fatal(err)
	}
	return []network.Architecture{network.Shallow(), network.Dense(4), network.Split(4), network.Partitioned(4), overlapping}
}

// scenes observes networks with random maps: all architectures at several points,
// trained on all examples, some, or all by name, with and without a teacher.
func scenes(t *testing.T) []scene {
	t.Helper()
	rng := rand.New(rand.NewPCG(2, 2))
	var list []scene
	for _, p := range []dataset.Point{
		paper,
		dataset.NewPoint(3, 3, 2, 1, 1, 2),
		dataset.NewPoint(2, 2, 0, 1, 2, 1),
		dataset.NewPoint(2, 2, 2, 2, 0, 0.5),
		dataset.NewPoint(3, 3, 1, 0, 1, 1),
		{Bits: 3, InputBits: []int{0, 2}, OutputBits: []int{1, 2}, KX: 2, KY: 1, R: 1},
	} {
		for _, arch := range architectures(t) {
			here, err := arch.At(p)
			if err != nil {
				t.Fatal(err)
			}
			for _, examples := range [][]int{nil, {0, 1, 2}, rng.Perm(p.Examples())} {
				task := &linear.Task{Point: p, Examples: examples}
				if rng.IntN(2) == 0 {
					task.Teacher = normals(rng, p.Outputs(), p.Inputs())
				}
				s := scene{task: task, arch: here, whole: mat.NewDense(p.Outputs(), p.Inputs(), nil)}
				for _, m := range here.Modules {
					shape := m.Shape(p)
					s.maps = append(s.maps, normals(rng, shape[len(shape)-1], shape[0]))
				}
				for m, module := range here.Modules {
					inLo, inHi := p.InputRange(module.Reads)
					outLo, outHi := p.OutputRange(module.Writes)
					for i := outLo; i < outHi; i++ {
						for j := inLo; j < inHi; j++ {
							s.whole.Set(i, j, s.whole.At(i, j)+s.maps[m].At(i-outLo, j-inLo))
						}
					}
				}
				observer, err := linear.NewObserver(task, here)
				if err != nil {
					t.Fatal(err)
				}
				observer.Observe(1, s.maps) // what was seen before must leave no trace
				s.seen = observer.Observe(42, s.maps)
				list = append(list, s)
			}
		}
	}
	return list
}

func (s scene) String() string { return fmt.Sprintf("%s on %v", s.arch.Name, s.task.Point) }

// literalLoss returns ½·mean of squared residuals over some examples and output
// rows, and a bound on the difference of two right computations: each residual
// is off by γ of its own sum, relative to |M||x| + |y|, and the mean by γ of its
// number of squares.
func (s scene) literalLoss(labels, sizes *mat.Dense, examples []int, lo, hi int, x *mat.Dense) (loss, bound float64) {
	terms := s.task.Point.Inputs() + len(s.maps) + 2
	for i := lo; i < hi; i++ {
		for _, e := range examples {
			residual, size := labels.At(i, e), sizes.At(i, e)
			for j := range s.task.Point.Inputs() {
				residual -= s.whole.At(i, j) * x.At(j, e)
				for m, module := range s.arch.Modules {
					inLo, inHi := s.task.Point.InputRange(module.Reads)
					outLo, outHi := s.task.Point.OutputRange(module.Writes)
					if i >= outLo && i < outHi && j >= inLo && j < inHi {
						size += math.Abs(s.maps[m].At(i-outLo, j-inLo) * x.At(j, e))
					}
				}
			}
			off := 2 * gamma(terms) * size
			loss += residual * residual
			bound += 2*math.Abs(residual)*off + off*off
		}
	}
	n := float64(len(examples))
	return loss / (2 * n), (bound + 2*gamma((hi-lo)*len(examples)+4)*loss) / (2 * n)
}

func TestLossesAreHalfTheMeanSquaredError(t *testing.T) {
	for _, s := range scenes(t) {
		p := s.task.Point
		x, labels := inputs(t, p)
		sizes := absolute(labels)
		if s.task.Teacher != nil {
			labels, sizes = product(s.task.Teacher, x), product(absolute(s.task.Teacher), absolute(x))
		}
		trained, err := p.Select(s.task.Examples)
		if err != nil {
			t.Fatal(err)
		}
		for _, set := range []struct {
			name     string
			got      linear.Losses
			examples []int
		}{{"train", s.seen.Train, trained}, {"test", s.seen.Test, p.OtherExamples(trained)}} {
			if len(set.examples) == 0 {
				if !math.IsNaN(set.got.Total) || !math.IsNaN(set.got.Omega) || !math.IsNaN(set.got.Gamma) {
					t.Errorf("%v: %s losses over no examples are %+v, want NaN", s, set.name, set.got)
				}
				continue
			}
			omega, omegaBound := s.literalLoss(labels, sizes, set.examples, 0, p.NY(), x)
			gammaLoss, gammaBound := s.literalLoss(labels, sizes, set.examples, p.NY(), p.Outputs(), x)
			for _, l := range []struct {
				name             string
				got, want, bound float64
			}{
				{"Ω", set.got.Omega, omega, omegaBound},
				{"Γ", set.got.Gamma, gammaLoss, gammaBound},
				{"total", set.got.Total, omega + gammaLoss, omegaBound + gammaBound + gamma(2)*(omega+gammaLoss)},
			} {
				if !(math.Abs(l.got-l.want) <= l.bound) {
					t.Errorf("%v: %s loss, %s, is %v, want %v", s, set.name, l.name, l.got, l.want)
				}
			}
		}
	}
}

// The quadrants are sums of squares of the summed map, whose entries have one
// rounding for each module that adds to them, and S is their quotient.
func TestObservedQuadrantsAreThoseOfTheSum(t *testing.T) {
	for _, s := range scenes(t) {
		p := s.task.Point
		if s.seen.Step != 42 {
			t.Errorf("%v: the step is %d, want 42", s, s.seen.Step)
		}
		var want dataset.Quadrants
		for i := range p.Outputs() {
			for j := range p.Inputs() {
				square := s.whole.At(i, j) * s.whole.At(i, j)
				switch {
				case i < p.NY() && j < p.NX():
					want.OmegaOmega += square
				case i < p.NY():
					want.GammaOmega += square
				case j < p.NX():
					want.OmegaGamma += square
				default:
					want.GammaGamma += square
				}
			}
		}
		bound := 2 * gamma(p.Inputs()*p.Outputs()+2*len(s.maps)+2)
		for _, q := range []struct {
			name      string
			got, want float64
		}{
			{"‖Ω_x→Ω_y‖²", s.seen.Quadrants.OmegaOmega, want.OmegaOmega}, {"‖Γ_x→Ω_y‖²", s.seen.Quadrants.GammaOmega, want.GammaOmega},
			{"‖Ω_x→Γ_y‖²", s.seen.Quadrants.OmegaGamma, want.OmegaGamma}, {"‖Γ_x→Γ_y‖²", s.seen.Quadrants.GammaGamma, want.GammaGamma},
		} {
			if !(math.Abs(q.got-q.want) <= bound*q.want) {
				t.Errorf("%v: %s is %v, want %v", s, q.name, q.got, q.want)
			}
		}
		share := want.OmegaOmega / (want.OmegaOmega + want.GammaOmega)
		if math.IsNaN(share) != (p.NY() == 0) || math.IsNaN(share) != math.IsNaN(s.seen.Systematicity) || math.Abs(share-s.seen.Systematicity) > 4*bound {
			t.Errorf("%v: systematicity is %v, want %v", s, s.seen.Systematicity, share)
		}
	}
}

// Mode strengths are uᵀMv of each module's own map with the singular vectors of
// its part of the dataset, here from a numerical SVD. Modes of one λ share a
// space in which the routine picks any basis; the mean of uᵀMv over it does not
// depend on the choice, for Σuvᵀ does not.
//
// The spaces of a backward stable SVD are off by dimension·ε·‖Σ‖ over the gap to
// the next singular value (Wedin), on both sides, and uᵀMv by that times ‖M‖. The
// observer's own sums over P directions are off by their γ relative to ‖Σ‖·‖M‖ and
// are divided by λ, which is no less than the gap.
func TestModesAreProjectionsOnSingularVectors(t *testing.T) {
	for _, s := range scenes(t) {
		p, at := s.task.Point, 0
		x, y := inputs(t, p)
		for m, module := range s.arch.Modules {
			inLo, inHi := p.InputRange(module.Reads)
			outLo, outHi := p.OutputRange(module.Writes)
			sigma := product(y.Slice(outLo, outHi, 0, p.Examples()), x.Slice(inLo, inHi, 0, p.Examples()).T())
			sigma.Scale(1/float64(p.Examples()), sigma)
			var svd mat.SVD
			if !svd.Factorize(sigma, mat.SVDThin) {
				t.Fatal("the singular values did not converge")
			}
			var u, v mat.Dense
			svd.UTo(&u)
			svd.VTo(&v)
			values := svd.Values(nil)
			modes := theory.Modes(p, module.View())
			backward := float64(inHi-inLo+outHi-outLo+p.Examples()) * 2 * unitRoundoff * mat.Norm(sigma, 2)
			for _, mode := range modes {
				sum, count, gap := 0.0, 0, math.Inf(1)
				for k, value := range values {
					if d := math.Abs(value - mode.SingularValue); d > backward {
						gap = math.Min(gap, d)
						continue
					}
					sum += mat.Inner(u.ColView(k), s.maps[m], v.ColView(k))
					count++
				}
				gap = math.Min(gap, mode.SingularValue) // 0 is a singular value too, of the directions that are left
				if shared(modes, mode, backward) {
					at++ // two kinds in one space: only their common mean is defined here
					continue
				}
				if count != mode.Multiplicity {
					t.Fatalf("%v, module %d: %d singular values are λ = %v, want %d", s, m, count, mode.SingularValue, mode.Multiplicity)
				}
				bound := 4 * float64(p.Examples()) * backward / gap * mat.Norm(s.maps[m], 2)
				if got, want := s.seen.Modes[at], sum/float64(count); !(math.Abs(got-want) <= bound) {
					t.Errorf("%v, module %d: %v mode has strength %v, want %v: off by %.3g, more than %.3g",
						s, m, mode.Kind, got, want, math.Abs(got-want), bound)
				}
				at++
			}
		}
		if at != len(s.seen.Modes) {
			t.Errorf("%v: %d strengths were recorded for %d modes", s, len(s.seen.Modes), at)
		}
	}
}

// shared reports whether another mode has the same singular value.
func shared(modes []theory.Mode, mode theory.Mode, tolerance float64) bool {
	for _, other := range modes {
		if other.Kind != mode.Kind && math.Abs(other.SingularValue-mode.SingularValue) <= tolerance {
			return true
		}
	}
	return false
}

// Where two kinds share λ the SVD cannot part them, but the vectors can.
func TestModesOfOneSingularValueAreKeptApart(t *testing.T) {
	p := dataset.Point{Bits: 2, InputBits: []int{0}, OutputBits: []int{1}, KX: 1, KY: 1, R: 1}
	// This point asks for a bit that is not given: LeftOut and NotGiven have equal λ.
	m := normals(rand.New(rand.NewPCG(3, 3)), p.Outputs(), p.Inputs())
	observer, err := linear.NewObserver(&linear.Task{Point: p}, network.Shallow())
	if err != nil {
		t.Fatal(err)
	}
	got := observer.Observe(0, []*mat.Dense{m}).Modes
	for i, mode := range theory.Modes(p, dataset.Whole) {
		want := 0.0
		for _, set := range theory.Sets(p, dataset.Whole, mode.Kind) {
			u, v := theory.Vectors(p, dataset.Whole, set)
			want += theory.ShallowStart(m, u, v) / float64(mode.Multiplicity)
		}
		// Unit vectors: sums of n_in·n_out and P products relative to ‖M‖ and √P of them.
		bound := 2 * gamma(p.Inputs()*p.Outputs()+p.Examples()+8) * math.Sqrt(float64(p.Examples())) * mat.Norm(m, 2)
		if math.Abs(got[i]-want) > bound {
			t.Errorf("%v mode has strength %v, want %v", mode.Kind, got[i], want)
		}
	}
}

func TestFiniteLooksAtEverythingThatCanOverflow(t *testing.T) {
	good := linear.Observation{Test: linear.Losses{Total: math.NaN()}, Systematicity: math.NaN()}
	if !good.Finite() {
		t.Error("NaN for an empty test set or a missing Ω_y must not count as divergence")
	}
	for name, spoil := range map[string]func(o *linear.Observation){
		"loss":     func(o *linear.Observation) { o.Train.Total = math.Inf(1) },
		"NaN loss": func(o *linear.Observation) { o.Train.Total = math.NaN() },
		"Ω_x→Ω_y":  func(o *linear.Observation) { o.Quadrants.OmegaOmega = math.Inf(1) },
		"Γ_x→Ω_y":  func(o *linear.Observation) { o.Quadrants.GammaOmega = math.NaN() },
		"Ω_x→Γ_y":  func(o *linear.Observation) { o.Quadrants.OmegaGamma = math.Inf(1) },
		"Γ_x→Γ_y":  func(o *linear.Observation) { o.Quadrants.GammaGamma = math.NaN() },
	} {
		o := good
		spoil(&o)
		if o.Finite() {
			t.Errorf("%s that is not finite goes unnoticed", name)
		}
	}
}
