package spec

import (
	"slices"
	"strings"

	"modspec/engine/names"
	"modspec/engine/number"
	"modspec/engine/results"
	"modspec/engine/train"
	"modspec/engine/yamlfile"
)

// topKeys are the keys that a sweep file of every kind has. Beside them the parameters
// in topParameters, which most sweeps hold fixed, may stand at the top where the kind
// has them.
var (
	topKeys       = []string{"name", "method", "kind", "run_cap", "sampling_seed", "skip_invalid", "seeds", "record", "precision", "zip", "parameters"}
	topParameters = []string{train.StepsParameter, "train_examples"}
)

// whole returns the whole number of an entry, or 0 after a fault.
func whole[T int | uint64](r *reader, e yamlfile.Entry, low, high T) T {
	n, err := yamlfile.Whole(e.Value, low, high)
	if err != nil {
		r.Fault(e.Value, "%s %v", e.Key.Text, err)
	}
	return n
}

// readFile fills in the file from its tree.
func (r *reader) readFile() {
	f, tree := r.file, r.Root
	f.Seeds, f.Schedule, f.Precision = Seeds{Count: 1}, train.Schedule{Every: defaultEvery}, defaultPrecision
	if tree.Kind == yamlfile.Empty {
		r.Fault(nil, "the file is empty; a sweep file needs at least method: grid or method: random")
		return
	}
	if tree.Kind != yamlfile.Mapping {
		r.Fault(tree, "a sweep file is a list of keys such as method: grid, but this is %s", tree.Describe())
		return
	}
	f.at = tree
	if !r.readKind() {
		return
	}
	parameters := f.schema.Names()
	keys := r.Keys(tree, "key", r.top, func(name *yamlfile.Node) bool {
		alias := r.alias(name.Text)
		switch near := names.Nearest(name.Text, parameters); {
		case f.schema.Index(name.Text) >= 0:
			r.Fault(name, "%s is a parameter; write it under parameters:", name.Text)
		case alias != "":
			r.Fault(name, "unknown key %q: it is called %s here, and stands under parameters:", name.Text, alias)
		case r.otherKind(name):
		case near != "" && names.Nearest(name.Text, r.top) == "":
			r.Fault(name, "unknown key %s: did you mean the parameter %s? It stands under parameters:", number.Quote(name.Text), near)
		default:
			return false
		}
		return true
	})
	read := func(key string, reading func(e yamlfile.Entry)) {
		if e, ok := keys[key]; ok {
			reading(e)
		}
	}
	read("name", r.readName)
	if _, ok := keys["method"]; !ok {
		r.Fault(tree, "the method is missing; write method: grid for every combination, or method: random for draws")
	}
	read("method", r.readMethod)
	read("run_cap", func(e yamlfile.Entry) { f.RunCap = whole(r, e, 1, int(1e18)) })
	read("sampling_seed", func(e yamlfile.Entry) { f.SamplingSeed = whole(r, e, 0, maxSeed) })
	read("skip_invalid", r.readSkip)
	read("seeds", r.readSeeds)
	read("record", r.readRecord)
	read("precision", r.readPrecision)
	read("parameters", r.readParameters)
	for _, name := range topParameters {
		read(name, func(e yamlfile.Entry) {
			p := f.schema.Index(name)
			if f.choices[p] != nil {
				r.Fault(e.Key, "%s stands at the top of the file and under parameters; leave one of them out", e.Key.Text)
				return
			}
			if value, ok := r.value(e.Value, p); ok {
				f.choices[p] = &choice{distribution: constant, values: []results.Value{value}, at: e.Key}
			}
		})
	}
	var zips *yamlfile.Node
	read("zip", func(e yamlfile.Entry) { zips = e.Value })
	r.readAxes(zips)
	r.checkMethod(keys)
	r.checkTogether()
}

// readKind finds the kind of the file's networks, before all else: what other keys may
// say depends on it. After a fault it returns false.
func (r *reader) readKind() bool {
	f := r.file
	var known []string
	for _, k := range r.kinds {
		known = append(known, k.Name())
	}
	name := train.DefaultKind
	for _, e := range r.Root.Entries {
		if e.Key.Text != "kind" {
			continue
		}
		word, ok := r.Word(e)
		if ok && !slices.Contains(known, word) {
			r.Unknown(e.Value, "kind", known)
			ok = false
		}
		if !ok {
			return false
		}
		name = word
		break // a second one is a fault of its own
	}
	at := slices.Index(known, name)
	if at < 0 {
		r.Fault(r.Root, "the kind is missing; write kind: and one of %s", strings.Join(known, ", "))
		return false
	}
	f.Kind = r.kinds[at]
	f.schema = f.Kind.Parameters()
	f.choices = make([]*choice, len(f.schema))
	var err error
	if f.defaults, err = train.NewSetting(f.Kind); err != nil {
		r.Fault(r.Root, "%v", err)
		return false
	}
	for _, key := range topKeys {
		r.top = append(r.top, key)
		if key != "seeds" {
			continue
		}
		for _, p := range topParameters {
			if f.schema.Index(p) >= 0 {
				r.top = append(r.top, p)
			}
		}
	}
	return true
}

// alias returns what a parameter is called here that has another name elsewhere, too far
// from its own to be found by spelling, or "".
func (r *reader) alias(name string) string {
	for i := range r.file.schema {
		if slices.Contains(r.file.schema[i].Aliases, name) {
			return r.file.schema[i].Name
		}
	}
	return ""
}

// otherKind reports whether a name is a parameter of another kind alone, after a fault
// that says of which.
func (r *reader) otherKind(name *yamlfile.Node) bool {
	var kinds []string
	for _, k := range r.kinds {
		if k.Parameters().Index(name.Text) >= 0 {
			kinds = append(kinds, k.Name())
		}
	}
	if kinds == nil {
		return false
	}
	r.Fault(name, "%s is a parameter of the kind %s, but the networks of this sweep are of the kind %s; leave it out, or write kind: %s",
		name.Text, strings.Join(kinds, " and of "), r.file.Kind.Name(), kinds[0])
	return true
}

func (r *reader) readName(e yamlfile.Entry) {
	const longest = 100
	name, ok := r.Word(e)
	if ok && len([]rune(name)) > longest {
		r.Fault(e.Value, "name has more than %d characters", longest)
	}
	r.file.Name = name
}

func (r *reader) readMethod(e yamlfile.Entry) {
	word, ok := r.Word(e)
	if !ok {
		return
	}
	r.file.Method = Method(word)
	if r.file.Method != Grid && r.file.Method != Random {
		r.Unknown(e.Value, "method", []string{string(Grid), string(Random)})
	}
}

func (r *reader) readSkip(e yamlfile.Entry) {
	v := e.Value
	if v.Kind != yamlfile.Scalar || v.Quoted || v.Text != "true" && v.Text != "false" {
		r.Fault(v, "skip_invalid is %s, but must be true or false", v.Describe())
		return
	}
	r.file.SkipInvalid = v.Text == "true"
}

func (r *reader) readPrecision(e yamlfile.Entry) {
	word, ok := r.Word(e)
	if !ok {
		return
	}
	r.file.Precision = word
	if !slices.Contains(precisions, word) {
		r.Unknown(e.Value, "precision", precisions)
	}
}

// recordEnds is the schedule of step 0 and the last step alone.
const recordEnds = "ends"

func (r *reader) readRecord(e yamlfile.Entry) {
	v := e.Value
	const forms = "record: {every: 10} for every tenth step, record: {log: 20} for twenty in each tenfold of steps, or record: ends for step 0 and the last"
	if v.Kind == yamlfile.Scalar && v.Text == recordEnds {
		r.file.Schedule = train.Schedule{}
		return
	}
	if v.Kind != yamlfile.Mapping {
		r.Fault(v, "record is %s; write %s", v.Describe(), forms)
		return
	}
	keys := r.Keys(v, "key of record", []string{"every", "log"}, nil)
	every, hasEvery := keys["every"]
	log, hasLog := keys["log"]
	switch {
	case hasEvery && hasLog:
		r.Fault(log.Key, "record has both every and log; leave one of them out")
	case hasEvery:
		r.file.Schedule = train.Schedule{Every: whole(r, every, 1, train.MaxSteps)}
	case hasLog:
		r.file.Schedule = train.Schedule{PerDecade: whole(r, log, 1, maxPerDecade)}
	case r.Good():
		r.Fault(v, "record is empty; write %s", forms)
	}
}

// maxPerDecade bounds recordings in a tenfold of steps: at so many a curve on a
// logarithmic axis is finer than any picture of it.
const maxPerDecade = 10_000

// checkMethod refuses what goes with the other method alone.
func (r *reader) checkMethod(keys map[string]yamlfile.Entry) {
	f := r.file
	if f.Method == Random {
		if _, ok := keys["run_cap"]; !ok {
			r.Fault(keys["method"].Key, "method: random needs a run_cap, the number of points to draw")
		}
		return
	}
	if f.Method != Grid {
		return
	}
	if e, ok := keys["sampling_seed"]; ok {
		r.Fault(e.Key, "sampling_seed is for method: random alone; the seeds of weights are given by seeds")
	}
	for p, c := range f.choices {
		if c == nil {
			continue
		}
		d := f.column(p)
		switch {
		case c.distribution == intUniform && !d.whole() && c.max-c.min >= MaxPoints:
			r.Fault(c.at, "%s runs over %s whole numbers, more than the %d points that one file may have", d.Name, train.NumberText(c.max-c.min+1), MaxPoints)
		case !c.discrete():
			r.Fault(c.at, "%s is drawn from a range (%s), which a grid cannot step through; write values: [%s, …, %s], or use method: random",
				d.Name, c.distribution, train.NumberText(c.min), train.NumberText(c.max))
		}
	}
}

// checkTogether refuses parameters that exclude each other wherever they stand.
func (r *reader) checkTogether() {
	f := r.file
	strict, ok := f.Kind.(train.Strict)
	if !ok {
		return
	}
	for _, c := range strict.Conflicts() {
		one, other := f.schema.Index(c.One), f.schema.Index(c.Other)
		if f.choices[one] != nil && f.choices[other] != nil {
			r.Fault(f.choices[other].at, "%s and %s %s", c.One, c.Other, c.Remedy)
		}
	}
}
