package sweep

import (
	"fmt"
	"slices"
	"strings"

	"modspec/engine/network"
)

// distribution says how a parameter's values are spread.
type distribution string

const (
	constant    distribution = "constant"           // one value
	categorical distribution = "categorical"        // each of a list, equally likely
	uniform     distribution = "uniform"            // evenly over a range
	logUniform  distribution = "log_uniform_values" // its logarithm evenly; min and max are the values, not logarithms
	intUniform  distribution = "int_uniform"        // every whole number of a range, equally likely
)

// distributions are the names that a file may give.
var distributions = []string{string(uniform), string(logUniform), string(intUniform), string(categorical)}

// choice is what a file says of one parameter.
type choice struct {
	distribution distribution
	values       []Value // of constant and categorical
	places       []*node // where the values of a list stand
	min, max     float64 // of the others
	at           *node   // the parameter's name in the file
}

// discrete reports whether the choice has values one can count.
func (c *choice) discrete() bool {
	return c.distribution == constant || c.distribution == categorical || c.distribution == intUniform
}

// count returns the number of values of a discrete choice.
func (c *choice) count() int {
	if c.distribution == intUniform {
		return int(c.max-c.min) + 1
	}
	return len(c.values)
}

// value returns value i of a discrete choice.
func (c *choice) value(i int) Value {
	if c.distribution == intUniform {
		return Value{Number: c.min + float64(i)}
	}
	return c.values[i]
}

// otherNames are what some parameters are called elsewhere, too far from their
// names here to be found by spelling.
var otherNames = map[string]string{
	"architecture": "arch", "batch_size": "batch", "eta": "lr", "learning_rate": "lr",
	"hidden_size": "hidden", "width": "hidden", "layers": "depth", "hidden_layers": "depth",
	"learning_rule": "rule", "sigma": "init_scale", "init_std": "init_scale", "epochs": "steps",
}

// readParameters reads what stands under parameters.
func (r *reader) readParameters(at, v *node) {
	r.file.at = at
	if v.kind == emptyNode {
		return // every parameter at its default: a sweep over seeds
	}
	if v.kind != mappingNode {
		r.fault(v, "parameters is %s, but must be a mapping such as kx: {values: [1, 2, 3]}", describe(v))
		return
	}
	keys := r.keys(v, "parameter", parameterNames, func(name *node) bool {
		if slices.Contains(topKeys, name.text) {
			r.fault(name, "%s is no parameter; it stands at the top of the file", name.text)
			return true
		}
		if ours, ok := otherNames[name.text]; ok {
			r.fault(name, "unknown parameter %q: it is called %s here", name.text, ours)
			return true
		}
		return false
	})
	// In the file's order, so that faults are.
	for _, e := range v.entries {
		if found, ok := keys[e.key.text]; ok && found.key == e.key {
			p := parameterByName(e.key.text)
			r.file.choices[p] = r.readChoice(p, e)
		}
	}
}

// readChoice reads the body of one parameter. After a fault it returns a choice
// all the same, so that the parameter does not count as left out.
func (r *reader) readChoice(p parameter, e entry) *choice {
	name := table[p].name
	c := &choice{distribution: constant, values: []Value{{}}, at: e.key}
	if e.value.kind != mappingNode {
		shown := describe(e.value)
		switch e.value.kind {
		case scalarNode:
			r.fault(e.value, "%s is %s, but must say value, values, or min and max: write %s: {value: %s}", name, shown, name, shorten(e.value.text))
		case listNode:
			r.fault(e.value, "%s is a list, but must say value, values, or min and max: write %s: {values: […]}", name, name)
		default:
			r.fault(e.value, "%s is empty; write %s: {value: …}, {values: […]}, or {min: …, max: …}", name, name)
		}
		return c
	}
	keys := r.keys(e.value, "key of "+name, []string{"value", "values", "min", "max", "distribution"}, nil)
	value, hasValue := keys["value"]
	values, hasValues := keys["values"]
	_, hasMin := keys["min"]
	_, hasMax := keys["max"]
	spread, hasSpread := keys["distribution"]
	if hasSpread {
		c.distribution = r.readDistribution(spread)
	}
	switch {
	case hasValue && hasValues, hasValue && (hasMin || hasMax), hasValues && (hasMin || hasMax):
		r.fault(e.key, "%s has more than one of value, values, and min and max; leave one", name)
	case hasValue && hasSpread:
		r.fault(spread.key, "%s has one value, so there is nothing to distribute; leave distribution out", name)
	case hasValue:
		if v, ok := r.value(value.value, p); ok {
			c.values = []Value{v}
		}
	case hasValues && hasSpread && c.distribution != categorical && c.distribution != "":
		r.fault(spread.value, "distribution is %s, but values are categorical; give min and max instead, or leave distribution out", c.distribution)
	case hasValues:
		c.distribution = categorical
		r.readValues(p, c, values)
	case hasMin && hasMax:
		r.readRange(p, c, keys, hasSpread)
	case hasMin || hasMax:
		r.fault(e.key, "%s needs both min and max", name)
	case len(e.value.entries) == len(keys):
		r.fault(e.value, "%s has no value; write value, values, or min and max", name)
	}
	return c
}

func (r *reader) readDistribution(e entry) distribution {
	word, ok := r.word(e.key, e.value)
	if !ok {
		return ""
	}
	if word == "log_uniform" {
		// Known from other tools, where its ends are exponents: a near miss in
		// name that would be a far one in value.
		r.fault(e.value, "distribution log_uniform is not known here; use log_uniform_values, whose min and max are the values themselves")
		return ""
	}
	if !slices.Contains(distributions, word) {
		r.unknown(e.value, "distribution", distributions)
		return ""
	}
	return distribution(word)
}

func (r *reader) readValues(p parameter, c *choice, e entry) {
	name := table[p].name
	if e.value.kind != listNode {
		r.fault(e.value, "values of %s is %s, but must be a list such as [1, 2, 3]", name, describe(e.value))
		return
	}
	if len(e.value.items) == 0 {
		r.fault(e.value, "values of %s is an empty list; name at least one value", name)
		return
	}
	c.values = c.values[:0]
	for _, item := range e.value.items {
		// A value that is wrong keeps its place, so that values which move with
		// others are not miscounted for it.
		v, _ := r.value(item, p)
		c.values = append(c.values, v)
		c.places = append(c.places, item)
	}
}

// readRange reads min and max, with the distribution that was given or the one
// that goes with the parameter: every whole number for whole ones, evenly over
// the range for others.
func (r *reader) readRange(p parameter, c *choice, keys map[string]entry, hasSpread bool) {
	d := &table[p]
	if !d.numeric() {
		r.fault(keys["min"].key, "%s is no number, so it has no min and max; write values", d.name)
		return
	}
	if !hasSpread {
		c.distribution = uniform
		if d.whole() {
			c.distribution = intUniform
		}
	}
	ends := [2]float64{}
	for i, key := range []string{"min", "max"} {
		e := keys[key]
		v, err := parseNumber(e.value)
		if err != nil {
			r.fault(e.value, "%s of %s %v", key, d.name, err)
			return
		}
		if err := d.checkNumber(v); err != nil {
			r.fault(e.value, "%s: %v", key, err)
			return
		}
		if c.distribution == intUniform && v != float64(int64(v)) {
			r.fault(e.value, "%s of %s is %s, but int_uniform runs over whole numbers", key, d.name, shorten(e.value.text))
			return
		}
		ends[i] = v
	}
	c.min, c.max = ends[0], ends[1]
	spread := keys["distribution"].value
	switch {
	case c.max <= c.min:
		r.fault(keys["max"].value, "max of %s is %s, but must be above min = %s", d.name, number(c.max), number(c.min))
	case c.distribution == categorical:
		r.fault(spread, "%s is categorical, which needs values; min and max go with uniform, log_uniform_values or int_uniform", d.name)
	case c.distribution == uniform && d.whole():
		r.fault(spread, "%s is a whole number, so it cannot be uniform over a range; use int_uniform", d.name)
	case c.distribution == logUniform && c.min <= 0:
		r.fault(keys["min"].value, "min of %s is %s, but log_uniform_values needs a min above 0", d.name, number(c.min))
	case c.distribution == intUniform && (c.min < -maxWhole || c.max > maxWhole):
		r.fault(keys["max"].value, "%s runs to %s, but int_uniform goes up to %s", d.name, number(max(-c.min, c.max)), number(maxWhole))
	default:
		return
	}
	// A choice that is wrong must not be counted as the range that it names.
	c.distribution, c.values = constant, []Value{{}}
}

// value reads one value of a parameter, or returns false after a fault.
func (r *reader) value(v *node, p parameter) (Value, bool) {
	d := &table[p]
	value, err := d.read(v)
	if err != nil {
		r.fault(v, "%v", err)
		return Value{}, false
	}
	return value, true
}

// read turns a node into a value of the parameter, or says what is wrong.
func (d *definition) read(n *node) (Value, error) {
	if n.kind == emptyNode {
		return Value{}, fmt.Errorf("%s has an empty value here", d.name)
	}
	if d.numeric() {
		if d.kind == wholeOrAllKind && n.kind == scalarNode && !n.quoted && n.text == all {
			return Value{Text: all}, nil
		}
		v, err := parseNumber(n)
		if err != nil {
			return Value{}, fmt.Errorf("%s %w", d.name, err)
		}
		return Value{Number: v}, d.checkNumber(v)
	}
	if d.kind == rowsKind && n.kind == listNode {
		n = joinRows(n)
	}
	if n.kind != scalarNode {
		if d.kind == modulesKind {
			return Value{}, fmt.Errorf("modules is %s, but must be a text; put it in quotes, such as \"both>omega:50\", for YAML reads colons and commas as its own", describe(n))
		}
		return Value{}, fmt.Errorf("%s is %s, but must be a word", d.name, describe(n))
	}
	switch d.kind {
	case nameKind:
		if !slices.Contains(d.names, n.text) {
			return Value{}, network.UnknownName(d.name, shorten(n.text), d.names)
		}
		return Value{Text: n.text}, nil
	case rowsKind:
		rows, err := parseRows(n.text)
		if err != nil {
			return Value{}, fmt.Errorf("%s: %w", d.name, err)
		}
		if len(rows) == 0 {
			return Value{Text: noRows}, nil
		}
		return Value{Text: rowsText(rows)}, nil
	default:
		// The widths that modules leave open are given by hidden and depth; here
		// any will do to see that the text is one.
		if _, err := network.ParseModules(n.text, 1); err != nil {
			return Value{}, fmt.Errorf("%s: %w", d.name, err)
		}
		return Value{Text: strings.Join(strings.Fields(n.text), " ")}, nil
	}
}

// joinRows turns the list [0, 2] into the scalar "0,2", and [] into none.
func joinRows(list *node) *node {
	joined := &node{kind: scalarNode, line: list.line, column: list.column, text: noRows}
	var parts []string
	for _, item := range list.items {
		if item.kind != scalarNode {
			return list // reported as what it is
		}
		parts = append(parts, item.text)
	}
	if parts != nil {
		joined.text = strings.Join(parts, ",")
	}
	return joined
}
