package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"modspec/engine/lock"
	"modspec/engine/results"
)

// The states of a folder.
const (
	StateRunning     = "running"     // a process works in it
	StateDone        = "done"        // it holds every copy of the sweep
	StateShardDone   = "shard done"  // it holds every copy of the shard that was run last
	StateInterrupted = "interrupted" // a process ended before the sweep did, and said so
	StateKilled      = "killed"      // a process ended without a last event
)

// A Status is what can be said of a folder without reading its tables.
type Status struct {
	Name         string               `json:"name"`
	State        string               `json:"state"`
	Process      string               `json:"process,omitempty"` // at work now
	Fingerprint  string               `json:"fingerprint"`
	Text         string               `json:"-"` // the resolved sweep file
	Backend      string               `json:"backend"`
	Precision    string               `json:"precision"`
	Shard        string               `json:"shard"`    // that was run last
	Copies       int                  `json:"copies"`   // of the whole sweep
	Done         int                  `json:"done"`     // that the folder holds
	Diverged     int                  `json:"diverged"` // of Done
	NetworkSteps int64                `json:"network_steps"`
	Failed       int                  `json:"failed"`           // jobs of the last process
	Reason       string               `json:"reason,omitempty"` // why the last process ended, or its last failure
	Parts        int                  `json:"parts"`
	Bytes        int64                `json:"bytes"` // of the tables
	Began        time.Time            `json:"began"`
	Last         time.Time            `json:"last"`     // of the journal's last event
	Problems     []string             `json:"problems"` // files that are missing, of the wrong length or left over
	Processes    []results.Provenance `json:"processes"`
}

// ReadStatus returns how far a folder has come, from its journal and the lengths of
// its files. It changes nothing and may be called while a process works there. It
// does not notice a flipped byte; [Digest] does.
func ReadStatus(dir string) (Status, error) {
	// The lock is looked at first: a process that ends in between has then written its
	// last event before the journal is read.
	running, process := lock.InUse(dir)
	r, err := readJournal(dir)
	if err != nil {
		return Status{}, err
	}
	shard := r.shards[len(r.shards)-1]
	s := Status{
		Name: r.sweep.Name, Fingerprint: r.sweep.Fingerprint, Text: r.sweep.Text, Backend: r.sweep.Backend, Precision: r.sweep.Precision,
		Shard: shard.String(), Copies: r.sweep.Copies, Done: r.done.Len(), Failed: r.failures, Reason: r.failure,
		Parts: len(r.parts), Began: r.began, Last: r.last.Time, Problems: []string{}, Processes: r.sessions,
	}
	if r.last.Event == interruptEvent {
		s.Reason = r.last.Reason
	}
	switch {
	case running:
		s.State, s.Process = StateRunning, process
	case r.done.Len() == r.sweep.Copies:
		s.State = StateDone
	case r.last.Event == interruptEvent:
		s.State = StateInterrupted
	case r.finished(shard):
		s.State = StateShardDone
	default:
		s.State = StateKilled
	}
	s.NetworkSteps, s.Diverged = r.totals()
	for i := range r.parts {
		p := &r.parts[i]
		for _, f := range p.files() {
			s.Bytes += f.Bytes
			if err := f.length(partPath(dir, f.table, p.Name)); err != nil {
				s.Problems = append(s.Problems, err.Error())
			}
		}
	}
	if running { // then there are files on their way
		return s, nil
	}
	if _, err := results.ReadManifest(filepath.Join(dir, results.ManifestName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.Problems = append(s.Problems, err.Error())
	}
	left, err := strays(dir, r)
	if err != nil {
		return s, err
	}
	for _, path := range left {
		s.Problems = append(s.Problems, fmt.Sprintf("%s was not finished; the next run removes it", path))
	}
	return s, nil
}

// length compares a file's length with the journal. The error wraps fs.ErrNotExist if
// there is no file, and is a [damagedError] if its length is another.
func (f *partFile) length(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: %w; the next run trains its copies again", path, unwrapPath(err))
	case err != nil:
		return err
	case info.Size() != f.Bytes:
		return damaged(path, fmt.Sprintf("it has %d bytes, but was written with %d", info.Size(), f.Bytes))
	}
	return nil
}
