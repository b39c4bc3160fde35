package sweep

import (
	"slices"
	"strings"

	"modspec/engine/yamlfile"
)

// axis is one dimension of a sweep: a parameter by itself, or several that move
// together.
type axis struct {
	members []parameter // in the table's order
}

// count returns the number of values on a discrete axis.
func (a axis) count(f *File) int { return f.choices[a.members[0]].count() }

// readAxes makes the axes from the parameters and the lists under zip, in the
// order of the table of parameters: an axis stands where its first member does.
// So a file's own order changes neither the order of its points nor its draws.
func (r *reader) readAxes(zips *yamlfile.Node) {
	f := r.file
	zipped := map[parameter]bool{}
	if zips != nil {
		if zips.Kind != yamlfile.List || len(zips.Items) == 0 {
			r.Fault(zips, "zip is %s, but must be a list of lists of parameters, such as [[bits, lr]]", zips.Describe())
			return
		}
		for _, item := range zips.Items {
			r.readZip(item, zipped)
		}
	}
	for p, c := range f.choices {
		if c != nil && !zipped[parameter(p)] {
			f.axes = append(f.axes, axis{members: []parameter{parameter(p)}})
		}
	}
	slices.SortFunc(f.axes, func(a, b axis) int { return int(a.members[0] - b.members[0]) })
	if r.Good() {
		for _, a := range f.axes {
			r.checkRepeats(a)
		}
	}
}

// checkRepeats refuses a value, or a row of values that move together, that
// stands there twice: it would be trained once, so it is a slip.
func (r *reader) checkRepeats(a axis) {
	places := r.file.choices[a.members[0]].places
	seen := map[[parameterCount]Value]*yamlfile.Node{}
	for i, place := range places {
		var s setting
		for _, p := range a.members {
			s.set(p, r.file.choices[p].value(i))
		}
		if first, twice := seen[s.values]; twice {
			r.Fault(place, "%s stands here a second time; the first is on line %d, column %d", yamlfile.Shorten(s.String()), first.Line, first.Column)
			continue
		}
		seen[s.values] = place
	}
}

// readZip reads one list of parameters that move together.
func (r *reader) readZip(list *yamlfile.Node, zipped map[parameter]bool) {
	f := r.file
	if list.Kind != yamlfile.List {
		r.Fault(list, "zip holds %s, but must be a list of lists of parameters, such as [[bits, lr]]", list.Describe())
		return
	}
	if len(list.Items) < 2 {
		r.Fault(list, "a list under zip names the parameters that move together, so at least two")
		return
	}
	var a axis
	for _, item := range list.Items {
		p := parameterByName(item.Text)
		switch {
		case item.Kind != yamlfile.Scalar:
			r.Fault(item, "zip holds %s where the name of a parameter must be", item.Describe())
			return
		case p < 0:
			r.Unknown(item, "parameter", parameterNames)
			return
		case f.choices[p] == nil:
			r.Fault(item, "%s is zipped, but not given under parameters", item.Text)
			return
		case zipped[p]:
			r.Fault(item, "%s is zipped twice; a parameter moves with one list", item.Text)
			return
		case !f.choices[p].discrete() || f.choices[p].distribution == constant:
			r.Fault(item, "%s is zipped, so it needs values (or whole numbers from min to max)", item.Text)
			return
		}
		zipped[p] = true
		if count := f.choices[p].count(); len(a.members) > 0 && count != a.count(f) {
			r.Fault(item, "%s has %d values, but %s, which it moves with, has %d", item.Text, count, list.Items[0].Text, a.count(f))
			return
		}
		a.members = append(a.members, p)
	}
	slices.Sort(a.members)
	f.axes = append(f.axes, a)
}

// setting is a value for each parameter that a file gives.
type setting struct {
	values [parameterCount]Value
	given  [parameterCount]bool
}

func (s *setting) set(p parameter, v Value) { s.values[p], s.given[p] = v, true }

// String names the setting for messages: "bits=2 ny=3".
func (s *setting) String() string {
	var parts []string
	for p, given := range s.given {
		if given {
			parts = append(parts, table[p].name+"="+s.values[p].String())
		}
	}
	return strings.Join(parts, " ")
}

// candidate returns the setting of candidate i, 0 ≤ i < Candidates(). It is a
// function of i alone.
func (f *File) candidate(i int) setting {
	if f.Method == Random {
		return f.draw(i)
	}
	var s setting
	// i in the mixed radix of the axes' counts, the last axis fastest.
	for k := len(f.axes) - 1; k >= 0; k-- {
		count := f.axes[k].count(f)
		for _, p := range f.axes[k].members {
			s.set(p, f.choices[p].value(i%count))
		}
		i /= count
	}
	return s
}
