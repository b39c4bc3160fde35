package model

import (
	"math"
	"math/bits"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/theory"
)

// A starter computes a(0) of every direction of a module's modes from its
// starting weights, as network.DirectionStarts does and explains, but for a
// million copies. The singular vectors are Walsh functions, so their products
// with the weights are Walsh–Hadamard transforms, O(h·(n_in + n_out + P·log P))
// for all directions together; and the starts need no orthogonal
// factorisation, only the inner products of the directions.
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

func newStarter(p dataset.Point, v theory.View, modes []theory.Mode) *starter {
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
	room.starts = room.starts[:0]
	if len(layers) == 1 {
		s.shallow(layers[0], room)
	} else {
		s.deep(layers[0], layers[1], room)
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

// deep writes the columns (W2ᵀu + W1v)/2, one direction after the other, and lets
// their inner products decide.
func (s *starter) deep(w1, w2 *mat.Dense, room *startRoom) {
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
	room.products.of(room.columns, hidden, len(s.directions))
	first := 0
	for _, m := range s.modes {
		room.starts = room.products.take(room.starts, first, first+m.Multiplicity)
		first += m.Multiplicity
	}
}

// shallow computes uᵀWv of every direction.
func (s *starter) shallow(w *mat.Dense, room *startRoom) {
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

// grow returns room for n numbers.
func grow(v []float64, n int) []float64 {
	if cap(v) < n {
		return make([]float64, n)
	}
	return v[:n]
}
