package results

// A CMNISTEpoch is what was measured of one run of compositional MNIST after one
// epoch: a row of the table epochs. Errors are means over images of the squared
// error, divided as the paper does: the compositional by the number of digits, the
// non-compositional by r². Shares are of images. What does not exist is null.
type CMNISTEpoch struct {
	Arch     string `parquet:"arch" json:"arch"` // name of the network
	RunIndex int    `parquet:"run" json:"run"`   // from 0
	Seed     uint64 `parquet:"seed" json:"seed"`
	Epoch    int    `parquet:"epoch" json:"epoch"` // epochs of training done

	Train  CMNISTMeasure `prefix:"train_" json:"train"`   // on the first training images
	Test   CMNISTMeasure `prefix:"test_" json:"test"`     // on test images
	Unseen CMNISTMeasure `prefix:"unseen_" json:"unseen"` // on test images of withheld numbers

	// Systematicity is measured now and then; see package cmnist.
	Company       Number        `parquet:"company,optional" json:"company"`
	Style         Number        `parquet:"style,optional" json:"style"`
	Systematicity Number        `parquet:"systematicity,optional" json:"systematicity"`
	Recombined    CMNISTMeasure `prefix:"recombined_" json:"recombined"` // on trained digits in new combinations

	Diverged int `parquet:"diverged" json:"diverged"` // 1 if the error stopped being finite here
}

// A CMNISTMeasure is how a network does on a set of images.
type CMNISTMeasure struct {
	Compositional    Number    `parquet:"compositional,optional" json:"compositional"`
	NonCompositional Number    `parquet:"non_compositional,optional" json:"non_compositional"`
	Digit            [4]Number `prefix:"digit" json:"digit"` // share of images whose digit at a place is named
	AllDigits        Number    `parquet:"all_digits,optional" json:"all_digits"`
	Number           Number    `parquet:"number,optional" json:"number"` // share whose number is named
}

// CMNISTEpochs is the table epochs, of [CMNISTEpoch].
var CMNISTEpochs = func() *Table {
	columns := SchemaOf[CMNISTEpoch]()
	for i := range columns {
		switch c := &columns[i]; c.Name {
		case "arch":
			c.Role = Parameter
		case "run", "seed", "epoch":
			c.Role = Identity
		case "diverged":
			c.Role = Progress
		}
	}
	return &Table{"epochs", "", columns}
}()
