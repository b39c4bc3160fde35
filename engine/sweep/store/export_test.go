package store

import (
	"slices"
	"strings"

	"modspec/engine/results"
)

// What tests with a runner, which are outside of this package, see of its inside.

// A Record is what a journal tells.
type Record = record

const (
	JournalName = journalName
	PartKey     = partKey
	QuietTime   = quietTime
)

var (
	ReadJournal = readJournal
	SameProcess = sameProcess
	DamagedName = damagedName
	PartName    = partName
	PartPath    = partPath
)

func (r *record) Sweep() Sweep                    { return *r.sweep }
func (r *record) Processes() []results.Provenance { return r.sessions }

// PartsByName returns the parts, however they were finished.
func (r *record) PartsByName() []part {
	return slices.SortedFunc(slices.Values(r.parts), func(a, b part) int { return strings.Compare(a.Name, b.Name) })
}
