package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakePrograms puts shell scripts in front of PATH, by their names.
func fakePrograms(t *testing.T, programs map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range programs {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text+"\n"), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// TestSweepSubmit: a dry run writes nothing; a submission leaves what the tasks
// need, and its tasks train the sweep; what is missing is sent again.
func TestSweepSubmit(t *testing.T) {
	file, base := writeSweep(t, smallSweep), t.TempDir()
	out, calls := filepath.Join(base, "it's here"), filepath.Join(base, "calls")
	t.Setenv("CALLS", calls)
	fakePrograms(t, map[string]string{
		"sbatch": `echo "$@" >> "$CALLS"; wc -l < "$CALLS"`,
		"squeue": `exit 0`,
		"sacct":  `echo disabled >&2; exit 1`,
	})
	submit := []string{"sweep", "submit", file, "--out", out, "--slurm", "--array", "3%2", "--program", "/opt/my modspec", "--gres", "gpu:1", "--time", "1:00:00"}
	more := []string{"--", "--account=lab", "--exclude", "n[1-3]"}

	printed := must(t, append(append(submit, "--dry-run"), more...)...)
	for _, line := range []string{
		"#### array.sbatch ####", "#SBATCH --array=1-3%2", "#SBATCH --gres=gpu:1", "#SBATCH --time=1:00:00", "#SBATCH --account=lab", `#SBATCH --exclude "n[1-3]"`,
		"exec '/opt/my modspec' sweep run sweep.yaml --out . --shard auto/3 --backend cpu --requeue",
		"#### merge.sbatch ####", "'/opt/my modspec' sweep merge . --require-all || exit", "exec '/opt/my modspec' report .",
	} {
		if !strings.Contains(printed, "\n"+line+"\n") && !strings.HasPrefix(printed, line+"\n") {
			t.Errorf("the dry run does not print %q:\n%s", line, printed)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a dry run makes the folder")
	}
	if _, err := os.Stat(calls); err == nil {
		t.Error("a dry run calls sbatch")
	}

	submitted := decode(t, append(append(submit, "--json"), more...)...)
	sent := submitted["sent"].([]any)[0].(map[string]any)
	if submitted["shards"] != 3.0 || submitted["copies"] != 12.0 || sent["job"] != "1" || sent["merge"] != "2" || sent["tasks"] != "1-3" {
		t.Errorf("submitted %v", submitted)
	}
	if _, stderr, code := modspec(t, append(submit, more...)...); code != exitBadInput || !strings.Contains(stderr, "submitted already") {
		t.Errorf("submitted twice: exit %d, %s", code, stderr)
	}

	// Task 2 trains, as the script says; tasks 1 and 3 were cancelled.
	t.Setenv("SLURM_ARRAY_TASK_ID", "2")
	t.Setenv("SLURM_ARRAY_TASK_MIN", "1")
	if got := decode(t, "sweep", "run", filepath.Join(out, "sweep.yaml"), "--out", out, "--shard", "auto/3", "--json"); got["copies"] != 4.0 {
		t.Errorf("task 2 trained %v", got)
	}
	// A file that was changed since is refused, also by a shard that has not begun.
	t.Setenv("SLURM_ARRAY_TASK_ID", "1")
	changed := writeSweep(t, strings.Replace(smallSweep, "steps: 40", "steps: 60", 1))
	if _, stderr, code := modspec(t, "sweep", "run", changed, "--out", out, "--shard", "auto/3"); code != exitBadInput || !strings.Contains(stderr, "another sweep") {
		t.Errorf("a changed sweep: exit %d, %s", code, stderr)
	}
	status := decode(t, "sweep", "status", out, "--json")
	if status["state"] != "failed" || status["done"] != 4.0 || status["copies"] != 12.0 {
		t.Errorf("status %v", status)
	}
	if text := must(t, "sweep", "status", out); !strings.Contains(text, "shards done") || !strings.Contains(text, "1/3    failed  0 of 4") || !strings.Contains(text, "resubmit") {
		t.Errorf("status:\n%s", text)
	}
	rest := decode(t, "sweep", "resubmit", out, "--dry-run", "--json")
	if shards := rest["shards"].([]any); len(shards) != 2 || shards[0] != 1.0 || shards[1] != 3.0 || rest["sent"] != nil {
		t.Errorf("the rest is %v", rest)
	}
	if text := must(t, "sweep", "resubmit", out, "--time", "9:00:00", "--", "--mem=1G"); text != "shards 1,3 sent; array job 3; merge job 4\n" {
		t.Errorf("resubmit says %q", text)
	}
	data, err := os.ReadFile(calls)
	if err != nil {
		t.Fatal(err)
	}
	want := "--parsable --array=1-3%2 array.sbatch\n--parsable --dependency=afterany:1 merge.sbatch\n" +
		"--parsable --time=9:00:00 --mem=1G --array=1,3%2 array.sbatch\n--parsable --dependency=afterany:3 merge.sbatch\n"
	if string(data) != want {
		t.Errorf("sbatch is called\n%swant\n%s", data, want)
	}

	// A merge of what is there says that it is not all.
	if stdout, stderr, code := modspec(t, "sweep", "merge", out, "--require-all"); code != exitFailed || !strings.Contains(stdout, "4 of 12") || !strings.Contains(stderr, "8 of 12 copies are missing") {
		t.Errorf("an incomplete merge: exit %d, %s, %s", code, stdout, stderr)
	}
	for _, task := range []string{"1", "3"} {
		t.Setenv("SLURM_ARRAY_TASK_ID", task)
		must(t, "sweep", "run", filepath.Join(out, "sweep.yaml"), "--out", out, "--shard", "auto/3")
	}
	must(t, "sweep", "merge", out, "--require-all")
	whole := filepath.Join(base, "whole")
	must(t, "sweep", "run", file, "--out", whole)
	if got, want := must(t, "sweep", "digest", out), must(t, "sweep", "digest", whole); got != want {
		t.Errorf("the merged digest is %s, that of one process %s", got, want)
	}
	if status := decode(t, "sweep", "status", out, "--json"); status["state"] != "done" {
		t.Errorf("status %v", status)
	}
	if text := must(t, "sweep", "resubmit", out); text != "nothing is missing that is not on its way\n" {
		t.Errorf("resubmit says %q", text)
	}
}

// TestSweepSubmitMistakes: each exits with 2, says what is wrong, and calls nothing
// of the scheduler's.
func TestSweepSubmitMistakes(t *testing.T) {
	file, other := writeSweep(t, smallSweep), t.TempDir()
	float32 := writeSweep(t, strings.Replace(smallSweep, "float64", "float32", 1))
	out := filepath.Join(other, "out")
	t.Setenv("CALLED", filepath.Join(other, "called"))
	fakePrograms(t, map[string]string{"sbatch": `touch "$CALLED"`, "squeue": `touch "$CALLED"`})
	submit := "sweep submit " + file + " --out " + out + " --slurm --program /opt/modspec "
	for args, says := range map[string][]string{
		"sweep submit " + file + " --slurm --array 3":                                                       {"--out DIR"},
		"sweep submit " + file + " --out " + out + " --array 3":                                             {"--slurm"},
		"sweep submit --out " + out + " --slurm --array 3":                                                  {"a sweep file"},
		"sweep submit " + file + " --out " + out + " --slurm --array 3":                                     {"go run", "--program"}, // tests are built as go run builds
		"sweep submit " + float32 + " --out " + out + " --slurm --array 3 --program /x --backend reference": {"float64 only", "--backend cpu"},
		"sweep submit " + file + ".none --out " + out + " --slurm --array 3 --program /x":                   {"no such file"},
		submit:                                                    {"--array N"},
		submit + "--array x":                                      {`"x"`, "64%16"},
		submit + "--array 0":                                      {`"0"`},
		submit + "--array 3%0":                                    {`"3%0"`},
		submit + "--array 3%":                                     {`"3%"`},
		submit + "--array 1-3":                                    {`"1-3"`},
		submit + "--array 13":                                     {"13 tasks", "1 to 12"},
		submit + "--array 3 --backend gpu":                        {`"gpu"`, "cpu"},
		submit + "--array 3 --notice 0":                           {"notice of 0"},
		submit + "--array 3 --threads -1":                         {"-1"},
		submit + "--array 3 -- --array=1-9":                       {"--array", "modspec's to set"},
		submit + "--array 3 -- lab":                               {`"lab"`, "begin with -"},
		submit + "--array 3 -- --job=x":                           {"--job-name"},
		"sweep resubmit " + other:                                 {"not submitted"},
		"sweep resubmit":                                          {"a folder that was submitted"},
		"sweep resubmit " + other + " -- --output=x":              {"--output"},
		"sweep run " + file + " --out " + out + " --shard auto/3": {"SLURM_ARRAY_TASK_ID"},
		"sweep run " + file + " --out " + out + " --shard auto/x": {`"auto/x"`},
		"sweep run " + file + " --out " + out + " --requeue":      {"--requeue", "SLURM_JOB_ID"},
		"sweep merge " + other:                                    {"no shards", "--out DIR"},
		"sweep merge " + other + " " + out:                        {"--out DIR"},
	} {
		stdout, stderr, code := modspec(t, strings.Fields(args)...)
		if code != exitBadInput || stdout != "" || strings.Count(stderr, "\n") != 1 {
			t.Errorf("modspec %s: exit %d, want %d; printed %q, %q", args, code, exitBadInput, stdout, stderr)
		}
		for _, s := range says {
			if !strings.Contains(stderr, s) {
				t.Errorf("modspec %s: the error does not say %q: %s", args, s, stderr)
			}
		}
	}
	if left, _ := os.ReadDir(other); len(left) != 0 {
		t.Errorf("refused submissions left files behind: %v", left)
	}
}
