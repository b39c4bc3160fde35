//go:build gpu

package cuda

import (
	"fmt"

	"modspec/engine/cmnist"
	"modspec/engine/cuda"
)

// images are a job's images on a device, as float32, one after the other, rows of
// pixels as the composition has them, with the numbers of those that are trained.
type images struct {
	stream  *cuda.Stream
	pixels  int        // of an image
	trained uint64     // the training images
	numbers uint64     // int32: the number that the digits of each training image make
	inOrder uint64     // uint32: an order in which images stand as they lie
	sets    []imageSet // that answers are asked to
	memory  []uint64
	bytes   int64 // of all memory
}

// imageSet is a list of images on the device.
type imageSet struct {
	examples *cmnist.Examples
	address  uint64 // 0 where there are none
}

// newImages brings the images over. What it took when it fails is given back by
// release.
func newImages(s *cuda.Stream, data *cmnist.Data) (*images, error) {
	x := &images{stream: s, pixels: data.Composition.Height() * data.Composition.Width()}
	var err error
	if x.trained, err = x.bring("training", data.Train); err != nil {
		return x, err
	}
	// Seen images are the first of those that are trained.
	x.sets = []imageSet{{data.Seen, x.trained}}
	for _, set := range []struct {
		name     string
		examples *cmnist.Examples
	}{
		{"test", data.Test}, {"unseen", data.Unseen}, {"recombined", data.Recombined}, {"swapped", data.Swapped},
	} {
		address, err := x.bring(set.name, set.examples)
		if err != nil {
			return x, err
		}
		x.sets = append(x.sets, imageSet{set.examples, address})
	}
	return x, x.bringNumbers(data)
}

// bringAtATime bounds the memory of the host that images are composed in.
const bringAtATime = 1024

// bring returns where some images lie once the stream has come so far, 0 where there
// are none.
func (x *images) bring(name string, examples *cmnist.Examples) (uint64, error) {
	count := examples.Count()
	if count == 0 {
		return 0, nil
	}
	purpose := fmt.Sprintf("%d %s images", count, name)
	address, err := x.take(int64(count)*int64(x.pixels)*4, purpose)
	if err != nil {
		return 0, err
	}
	part := make([]float32, min(bringAtATime, count)*x.pixels)
	for from := 0; from < count; from += bringAtATime {
		n := min(bringAtATime, count-from)
		for i := range n {
			examples.Image(part[i*x.pixels:][:x.pixels], from+i)
		}
		if err := x.stream.Upload(address+uint64(from*x.pixels*4), cuda.AsBytes(part[:n*x.pixels]), purpose); err != nil {
			return 0, err
		}
	}
	return address, nil
}

// bringNumbers brings over what the training images' digits make, and an order in which
// images stand as they lie.
func (x *images) bringNumbers(data *cmnist.Data) error {
	most := 0
	for _, set := range x.sets {
		most = max(most, set.examples.Count())
	}
	numbers, inOrder := make([]int32, data.Train.Count()), make([]int32, max(1, most))
	var classes [cmnist.MaxDigits]int
	for i := range numbers {
		numbers[i] = int32(data.Train.Label(classes[:], i))
	}
	for i := range inOrder {
		inOrder[i] = int32(i)
	}
	for _, list := range []struct {
		to      *uint64
		numbers []int32
		purpose string
	}{{&x.numbers, numbers, "the numbers of training images"}, {&x.inOrder, inOrder, "an order of images"}} {
		var err error
		if *list.to, err = x.take(int64(4*len(list.numbers)), list.purpose); err != nil {
			return err
		}
		if err := x.stream.Upload(*list.to, cuda.AsBytes(list.numbers), list.purpose); err != nil {
			return err
		}
	}
	return nil
}

func (x *images) take(bytes int64, purpose string) (uint64, error) {
	address, err := x.stream.Device.Allocate(bytes, purpose)
	if err == nil {
		x.memory, x.bytes = append(x.memory, address), x.bytes+bytes
	}
	return address, err
}

// release gives the memory back.
func (x *images) release() error {
	var err error
	for _, address := range x.memory {
		err = first(err, x.stream.Device.Release(address))
	}
	x.memory = nil
	return err
}
