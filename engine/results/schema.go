package results

import (
	"slices"
)

// A Schema describes columns of a table, or the parameters of a kind of network. It
// is the one declaration of each: sweep files, flags, help, tables, figures and the
// page are made from it.
type Schema []Column

// A Column is one quantity or parameter. Its JSON form stands in the footer of every
// table's file.
type Column struct {
	Name  string `json:"name"` // in tables and sweep files; a flag has dashes for underscores
	Type  Type   `json:"type"`
	Label string `json:"label,omitempty"` // in figures and on the page: "training loss"; "" stands for the name
	Unit  string `json:"unit,omitempty"`  // "" for a pure number
	Doc   string `json:"doc,omitempty"`   // what it is, in one line without a full stop
	Null  bool   `json:"null,omitempty"`  // whether a row may lack it; only numbers may be missing
	Role  Role   `json:"role,omitempty"`
	Of    string `json:"of,omitempty"` // of a time or prediction: the column it is of

	Domain `json:"-"` // of a parameter
}

// A Type says what the values of a column are.
type Type int

// The types.
const (
	Real  Type = iota // a float64
	Whole             // a whole number, |v| ≤ 2⁵³
	Seed              // a whole number of 0 to 2⁶⁴ − 1
	Text
)

// A Role says what a column is for.
type Role string

// The roles.
const (
	Metric     Role = ""           // measured of a network at a step
	Identity   Role = "identity"   // which run, or which of its steps, the row is of
	Parameter  Role = "parameter"  // was set
	Progress   Role = "progress"   // how far the run came
	Time       Role = "time"       // updates until something is true of the metric Of, such as half of its end
	Prediction Role = "prediction" // what theory says of the column Of
	Source     Role = "source"     // where the predictions of the row come from
)

// A Domain says which values a parameter takes.
type Domain struct {
	Default  string  // as a sweep file writes it; "" for none
	Min, Max float64 // of numbers
	Least    float64 // of numbers above 0, if not 0: 0 itself is allowed
	// Words are, of a text, all that it may be, or none where it is free; of a number,
	// words that may stand in its place, such as "all".
	Words []string
	// Aliases are names of the parameter elsewhere, for messages.
	Aliases []string
}

// A Value is what a parameter is set to: a number, or a text that is not empty.
type Value struct {
	Number float64
	Text   string
}

// Index returns the place of a column, or −1.
func (s Schema) Index(name string) int {
	return slices.IndexFunc(s, func(c Column) bool { return c.Name == name })
}

// Names returns the names of the columns.
func (s Schema) Names() []string {
	names := make([]string, len(s))
	for i := range s {
		names[i] = s[i].Name
	}
	return names
}
