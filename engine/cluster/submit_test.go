package cluster

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const sweepText = "name: x # as it was written\n"

func submit(t *testing.T, dir string, a *Array) (*Submission, error) {
	t.Helper()
	return Submit(context.Background(), dir, a, []byte(sweepText), "f00d")
}

// TestSubmit: what sbatch is called with, where, and what is left in the folder.
func TestSubmit(t *testing.T) {
	f := newFakeSlurm(t, map[string][]say{"sbatch": {{Out: "100\n"}, {Out: "101\n"}}})
	// Users' variables must not outdo the script, nor hide what it needs.
	t.Setenv("SBATCH_ARRAY_INX", "1-99")
	t.Setenv("SBATCH_OUTPUT", "/dev/null")
	t.Setenv("SBATCH_ACCOUNT", "lab")
	for _, name := range []string{"out", "a b", "it's", `"q"`, "$HOME", "`id`", "a\nb", "-n", "a;b&c", "ü"} {
		f.set("sbatch", say{Out: "100\n"}, say{Out: "101\n"})
		dir := filepath.Join(t.TempDir(), name)
		a := example()
		a.AtOnce = 3
		began := time.Now()
		s, err := submit(t, dir, a)
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		calls := f.calls("sbatch")
		if len(calls) != 2 {
			t.Fatalf("%q: sbatch is called %d times", name, len(calls))
		}
		real, _ := filepath.EvalSymlinks(dir)
		for i, want := range [][]string{
			{"--parsable", "--array=1-8%3", "array.sbatch"},
			{"--parsable", "--dependency=afterany:100", "merge.sbatch"},
		} {
			if !slices.Equal(calls[i].Args, want) || calls[i].Dir != real {
				t.Errorf("%q: sbatch %q in %q, want %q in %q", name, calls[i].Args, calls[i].Dir, want, real)
			}
			if slices.ContainsFunc(calls[i].Env, func(e string) bool {
				return strings.HasPrefix(e, "SBATCH_ARRAY") || strings.HasPrefix(e, "SBATCH_OUTPUT")
			}) || !slices.Contains(calls[i].Env, "SBATCH_ACCOUNT=lab") {
				t.Errorf("%q: the environment is %q", name, calls[i].Env)
			}
		}
		read, err := ReadSubmission(dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(read.Sent) != 1 || read.Sent[0].Job != "100" || read.Sent[0].Merge != "101" || read.Sent[0].Tasks != "1-8" || read.Sent[0].Time.Before(began) {
			t.Errorf("sent %+v", read.Sent)
		}
		if read.Fingerprint != "f00d" || read.Copies != 540 || read.Shards != 8 || read.AtOnce != 3 || read.JobName != s.JobName {
			t.Errorf("submission %+v", read)
		}
		if text, err := os.ReadFile(filepath.Join(dir, SweepName)); err != nil || string(text) != sweepText {
			t.Errorf("the sweep file is %q, %v", text, err)
		}
		if text, _ := os.ReadFile(filepath.Join(dir, ArrayName)); string(text) != script(t, a.ArrayScript) {
			t.Error("the array's script is another")
		}
		if text, _ := os.ReadFile(filepath.Join(dir, MergeName)); string(text) != script(t, a.MergeScript) {
			t.Error("the merge's script is another")
		}
		if _, err := os.Stat(filepath.Join(dir, LogsName)); err != nil {
			t.Error(err) // sbatch would lose the logs
		}
		// Once is enough.
		_, err = submit(t, dir, example())
		expectSays(t, err, "submitted already", "resubmit")
		if len(f.calls("sbatch")) != 2 {
			t.Error("sbatch is called for a folder that was submitted")
		}
	}
}

// expectSays is expect for errors about names with line breaks.
func expectSays(t *testing.T, err error, says ...string) {
	t.Helper()
	for _, s := range says {
		if err == nil || !strings.Contains(err.Error(), s) {
			t.Errorf("the error does not say %q: %v", s, err)
		}
	}
}

// TestSubmitRefused: a folder that cannot be used is refused before sbatch, and one
// for which sbatch refuses can be used again.
func TestSubmitRefused(t *testing.T) {
	f := newFakeSlurm(t, map[string][]say{"sbatch": {{Err: "sbatch: error: Batch job submission failed: Invalid account\n", Code: 1}}})
	base := t.TempDir()
	for _, name := range []string{"100%", `a\b`} {
		_, err := submit(t, filepath.Join(base, name), example())
		expect(t, err, "which Slurm replaces")
	}
	linked := filepath.Join(base, "link")
	if err := os.Mkdir(filepath.Join(base, "50%"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("50%", linked); err != nil {
		t.Fatal(err)
	}
	_, err := submit(t, linked, example())
	expect(t, err, "which Slurm replaces")

	results := filepath.Join(base, "results")
	if err := os.Mkdir(results, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(results, "journal.jsonl"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	_, err = submit(t, results, example())
	expect(t, err, "holds results already")
	if calls := f.calls("sbatch"); len(calls) != 0 {
		t.Errorf("sbatch is called: %v", calls)
	}

	dir := filepath.Join(base, "new")
	_, err = submit(t, dir, example())
	expect(t, err, "the array was not submitted", "Invalid account")
	if _, err := ReadSubmission(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was not submitted is noted: %v", err)
	}
	f.set("sbatch", say{Out: "7;alpha\n"}, say{Out: "8;alpha\n"})
	s, err := submit(t, dir, example())
	if err != nil {
		t.Fatal(err)
	}
	if sent := s.Sent[0]; sent.Job != "7" || sent.Merge != "8" || sent.Cluster != "alpha" {
		t.Errorf("sent %+v", sent)
	}
	if args := f.calls("sbatch")[1].Args; !slices.Contains(args, "--clusters=alpha") {
		t.Errorf("the merge is sent by sbatch %q, not to the array's cluster", args)
	}
}

// TestSubmitHalf: when the merge is refused, the array is known.
func TestSubmitHalf(t *testing.T) {
	f := newFakeSlurm(t, map[string][]say{"sbatch": {{Out: "7\n"}, {Err: "sbatch: error: QOSMaxSubmitJobPerUserLimit", Code: 1}}})
	dir := filepath.Join(t.TempDir(), "out")
	_, err := submit(t, dir, example())
	expect(t, err, "job 7 was submitted", "not the merge", "QOSMaxSubmit", "modspec sweep merge")
	if s, err := ReadSubmission(dir); err != nil || len(s.Sent) != 1 || s.Sent[0].Job != "7" || s.Sent[0].Merge != "" {
		t.Errorf("noted is %+v, %v", s, err)
	}

	f.set("sbatch", say{Out: "Submitted batch job 7\n"})
	_, err = submit(t, filepath.Join(t.TempDir(), "out"), example())
	expect(t, err, `"Submitted batch job 7"`, "not the number")

	t.Setenv("PATH", t.TempDir())
	_, err = submit(t, filepath.Join(t.TempDir(), "out"), example())
	expect(t, err, "sbatch is not in PATH")
}

func TestReadSubmissionRefuses(t *testing.T) {
	dir := t.TempDir()
	_, err := ReadSubmission(dir)
	expect(t, err, "not submitted")
	for text, says := range map[string]string{
		"{": SubmissionName, `{"format":2}`: "form number 2", `{"format":1,"job_name":"x","shards":0,"copies":4}`: "0 shards",
		`{"format":1,"job_name":"x","shards":5,"copies":4}`: "5 shards of 4", `{"format":1,"shards":2,"copies":4}`: `""`,
	} {
		if err := os.WriteFile(filepath.Join(dir, SubmissionName), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := ReadSubmission(dir)
		expect(t, err, says)
	}
}
