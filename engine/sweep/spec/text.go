package spec

import (
	"fmt"
	"strconv"
	"strings"

	"modspec/engine/train"
)

// Text returns the file in its one canonical form: a sweep file again, with every
// key that has a default, parameters in the order of the kind's, one a line,
// without comments. Two files that mean the same have the same text, so comparing lines
// shows what changed in meaning, and nothing else.
func (f *File) Text() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("name: %s", strconv.Quote(f.Name))
	if name := f.Kind.Name(); name != train.DefaultKind {
		line("kind: %s", name)
	}
	line("method: %s", f.Method)
	if f.RunCap > 0 {
		line("run_cap: %d", f.RunCap)
	}
	if f.Method == Random {
		line("sampling_seed: %d", f.SamplingSeed)
	}
	line("skip_invalid: %t", f.SkipInvalid)
	line("seeds: %v", f.Seeds)
	line("record: %s", recordText(f.Schedule))
	line("precision: %s", f.Precision)
	var zips []string
	for _, a := range f.axes {
		if len(a.parameters) > 1 {
			zips = append(zips, "["+strings.Join(f.parameterNames(a), ", ")+"]")
		}
	}
	if zips != nil {
		line("zip: [%s]", strings.Join(zips, ", "))
	}
	line("parameters:")
	for p, c := range f.choices {
		if c != nil {
			line("  %s: %s", f.schema[p].Name, c.text(f.column(p)))
		}
	}
	return b.String()
}

// Terms are what a sweep fixes beside its points: seeds, schedule, precision.
func (f *File) Terms() string {
	return fmt.Sprintf("seeds=%v\nrecord=%v\nprecision=%s\n", f.Seeds, recordText(f.Schedule), f.Precision)
}

// KindOf returns the kind of a sweep from its [File.Text].
func KindOf(text string) string {
	for line := range strings.Lines(text) {
		if name, ok := strings.CutPrefix(line, "kind: "); ok {
			return strings.TrimSpace(name)
		}
	}
	return train.DefaultKind
}

func (f *File) parameterNames(a axis) []string {
	names := make([]string, len(a.parameters))
	for i, p := range a.parameters {
		names[i] = f.schema[p].Name
	}
	return names
}

func recordText(s train.Schedule) string {
	switch {
	case s.Every > 0:
		return fmt.Sprintf("{every: %d}", s.Every)
	case s.PerDecade > 0:
		return fmt.Sprintf("{log: %d}", s.PerDecade)
	}
	return recordEnds
}

// text writes a choice as the body of a parameter.
func (c *choice) text(d column) string {
	switch c.distribution {
	case constant:
		return fmt.Sprintf("{value: %s}", d.text(c.values[0]))
	case categorical:
		parts := make([]string, len(c.values))
		for i, v := range c.values {
			parts[i] = d.text(v)
		}
		return fmt.Sprintf("{values: [%s]}", strings.Join(parts, ", "))
	}
	return fmt.Sprintf("{min: %s, max: %s, distribution: %s}", train.NumberText(c.min), train.NumberText(c.max), c.distribution)
}
