package cmnist_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"modspec/engine/cmnist"
	"modspec/engine/mnist"
)

func compose(t *testing.T, set *mnist.Set, c cmnist.Composition, s cmnist.Selection) *cmnist.Data {
	t.Helper()
	d, err := cmnist.Compose(set, c, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Image i is made of digits i, i + s and i + 2s, s a third of the digits.
func TestTheDigitsOfAnImage(t *testing.T) {
	c := cmnist.Paper()
	d := compose(t, smallSet(605, 31), c, cmnist.Selection{})
	if d.Train.Count() != 201 || d.Test.Count() != 10 || d.Unseen.Count() != 0 || d.Seen.Count() != 10 {
		t.Fatalf("there are %d, %d, %d and %d images", d.Train.Count(), d.Test.Count(), d.Unseen.Count(), d.Seen.Count())
	}
	for i := range 201 {
		if got := digitsOf(d.Train, c, i); !slices.Equal(got, []int{i, i + 201, i + 402}) {
			t.Fatalf("image %d is made of digits %v", i, got)
		}
	}
	classes := make([]int, 3)
	// Digits 5, 206 and 407 are of classes 35, 1442 and 2849 modulo 10.
	if number := d.Train.Label(classes, 5); number != 529 || !slices.Equal(classes, []int{5, 2, 9}) {
		t.Errorf("image 5 is labelled %d, %v", number, classes)
	}
}

func TestAnImageIsItsDigitsSideBySide(t *testing.T) {
	set := smallSet(40, 8)
	c := cmnist.Composition{Digits: 4, R: 2}
	d := compose(t, set, c, cmnist.Selection{})
	image := make([]float32, 28*112)
	d.Train.Image(image, 3)
	for row := range 28 {
		for column := range 112 {
			digit := 3 + 10*(column/28)
			want := float32(set.Train.Images.Image(digit)[row*28+column%28]) / 255
			if got := image[row*112+column]; got != want {
				t.Fatalf("pixel (%d, %d) is %v, want %v", row, column, got, want)
			}
		}
	}
}

// A target has 1 for each digit and r for the number; any range of it is the same
// as that part of the whole.
func TestTargets(t *testing.T) {
	c := cmnist.Composition{Digits: 2, R: 7}
	d := compose(t, smallSet(50, 10), c, cmnist.Selection{})
	whole := make([]float32, 120)
	part := make([]float32, 120)
	classes := make([]int, 2)
	for i := range d.Train.Count() {
		d.Train.Target(whole, i, 0, 120)
		number := d.Train.Label(classes, i)
		for o, v := range whole {
			want := float32(0)
			switch o {
			case classes[0], 10 + classes[1]:
				want = 1
			case 20 + number:
				want = 7
			}
			if v != want {
				t.Fatalf("image %d: output %d is %v, want %v", i, o, v, want)
			}
		}
		for _, b := range cmnist.Blocks {
			lo, hi := c.Range(b)
			for j := range part {
				part[j] = -1
			}
			d.Train.Target(part, i, lo, hi)
			if !slices.Equal(part[:hi-lo], whole[lo:hi]) || hi-lo < 120 && part[hi-lo] != -1 {
				t.Fatalf("image %d: the %s outputs differ from those of the whole target", i, b)
			}
		}
	}
}

// Recombined images have every digit in a place in which it was trained, and no
// two of them together in one trained image.
func TestRecombinedImagesAreNew(t *testing.T) {
	for digits := 2; digits <= cmnist.MaxDigits; digits++ {
		for _, count := range []int{digits, digits + 1, 17, 100} {
			c := cmnist.Composition{Digits: digits, R: 10}
			d := compose(t, smallSet(count*digits, count*digits), c, cmnist.Selection{})
			if d.Recombined.Count() != d.Seen.Count() {
				t.Fatalf("%d recombined images of %d", d.Recombined.Count(), d.Seen.Count())
			}
			for i := range d.Recombined.Count() {
				from := map[int]bool{}
				for place, digit := range digitsOf(d.Recombined, c, i) {
					if digit/count != place {
						t.Fatalf("%d digits, %d images: digit %d stands at place %d, but was trained at %d", digits, count, digit, place, digit/count)
					}
					if from[digit%count] {
						t.Fatalf("%d digits, %d images: two digits of image %d were trained together", digits, count, i)
					}
					from[digit%count] = true
				}
			}
		}
	}
}

// Swapped images keep every label and exchange one digit, where another of its
// class was trained in its place.
func TestSwappedImagesKeepTheirLabels(t *testing.T) {
	c := cmnist.Paper()
	d := compose(t, smallSet(150, 150), c, cmnist.Selection{})
	before, after := make([]int, 3), make([]int, 3)
	exchanged := 0
	for i := range d.Seen.Count() {
		if d.Seen.Label(before, i) != d.Swapped.Label(after, i) {
			t.Fatalf("image %d: %v became %v", i, before, after)
		}
		was, is := digitsOf(d.Seen, c, i), digitsOf(d.Swapped, c, i)
		for place := range is {
			if is[place] == was[place] {
				continue
			}
			exchanged++
			if place != i%3 || is[place]/50 != place {
				t.Errorf("image %d: digits %v became %v", i, was, is)
			}
		}
	}
	if exchanged != 50 { // every class has five digits in every place
		t.Errorf("%d of 50 images had a digit exchanged", exchanged)
	}
	// A single image of a class in its place has none to be exchanged for.
	few := compose(t, smallSet(9, 9), c, cmnist.Selection{})
	for i := range few.Seen.Count() {
		if !slices.Equal(digitsOf(few.Seen, c, i), digitsOf(few.Swapped, c, i)) {
			t.Errorf("image %d of three was changed", i)
		}
	}
}

// Withheld numbers are in no training image, and no test image is lost.
func TestWithheldNumbers(t *testing.T) {
	c := cmnist.Paper()
	set := smallSet(900, 300)
	all := compose(t, set, c, cmnist.Selection{})
	d := compose(t, set, c, cmnist.Selection{Withhold: 2})
	classes := make([]int, 3)
	sum := func(x *cmnist.Examples, i int) int {
		x.Label(classes, i)
		return (classes[0] + classes[1] + classes[2]) % 10
	}
	for i := range d.Train.Count() {
		if sum(d.Train, i) < 2 {
			t.Fatalf("training image %d makes a withheld number: %v", i, classes)
		}
	}
	for i := range d.Test.Count() {
		if sum(d.Test, i) < 2 {
			t.Fatalf("test image %d makes a withheld number: %v", i, classes)
		}
	}
	for i := range d.Unseen.Count() {
		if sum(d.Unseen, i) >= 2 {
			t.Fatalf("unseen image %d makes a trained number: %v", i, classes)
		}
	}
	if d.Test.Count()+d.Unseen.Count() != all.Test.Count() || d.Unseen.Count() == 0 || d.Train.Count() >= all.Train.Count() {
		t.Errorf("%d and %d of %d test images, %d of %d training images", d.Test.Count(), d.Unseen.Count(), all.Test.Count(), d.Train.Count(), all.Train.Count())
	}
}

func TestComposeNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		what        string
		composition cmnist.Composition
		selection   cmnist.Selection
		want        string
	}{
		{"one digit", cmnist.Composition{Digits: 1, R: 1}, cmnist.Selection{}, "an image is made of 1 digits, but must be of 2 to 4"},
		{"five digits", cmnist.Composition{Digits: 5, R: 1}, cmnist.Selection{}, "of 5 digits"},
		{"NaN", cmnist.Composition{Digits: 3, R: math.NaN()}, cmnist.Selection{}, "r is NaN, but must be 0 or 1e-30 to 1e+30"},
		{"small", cmnist.Composition{Digits: 3, R: 0.9e-30}, cmnist.Selection{}, "r is 9e-31, but must be 0 or 1e-30 to 1e+30"},
		{"large", cmnist.Composition{Digits: 3, R: 1.1e30}, cmnist.Selection{}, "r is 1.1e+30, but must be 0 or 1e-30 to 1e+30"},
		{"negative", cmnist.Composition{Digits: 3, R: -1}, cmnist.Selection{}, "r is -1"},
		{"too many", cmnist.Paper(), cmnist.Selection{Train: 21}, "the number of training images is 21, but must be 1 to 20, as many as 60 digits make side by side"},
		{"too many for tests", cmnist.Paper(), cmnist.Selection{Test: 11}, "the number of test images is 11, but must be 1 to 10"},
		{"negative count", cmnist.Paper(), cmnist.Selection{Train: -1}, "is -1"},
		{"too few", cmnist.Paper(), cmnist.Selection{Train: 2}, "there are 2 training images (and 0 of withheld numbers), but must be at least 3"},
		{"all withheld", cmnist.Paper(), cmnist.Selection{Withhold: 10}, "10 of every ten numbers are withheld, but must be 0 to 9"},
	} {
		_, err := cmnist.Compose(smallSet(60, 30), c.composition, c.selection)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want one with %q", c.what, err, c.want)
		}
	}
}
