package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"time"

	"modspec/engine/regularfile"
	"modspec/engine/results"
)

// submissionFormat counts the forms that submission.json has had.
const submissionFormat = 1

// maxSubmission bounds submission.json, in bytes: an array that was sent takes some
// hundred of them.
const maxSubmission = 16 << 20

// A Submission is what a folder's submission.json says: a sweep, its division
// into shards, and what was sent to the scheduler for it.
type Submission struct {
	Format      int    `json:"format"`
	Name        string `json:"name"`     // of the sweep
	JobName     string `json:"job_name"` // of the arrays; the merges' has -merge behind it
	Fingerprint string `json:"fingerprint"`
	Copies      int    `json:"copies"`
	Shards      int    `json:"shards"`
	AtOnce      int    `json:"at_once,omitempty"` // tasks that may run at the same time
	Backend     string `json:"backend"`
	Sent        []Sent `json:"sent"` // in the order of time
}

// Sent is an array that was sent and the merge behind it.
type Sent struct {
	Time    time.Time `json:"time"`
	Tasks   string    `json:"tasks"`             // as sbatch writes them: 3,7-9; empty if only the merge was sent
	Job     string    `json:"job,omitempty"`     // of the array
	Merge   string    `json:"merge,omitempty"`   // of the merge
	Cluster string    `json:"cluster,omitempty"` // where Slurm has several
}

// has reports whether a shard was among the tasks.
func (s *Sent) has(shard int) bool {
	tasks, err := parseTasks(s.Tasks)
	if err != nil {
		return false
	}
	for _, t := range tasks {
		if t.first <= shard && shard <= t.last {
			return true
		}
	}
	return false
}

// ReadSubmission reads a folder's submission. The error wraps fs.ErrNotExist if
// the folder was never submitted.
func ReadSubmission(dir string) (*Submission, error) {
	path := filepath.Join(dir, SubmissionName)
	data, err := regularfile.Read(path, maxSubmission)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s was not submitted to a cluster: it has no %s: %w", dir, SubmissionName, fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	s := &Submission{}
	if err := json.Unmarshal(data, s); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if s.Format != submissionFormat {
		return nil, fmt.Errorf("%s has form number %d, but this version reads form %d only; use the version of modspec that wrote it", path, s.Format, submissionFormat)
	}
	if s.Shards < 1 || s.Shards > s.Copies || s.JobName == "" {
		return nil, fmt.Errorf("%s has %d shards of %d copies under the name %q, which no submission has; restore it from a copy", path, s.Shards, s.Copies, s.JobName)
	}
	return s, nil
}

// CheckSweep returns an error if a folder was submitted for another sweep than that
// with the fingerprint: then its sweep file was changed after it was submitted.
// Folders that were never submitted are for any sweep.
func CheckSweep(dir, fingerprint string) error {
	s, err := ReadSubmission(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && s.Fingerprint != fingerprint {
		err = fmt.Errorf("%s was submitted for another sweep than this file's; bring %s back to what it was, or submit the changed one into another folder", dir, SweepName)
	}
	return err
}

func (s *Submission) write(dir string) error {
	return results.WriteFile(filepath.Join(dir, SubmissionName), func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(s)
	})
}
