package results

// A CMNISTEpoch is what was measured of one run of compositional MNIST after one
// epoch: a row of the table epochs. Errors are means over images of the squared
// error, divided as the paper does: the compositional by the number of digits, the
// non-compositional by r². Shares are of images. What does not exist is null.
type CMNISTEpoch struct {
	Arch     string `parquet:"arch"` // name of the network
	RunIndex int    `parquet:"run"`  // from 0
	Seed     uint64 `parquet:"seed"`
	Epoch    int    `parquet:"epoch"` // epochs of training done

	Train  CMNISTMeasure `prefix:"train_"`  // on the first training images
	Test   CMNISTMeasure `prefix:"test_"`   // on test images
	Unseen CMNISTMeasure `prefix:"unseen_"` // on test images of withheld numbers

	// Systematicity is measured now and then; see package cmnist.
	Company       Number        `parquet:"company,optional"`
	Style         Number        `parquet:"style,optional"`
	Systematicity Number        `parquet:"systematicity,optional"`
	Recombined    CMNISTMeasure `prefix:"recombined_"` // on trained digits in new combinations

	Diverged int `parquet:"diverged"` // 1 if the error stopped being finite here
}

// A CMNISTMeasure is how a network does on a set of images.
type CMNISTMeasure struct {
	Compositional    Number    `parquet:"compositional,optional"`
	NonCompositional Number    `parquet:"non_compositional,optional"`
	Digit            [4]Number `prefix:"digit"` // share of images whose digit at a place is named
	AllDigits        Number    `parquet:"all_digits,optional"`
	Number           Number    `parquet:"number,optional"` // share whose number is named
}
