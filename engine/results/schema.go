package results

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
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
	// Rank is 1 for the column that reports and the page show first, 2 for the next and
	// so on, 0 for one that is only shown when it is asked for.
	Rank int `json:"rank,omitempty"`
	// Panel is the title of the panel that shows it over training, together with the
	// others of that title; "" for a panel of its own.
	Panel string `json:"panel,omitempty"`
	Scale Scale  `json:"scale,omitempty"` // of that panel

	Domain // of a parameter; in files its words alone
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

// typeNames are the types as files name them.
var typeNames = [...]string{Real: "real", Whole: "whole", Seed: "seed", Text: "text"}

// String returns the type's name.
func (t Type) String() string {
	if t < 0 || int(t) >= len(typeNames) {
		return fmt.Sprintf("type %d", int(t))
	}
	return typeNames[t]
}

// MarshalText returns the type's name.
func (t Type) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads a type's name.
func (t *Type) UnmarshalText(text []byte) error {
	i := slices.Index(typeNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("the type %q is unknown; types are %s", text, strings.Join(typeNames[:], ", "))
	}
	*t = Type(i)
	return nil
}

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

// A Scale says how values are drawn over training.
type Scale string

// The scales.
const (
	Linear Scale = ""
	Log    Scale = "log"  // logarithmic
	Root   Scale = "root" // the square root is drawn, under the label without its ²
)

var roles = []Role{Metric, Identity, Parameter, Progress, Time, Prediction, Source}

// A Domain says which values a parameter takes.
type Domain struct {
	Default  string  `json:"-"` // as a sweep file writes it; "" for none
	Min, Max float64 `json:"-"` // of numbers
	Least    float64 `json:"-"` // of numbers above 0, if not 0: 0 itself is allowed
	// Words are, of a text, all that it may be, or none where it is free; of a number,
	// words that may stand in its place, such as "all".
	Words []string `json:"words,omitempty"`
	// Aliases are names of the parameter elsewhere, for messages.
	Aliases []string `json:"-"`
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

// Numeric reports whether the column holds numbers; else text.
func (c *Column) Numeric() bool { return c.Type != Text }

// Choice reports whether the column holds one of a few texts.
func (c *Column) Choice() bool { return c.Type == Text && len(c.Words) > 0 }

// Of returns the columns of one of some roles, in their order.
func (s Schema) Of(roles ...Role) Schema {
	var list Schema
	for _, c := range s {
		if slices.Contains(roles, c.Role) {
			list = append(list, c)
		}
	}
	return list
}

// Shown returns the columns that reports and the page show unasked: those with a rank, by
// that, or else the first three metrics.
func (s Schema) Shown() Schema {
	var list Schema
	for _, c := range s {
		if c.Rank > 0 && c.Numeric() {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b Column) int { return cmp.Compare(a.Rank, b.Rank) })
	if list == nil {
		for _, c := range s.Of(Metric) {
			if c.Numeric() && len(list) < 3 {
				list = append(list, c)
			}
		}
	}
	return list
}

// Prediction returns the place of the column that says what theory has for a column,
// or −1.
func (s Schema) Prediction(name string) int {
	return slices.IndexFunc(s, func(c Column) bool { return c.Role == Prediction && c.Of == name })
}

// Label returns what figures and the page call a column, or a ratio "a/b" of two. A
// column without a label, or that is not there, has its name.
func (s Schema) Label(column string) string {
	if a, b, ratio := strings.Cut(column, "/"); ratio {
		if i := s.Index(b); i >= 0 && s[i].Role == Prediction && s[i].Of == a {
			return s.Label(a) + " over theory's"
		}
		return s.Label(a) + " / " + s.Label(b)
	}
	i := s.Index(column)
	switch {
	case i < 0 || s[i].Label == "":
		return column
	case s[i].Unit != "" && !strings.Contains(s[i].Label, s[i].Unit):
		return s[i].Label + " (" + s[i].Unit + ")"
	}
	return s[i].Label
}

// The bounds of a schema. Labels, units and texts are counted in characters.
const (
	// maxColumns is more than any table has or will have.
	maxColumns = 1 << 10
	maxName    = 64
	maxLabel   = 100
	maxUnit    = 30
	maxDoc     = 400
	maxWords   = 256
)

// Check returns an error that names the first thing in the columns that no file can
// hold or no reader could show.
func (s Schema) Check() error {
	if len(s) == 0 || len(s) > maxColumns {
		return fmt.Errorf("there are %d columns, but must be 1 to %d", len(s), maxColumns)
	}
	seen := make(map[string]*Column, len(s))
	for i := range s {
		c := &s[i]
		if err := checkName(c.Name); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
		if seen[c.Name] != nil {
			return fmt.Errorf("two columns are called %q", c.Name)
		}
		seen[c.Name] = c
		type bounded struct {
			what, text string
			most       int
		}
		texts := []bounded{{"label", c.Label, maxLabel}, {"unit", c.Unit, maxUnit}, {"text", c.Doc, maxDoc}, {"panel", c.Panel, maxLabel}}
		for _, word := range c.Words[:min(len(c.Words), maxWords)] {
			texts = append(texts, bounded{"word", word, maxLabel})
		}
		for _, text := range texts {
			if !utf8.ValidString(text.text) || utf8.RuneCountInString(text.text) > text.most || strings.ContainsFunc(text.text, func(r rune) bool { return !unicode.IsPrint(r) }) {
				return fmt.Errorf("the %s of column %q must be at most %d characters that can be printed", text.what, c.Name, text.most)
			}
		}
		switch {
		case c.Rank < 0 || c.Rank > maxColumns:
			return fmt.Errorf("column %q has the rank %d, but must have 0 to %d", c.Name, c.Rank, maxColumns)
		case c.Scale != Linear && c.Scale != Log && c.Scale != Root:
			return fmt.Errorf("the scale %q of column %q is unknown", c.Scale, c.Name)
		case len(c.Words) > maxWords:
			return fmt.Errorf("column %q has %d words, but may have at most %d", c.Name, len(c.Words), maxWords)
		case c.Type < 0 || int(c.Type) >= len(typeNames):
			return fmt.Errorf("the %v of column %q is unknown", c.Type, c.Name)
		case !slices.Contains(roles, c.Role):
			return fmt.Errorf("the role %q of column %q is unknown", c.Role, c.Name)
		case c.Null && c.Type != Real && c.Type != Whole:
			return fmt.Errorf("column %q is a %v, which may not be missing", c.Name, c.Type)
		}
	}
	for i := range s {
		c := &s[i]
		of := seen[c.Of]
		switch {
		case c.Role != Time && c.Role != Prediction:
			if c.Of != "" {
				return fmt.Errorf("column %q is said to be of %q, but is no time or prediction", c.Name, c.Of)
			}
		case of == nil || of.Role == Prediction || of.Role == Time && c.Role == Time || !of.Numeric() || !c.Numeric():
			return fmt.Errorf("column %q is a %s of %q, which is no column of numbers that can have one", c.Name, c.Role, c.Of)
		}
	}
	return nil
}

// checkName returns an error for what cannot be the name of a column, table or kind.
func checkName(name string) error {
	ok := name != "" && len(name) <= maxName && name[0] >= 'a' && name[0] <= 'z'
	for _, r := range name {
		ok = ok && (r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_')
	}
	if !ok {
		return fmt.Errorf("the name %q must be at most %d lower-case letters, digits and underscores, a letter first", clip(name), maxName)
	}
	return nil
}

// clip cuts a name that is too long for a message.
func clip(name string) string {
	if len(name) > maxName {
		return name[:maxName] + "…"
	}
	return name
}
