package spec

import (
	"strings"

	"modspec/engine/train"
)

// Candidates returns how many combinations the grid has or how many draws there
// are, before any is left out.
func (f *File) Candidates() int {
	if f.Method == Random {
		return f.RunCap
	}
	n := 1
	for _, a := range f.axes {
		n *= a.count(f)
	}
	return n
}

// Candidate returns the setting of candidate i, 0 ≤ i < Candidates(). It is a
// function of i alone.
func (f *File) Candidate(i int) train.Setting {
	if f.Method == Random {
		return f.draw(i)
	}
	s := f.defaults.Clone()
	// i in the mixed radix of the axes' counts, the last axis fastest.
	for k := len(f.axes) - 1; k >= 0; k-- {
		count := f.axes[k].count(f)
		for _, p := range f.axes[k].parameters {
			s.Set(p, f.choices[p].value(i%count))
		}
		i /= count
	}
	return s
}

// Model returns the model of candidate i, or the error of a combination that does not
// exist: each value by itself has been checked when the file was read.
func (f *File) Model(i int) (train.Model, error) { return f.Kind.Resolve(f.Candidate(i)) }

// Describe names what a setting gives, for messages: "bits=2 ny=3".
func (f *File) Describe(s train.Setting) string {
	var parts []string
	for p, given := range s.Given {
		if given {
			parts = append(parts, f.schema[p].Name+"="+train.ValueText(s.Values[p]))
		}
	}
	return strings.Join(parts, " ")
}
