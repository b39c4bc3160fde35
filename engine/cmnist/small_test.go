package cmnist_test

import (
	"modspec/engine/cmnist"
	"modspec/engine/mnist"
)

// smallSet is a set of made-up digits: training digit i is of class i·7 mod 10 and
// has its own number in its first pixels, so that images can be taken apart again.
func smallSet(train, test int) *mnist.Set {
	part := func(count, offset int) mnist.Part {
		p := mnist.Part{Images: &mnist.Images{Count: count, Rows: mnist.Side, Columns: mnist.Side, Pixels: make([]byte, count*mnist.Side*mnist.Side)}}
		for i := range count {
			p.Labels = append(p.Labels, byte((i*7+offset)%mnist.Classes))
			pixels := p.Images.Pixels[i*mnist.Side*mnist.Side:][:mnist.Side*mnist.Side]
			for at := range pixels {
				pixels[at] = byte(i*31 + at*(i+offset+1))
			}
			pixels[0], pixels[1] = byte(i%256), byte(i/256)
		}
		return p
	}
	return &mnist.Set{Train: part(train, 0), Test: part(test, 3)}
}

// digitsOf reads the numbers of the digits back from a composed image.
func digitsOf(x *cmnist.Examples, c cmnist.Composition, i int) []int {
	image := make([]float32, c.Height()*c.Width())
	x.Image(image, i)
	var digits []int
	for place := range c.Digits {
		at := place * mnist.Side
		digits = append(digits, int(image[at]*255+0.5)+256*int(image[at+1]*255+0.5))
	}
	return digits
}
