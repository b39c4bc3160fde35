package spec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"modspec/engine/names"
	"modspec/engine/results"
	"modspec/engine/train"
	"modspec/engine/yamlfile"
)

// A column is the declaration of a parameter.
type column struct{ *results.Column }

// numeric reports whether the parameter's values are numbers.
func (c column) numeric() bool { return c.Type != results.Text }

// whole reports whether the parameter's numbers are whole.
func (c column) whole() bool { return c.Type == results.Whole || c.Type == results.Seed }

// number reads a number that may stand as the parameter's value, whatever the
// others are.
func (c column) number(n *yamlfile.Node) (float64, error) {
	text, err := n.Number()
	if err != nil {
		return 0, fmt.Errorf("%s %w", c.Name, err)
	}
	v, err := train.ReadNumber(c.Column, text)
	if err != nil {
		return 0, fmt.Errorf("%s %w", c.Name, err)
	}
	return v, nil
}

// read turns a node into a value of the parameter, or says what is wrong.
func (c column) read(n *yamlfile.Node, kind train.Kind) (results.Value, error) {
	if n.Kind == yamlfile.Empty {
		return results.Value{}, fmt.Errorf("%s has an empty value here", c.Name)
	}
	if c.numeric() {
		if n.Kind == yamlfile.Scalar && !n.Quoted && slices.Contains(c.Words, n.Text) {
			return results.Value{Text: n.Text}, nil
		}
		v, err := c.number(n)
		return results.Value{Number: v}, err
	}
	free := len(c.Words) == 0
	if free && n.Kind == yamlfile.List {
		n = joined(n)
	}
	switch {
	case n.Kind != yamlfile.Scalar && free:
		return results.Value{}, fmt.Errorf("%s is %s, but must be a text; put it in quotes, for YAML reads colons and commas as its own", c.Name, n.Describe())
	case n.Kind != yamlfile.Scalar:
		return results.Value{}, fmt.Errorf("%s is %s, but must be a word", c.Name, n.Describe())
	case !free && !slices.Contains(c.Words, n.Text):
		return results.Value{}, names.Unknown(c.Name, yamlfile.Shorten(n.Text), c.Words)
	}
	text := n.Text
	if strict, ok := kind.(train.Strict); ok && free {
		var err error
		if text, err = strict.CheckText(c.Name, text); err != nil {
			return results.Value{}, fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	return results.Value{Text: text}, nil
}

// noItems is the text of an empty list, where nothing at all would look like a value
// that was forgotten.
const noItems = "none"

// joined turns the list [0, 2] into the scalar "0,2", and [] into none.
func joined(list *yamlfile.Node) *yamlfile.Node {
	text := &yamlfile.Node{Kind: yamlfile.Scalar, Line: list.Line, Column: list.Column, Text: noItems}
	var parts []string
	for _, item := range list.Items {
		if item.Kind != yamlfile.Scalar {
			return list // reported as what it is
		}
		parts = append(parts, item.Text)
	}
	if parts != nil {
		text.Text = strings.Join(parts, ",")
	}
	return text
}

// text writes a value so that YAML reads it back. Free texts hold commas and colons and
// go in quotes.
func (c column) text(v results.Value) string {
	if !c.numeric() && len(c.Words) == 0 {
		return strconv.Quote(v.Text)
	}
	return train.ValueText(v)
}
