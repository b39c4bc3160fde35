package cluster

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func example() *Array {
	return &Array{Name: "first phase diagram", JobName: "first-1a2b3c4d", Copies: 540, Shards: 8, Program: "/opt/modspec", Backend: "cpu", Notice: 120}
}

// script returns a script that must be possible.
func script(t *testing.T, write func() (string, error)) string {
	t.Helper()
	text, err := write()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// flagsOf returns the flags that sbatch finds in a script: in the lines that begin
// with #SBATCH, up to the first line that is no comment.
func flagsOf(t *testing.T, script string) []string {
	t.Helper()
	if !strings.HasPrefix(script, "#!/bin/bash\n") {
		t.Error("the script does not name its shell")
	}
	var flags []string
	for line := range strings.Lines(script) {
		line = strings.TrimSuffix(line, "\n")
		if line != "" && line[0] != '#' {
			break
		}
		rest, ok := strings.CutPrefix(line, "#SBATCH ")
		if !ok {
			continue
		}
		words, err := sbatchWords(rest)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		flags = append(flags, words...)
	}
	return flags
}

func TestScriptFlags(t *testing.T) {
	a := example()
	a.AtOnce, a.Threads, a.Time, a.Partition, a.GRES, a.Notice = 4, 16, "4:00:00", "gpu 2", `gpu:"a100":1`, 300
	a.Flags = []string{"--account=lab", "--comment", `it's "\ #1`}
	want := []string{
		"--array=1-8%4", "--job-name=first-1a2b3c4d", "--output=logs/%A_%a.out", "--open-mode=append", "--signal=B:TERM@300", "--requeue",
		"--time=4:00:00", "--partition=gpu 2", `--gres=gpu:"a100":1`, "--cpus-per-task=16", "--account=lab", "--comment", `it's "\ #1`,
	}
	if got := flagsOf(t, script(t, a.ArrayScript)); !slices.Equal(got, want) {
		t.Errorf("the array has the flags %q\nwant %q", got, want)
	}
	want = []string{
		"--job-name=first-1a2b3c4d-merge", "--output=logs/%j-merge.out", "--open-mode=append", "--requeue",
		"--time=4:00:00", "--partition=gpu 2", "--account=lab", "--comment", `it's "\ #1`,
	}
	if got := flagsOf(t, script(t, a.MergeScript)); !slices.Equal(got, want) {
		t.Errorf("the merge has the flags %q\nwant %q", got, want)
	}
}

// TestScriptsRun has bash run the scripts in hostile folders with hostile
// programs, which tell how they were called.
func TestScriptsRun(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Fatalf("the batch scripts are bash's: %v", err)
	}
	for _, name := range append(append([]string{"modspec"}, hostile...), broken...) {
		dir := filepath.Join(t.TempDir(), name+" dir")
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		a := example()
		a.Program = filepath.Join(dir, name)
		a.Backend, a.Threads = name, 3
		a.Name = name // in a comment, where a line break would end it
		teller := "#!/bin/sh\nprintf '%s\\000' \"$PWD\" \"$GOMAXPROCS\" \"$@\"\n"
		if err := os.WriteFile(a.Program, []byte(teller), 0o777); err != nil {
			t.Fatal(err)
		}
		run := func(text string, env ...string) []string {
			cmd := exec.Command(bash, "-u", "-e", "-c", text) // as Slurm gives it, from a copy
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), env...)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%q: %v: %s", name, err, out)
			}
			return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
		}
		want := []string{dir, "5", "sweep", "run", "sweep.yaml", "--out", ".", "--shard", "auto/8", "--backend", name, "--threads", "3", "--requeue"}
		if got := run(script(t, a.ArrayScript), "SLURM_CPUS_ON_NODE=5"); !slices.Equal(got, want) {
			t.Errorf("the array calls %q, want %q", got, want)
		}
		want = []string{dir, "", "sweep", "merge", ".", "--require-all", dir, "", "report", "."}
		if got := run(script(t, a.MergeScript), "GOMAXPROCS="); !slices.Equal(got, want) {
			t.Errorf("the merge calls %q, want %q", got, want)
		}
	}
}

// TestMergeThatFails: a merge with copies missing fails with its own exit status,
// and writes no report.
func TestMergeThatFails(t *testing.T) {
	a := example()
	a.Program = filepath.Join(t.TempDir(), "modspec")
	if err := os.WriteFile(a.Program, []byte("#!/bin/sh\necho \"$1\"\nexit 7\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("bash", "-c", script(t, a.MergeScript)).Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 7 || string(out) != "sweep\n" {
		t.Errorf("the merge ends with %v and prints %q", err, out)
	}
}

func TestArraysThatCannotBe(t *testing.T) {
	for _, c := range []struct {
		change func(*Array)
		says   []string
	}{
		{func(a *Array) { a.Shards = 0 }, []string{"0 tasks", "1 to 540"}},
		{func(a *Array) { a.Shards = 541 }, []string{"541 tasks", "1 to 540"}},
		{func(a *Array) { a.AtOnce = -1 }, []string{"-1"}},
		{func(a *Array) { a.Threads = -1 }, []string{"-1"}},
		{func(a *Array) { a.Notice = 0 }, []string{"notice of 0", "1 to 65535"}},
		{func(a *Array) { a.Notice = 65536 }, []string{"65536"}},
		{func(a *Array) { a.Program = "bin/modspec" }, []string{`"bin/modspec"`, "from the root"}},
		{func(a *Array) { a.Program = "/a\x00b" }, []string{"NUL"}},
		{func(a *Array) { a.Time = "1\n2" }, []string{"--time", "one line"}},
		{func(a *Array) { a.Partition = "a\rb" }, []string{"--partition", "one line"}},
		{func(a *Array) { a.GRES = "gpu\x00" }, []string{"--gres", "one line"}},
		{func(a *Array) { a.Flags = []string{"--array=1-3"} }, []string{"--array"}},
	} {
		a := example()
		c.change(a)
		expect(t, a.Check(), c.says...)
	}
	if err := example().Check(); err != nil {
		t.Error(err)
	}
}

func TestJobNames(t *testing.T) {
	for name, want := range map[string]string{
		"first": "first-m", "a b\n\"c\"": "a_b__c_-m", "": "sweep-m", "--x": "x-m", "...": "sweep-m", "ü": "_-m",
		strings.Repeat("x", 50): strings.Repeat("x", 40) + "-m",
	} {
		if got := JobName(name, "m"); got != want {
			t.Errorf("the sweep %q has jobs %q, want %q", name, got, want)
		}
	}
	if one, other := NewMark(), NewMark(); one == other {
		t.Error("two submissions have one mark")
	}
}
