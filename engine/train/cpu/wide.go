package cpu

import (
	"slices"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/network"
	"modspec/engine/train/cpu/asm"
)

// wide is the float64 side of a group, in plain coordinates: where weights
// start and what is recorded. A group's lanes are parts of as many float64
// lanes, two for float32; a single copy has one.
type wide[F asm.Float] struct {
	g      *algebra[float64]
	lanes  int // of the group
	task   *task
	parts  []widePart
	cached []*task // whose Q the parts hold, by lane
	live   []bool  // which parts hold copies
	// For the kernel that draws: streams and scales of one part's lanes.
	seeds, points []uint64
	scale         []float64
}

// widePart is one part's modules.
type widePart []wideModule

// wideModule is one module. With W1 = W1(0) + (W1Q − W1(0)Q)Qᵀ, still is what
// never changes, W1(0) − W1(0)QQᵀ, and W1 = still + W1Q·Qᵀ.
type wideModule struct {
	q, qT   matrix[float64]   // Q and Qᵀ; no data in plain coordinates
	still   matrix[float64]   // hidden × inputs
	reduced matrix[float64]   // W1Q, hidden × coordinates
	layers  []matrix[float64] // W_l, the first in plain coordinates
	prefix  []matrix[float64] // W_l ⋯ W_1, prefix[0] being layers[0]
}

// room returns weights of the part's shapes, in plain coordinates.
func (p widePart) room() *network.Weights {
	w := &network.Weights{Modules: make([][]*mat.Dense, len(p))}
	for m := range p {
		for _, layer := range p[m].layers {
			w.Modules[m] = append(w.Modules[m], mat.NewDense(layer.rows, layer.cols, nil))
		}
	}
	return w
}

func newWide[F asm.Float](k *asm.Kernels[float64], lanes, threads int, t *task) *wide[F] {
	w := &wide[F]{lanes: lanes, task: t, cached: make([]*task, lanes)}
	perPart := min(lanes, k.Lanes)
	w.g = newAlgebra(k, perPart, threads)
	w.seeds, w.points, w.scale = make([]uint64, k.Lanes), make([]uint64, k.Lanes), make([]float64, k.Lanes)
	for range lanes / perPart {
		var part widePart
		for _, m := range t.modules {
			wm := wideModule{}
			below := m.inputs
			for _, rows := range append(append([]int{}, m.module.Hidden...), m.hi-m.lo) {
				// Normals come in pairs: an odd number of them needs room for one more.
				room := aligned[float64](w.g.scalars(rows, below) + w.g.k.Lanes)
				wm.layers = append(wm.layers, w.g.shape(room, rows, below))
				prefix := wm.layers[0]
				if len(wm.layers) > 1 {
					prefix = w.g.new(rows, m.inputs)
				}
				wm.prefix = append(wm.prefix, prefix)
				below = rows
			}
			if m.q != nil {
				first := wm.layers[0]
				wm.q, wm.qT = w.g.new(m.inputs, m.coords), w.g.new(m.coords, m.inputs)
				wm.still, wm.reduced = w.g.new(first.rows, first.cols), w.g.new(first.rows, m.coords)
			}
			part = append(part, wm)
		}
		w.parts = append(w.parts, part)
	}
	w.live = make([]bool, len(w.parts))
	return w
}

// load draws or copies the initial weights of a group and rounds them, in the
// coordinates of training, into a net. weights returns the initial weights of
// a copy that has them or cannot be drawn here.
func (w *wide[F]) load(n net[F], lanes []*lane, weights func(*lane) (*network.Weights, error)) error {
	w.bases(lanes)
	for p, part := range w.parts {
		first := p * w.g.lanes
		mine := lanes[first:][:w.g.lanes]
		w.live[p] = slices.ContainsFunc(mine, func(l *lane) bool { return l != nil })
		if !w.live[p] {
			continue
		}
		drawn := w.draw(part, mine)
		for l, lane := range mine {
			if lane == nil || drawn && lane.copy.Weights == nil {
				continue
			}
			start, err := weights(lane)
			if err != nil {
				return err
			}
			for m := range part {
				for i, layer := range part[m].layers {
					put(layer, w.g.lanes, l, start.Modules[m][i])
				}
			}
		}
		for m := range part {
			mod := &part[m]
			for l, layer := range mod.layers {
				if l == 0 && mod.q.data != nil {
					w.g.product(mod.reduced, matrix[float64]{}, nil, layer, mod.q)
					w.g.product(mod.still, layer, w.minus(), mod.reduced, mod.qT)
					layer = mod.reduced
				}
				narrow(n.layer(m, l), w.lanes, first, layer, w.g.lanes)
			}
		}
	}
	return nil
}

func (w *wide[F]) minus() []float64 { return w.g.fill(-1) }

// bases fills in Q of each lane's task.
func (w *wide[F]) bases(lanes []*lane) {
	for l, lane := range lanes {
		if lane == nil || w.cached[l] == lane.task {
			continue
		}
		w.cached[l] = lane.task
		for m := range w.parts[l/w.g.lanes] {
			mod := &w.parts[l/w.g.lanes][m]
			if q := lane.task.modules[m].q; q != nil {
				put(mod.q, w.g.lanes, l%w.g.lanes, q)
				w.g.copyLane(mod.qT, mod.q.transposed(), l%w.g.lanes)
			}
		}
	}
}

// copyLane copies one lane of a matrix.
func (g *algebra[F]) copyLane(d, x matrix[F], lane int) {
	for i := 0; i < d.rows; i++ {
		for j := 0; j < d.cols; j++ {
			d.data[d.at(i, j, g.lanes)+lane] = x.data[x.at(i, j, g.lanes)+lane]
		}
	}
}

// draw fills the layers of a part with the normals of network.Initial, in one go
// for all lanes, and reports whether it could.
func (w *wide[F]) draw(part widePart, lanes []*lane) bool {
	if w.g.lanes != w.g.k.Lanes {
		return false
	}
	for l, lane := range lanes {
		w.seeds[l], w.points[l], w.scale[l] = 0, 0, 0
		if lane != nil {
			w.seeds[l], w.points[l], w.scale[l] = lane.copy.Stream.Seed, lane.copy.Stream.Point, lane.copy.InitScale
		}
	}
	for m := range part {
		for l, layer := range part[m].layers {
			room := layer.data[:cap(layer.data)]
			if !w.g.k.Normals(room, w.seeds, w.points, w.scale, uint32(m*256+l), layer.rows*layer.cols) {
				return false
			}
		}
	}
	return true
}

// read brings the weights of a net into plain coordinates and computes the
// modules' maps.
func (w *wide[F]) read(n net[F]) {
	for p, part := range w.parts {
		if !w.live[p] {
			continue
		}
		first := p * w.g.lanes
		for m := range part {
			mod := &part[m]
			for l, layer := range mod.layers {
				from := n.layer(m, l)
				if l == 0 && mod.q.data != nil {
					widen(mod.reduced, w.g.lanes, from, w.lanes, first)
					w.g.product(layer, mod.still, nil, mod.reduced, mod.qT)
					continue
				}
				widen(layer, w.g.lanes, from, w.lanes, first)
			}
			for l := 1; l < len(mod.layers); l++ {
				w.g.product(mod.prefix[l], matrix[float64]{}, nil, mod.layers[l], mod.prefix[l-1])
			}
		}
	}
}

// at returns the part that holds a lane of the group, and its place there.
func (w *wide[F]) at(lane int) (widePart, int) { return w.parts[lane/w.g.lanes], lane % w.g.lanes }
