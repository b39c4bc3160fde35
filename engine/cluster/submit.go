package cluster

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"modspec/engine/results"
)

// NewMark returns a mark for [JobName] that no other submission has.
func NewMark() string {
	var b [4]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// Submit writes a sweep's batch scripts into a new folder of results, beside the
// sweep file, and sends the array and the merge behind it. text is the sweep
// file's, fingerprint names what it means.
//
// When something fails the error says what was sent by then.
func Submit(ctx context.Context, dir string, a *Array, text []byte, fingerprint string) (*Submission, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	if err := CheckFolder(dir); err != nil {
		return nil, err
	}
	array, err := a.ArrayScript()
	if err != nil {
		return nil, err
	}
	merge, err := a.MergeScript()
	if err != nil {
		return nil, err
	}
	for _, folder := range []string{LogsName, ShardsName} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o777); err != nil {
			return nil, err
		}
	}
	s := &Submission{
		Format: submissionFormat, Name: a.Name, JobName: a.JobName, Fingerprint: fingerprint,
		Copies: a.Copies, Shards: a.Shards, AtOnce: a.AtOnce, Backend: a.Backend, Sent: []Sent{},
	}
	for _, file := range []struct{ name, text string }{{SweepName, string(text)}, {ArrayName, array}, {MergeName, merge}} {
		if err := writeText(filepath.Join(dir, file.name), file.text); err != nil {
			return nil, err
		}
	}
	// Known before anything is sent, so that jobs are found by their name even if this
	// process ends before it records their numbers.
	if err := s.write(dir); err != nil {
		return nil, err
	}
	all := []int{}
	for i := 1; i <= a.Shards; i++ {
		all = append(all, i)
	}
	if err := s.send(ctx, dir, taskList(all), nil, nil); err != nil {
		var refused *exec.ExitError
		if len(s.Sent) == 0 && ctx.Err() == nil && (errors.As(err, &refused) || errors.Is(err, exec.ErrNotFound)) {
			// Slurm did not take it: the corrected command can use the same folder.
			os.Remove(filepath.Join(dir, SubmissionName))
		}
		return s, err
	}
	return s, nil
}

func writeText(path, text string) error {
	return results.WriteFile(path, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// CheckFolder returns an error if a sweep cannot be submitted into a folder: one
// that holds results already, or whose path Slurm would rewrite.
func CheckFolder(dir string) error {
	path, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // which is what sbatch takes for the folder it is called in
	}
	if at := strings.IndexAny(path, `%\`); at >= 0 {
		return fmt.Errorf("the folder's path %q has a %q, which Slurm replaces in the names of logs; choose a folder without", path, path[at])
	}
	for _, name := range []string{SubmissionName, "journal.jsonl", ShardsName} {
		switch entries, err := os.ReadDir(filepath.Join(dir, name)); {
		case err == nil && len(entries) == 0, errors.Is(err, fs.ErrNotExist): // nothing, or an empty folder
		case name == SubmissionName:
			return fmt.Errorf("%s was submitted already: modspec sweep resubmit sends what is missing of it; for another sweep choose another folder", dir)
		default:
			return fmt.Errorf("%s holds results already (%s); choose another folder", dir, name)
		}
	}
	return nil
}

// send sends an array for some tasks, unless there are none, and a merge that waits for
// it and for the jobs after. flags override what the script sets.
func (s *Submission) send(ctx context.Context, dir, tasks string, after, flags []string) error {
	sent := Sent{Time: time.Now().UTC(), Tasks: tasks}
	if tasks != "" {
		array := "--array=" + tasks
		if s.AtOnce > 0 {
			array += fmt.Sprintf("%%%d", s.AtOnce)
		}
		job, err := sbatch(ctx, dir, slices.Concat([]string{"--parsable"}, flags, []string{array, ArrayName})...)
		if err != nil {
			return fmt.Errorf("the array was not submitted: %w", err)
		}
		sent.Job, sent.Cluster, _ = strings.Cut(job, ";")
		after = append(after, sent.Job)
	}
	s.Sent = append(s.Sent, sent)
	if err := s.write(dir); err != nil {
		return fmt.Errorf("job %s was submitted, but cannot be noted: %w", sent.Job, err)
	}
	last := &s.Sent[len(s.Sent)-1]
	args := []string{"--parsable"}
	if len(after) > 0 {
		args = append(args, "--dependency=afterany:"+strings.Join(after, ":"))
	}
	if last.Cluster != "" {
		args = append(args, "--clusters="+last.Cluster)
	}
	merge, err := sbatch(ctx, dir, append(args, MergeName)...)
	if err != nil {
		return fmt.Errorf("job %s was submitted, but not the merge after it: %w; run modspec sweep merge when the array has ended", sent.Job, err)
	}
	last.Merge, _, _ = strings.Cut(merge, ";")
	return s.write(dir)
}

// sbatch submits a script and returns the job's number, with the cluster's name
// behind a semicolon where there are several.
func sbatch(ctx context.Context, dir string, args ...string) (string, error) {
	out, err := slurm(ctx, dir, "sbatch", args...)
	if err != nil {
		return "", err
	}
	job := strings.TrimSpace(out)
	number, _, _ := strings.Cut(job, ";")
	if number == "" || strings.Trim(number, "0123456789") != "" {
		return "", fmt.Errorf("sbatch printed %q, not the number of a job", job)
	}
	return job, nil
}
