package train

import (
	"fmt"
	"slices"

	"modspec/engine/results"
)

// NewSetting returns the setting of a kind in which nothing was given: every
// parameter has its default. One without a default has the zero Value. The error is
// for a default that the parameter may not have.
func NewSetting(k Kind) (Setting, error) {
	schema := k.Parameters()
	s := Setting{Values: make([]results.Value, len(schema)), Given: make([]bool, len(schema))}
	for i := range schema {
		c := &schema[i]
		if c.Default == "" {
			continue
		}
		var err error
		if s.Values[i], err = ReadValue(k, c, c.Default); err != nil {
			return s, fmt.Errorf("the kind %s: the default of %s %w", k.Name(), c.Name, err)
		}
	}
	return s, nil
}

// Clone returns a setting that can be changed without changing s.
func (s Setting) Clone() Setting {
	return Setting{Values: slices.Clone(s.Values), Given: slices.Clone(s.Given)}
}

// Set gives parameter i a value.
func (s Setting) Set(i int, v results.Value) { s.Values[i], s.Given[i] = v, true }

// A Strict kind has rules for its parameters that their domains do not say.
type Strict interface {
	Kind
	// CheckText returns the one form of a text that a parameter without Words is set
	// to, or says what is wrong with it.
	CheckText(parameter, text string) (string, error)
	// Conflicts are the pairs of parameters of which no setting gives both.
	Conflicts() []Conflict
}

// A Conflict is a pair of parameters that exclude each other.
type Conflict struct {
	One, Other string
	Remedy     string // what both are and which to leave out, after their names
}

// A Selective model ignores some parameters of its setting.
type Selective interface {
	Model
	// Ignores says why a parameter, by its place in Kind.Parameters, has no meaning
	// for networks such as this one, or returns "" if it has one.
	Ignores(parameter int) string
}

// Ignored says why a value that a setting gives a parameter, by its place, has no
// meaning for the setting's model. It returns "" if it has one or none is given, and
// for the value that the model itself has there: what is recorded of a network may be
// given again.
func Ignored(m Model, s Setting, parameter int) string {
	selective, ok := m.(Selective)
	if !ok || !s.Given[parameter] {
		return ""
	}
	why := selective.Ignores(parameter)
	if why != "" && s.Values[parameter] == m.Parameters()[parameter] {
		return ""
	}
	return why
}
