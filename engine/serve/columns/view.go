package columns

import (
	"fmt"
	"os"
	"path"
	"sort"
	"time"

	"modspec/engine/results"
)

// A View is the table at one moment. It may be read by several goroutines at once.
type View struct {
	Table   *results.Table // its columns
	Version string         // changes when the parts do
	Rows    int

	root    *os.Root
	dir     string
	parts   []*part
	first   []int // number of each part's first row
	columns map[string]*Column
}

// A Column is a column of a view, part by part.
type Column struct {
	Name     string
	Numeric  bool
	Entries  []Entry // what codes stand for; nil where the column is plain numbers
	Segments []Segment
}

// Coded reports whether the column is kept by a dictionary.
func (c *Column) Coded() bool { return c.Entries != nil }

// A Segment is a column's part: codes, or numbers with NaN where there is none.
type Segment struct {
	Codes  []uint16
	Values []float64
}

func (s *Segment) bytes() int64 { return 2*int64(len(s.Codes)) + 8*int64(len(s.Values)) }

// A Row is the place of a row in a view.
type Row struct{ Part, Index int }

// Parts returns the number of parts.
func (v *View) Parts() int { return len(v.parts) }

// PartRows returns the number of rows of a part.
func (v *View) PartRows(part int) int { return v.parts[part].rows }

// PartName returns the name of a part's file, which both tables share.
func (v *View) PartName(part int) string { return v.parts[part].name }

// RunsFile returns the path of a part of the table runs below the root.
func (v *View) RunsFile(part int) string { return path.Join(v.dir, runsFolder, v.parts[part].name) }

// Number returns a row's number in the order of the table.
func (v *View) Number(r Row) int { return v.first[r.Part] + r.Index }

// At is the inverse of Number.
func (v *View) At(number int) Row {
	// Of parts with the same first number all but the last are empty.
	part := sort.SearchInts(v.first, number+1) - 1
	return Row{part, number - v.first[part]}
}

// Column returns a column that the view was made with.
func (v *View) Column(name string) *Column {
	c := v.columns[name]
	if c == nil {
		panic(fmt.Sprintf("columns: the view has no column %q", name))
	}
	return c
}

// Value returns the number in a row; NaN for a text or where there is none.
func (c *Column) Value(r Row) float64 {
	s := &c.Segments[r.Part]
	if s.Codes != nil {
		return c.Entries[s.Codes[r.Index]].Number
	}
	return s.Values[r.Index]
}

// Text returns what is in a row as people write it, "" where there is nothing.
func (c *Column) Text(r Row) string {
	s := &c.Segments[r.Part]
	if s.Codes != nil {
		return c.Entries[s.Codes[r.Index]].Text
	}
	return numberText(s.Values[r.Index])
}

// PartModified returns when a part was written.
func (v *View) PartModified(part int) time.Time { return v.parts[part].modified }
