package prediction

import (
	"errors"
	"math"
	"math/bits"
	"sync"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/network"
	"modspec/engine/theory"
)

// Starts returns a(0) of every direction of every mode from a network's initial weights,
// in memory of s.
//
// A direction's own start, its squared length among the columns of
//
//	A = (W2(0)ᵀU + W1(0)V)/2    hidden × directions, strongest λ first,
//
// which is theory.DeepStart, leaves out two things that happen among these columns.
// Both follow from balanced descent, which among directions of one λ reads
// A ← A + ηA(λ − δAᵀA):
//
//   - It keeps the eigenvectors of AᵀA and steps every eigenvalue by the scalar
//     recursion. The directions of a mode are therefore those eigenvectors, not
//     its Walsh functions, and their starts are the eigenvalues, which for m
//     directions and h hidden units lie between about (1 ∓ √(m/h))² times the
//     mean.
//   - Once a mode of larger λ has saturated along a hidden direction, a mode of
//     smaller λ cannot grow there any more. Of its columns counts the part that is
//     orthogonal to all columns before them.
//
// With A = QR the two together are: the starts of a mode are the squared
// singular values of its diagonal block of R. The first mode keeps its start
// from theory.DeepStart; where there are more directions than hidden units, the
// last ones start from 0 and are not learned.
//
// Two modes of one λ, LeftOut and NotGiven where k_x = k_y, are treated one after the
// other too, in the order of theory.Modes. Neither limits the other as in the second
// point; but as their δ differ, the first point does not join them into one mode
// either, and there is no exact rule for the pair.
//
// The second point is exact only if the stronger mode has saturated before the weaker
// one begins to grow. By then the weaker mode's m directions have grown along each of
// the stronger one's hidden directions too, to a share of its asymptote a' of about
// (m/h)(a(0)/a')^{1−λ/λ'}. That is the size of the error of this theory.
//
// Without hidden layer the directions never meet; each starts from
// theory.ShallowStart. Two or more hidden layers have no parameter-free start, and
// Starts returns an error. It also does where a start is not finite; s then has what
// there is.
func (f *Predictor) Starts(s Starts, w *network.Weights) (Starts, error) {
	room := rooms.Get().(*startRoom)
	defer rooms.Put(room)
	s = grow(s, len(f.Modes))
	k, finite := 0, true
	for i := range f.modules {
		if len(w.Modules[i]) > 2 {
			return s, errors.New("two or more hidden layers have no parameter-free start; give the starting strengths, or predict a network with at most one")
		}
		all := f.modules[i].starter().of(w.Modules[i], room)
		for _, mode := range f.modules[i].modes {
			s[k] = append(s[k][:0], all[:mode.Multiplicity]...)
			all = all[mode.Multiplicity:]
			for _, a := range s[k] {
				finite = finite && !math.IsNaN(a) && !math.IsInf(a, 0)
			}
			k++
		}
	}
	if !finite {
		return s, errors.New("the initial weights are so large that the squares of their products with the modes' directions are not finite")
	}
	return s, nil
}

// MeanStarts returns the mean over the directions of each mode of theory.DeepStart, or
// of theory.ShallowStart without hidden layer, from a network's initial weights. It is
// NaN for the modes of a module with two or more hidden layers.
func (f *Predictor) MeanStarts(w *network.Weights) []float64 {
	room := rooms.Get().(*startRoom)
	defer rooms.Put(room)
	var means []float64
	for i, m := range f.modules {
		var all []float64
		if len(w.Modules[i]) <= 2 {
			all = m.starter().each(w.Modules[i], room)
		}
		for _, mode := range m.modes {
			mean := math.NaN()
			if all != nil {
				mean = floats.Sum(all[:mode.Multiplicity]) / float64(mode.Multiplicity)
				all = all[mode.Multiplicity:]
			}
			means = append(means, mean)
		}
	}
	return means
}

var rooms = sync.Pool{New: func() any { return new(startRoom) }}

// A starter computes the starts of a module's modes. The singular vectors are Walsh
// functions, so their products with the weights are Walsh–Hadamard transforms,
// O(h·(n_in + n_out + P·log P)) for all directions together; and the starts need no
// orthogonal factorisation, only the inner products of the directions.
type starter struct {
	point      dataset.Point
	reads      walshSide
	writes     walshSide
	modes      []theory.Mode
	directions []int // of one mode after the other, as indices of the transform
}

// walshSide is what a module sees of one side of the dataset: some rows of Ω,
// then copies of r·I.
type walshSide struct {
	rows   []int // indices of the transform that the Ω rows belong to
	copies int
	scale  []float64 // by index: 1/‖X·w‖ for a unit-length Walsh function w, or 0
}

func newStarter(p dataset.Point, v dataset.View, modes []theory.Mode) *starter {
	s := &starter{point: p, modes: modes}
	s.reads = newSide(p, v.Reads, p.InputBits, p.KX, p.InputPower)
	s.writes = newSide(p, v.Writes, p.OutputBits, p.KY, p.OutputPower)
	for _, m := range modes {
		for _, set := range theory.Sets(p, v, m.Kind) {
			s.directions = append(s.directions, walshIndex(p, set))
		}
	}
	return s
}

func newSide(p dataset.Point, b dataset.Blocks, rows []int, copies int, power func(uint, dataset.Blocks) float64) walshSide {
	s := walshSide{scale: make([]float64, p.Examples())}
	if b.Has(dataset.Omega) {
		for _, row := range rows {
			s.rows = append(s.rows, walshIndex(p, 1<<row))
		}
	}
	if b.Has(dataset.Gamma) {
		s.copies = copies
	}
	for set := range uint(p.Examples()) {
		if power := power(set, b); power > 0 {
			s.scale[walshIndex(p, set)] = 1 / math.Sqrt(power)
		}
	}
	return s
}

// walshIndex returns where the transform has the Walsh function of a set of bits.
// Row 0 of Ω is the slowest bit of an example's number and +1 where that bit is
// 0, so the function is (−1)^popcount(index & example) for the set's bits in
// reverse.
func walshIndex(p dataset.Point, set uint) int {
	return int(bits.Reverse(set) >> (bits.UintSize - p.Bits))
}

// of returns a(0) of every direction, of one mode after the other, for a module
// with one hidden layer or none. The result is good until the next call with the
// same room.
func (s *starter) of(layers []*mat.Dense, room *startRoom) []float64 {
	if len(layers) == 1 {
		return s.shallow(layers[0], room)
	}
	hidden := s.columns(layers[0], layers[1], room)
	room.products.of(room.columns, hidden, len(s.directions))
	room.starts = room.starts[:0]
	first := 0
	for _, m := range s.modes {
		room.starts = room.products.take(room.starts, first, first+m.Multiplicity)
		first += m.Multiplicity
	}
	return room.starts
}

// each returns the same for every direction by itself: uᵀWv, or the squared length of
// its column.
func (s *starter) each(layers []*mat.Dense, room *startRoom) []float64 {
	if len(layers) == 1 {
		return s.shallow(layers[0], room)
	}
	hidden := s.columns(layers[0], layers[1], room)
	room.starts = room.starts[:0]
	for j := range s.directions {
		column := room.columns[j*hidden : (j+1)*hidden]
		room.starts = append(room.starts, floats.Dot(column, column))
	}
	return room.starts
}

// startRoom is memory that a starter works in, kept from copy to copy.
type startRoom struct {
	forth, back []float64
	columns     []float64
	products    products
	starts      []float64
}

// columns writes the columns (W2ᵀu + W1v)/2, one direction after the other, and returns
// their length.
func (s *starter) columns(w1, w2 *mat.Dense, room *startRoom) int {
	hidden, _ := w1.Dims()
	total := s.point.Examples()
	room.forth = s.forward(w1, room.forth)
	room.back = grow(room.back, total*hidden)
	s.backward(w2, hidden, room.back)
	room.columns = grow(room.columns, len(s.directions)*hidden)
	for j, k := range s.directions {
		back, column := room.back[k*hidden:(k+1)*hidden], room.columns[j*hidden:(j+1)*hidden]
		for i, b := range back {
			column[i] = (b + room.forth[i*total+k]) / 2
		}
	}
	return hidden
}

// shallow computes uᵀWv of every direction.
func (s *starter) shallow(w *mat.Dense, room *startRoom) []float64 {
	room.starts = room.starts[:0]
	total := s.point.Examples()
	room.forth = s.forward(w, room.forth)
	root, r := math.Sqrt(float64(total)), s.point.R/math.Sqrt(float64(total))
	for _, k := range s.directions {
		dot := 0.0
		for i, row := range s.writes.rows {
			if row == k {
				dot += root * room.forth[i*total+k]
			}
		}
		first := len(s.writes.rows)
		for c := range s.writes.copies {
			for e := range total {
				v := r * room.forth[(first+c*total+e)*total+k]
				if bits.OnesCount(uint(k&e))&1 == 1 {
					v = -v
				}
				dot += v
			}
		}
		room.starts = append(room.starts, dot*s.writes.scale[k])
	}
	return room.starts
}

// forward returns w·v for every direction: rows × P, in the order of the
// transform.
func (s *starter) forward(w *mat.Dense, to []float64) []float64 {
	rows, _ := w.Dims()
	total := s.point.Examples()
	to = grow(to, rows*total)
	root, r := math.Sqrt(float64(total)), s.point.R/math.Sqrt(float64(total))
	for i := range rows {
		row, out := w.RawRowView(i), to[i*total:(i+1)*total]
		gamma := row[len(s.reads.rows):]
		clear(out)
		for c := range s.reads.copies {
			for e, v := range gamma[c*total : (c+1)*total] {
				out[e] += v
			}
		}
		transform(out)
		for k := range out {
			out[k] *= r
		}
		for j, k := range s.reads.rows {
			out[k] += root * row[j]
		}
		for k := range out {
			out[k] *= s.reads.scale[k]
		}
	}
	return to
}

// backward returns wᵀ·u for every direction: P × hidden, in the order of the
// transform, which here runs over whole rows.
func (s *starter) backward(w *mat.Dense, hidden int, to []float64) {
	total := s.point.Examples()
	root, r := math.Sqrt(float64(total)), s.point.R/math.Sqrt(float64(total))
	clear(to)
	first := len(s.writes.rows)
	for c := range s.writes.copies {
		for e := range total {
			out := to[e*hidden : (e+1)*hidden]
			for j, v := range w.RawRowView(first + c*total + e) {
				out[j] += v
			}
		}
	}
	for half := 1; half < total; half *= 2 {
		for start := 0; start < total; start += 2 * half {
			for e := start; e < start+half; e++ {
				a, b := to[e*hidden:(e+1)*hidden], to[(e+half)*hidden:(e+half+1)*hidden]
				for j := range a {
					a[j], b[j] = a[j]+b[j], a[j]-b[j]
				}
			}
		}
	}
	for k := range total {
		out := to[k*hidden : (k+1)*hidden]
		scale := r * s.writes.scale[k]
		for j := range out {
			out[j] *= scale
		}
	}
	for i, k := range s.writes.rows {
		out := to[k*hidden : (k+1)*hidden]
		scale := root * s.writes.scale[k]
		for j, v := range w.RawRowView(i) {
			out[j] += scale * v
		}
	}
}

// transform replaces v by its Walsh–Hadamard transform, Σ_e v[e]·(−1)^popcount(k & e)
// at k. Its length is a power of 2.
func transform(v []float64) {
	for half := 1; half < len(v); half *= 2 {
		for start := 0; start < len(v); start += 2 * half {
			a, b := v[start:start+half], v[start+half:start+2*half]
			for i := range a {
				a[i], b[i] = a[i]+b[i], a[i]-b[i]
			}
		}
	}
}
