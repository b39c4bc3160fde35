package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"modspec/engine/sweep/space"
	"modspec/engine/sweep/store"
)

// The states of a shard.
const (
	ShardWaiting = "waiting" // the scheduler is still to run it
	ShardRunning = "running" // a process trains it
	ShardDone    = "done"    // its folder, or the merged one, holds all its copies
	ShardFailed  = "failed"  // not done, and nothing will continue it by itself
	ShardUnknown = "unknown" // not done, and the scheduler cannot be asked
)

// The states of a sweep that is trained in shards, besides [ShardWaiting],
// [ShardRunning] and [ShardUnknown]: the first that holds of these, from the top.
const (
	StateDone    = "done"     // the folder itself holds every copy
	StateTrained = "to merge" // every shard is done; the merge is still to come
	StateFailed  = "failed"   // some shards failed and nothing runs or waits any more
)

// A Status is how far a sweep that is trained in shards has come.
type Status struct {
	Name         string        `json:"name"`
	State        string        `json:"state"`
	Scheduler    string        `json:"scheduler,omitempty"` // "slurm", if the sweep was submitted to it
	Copies       int           `json:"copies"`              // of the whole sweep
	Done         int           `json:"done"`                // of them, those that are trained and kept
	Merged       int           `json:"merged"`              // of them, those that the folder itself holds
	Diverged     int           `json:"diverged"`
	NetworkSteps int64         `json:"network_steps"`
	Bytes        int64         `json:"bytes"` // of the shards' tables
	Shards       []ShardStatus `json:"shards"`
	Merge        *MergeStatus  `json:"merge,omitempty"` // of the newest merge that was submitted
	Notes        []string      `json:"notes"`           // what could not be asked, and files that are missing or damaged

	damaged error // of the first shard whose journal cannot be read
}

// A ShardStatus is how far a shard has come: what its journal says, and what the
// scheduler does.
type ShardStatus struct {
	Shard    string   `json:"shard"` // "3/8"
	State    string   `json:"state"`
	Folder   string   `json:"folder"`
	Copies   int      `json:"copies"`
	Done     int      `json:"done"`
	Diverged int      `json:"diverged"`
	Detail   string   `json:"detail,omitempty"`  // why it waits or failed
	Job      string   `json:"job,omitempty"`     // "123_3", the newest that had it
	Slurm    string   `json:"slurm,omitempty"`   // its state in Slurm's words
	Exit     string   `json:"exit,omitempty"`    // exit status and signal, where accounting is on
	Node     string   `json:"node,omitempty"`    //
	Elapsed  string   `json:"elapsed,omitempty"` // of its task, since it was started last
	Log      string   `json:"log,omitempty"`     // if it failed
	LogEnd   []string `json:"log_end,omitempty"` // the last lines of the log

	index int
}

// A MergeStatus is what the scheduler says of a merge.
type MergeStatus struct {
	Job    string   `json:"job"`
	Slurm  string   `json:"slurm,omitempty"`
	Reason string   `json:"reason,omitempty"`
	Log    string   `json:"log,omitempty"` // if it failed
	LogEnd []string `json:"log_end,omitempty"`
}

// Sharded reports whether a folder is one of a sweep in shards: submitted, or
// with folders of shards.
func Sharded(dir string) (bool, error) {
	if _, err := os.Stat(filepath.Join(dir, SubmissionName)); err == nil {
		return true, nil
	}
	list, err := Shards(dir)
	return len(list) > 0, err
}

// ReadStatus joins what the shards' journals say with what the scheduler does, if
// the sweep was submitted to one. A journal that is damaged is a note and no error,
// and so is a scheduler that cannot be asked; accounting that is off is not even
// that. It changes nothing.
func ReadStatus(ctx context.Context, dir string) (*Status, error) {
	s := &Status{Notes: []string{}, Shards: []ShardStatus{}}
	submission, err := ReadSubmission(dir)
	if errors.Is(err, fs.ErrNotExist) {
		submission, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := s.journals(dir, submission); err != nil {
		return nil, err
	}
	if submission != nil {
		s.Scheduler = "slurm"
		s.schedule(ctx, dir, submission)
	}
	s.judge()
	return s, nil
}

// journals fills in what is on the disk: the shards, and the folder they are
// merged in. Shards that have not begun have no folder yet.
func (s *Status) journals(dir string, submission *Submission) error {
	begun, err := Shards(dir)
	if err != nil {
		return err
	}
	shards := 0
	switch {
	case submission != nil:
		s.Name, s.Copies, shards = submission.Name, submission.Copies, submission.Shards
		if len(begun) > 0 && begun[0].Count != shards {
			return fmt.Errorf("%s was submitted in %d shards, but holds shards of %d; move them away", dir, shards, begun[0].Count)
		}
	case len(begun) > 0:
		shards = begun[0].Count
	}
	folders := make([]*store.Status, shards)
	for _, shard := range begun {
		status, err := store.ReadStatus(ShardFolder(dir, shard))
		switch {
		case errors.Is(err, fs.ErrNotExist): // made, but not begun
			continue
		case err != nil:
			// One damaged shard must not hide the others.
			s.Notes = append(s.Notes, err.Error())
			if s.damaged == nil {
				s.damaged = err
			}
			continue
		}
		folders[shard.Index-1] = &status
		s.Name, s.Copies = status.Name, status.Copies
		s.Notes = append(s.Notes, status.Problems...)
	}
	merged, err := store.ReadStatus(dir)
	switch {
	case err == nil:
		s.Name, s.Copies, s.Merged = merged.Name, merged.Copies, merged.Done
		s.Notes = append(s.Notes, merged.Problems...)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	for i, folder := range folders {
		s.add(dir, space.Shard{Index: i + 1, Count: shards}, folder)
	}
	if s.Merged > s.Done {
		// Shards may be removed once they are merged.
		s.Done, s.Diverged, s.NetworkSteps = s.Merged, merged.Diverged, merged.NetworkSteps
	}
	return nil
}

// add takes one shard in, by its journal alone. folder is nil if it has none.
func (s *Status) add(dir string, shard space.Shard, folder *store.Status) {
	state := ShardStatus{
		Shard: shard.String(), State: ShardUnknown, Folder: ShardFolder(dir, shard), Copies: shard.Of(s.Copies),
		Detail: "not begun", index: shard.Index,
	}
	if shard.Count < 2 {
		state.Shard = fmt.Sprintf("%d/%d", shard.Index, shard.Count)
	}
	if folder != nil {
		state.Done, state.Diverged, state.Detail = folder.Done, folder.Diverged, folder.State
		if folder.Reason != "" {
			state.Detail += ": " + folder.Reason
		}
		if folder.State == store.StateRunning {
			state.State, state.Detail = ShardRunning, folder.Process
		}
		s.Done += folder.Done
		s.Diverged += folder.Diverged
		s.NetworkSteps += folder.NetworkSteps
		s.Bytes += folder.Bytes
	}
	if state.Done == state.Copies || s.Copies > 0 && s.Merged == s.Copies {
		state.State, state.Done, state.Detail = ShardDone, state.Copies, ""
	}
	s.Shards = append(s.Shards, state)
}

// judge derives the state of the sweep from those of the shards.
func (s *Status) judge() {
	count := map[string]int{}
	for i := range s.Shards {
		count[s.Shards[i].State]++
	}
	switch {
	case s.Copies > 0 && s.Merged == s.Copies:
		s.State = StateDone
	case count[ShardRunning] > 0:
		s.State = ShardRunning
	case count[ShardWaiting] > 0:
		s.State = ShardWaiting
	case count[ShardFailed] > 0:
		s.State = StateFailed
	case count[ShardUnknown] > 0:
		s.State = ShardUnknown
	default:
		s.State = StateTrained
	}
}
