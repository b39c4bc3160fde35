package sweep

import (
	"slices"

	"modspec/engine/train"
)

// topKeys are the keys of a sweep file. steps and train_examples are parameters
// that most sweeps hold fixed, so they may stand at the top too.
var topKeys = []string{"name", "method", "run_cap", "sampling_seed", "skip_invalid", "seeds", "steps", "train_examples", "record", "precision", "zip", "parameters"}

// readFile fills in the file from its tree.
func (r *reader) readFile(tree *node) {
	f := r.file
	f.Seeds, f.Schedule, f.Precision = Seeds{Count: 1}, train.Schedule{Every: defaultEvery}, defaultPrecision
	if tree == nil || tree.kind == emptyNode {
		r.fault(nil, "the file is empty; a sweep file needs at least method: grid or method: random")
		return
	}
	if tree.kind != mappingNode {
		r.fault(tree, "a sweep file is a list of keys such as method: grid, but this is %s", describe(tree))
		return
	}
	f.at = tree
	keys := r.keys(tree, "key", topKeys, func(name *node) bool {
		if parameterByName(name.text) < 0 {
			return false
		}
		r.fault(name, "%s is a parameter; write it under parameters:", name.text)
		return true
	})
	read := func(key string, reading func(at, value *node)) {
		if e, ok := keys[key]; ok {
			reading(e.key, e.value)
		}
	}
	read("name", r.readName)
	if _, ok := keys["method"]; !ok {
		r.fault(tree, "the method is missing; write method: grid for every combination, or method: random for draws")
	}
	read("method", r.readMethod)
	read("run_cap", func(at, v *node) { f.RunCap = int(r.whole(at, v, 1, 1e18)) })
	read("sampling_seed", func(at, v *node) { f.SamplingSeed = uint64(r.whole(at, v, 0, maxSeed)) })
	read("skip_invalid", r.readSkip)
	read("seeds", r.readSeeds)
	read("record", r.readRecord)
	read("precision", r.readPrecision)
	read("parameters", r.readParameters)
	for _, p := range []parameter{stepsParameter, trainExamplesParameter} {
		read(table[p].name, func(at, v *node) {
			if f.choices[p] != nil {
				r.fault(at, "%s stands at the top of the file and under parameters; leave one of them out", at.text)
				return
			}
			if value, ok := r.value(v, p); ok {
				f.choices[p] = &choice{distribution: constant, values: []Value{value}, at: at}
			}
		})
	}
	var zips *node
	read("zip", func(_, v *node) { zips = v })
	r.readAxes(zips)
	r.checkMethod(keys)
	r.checkTogether()
}

// keys returns the entries of a mapping by name, after refusing keys that are
// unknown or stand there twice. known may explain a key better than a list of
// the names that are.
func (r *reader) keys(n *node, what string, names []string, known func(*node) bool) map[string]entry {
	found := map[string]entry{}
	for _, e := range n.entries {
		name := e.key.text
		if first, twice := found[name]; twice {
			r.fault(e.key, "%s stands here a second time; the first is on line %d", quote(name), first.key.line)
			continue
		}
		if !slices.Contains(names, name) {
			if known == nil || !known(e.key) {
				r.unknown(e.key, what, names)
			}
			continue
		}
		found[name] = e
	}
	return found
}

// describe says what a node is, in words for people.
func describe(n *node) string {
	switch n.kind {
	case listNode:
		return "a list"
	case mappingNode:
		return "a mapping of keys"
	case emptyNode:
		return "empty"
	}
	if n.quoted {
		return "the text " + quote(n.text)
	}
	return shorten(n.text)
}

// word returns the text of a scalar, or false after a fault.
func (r *reader) word(at, v *node) (string, bool) {
	if v.kind != scalarNode {
		r.fault(v, "%s is %s, but must be a word", at.text, describe(v))
		return "", false
	}
	return v.text, true
}

func (r *reader) readName(at, v *node) {
	const longest = 100
	name, ok := r.word(at, v)
	if ok && len([]rune(name)) > longest {
		r.fault(v, "name has more than %d characters", longest)
	}
	r.file.Name = name
}

func (r *reader) readMethod(at, v *node) {
	word, ok := r.word(at, v)
	if !ok {
		return
	}
	r.file.Method = Method(word)
	if r.file.Method != Grid && r.file.Method != Random {
		r.unknown(v, "method", []string{string(Grid), string(Random)})
	}
}

func (r *reader) readSkip(at, v *node) {
	if v.kind != scalarNode || v.quoted || v.text != "true" && v.text != "false" {
		r.fault(v, "skip_invalid is %s, but must be true or false", describe(v))
		return
	}
	r.file.SkipInvalid = v.text == "true"
}

func (r *reader) readPrecision(at, v *node) {
	word, ok := r.word(at, v)
	if !ok {
		return
	}
	r.file.Precision = word
	if !slices.Contains(Precisions, word) {
		r.unknown(v, "precision", Precisions)
	}
}

// recordEnds is the schedule of step 0 and the last step alone.
const recordEnds = "ends"

func (r *reader) readRecord(at, v *node) {
	const forms = "record: {every: 10} for every tenth step, record: {log: 20} for twenty in each tenfold of steps, or record: ends for step 0 and the last"
	if v.kind == scalarNode && v.text == recordEnds {
		r.file.Schedule = train.Schedule{}
		return
	}
	if v.kind != mappingNode {
		r.fault(v, "record is %s; write %s", describe(v), forms)
		return
	}
	keys := r.keys(v, "key of record", []string{"every", "log"}, nil)
	every, hasEvery := keys["every"]
	log, hasLog := keys["log"]
	switch {
	case hasEvery && hasLog:
		r.fault(log.key, "record has both every and log; leave one of them out")
	case hasEvery:
		r.file.Schedule = train.Schedule{Every: int(r.whole(every.key, every.value, 1, MaxSteps))}
	case hasLog:
		r.file.Schedule = train.Schedule{PerDecade: int(r.whole(log.key, log.value, 1, maxPerDecade))}
	case len(r.faults) == 0:
		r.fault(v, "record is empty; write %s", forms)
	}
}

// maxPerDecade bounds recordings in a tenfold of steps: at so many a curve on a
// logarithmic axis is finer than any picture of it.
const maxPerDecade = 10_000

// checkMethod refuses what goes with the other method alone.
func (r *reader) checkMethod(keys map[string]entry) {
	f := r.file
	if f.Method == Random {
		if _, ok := keys["run_cap"]; !ok {
			r.fault(keys["method"].key, "method: random needs a run_cap, the number of points to draw")
		}
		return
	}
	if f.Method != Grid {
		return
	}
	if e, ok := keys["sampling_seed"]; ok {
		r.fault(e.key, "sampling_seed is for method: random alone; the seeds of weights are given by seeds")
	}
	for p, c := range f.choices {
		if c == nil {
			continue
		}
		d := &table[p]
		switch {
		case c.distribution == intUniform && !d.whole() && c.max-c.min >= MaxPoints:
			r.fault(c.at, "%s runs over %s whole numbers, more than the %d points that one file may have", d.name, number(c.max-c.min+1), MaxPoints)
		case !c.discrete():
			r.fault(c.at, "%s is drawn from a range (%s), which a grid cannot step through; write values: [%s, …, %s], or use method: random",
				d.name, c.distribution, number(c.min), number(c.max))
		}
	}
}

// checkTogether refuses parameters that exclude each other wherever they stand.
func (r *reader) checkTogether() {
	f := r.file
	if f.choices[archParameter] != nil && f.choices[modulesParameter] != nil {
		r.fault(f.choices[modulesParameter].at, "arch and modules both name an architecture; leave one of them out (a dense network as modules is both>both)")
	}
	for _, p := range []struct{ rows, count parameter }{{inputBitsParameter, nxParameter}, {outputBitsParameter, nyParameter}} {
		if f.choices[p.rows] != nil && f.choices[p.count] != nil {
			r.fault(f.choices[p.count].at, "%s and %s both say how many bits there are; leave %s out", table[p.rows].name, table[p.count].name, table[p.count].name)
		}
	}
}
