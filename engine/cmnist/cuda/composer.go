//go:build gpu

package cuda

import "modspec/engine/cuda"

// composer writes launches and their lists.
type composer struct {
	group *group
	next  uint64 // where the next list goes
	err   error
}

// ceil is how many stretches of a size cover a count.
func ceil(count, size int64) int64 { return (count + size - 1) / size }

// places is how many places of an image a layer has.
func (l *layerABI) places() int64 {
	return (l.height - l.kernelHeight + 1) * (l.width - l.kernelWidth + 1)
}

// fanIn is how many products a value of a layer is the sum of.
func (l *layerABI) fanIn() int64 { return l.channels * l.kernelHeight * l.kernelWidth }

// forward launches conv_forward for layers, and conv_sum for those that put out sums of
// splits.
func (c *composer) forward(to *[]launch, layers []layerABI) {
	c.tiled(to, "forward", layers, func(l *layerABI) class {
		if l.places() == 1 {
			return tall
		}
		return classOf(l.units)
	}, func(l *layerABI, k class, images int64) int64 {
		return ceil(l.units, k.rows) * ceil(images*l.places(), k.cols) * l.splits
	})
	split := picked(layers, func(l *layerABI) bool { return l.splits > 1 })
	c.add(to, "conv_sum_f32", elementThreads, split, func(l *layerABI, images int64) int64 {
		return ceil(images*l.units*l.places(), elementThreads)
	})
}

// data launches conv_data for layers that are not the lowest of their towers.
func (c *composer) data(to *[]launch, layers []layerABI) {
	c.tiled(to, "data", layers, func(l *layerABI) class {
		if l.height == 1 && l.width == 1 {
			return tall
		}
		return classOf(l.channels)
	}, func(l *layerABI, k class, images int64) int64 {
		return ceil(l.channels, k.rows) * ceil(images*l.height*l.width, k.cols)
	})
}

// weights launches conv_weights for layers, and conv_update for those whose gradients
// come in parts.
func (c *composer) weights(to *[]launch, layers []layerABI) {
	c.tiled(to, "weights", layers, func(l *layerABI) class { return classOf(l.units) },
		func(l *layerABI, k class, _ int64) int64 {
			return ceil(l.units, k.rows) * ceil(l.fanIn()+1, k.cols) * l.parts
		})
	parted := picked(layers, func(l *layerABI) bool { return l.parts > 1 })
	c.add(to, "conv_update_f32", elementThreads, parted, func(l *layerABI, _ int64) int64 {
		return ceil(l.units*(l.fanIn()+1), elementThreads)
	})
}

// picked returns the layers that are wanted.
func picked(layers []layerABI, wanted func(*layerABI) bool) []layerABI {
	var list []layerABI
	for _, l := range layers {
		if wanted(&l) {
			list = append(list, l)
		}
	}
	return list
}

// tiled launches forward, data or weights for layers, those of each class by themselves.
func (c *composer) tiled(to *[]launch, what string, layers []layerABI, classOf func(*layerABI) class, blocks func(l *layerABI, k class, images int64) int64) {
	for _, k := range []class{wide, narrow, tall} {
		list := picked(layers, func(l *layerABI) bool { return classOf(l) == k })
		c.add(to, c.group.options.tiled(what, k), tileThreads, list, func(l *layerABI, images int64) int64 { return blocks(l, k, images) })
	}
}

// add launches a kernel for layers, in as many launches as their number takes.
func (c *composer) add(to *[]launch, kernel string, threads int, layers []layerABI, blocks func(l *layerABI, images int64) int64) {
	for len(layers) > 0 {
		list := layers[:min(cuda.MostRows, len(layers))]
		layers = layers[len(list):]
		c.write(to, kernel, threads, len(list), cuda.AsBytes(list), func(images int64) int64 {
			most := int64(1)
			for i := range list {
				most = max(most, blocks(&list[i], images))
			}
			return most
		})
	}
}

// heads launches conv_residual for towers.
func (c *composer) heads(to *[]launch, heads []headABI) {
	for len(heads) > 0 {
		list := heads[:min(cuda.MostRows, len(heads))]
		heads = heads[len(list):]
		c.write(to, "conv_residual_f32", elementThreads, len(list), cuda.AsBytes(list), func(images int64) int64 {
			most := int64(1)
			for i := range list {
				most = max(most, ceil(images*list[i].outputs, elementThreads))
			}
			return most
		})
	}
}

// write brings a list over and adds the launch of it.
func (c *composer) write(to *[]launch, kernel string, threads, rows int, list []byte, blocks func(images int64) int64) {
	if c.err != nil {
		return
	}
	c.err = c.group.stream.Upload(c.next, list, "what "+kernel+" serves")
	*to = append(*to, launch{kernel: c.group.kernels[kernel], threads: threads, list: c.next, rows: rows, blocks: blocks})
	c.next += uint64(len(list))
}
