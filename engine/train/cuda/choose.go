//go:build gpu

package cuda

import (
	"fmt"

	"modspec/engine/cuda"
	"modspec/kernels"
)

// choice is the kernel that trains the items of a shape, and how it is launched. It
// is a function of the shape, the precision and the shared memory that blocks may
// have, and of nothing else, so that what a copy does depends on no other.
type choice struct {
	kernel string
	lanes  int // that own an item; 0: a whole block
	warps  int // in a block: at most that many, or where a block owns an item exactly
	shared int // bytes of dynamic shared memory for an item
}

// family says which kernels may be chosen: any, or, as tests ask for, the general ones
// where others would do.
type family int

const (
	anyFamily family = iota
	sharedFamily
)

// sharedOverhead is the shared memory that the general kernels take beside that of
// their items; TestSharedOverhead compares it with what the compiler says.
const sharedOverhead = 2 << 10

const (
	// mostStepWork and mostRecordWork bound the work of one group of lanes; most shapes
	// exceed the largest shared memory first.
	mostStepWork   = 1 << 26
	mostRecordWork = 1 << 28
	// eightLanes is the largest map, in elements, whose steps eight lanes share where
	// there is no hidden layer: 64 elements a lane.
	eightLanes = 512
	// enoughWarps is how many warps keep a multiprocessor busy. A shape of which it
	// holds as many items has a warp for each, and otherwise a block.
	enoughWarps = 16
)

// plausible reports whether the fused kernels might train the shape on any device.
func (s *shape) plausible() bool {
	if s.stepWork() > mostStepWork || s.recordWork() > mostRecordWork {
		return false
	}
	return s.layers == 1 || 4*s.sharedReals() <= 256<<10
}

// choose returns how items of a shape are trained, or an error where only the large
// path can.
func choose(s *shape, precision Precision, sharedOptIn int, list []kernels.Kernel, only family) (choice, error) {
	suffix := precision.suffix()
	if s.layers == 1 {
		if s.outputs()*s.coords <= eightLanes {
			return choice{kernel: "shallow_l8" + suffix, lanes: 8, warps: 4}, nil
		}
		return choice{kernel: "shallow_block" + suffix, warps: 8}, nil
	}
	if c, ok := chooseRegisters(s, precision, list); ok && only != sharedFamily {
		return c, nil
	}
	bytes := int(s.sharedReals()) * precision.size()
	room := sharedOptIn - sharedOverhead
	if bytes > room {
		return choice{}, fmt.Errorf("a module of it takes %d bytes of shared memory, and a block has %d", bytes, room)
	}
	if bytes*enoughWarps <= room {
		return choice{kernel: "shared_warp" + suffix, lanes: 32, warps: 8, shared: bytes}, nil
	}
	// As many warps as the largest product has tiles of 4 × 4 for its lanes.
	tiles := int64(0)
	for l := 1; l < s.layers; l++ {
		tiles = max(tiles, (s.widths[l]+3)/4*((max(s.coords, s.widths[l+1])+3)/4))
	}
	warps := 2
	for warps < 8 && int64(32*warps) < tiles {
		warps *= 2
	}
	return choice{kernel: "shared_block" + suffix, warps: warps, shared: bytes}, nil
}

// chooseRegisters returns the smallest size class that a shape fits.
func chooseRegisters(s *shape, precision Precision, list []kernels.Kernel) (best choice, found bool) {
	if s.layers != 2 || s.rule != 0 {
		return best, false
	}
	cost := 0
	for i := range list {
		k := &list[i]
		if k.Operation != "registers" || k.Precision != "f32" || precision != Float32 {
			continue
		}
		lanes, units, outputs, coords := k.Parameters["l"], k.Parameters["u"], k.Parameters["o"], k.Parameters["c"]
		if s.widths[1] > int64(lanes*units) || s.outputs() > int64(outputs) || s.coords > int64(coords) {
			continue
		}
		if own := 3 * lanes * units * outputs * coords; !found || own < cost {
			best, cost, found = choice{kernel: k.Name, lanes: lanes, warps: 4}, own, true
		}
	}
	return best, found
}

// geometry is a launch: how many blocks of how many threads, the shared memory of a
// block, and the groups of lanes that are resident.
type geometry struct {
	blocks, threads, shared, groups int
}

// over distributes items over a device. Small numbers of items are spread over all its
// multiprocessors; resident says how many blocks it holds.
func (c *choice) over(items, multiprocessors, sharedOptIn int, resident func(threads, shared int) (int, error)) (geometry, error) {
	if c.lanes == 0 {
		g := geometry{threads: 32 * c.warps, shared: c.shared}
		most, err := resident(g.threads, g.shared)
		g.blocks = min(items, most)
		g.groups = g.blocks
		return g, err
	}
	perWarp := 32 / c.lanes
	needed := cuda.CeilDiv(items, perWarp)
	warps := min(c.warps, max(1, cuda.CeilDiv(needed, multiprocessors)))
	if c.shared > 0 {
		warps = min(warps, (sharedOptIn-sharedOverhead)/(c.shared*perWarp))
	}
	g := geometry{threads: 32 * warps, shared: c.shared * perWarp * warps}
	most, err := resident(g.threads, g.shared)
	g.blocks = min(cuda.CeilDiv(needed, warps), most)
	g.groups = g.blocks * warps * perWarp
	return g, err
}
