//go:build gpu

package cuda

import "modspec/engine/cmnist"

// layer is a layer with weights as the kernels see it: a convolution, of which a
// linear layer is the one of a 1 × 1 kernel that reads a single place, whose channels are
// all values below. ReLU is part of the
// layer that it follows; on the image itself it does nothing, for no pixel is
// negative.
type layer struct {
	in, out       cmnist.Shape
	height, width int  // of the kernel
	rectified     bool // ReLU follows
	at            int  // its place in the tower's parameters
}

// depth is how many products a value of the layer is the sum of.
func (l *layer) depth() int { return l.in.Channels * l.height * l.width }

// weights is how many the layer has, biases aside.
func (l *layer) weights() int { return l.out.Channels * l.depth() }

const (
	// wantedBlocks is about how many blocks the gradient of a layer's weights should be
	// shared between: a run of each network then fills a large device.
	wantedBlocks = 150
	// leastOfPart is how many products a part of a gradient has at least.
	leastOfPart = 128
)

// parts is in how many parts the gradient of the layer's weights is summed, for batches
// of so many images. It hangs on shapes alone, and so do the bits that come out.
func (l *layer) parts(batch int) int {
	k := classOf(int64(l.out.Channels))
	tiles := int(ceil(int64(l.out.Channels), k.rows) * ceil(int64(l.depth()+1), k.cols))
	return max(1, min(wantedBlocks/tiles, batch*l.out.Height*l.out.Width/leastOfPart))
}

const (
	// leastOfSplit is how many products a split of a forward sum has at least, and
	// mostSplits how many splits there are at most: enough that the paper's last layer,
	// of 7,680 products, fills a large device for one run of each network.
	leastOfSplit = 512
	mostSplits   = 16
)

// splits is in how many splits the layer sums what it puts out. Layers of many places
// have blocks enough.
func (l *layer) splits() int {
	if l.out.Height*l.out.Width > 1 {
		return 1
	}
	return max(1, min(mostSplits, l.depth()/leastOfSplit))
}

// partials is how many numbers the layer puts by for sums of several parts, for steps of
// so many images and answers to no more than room.
func (l *layer) partials(batch, room int) int64 {
	count := int64(0)
	if parts := l.parts(batch); parts > 1 {
		count = int64(parts) * int64(l.out.Channels) * int64(l.depth()+1)
	}
	if splits := l.splits(); splits > 1 {
		count = max(count, int64(splits)*int64(room)*int64(l.out.Size()))
	}
	return count
}

// layersOf returns the layers of a tower that have weights, from the image up.
func layersOf(t cmnist.Tower, c cmnist.Composition) ([]layer, error) {
	shapes, err := t.Shapes(c)
	if err != nil {
		return nil, err
	}
	var list []layer
	for i, kind := range t.All(c) {
		in, out := shapes[i], shapes[i+1]
		switch {
		case kind.Convolution != nil:
			list = append(list, layer{in: in, out: out, height: kind.Convolution.Height, width: kind.Convolution.Width, at: i})
		case kind.Linear > 0:
			list = append(list, layer{in: cmnist.Shape{Channels: in.Size(), Height: 1, Width: 1}, out: out, height: 1, width: 1, at: i})
		case len(list) > 0:
			list[len(list)-1].rectified = true
		}
	}
	return list, nil
}
