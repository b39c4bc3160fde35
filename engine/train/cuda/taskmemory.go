//go:build gpu

package cuda

import (
	"unsafe"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/cuda"
)

// taskMemory gathers what the tasks of a launch need on the device: the list of tasks
// first, then their matrices. Addresses count from its beginning until it is known
// where it will lie.
type taskMemory struct {
	list []taskABI
	data []byte // after the list
	size int    // bytes of a Real
	head int    // bytes of the list
}

// newTaskMemory begins the memory of some tasks.
func newTaskMemory(tasks, size int) *taskMemory {
	return &taskMemory{size: size, head: aligned(tasks * int(unsafe.Sizeof(taskABI{})))}
}

// aligned is n rounded up to where anything may begin.
func aligned(n int) int { return (n + 15) / 16 * 16 }

// bytes is how much memory it takes.
func (m *taskMemory) bytes() int { return m.head + len(m.data) }

// image is the memory itself, for an address.
func (m *taskMemory) image(base uint64) []byte {
	for i := range m.list {
		t := &m.list[i]
		for _, at := range []*uint64{&t.q, &t.d, &t.yx, &t.yy, &t.functionals, &t.targets, &t.signs, &t.isTrained, &t.goals} {
			if *at != 0 {
				*at += base
			}
		}
	}
	out := make([]byte, m.bytes())
	copy(out, cuda.AsBytes(m.list))
	copy(out[m.head:], m.data)
	return out
}

// put takes a list of numbers in and returns where it is, 0 for an empty one.
func (m *taskMemory) put(values []float64, size int) uint64 {
	if len(values) == 0 {
		return 0
	}
	at := m.bytes()
	room := make([]byte, aligned(len(values)*size))
	if size == 8 {
		copy(room, cuda.AsBytes(values))
	} else {
		narrow := cuda.AsNumbers[float32](room)
		for i, v := range values {
			narrow[i] = float32(v)
		}
	}
	m.data = append(m.data, room...)
	return uint64(at)
}

// add takes a task in.
func (m *taskMemory) add(t *moduleTask, goals []float64) {
	m.list = append(m.list, taskABI{
		inputs: t.shape.widths[0], coords: t.shape.coords, outputs: t.shape.outputs(),
		examples: int64(len(t.trained)), omegaIn: int64(t.omegaIn()), gammaIn: int64(t.gammaIn()), omegaOut: int64(t.omegaOut()),
		modes: t.shape.modes, trained: int64(t.count), r: t.point.R,
		q: m.put(flat(t.q), 8), d: m.put(t.d, m.size), yx: m.put(flat(t.yx), m.size), yy: m.put(flat(t.yy), m.size),
		functionals: m.put(t.functionals, 8), targets: m.put(flat(t.targets), 8), signs: m.put(t.signs, 8),
		isTrained: m.put(t.trained, 8), goals: m.put(goals, 8),
	})
}

// taskBytes is about what a task takes, a little more rather than less.
func (t *moduleTask) taskBytes(size int) int64 {
	n := int64(unsafe.Sizeof(taskABI{})) + 16*9
	n += 8 * int64(len(t.functionals)+len(t.signs)+len(t.trained)+int(t.shape.fields()))
	n += int64(size * len(t.d))
	for _, part := range []struct {
		matrix *mat.Dense
		size   int
	}{{t.q, 8}, {t.yx, size}, {t.yy, size}, {t.targets, 8}} {
		if part.matrix != nil {
			rows, cols := part.matrix.Dims()
			n += int64(rows * cols * part.size)
		}
	}
	return n
}

// flat lists a matrix row by row; nil lists nothing.
func flat(m *mat.Dense) []float64 {
	if m == nil {
		return nil
	}
	rows, cols := m.Dims()
	out := make([]float64, 0, rows*cols)
	for i := range rows {
		out = append(out, m.RawRowView(i)...)
	}
	return out
}
