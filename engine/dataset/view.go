package dataset

// A View is the part of a dataset that one module sees: the input blocks it
// reads and the output blocks it writes.
type View struct {
	Reads, Writes Blocks
}

// Whole is the view of a network of one module, everything to everything.
var Whole = View{Reads: Both, Writes: Both}
