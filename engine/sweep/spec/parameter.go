package spec

import (
	"slices"

	"modspec/engine/names"
	"modspec/engine/number"
	"modspec/engine/results"
	"modspec/engine/train"
	"modspec/engine/yamlfile"
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
	values       []results.Value  // of constant and categorical
	places       []*yamlfile.Node // where the values of a list stand
	min, max     float64          // of the others
	at           *yamlfile.Node   // the parameter's name in the file
}

// discrete reports whether the choice has values one can count.
func (c *choice) discrete() bool {
	return c.distribution == constant || c.distribution == categorical || c.distribution == intUniform
}

// count returns the number of values of a discrete choice.
func (c *choice) count() int {
	if c.distribution == intUniform {
		return int(int64(c.max)-int64(c.min)) + 1 // floats would round beyond 2⁵³
	}
	return len(c.values)
}

// value returns value i of a discrete choice.
func (c *choice) value(i int) results.Value {
	if c.distribution == intUniform {
		return results.Value{Number: float64(int64(c.min) + int64(i))}
	}
	return c.values[i]
}

// column returns the declaration of parameter p.
func (f *File) column(p int) column { return column{&f.schema[p]} }

// readParameters reads what stands under parameters.
func (r *reader) readParameters(e yamlfile.Entry) {
	v := e.Value
	r.file.at = e.Key
	if v.Kind == yamlfile.Empty {
		return // every parameter at its default: a sweep over seeds
	}
	if v.Kind != yamlfile.Mapping {
		r.Fault(v, "parameters is %s, but must be a mapping such as %s: {value: …}", v.Describe(), r.file.schema[0].Name)
		return
	}
	parameters := r.file.schema.Names()
	keys := r.Keys(v, "parameter", parameters, func(name *yamlfile.Node) bool {
		if slices.Contains(r.top, name.Text) {
			r.Fault(name, "%s is no parameter; it stands at the top of the file", name.Text)
			return true
		}
		if ours := r.alias(name.Text); ours != "" {
			r.Fault(name, "unknown parameter %q: it is called %s here", name.Text, ours)
			return true
		}
		if r.otherKind(name) {
			return true
		}
		if top := names.Nearest(name.Text, r.top); top != "" && names.Nearest(name.Text, parameters) == "" {
			r.Fault(name, "unknown parameter %s: did you mean %s? It stands at the top of the file", number.Quote(name.Text), top)
			return true
		}
		return false
	})
	// In the file's order, so that faults are.
	for _, e := range v.Entries {
		if found, ok := keys[e.Key.Text]; ok && found.Key == e.Key {
			p := r.file.schema.Index(e.Key.Text)
			r.file.choices[p] = r.readChoice(p, e)
		}
	}
}

// readChoice reads the body of one parameter. After a fault it returns a choice
// all the same, so that the parameter does not count as left out.
func (r *reader) readChoice(p int, e yamlfile.Entry) *choice {
	name := r.file.schema[p].Name
	c := &choice{distribution: constant, values: []results.Value{{}}, at: e.Key}
	if e.Value.Kind != yamlfile.Mapping {
		shown := e.Value.Describe()
		switch e.Value.Kind {
		case yamlfile.Scalar:
			r.Fault(e.Value, "%s is %s, but must say value, values, or min and max: write %s: {value: %s}", name, shown, name, yamlfile.Shorten(e.Value.Text))
		case yamlfile.List:
			r.Fault(e.Value, "%s is a list, but must say value, values, or min and max: write %s: {values: […]}", name, name)
		default:
			r.Fault(e.Value, "%s is empty; write %s: {value: …}, {values: […]}, or {min: …, max: …}", name, name)
		}
		return c
	}
	keys := r.Keys(e.Value, "key of "+name, []string{"value", "values", "min", "max", "distribution"}, nil)
	value, hasValue := keys["value"]
	values, hasValues := keys["values"]
	_, hasMin := keys["min"]
	_, hasMax := keys["max"]
	spread, hasSpread := keys["distribution"]
	var given distribution // "": none, or one that is not known
	if hasSpread {
		given = r.readDistribution(spread)
	}
	switch {
	case hasValue && hasValues, hasValue && (hasMin || hasMax), hasValues && (hasMin || hasMax):
		r.Fault(e.Key, "%s has more than one of value, values, and min and max; leave one", name)
	case hasValue && hasSpread:
		r.Fault(spread.Key, "%s has one value, so there is nothing to distribute; leave distribution out", name)
	case hasValue:
		if v, ok := r.value(value.Value, p); ok {
			c.values = []results.Value{v}
		}
	case hasValues && given != categorical && given != "":
		r.Fault(spread.Value, "distribution is %s, but values are categorical; give min and max instead, or leave distribution out", given)
	case hasValues:
		c.distribution = categorical
		r.readValues(p, c, values)
	case hasMin && hasMax:
		r.readRange(p, c, keys, given)
	case hasMin || hasMax:
		r.Fault(e.Key, "%s needs both min and max", name)
	case len(e.Value.Entries) == len(keys):
		r.Fault(e.Value, "%s has no value; write value, values, or min and max", name)
	}
	return c
}

func (r *reader) readDistribution(e yamlfile.Entry) distribution {
	word, ok := r.Word(e)
	if !ok {
		return ""
	}
	if word == "log_uniform" {
		// Other tools have it, with exponents for ends, so it must not pass for a
		// misspelt log_uniform_values.
		r.Fault(e.Value, "distribution log_uniform is not known here; use log_uniform_values, whose min and max are the values themselves")
		return ""
	}
	if !slices.Contains(distributions, word) {
		r.Unknown(e.Value, "distribution", distributions)
		return ""
	}
	return distribution(word)
}

func (r *reader) readValues(p int, c *choice, e yamlfile.Entry) {
	name := r.file.schema[p].Name
	if e.Value.Kind != yamlfile.List {
		r.Fault(e.Value, "values of %s is %s, but must be a list such as [1, 2, 3]", name, e.Value.Describe())
		return
	}
	if len(e.Value.Items) == 0 {
		r.Fault(e.Value, "values of %s is an empty list; name at least one value", name)
		return
	}
	c.values = c.values[:0]
	for _, item := range e.Value.Items {
		// A value that is wrong keeps its place, so that values which move with
		// others are not miscounted for it.
		v, _ := r.value(item, p)
		c.values = append(c.values, v)
		c.places = append(c.places, item)
	}
}

// readRange reads min and max, with the distribution that was given or the one
// that goes with the parameter: every whole number for whole ones, evenly over
// the range for others. After a fault the choice stays as it was, so that it is
// not counted or described as the range that it names.
func (r *reader) readRange(p int, c *choice, keys map[string]yamlfile.Entry, given distribution) {
	d := r.file.column(p)
	if !d.numeric() {
		r.Fault(keys["min"].Key, "%s is no number, so it has no min and max; write values", d.Name)
		return
	}
	spread, hasSpread := keys["distribution"]
	if !hasSpread {
		given = uniform
		if d.whole() {
			given = intUniform
		}
	}
	ends := [2]float64{}
	for i, key := range []string{"min", "max"} {
		e := keys[key]
		if given == intUniform && !d.whole() {
			if _, err := yamlfile.Whole(e.Value, -train.MaxWhole, train.MaxWhole); err != nil {
				r.Fault(e.Value, "%s of %s %v: int_uniform runs over whole numbers", key, d.Name, err)
				return
			}
		}
		v, err := d.number(e.Value)
		if err != nil {
			r.Fault(e.Value, "%s of %v", key, err)
			return
		}
		ends[i] = v
	}
	low, high := ends[0], ends[1]
	switch {
	case high <= low:
		r.Fault(keys["max"].Value, "max of %s is %s, but must be above min = %s", d.Name, train.NumberText(high), train.NumberText(low))
	case given == categorical:
		r.Fault(spread.Value, "%s is categorical, which needs values; min and max go with uniform, log_uniform_values or int_uniform", d.Name)
	case given == uniform && d.whole():
		r.Fault(spread.Value, "%s is a whole number, so it cannot be uniform over a range; use int_uniform", d.Name)
	case given == logUniform && low <= 0:
		r.Fault(keys["min"].Value, "min of %s is %s, but log_uniform_values needs a min above 0", d.Name, train.NumberText(low))
	case given != "":
		c.distribution, c.min, c.max = given, low, high
	}
}

// value reads one value of a parameter, or returns false after a fault.
func (r *reader) value(v *yamlfile.Node, p int) (results.Value, bool) {
	value, err := r.file.column(p).read(v, r.file.Kind)
	if err != nil {
		r.Fault(v, "%v", err)
		return results.Value{}, false
	}
	return value, true
}
