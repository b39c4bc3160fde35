//go:build gpu

package cuda

import (
	"strings"
	"unsafe"

	"modspec/engine/cuda"
	"modspec/engine/network"
)

// lot is one module of some copies: items of one shape that are launched together.
type lot struct {
	module   int
	shape    *shape
	choice   choice
	launch   launchABI // parameters of the kernels
	slot     uint64    // where they read it
	tasks    *taskMemory
	members  []itemABI
	given    []float64 // initial weights of the items that have given ones
	givenOf  []int     // by item, where its weights begin in given, or −1
	givenAt  uint64    // where given lies on the device
	geometry geometry

	starting, training, finishing *cuda.Function

	draw draw // of initial weights for a recorder

	// Results in the host's memory.
	ended, out, passed, finals []byte
}

const (
	itemBytes   = int64(unsafe.Sizeof(itemABI{}))
	launchBytes = int64(unsafe.Sizeof(launchABI{}))
)

// newLot prepares a module of a chunk's copies.
func newLot(d *cuda.Device, c *cohort, module int) (*lot, error) {
	l := &lot{module: module, shape: &c.signature.modules[module], choice: c.choices[module]}
	suffix := l.choice.kernel[strings.LastIndexByte(l.choice.kernel, '_'):]
	for _, f := range []struct {
		to   **cuda.Function
		name string
	}{{&l.starting, "init" + suffix}, {&l.training, l.choice.kernel}, {&l.finishing, "finish" + suffix}} {
		var err error
		if *f.to, err = d.Function(f.name); err != nil {
			return nil, err
		}
	}
	s := l.shape
	l.launch = launchABI{
		layers: int64(s.layers), widths: s.widths, coords: s.coords, rule: s.rule, fields: s.fields(),
		stateStride: upTo4(s.stateReals()), finalStride: s.plainWeights(), scratchStride: upTo4(s.scratchReals()),
	}
	if s.still {
		l.launch.stillStride = s.widths[1] * s.widths[0]
	}
	return l, nil
}

// passedDoubles is how many numbers the passages of an item take.
func (l *lot) passedDoubles() int64 { return 2*l.launch.fields + 1 }

// bytesEach is what an item takes on the device, but for its task, records and
// initial weights of its own.
func (l *lot) bytesEach(size int64, passing bool) int64 {
	n := itemBytes + 8 + (l.launch.stateStride+l.launch.stillStride)*size + 8*l.launch.fields
	if passing {
		n += 8 * l.passedDoubles()
	}
	return n
}

// add makes an item of a copy, which may have given initial weights.
func (l *lot) add(item itemABI, given *network.Weights) {
	item.module = int64(l.module)
	l.members = append(l.members, item)
	l.givenOf = append(l.givenOf, -1)
	if given != nil {
		l.givenOf[len(l.givenOf)-1] = len(l.given)
		for _, layer := range given.Modules[l.module] {
			l.given = append(l.given, flat(layer)...)
		}
	}
}

// start queues the kernels init_f32 or init_f64: the weights that the lot's items
// start from.
func (l *lot) start(s *cuda.Stream) error {
	shared := int(l.shape.startShared())
	warps := 4
	for warps > 1 && warps*shared > s.Device.SharedOptIn {
		warps /= 2
	}
	most, err := l.starting.Resident(32*warps, warps*shared)
	if err != nil {
		return err
	}
	return l.give(s, &l.launch, l.starting, min(cuda.CeilDiv(len(l.members), warps), most), 32*warps, warps*shared)
}

// train queues the kernel of the lot's choice, registers_*, shallow_* or shared_*: its
// items from one step to another.
func (l *lot) train(s *cuda.Stream) error {
	return l.give(s, &l.launch, l.training, l.geometry.blocks, l.geometry.threads, l.geometry.shared)
}

// finish queues the kernels finish_f32 or finish_f64: the weights of n items from
// number first on, in plain coordinates.
func (l *lot) finish(s *cuda.Stream, first, n int, size int64) error {
	part := l.launch
	part.items = int64(n)
	part.members += uint64(int64(first) * itemBytes)
	part.state += uint64(int64(first) * part.stateStride * size)
	if part.still != 0 {
		part.still += uint64(int64(first) * part.stillStride * size)
	}
	blocks := min(cuda.CeilDiv(n*int(part.finalStride), 256), 16*s.Device.Multiprocessors)
	return l.give(s, &part, l.finishing, blocks, 256, 0)
}

// give queues a kernel with the parameters of a launch.
func (l *lot) give(s *cuda.Stream, launch *launchABI, f *cuda.Function, blocks, threads, shared int) error {
	return giveAt(s, l.slot, launch, f, blocks, threads, shared)
}

// giveAt queues a kernel with the parameters of a launch at an address.
func giveAt(s *cuda.Stream, slot uint64, launch *launchABI, f *cuda.Function, blocks, threads, shared int) error {
	if err := s.Upload(slot, cuda.AsBytes([]launchABI{*launch}), "a launch of "+f.Name); err != nil {
		return err
	}
	return f.Launch(s, blocks, threads, shared, slot)
}
