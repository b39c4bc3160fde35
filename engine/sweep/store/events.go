package store

import (
	"fmt"
	"time"

	"modspec/engine/results"
	"modspec/engine/sweep/numberset"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/spec"
)

// journalFormat counts the forms that the journal has had.
const journalFormat = 1

// The events of a journal.
const (
	beginEvent     = "begin"     // the folder was made for a sweep
	resumeEvent    = "resume"    // a later process goes on
	partEvent      = "part"      // a part is whole, synced and in its place
	dropEvent      = "drop"      // a part that was whole is no longer there
	failEvent      = "fail"      // a job could not be run
	interruptEvent = "interrupt" // the process ends before the sweep does
	doneEvent      = "done"      // every copy is in a part
)

// An event is a line of the journal. Every kind has its own of the fields that
// may be missing. In the footer of a part's file the event of the part has those of
// "begin" too, so that the journal can be rebuilt from it.
type event struct {
	Event      string              `json:"event"`
	Time       time.Time           `json:"time"`
	Format     int                 `json:"format,omitempty"`     // begin
	Sweep      *Sweep              `json:"sweep,omitempty"`      // begin
	Shard      *space.Shard        `json:"shard,omitempty"`      // begin, resume
	Provenance *results.Provenance `json:"provenance,omitempty"` // begin, resume
	Part       *part               `json:"part,omitempty"`       // part
	Name       string              `json:"name,omitempty"`       // drop: of the part
	Copies     []numberset.Stretch `json:"copies,omitempty"`     // fail
	Reason     string              `json:"reason,omitempty"`     // drop, fail, interrupt
	Seconds    results.Number      `json:"seconds,omitempty"`    // interrupt, done: how long the process trained and wrote
}

// A Sweep is what a folder is for: it stays the same from the first process that
// works in the folder to the last.
type Sweep struct {
	Name string `json:"name"`
	// Fingerprint names what is trained and recorded, however the file is written.
	Fingerprint string `json:"fingerprint"`
	// Text is the resolved sweep file.
	Text      string `json:"text"`
	Copies    int    `json:"copies"` // in the whole sweep
	Precision string `json:"precision"`
	Backend   string `json:"backend"` // its name: two backends differ in the last bits
	// Trajectories says whether the table trajectories is written.
	Trajectories bool `json:"trajectories"`
}

// SweepOf returns what a folder of a space's results is for.
func SweepOf(s *space.Space, trajectories bool) Sweep {
	return Sweep{
		Name: s.File.Name, Fingerprint: s.Fingerprint(), Text: s.File.Text(),
		Copies: s.Copies(), Precision: s.File.Precision, Trajectories: trajectories,
	}
}

// A part is what the journal knows of a pair of files, one of runs and one of
// trajectories, that hold the same copies.
type part struct {
	Name         string              `json:"name"`   // "part-000001"
	Copies       []numberset.Stretch `json:"copies"` // their numbers
	IDs          string              `json:"ids"`    // SHA-256 of their ids in the order of their numbers
	Rows         int                 `json:"rows"`   // of runs, one a copy
	NetworkSteps int64               `json:"network_steps"`
	Diverged     int                 `json:"diverged"`
	Runs         partFile            `json:"runs"`
	Trajectories *partFile           `json:"trajectories,omitempty"`
}

// A partFile is one file of a part.
type partFile struct {
	Bytes  int64  `json:"bytes"`
	Rows   int    `json:"rows"`
	SHA256 string `json:"sha256"`
}

// A record is what a journal contains, up to its end.
type record struct {
	sweep    *Sweep // nil before the first event
	began    time.Time
	shards   []space.Shard // of each process
	sessions []results.Provenance
	parts    []part // in the order in which they were finished, without dropped ones
	done     numberset.Set
	lastPart int // the largest number of a part ever
	failures int // jobs that failed in the last process
	failure  string
	last     event
}

// apply takes the next event in. It returns an error if the event cannot follow
// the ones before it, which no process of this program would have written.
func (r *record) apply(e event) error {
	if r.sweep == nil {
		return r.begin(e)
	}
	r.last = e
	switch e.Event {
	case beginEvent:
		// Two processes began at once, on a file system without locks: damage, of which
		// the folder can be rebuilt, and not another version's journal.
		return fmt.Errorf("event %q is there twice", e.Event)
	case resumeEvent:
		if e.Provenance == nil || e.Shard == nil {
			return fmt.Errorf("event %q lacks its shard or its provenance", e.Event)
		}
		r.enter(e)
	case partEvent:
		if e.Part == nil {
			return fmt.Errorf("event %q lacks the part", e.Event)
		}
		return r.add(*e.Part)
	case dropEvent:
		return r.drop(e.Name, e.Reason)
	case failEvent:
		r.failures++
		r.failure = e.Reason
	case interruptEvent, doneEvent:
		if e.Seconds > 0 {
			r.sessions[len(r.sessions)-1].Seconds = e.Seconds
		}
	default:
		return &versionError{fmt.Sprintf("event %q is unknown", e.Event)}
	}
	return nil
}

func (r *record) begin(e event) error {
	switch {
	case e.Event != beginEvent:
		return fmt.Errorf("the first event is %q, but must be %q", e.Event, beginEvent)
	case e.Format != journalFormat:
		return &versionError{fmt.Sprintf("its form is number %d, but this version reads form %d only", e.Format, journalFormat)}
	case e.Sweep == nil || e.Provenance == nil || e.Shard == nil:
		return fmt.Errorf("event %q lacks the sweep, its shard or its provenance", e.Event)
	case e.Sweep.Copies < 0 || e.Sweep.Copies > spec.MaxCopies:
		return fmt.Errorf("the sweep has %d copies, but can have 0 to %d", e.Sweep.Copies, spec.MaxCopies)
	}
	r.sweep, r.began, r.last = e.Sweep, e.Time, e
	r.enter(e)
	return nil
}

func (r *record) enter(e event) {
	r.sessions = append(r.sessions, *e.Provenance)
	r.shards = append(r.shards, *e.Shard)
	r.failures, r.failure = 0, ""
}

func (r *record) add(p part) error {
	number, ok := partNumber(p.Name)
	if !ok {
		return fmt.Errorf("the part is called %q, not like %s", p.Name, partName(1))
	}
	count := 0
	for _, s := range p.Copies {
		if s.Last >= r.sweep.Copies {
			return fmt.Errorf("%s has copy %d, but the sweep has %d", p.Name, s.Last, r.sweep.Copies)
		}
		count += s.Len()
	}
	if count != p.Rows || p.Rows != p.Runs.Rows {
		return fmt.Errorf("%s has %d rows for %d copies", p.Name, p.Runs.Rows, count)
	}
	if (p.Trajectories != nil) != r.sweep.Trajectories {
		return fmt.Errorf("%s and the sweep do not agree on whether there are trajectories", p.Name)
	}
	for i := range r.parts {
		if r.parts[i].Name == p.Name {
			return fmt.Errorf("%s is there twice", p.Name)
		}
	}
	if again := r.done.First(p.Copies); again >= 0 {
		return fmt.Errorf("%s has copy %d, which an earlier part has too", p.Name, again)
	}
	if again := r.done.AddAll(p.Copies); again >= 0 {
		r.done.Remove(p.Copies)
		return fmt.Errorf("%s has copy %d twice", p.Name, again)
	}
	r.parts = append(r.parts, p)
	r.lastPart = max(r.lastPart, number)
	return nil
}

func (r *record) drop(name, reason string) error {
	for i := range r.parts {
		if r.parts[i].Name == name {
			r.done.Remove(r.parts[i].Copies)
			r.parts = append(r.parts[:i:i], r.parts[i+1:]...)
			return nil
		}
	}
	return fmt.Errorf("part %q is dropped (%s), but is not there", name, reason)
}

// doneOf returns how many copies of a shard are in parts.
func (r *record) doneOf(s space.Shard) int {
	if s.Count < 2 {
		return r.done.Len()
	}
	count := 0
	for n := s.Index - 1; n < r.sweep.Copies; n += s.Count {
		if r.done.Has(n) {
			count++
		}
	}
	return count
}

// totals returns the network-steps of all copies in parts, and how many of them diverged.
func (r *record) totals() (networkSteps int64, diverged int) {
	for i := range r.parts {
		networkSteps += r.parts[i].NetworkSteps
		diverged += r.parts[i].Diverged
	}
	return networkSteps, diverged
}

// finished reports whether every copy of a shard is in a part.
func (r *record) finished(s space.Shard) bool { return r.doneOf(s) == s.Of(r.sweep.Copies) }
