package cmnist

import (
	"fmt"

	"modspec/engine/mnist"
)

// Examples are composed images and their labels. They are made of a part of a set
// as they are asked for and take no memory but the list of their digits.
type Examples struct {
	composition Composition
	part        mnist.Part
	digits      []int32 // Composition.Digits a composed image: which digit of the part stands where
}

// Count returns the number of images.
func (x *Examples) Count() int { return len(x.digits) / x.composition.Digits }

// Image writes image i, Height × Width pixels from 0 to 1, row after row.
func (x *Examples) Image(dst []float32, i int) {
	width := x.composition.Width()
	for place, digit := range x.Of(i) {
		pixels := x.part.Images.Image(int(digit))
		for row := range mnist.Side {
			to := dst[row*width+place*mnist.Side:][:mnist.Side]
			for column, v := range pixels[row*mnist.Side:][:mnist.Side] {
				to[column] = float32(v) / 255
			}
		}
	}
}

// Label writes the classes of the digits of image i, from left to right, and
// returns the number that they make.
func (x *Examples) Label(classes []int, i int) (number int) {
	for place, digit := range x.Of(i) {
		classes[place] = int(x.part.Labels[digit])
		number = number*mnist.Classes + classes[place]
	}
	return number
}

// Target writes the outputs [lo, hi) that a network should give for image i.
func (x *Examples) Target(dst []float32, i, lo, hi int) {
	clear(dst[:hi-lo])
	set := func(output int, v float32) {
		if output >= lo && output < hi {
			dst[output-lo] = v
		}
	}
	var classes [MaxDigits]int
	number := x.Label(classes[:], i)
	for place, class := range classes[:x.composition.Digits] {
		set(place*mnist.Classes+class, 1)
	}
	set(x.composition.Compositional()+number, float32(x.composition.R))
}

// Of returns which digits of the part image i is made of, from left to right. They must
// not be changed.
func (x *Examples) Of(i int) []int32 {
	d := x.composition.Digits
	return x.digits[i*d : (i+1)*d]
}

// Data are the images of an experiment.
//
// Training image i is made of the training digits i, i + s, i + 2s …, with s the
// number of training digits divided by that of digits in an image (the paper:
// 60,000/3), and a test image likewise of test digits. Where numbers are withheld,
// no training image makes one of them; the test images that do are Unseen, and
// Test are the others.
//
// Seen, Recombined and Swapped are for [Systematicity]. Seen are the first
// training images, as many as there are for testing. Recombined image i has, at
// place p, the digit that Seen image i + p·t has there, counted round, t being a
// share of the images: every digit was trained in its place, but no two of them
// together. Swapped image i is Seen image i with the digit at place i modulo the
// number of places exchanged for another trained there that is of the same class;
// one without such another stays as it is.
type Data struct {
	Composition               Composition
	Train, Test, Unseen       *Examples
	Seen, Recombined, Swapped *Examples
}

// A Selection says which images an experiment takes. The zero Selection takes all.
type Selection struct {
	Train, Test int // the first so many images; 0: all
	// Withhold is how many of every ten numbers no training image makes: those
	// whose digits' sum ends in 0 … Withhold−1. Every digit is still trained in
	// every place, and beside every other digit.
	Withhold int
}

// Compose makes the images of an experiment.
func Compose(set *mnist.Set, c Composition, s Selection) (*Data, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if s.Withhold < 0 || s.Withhold >= mnist.Classes {
		return nil, fmt.Errorf("%d of every ten numbers are withheld, but must be 0 to %d", s.Withhold, mnist.Classes-1)
	}
	d := &Data{Composition: c}
	trained, withheld, err := compose(set.Train, c, s.Train, s.Withhold, "training")
	if err != nil {
		return nil, err
	}
	if d.Train = trained; d.Train.Count() < c.Digits {
		return nil, fmt.Errorf("there are %d training images (and %d of withheld numbers), but must be at least %d to recombine their digits", d.Train.Count(), withheld.Count(), c.Digits)
	}
	if d.Test, d.Unseen, err = compose(set.Test, c, s.Test, s.Withhold, "test"); err != nil {
		return nil, err
	}
	d.Seen = d.Train.first(min(d.Train.Count(), max(c.Digits, d.Test.Count()+d.Unseen.Count())))
	d.Recombined, d.Swapped = recombine(d.Seen), swap(d.Seen)
	return d, nil
}

// compose makes images of a part, those of withheld numbers apart.
func compose(part mnist.Part, c Composition, count, withhold int, what string) (kept, withheld *Examples, err error) {
	apart := len(part.Labels) / c.Digits
	if count == 0 {
		count = apart
	}
	if count < 1 || count > apart {
		return nil, nil, fmt.Errorf("the number of %s images is %d, but must be 1 to %d, as many as %d digits make side by side", what, count, apart, len(part.Labels))
	}
	kept, withheld = &Examples{composition: c, part: part}, &Examples{composition: c, part: part}
	for i := range count {
		digits, sum := make([]int32, c.Digits), 0
		for place := range digits {
			digits[place] = int32(i + place*apart)
			sum += int(part.Labels[digits[place]])
		}
		to := kept
		if sum%mnist.Classes < withhold {
			to = withheld
		}
		to.digits = append(to.digits, digits...)
	}
	return kept, withheld, nil
}

// first returns the first images.
func (x *Examples) first(count int) *Examples {
	return &Examples{composition: x.composition, part: x.part, digits: x.digits[:count*x.composition.Digits]}
}

// recombine puts the digits of images together anew, place by place.
func recombine(from *Examples) *Examples {
	x := &Examples{composition: from.composition, part: from.part}
	for i := range from.Count() {
		for place := range from.composition.Digits {
			x.digits = append(x.digits, from.Of(from.partner(i, place))[place])
		}
	}
	return x
}

// partner returns which image the digit at a place of recombined image i comes
// from. No two places of one image have the same.
func (x *Examples) partner(i, place int) int {
	return (i + place*(x.Count()/x.composition.Digits)) % x.Count()
}

// swap exchanges one digit of each image for the next one of its class that stands
// in its place in another image.
func swap(from *Examples) *Examples {
	places := from.composition.Digits
	x := &Examples{composition: from.composition, part: from.part, digits: append([]int32(nil), from.digits...)}
	count := from.Count()
	// next[i·places + p] is the first image after i, counted round, whose digit at
	// place p is of the class of image i's; found from the last image back.
	var latest [MaxDigits][mnist.Classes]int
	for i := 2*count - 1; i >= 0; i-- {
		for place := range places {
			class := from.part.Labels[from.Of(i % count)[place]]
			if i < count && place == i%places {
				x.digits[i*places+place] = from.Of(latest[place][class] % count)[place]
			}
			latest[place][class] = i
		}
	}
	return x
}
