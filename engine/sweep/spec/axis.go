package spec

import (
	"slices"

	"modspec/engine/yamlfile"
)

// axis is one dimension of a sweep: a parameter by itself, or several that move
// together.
type axis struct {
	parameters []int // ascending
}

// count returns the number of values on a discrete axis.
func (a axis) count(f *File) int { return f.choices[a.parameters[0]].count() }

// readAxes makes the axes from the parameters and the lists under zip, in the
// order of the kind's parameters: an axis stands where its first parameter does.
// So a file's own order changes neither the order of its points nor its draws.
func (r *reader) readAxes(zips *yamlfile.Node) {
	f := r.file
	zipped := map[int]bool{}
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
		if c != nil && !zipped[p] {
			f.axes = append(f.axes, axis{parameters: []int{p}})
		}
	}
	slices.SortFunc(f.axes, func(a, b axis) int { return a.parameters[0] - b.parameters[0] })
	if r.Good() {
		for _, a := range f.axes {
			r.checkRepeats(a)
		}
	}
}

// checkRepeats refuses a value, or a row of values that move together, that
// stands there twice: it would be trained once, so it is a slip.
func (r *reader) checkRepeats(a axis) {
	f := r.file
	seen := map[string]*yamlfile.Node{}
	for i, place := range f.choices[a.parameters[0]].places {
		s := f.defaults.Clone()
		for _, p := range a.parameters {
			s.Set(p, f.choices[p].value(i))
		}
		text := f.Describe(s)
		if first, twice := seen[text]; twice {
			r.Fault(place, "%s stands here a second time; the first is on line %d, column %d", yamlfile.Shorten(text), first.Line, first.Column)
			continue
		}
		seen[text] = place
	}
}

// readZip reads one list of parameters that move together.
func (r *reader) readZip(list *yamlfile.Node, zipped map[int]bool) {
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
		p := f.schema.Index(item.Text)
		switch {
		case item.Kind != yamlfile.Scalar:
			r.Fault(item, "zip holds %s where the name of a parameter must be", item.Describe())
			return
		case p < 0:
			r.Unknown(item, "parameter", f.schema.Names())
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
		if count := f.choices[p].count(); len(a.parameters) > 0 && count != a.count(f) {
			r.Fault(item, "%s has %d values, but %s, which it moves with, has %d", item.Text, count, list.Items[0].Text, a.count(f))
			return
		}
		a.parameters = append(a.parameters, p)
	}
	slices.Sort(a.parameters)
	f.axes = append(f.axes, a)
}
