package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"modspec/engine/results"
)

// eventRunsOf returns the runs below a folder and fails if one has not one event file.
func eventRunsOf(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		files, _ := filepath.Glob(filepath.Join(dir, e.Name(), "events.out.tfevents.*"))
		if len(files) != 1 {
			t.Errorf("%s has %d event files", e.Name(), len(files))
		}
		names = append(names, e.Name())
	}
	return names
}

// What is in event files is compared by testdata/readers/events.py, with TensorBoard's
// own reader; these tests see which there are, and what is refused.
func TestTrainWritesEvents(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "events")
	args := []string{"train", "--steps", "20", "--tensorboard", dir}
	if _, stderr, code := modspec(t, args...); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if runs := eventRunsOf(t, dir); !slices.Equal(runs, []string{"simulation", "theory"}) {
		t.Errorf("runs %q", runs)
	}
	if _, stderr, code := modspec(t, args...); code != exitBadInput || !strings.Contains(stderr, "choose another folder") {
		t.Errorf("once more: exit %d, %s", code, stderr)
	}
	// Where there is no theory there is no run of it.
	dir = filepath.Join(t.TempDir(), "events")
	if _, stderr, code := modspec(t, "train", "--steps", "20", "--rule", "hebbian", "--tensorboard", dir); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if runs := eventRunsOf(t, dir); !slices.Equal(runs, []string{"simulation"}) {
		t.Errorf("runs %q", runs)
	}
}

func TestSweepExportsEvents(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "sweep")
	if _, stderr, code := modspec(t, "sweep", "run", writeSweep(t, smallSweep), "--out", folder); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	dir := filepath.Join(t.TempDir(), "events")
	stdout, stderr, code := modspec(t, "sweep", "export", folder, "--tensorboard", dir, "--where", "seed=1")
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	runs := eventRunsOf(t, dir)
	if len(runs) == 0 || !strings.Contains(stdout, "tensorboard --logdir "+results.ShellWord(dir)+"\n") {
		t.Errorf("%d runs: %s", len(runs), stdout)
	}
	for _, name := range runs {
		if !strings.HasSuffix(name, "seed=1") {
			t.Errorf("run %q", name)
		}
	}
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--tensorboard", dir}, "event files already"},
		{[]string{"--tensorboard", dir + "2", "--where", "seed=77"}, "no copy"},
		{[]string{"--tensorboard", dir + "2", "--where", "seed"}, "COLUMN OP VALUE"},
		{[]string{"--tensorboard", dir + "2", "--where", "sed=1"}, `did you mean "seed"?`},
		{[]string{"--tensorboard", dir + "2", "--csv"}, "one format"},
		{[]string{"--csv", "--where", "seed=1"}, "a CSV has all"},
		{nil, "one format"},
	} {
		if stdout, stderr, code := modspec(t, append([]string{"sweep", "export", folder}, c.args...)...); code != exitBadInput || stdout != "" || !strings.Contains(stderr, c.says) {
			t.Errorf("%q: exit %d, %q, %q", c.args, code, stdout, stderr)
		}
	}
	if _, err := os.Stat(dir + "2"); err == nil {
		t.Error("a refusal left a folder behind")
	}
}

// Two networks whose modules differ where their names are too long for a folder: the
// export failed, without a file written.
func TestEventRunsHaveNamesThatAFolderCanHave(t *testing.T) {
	at := "modules=" + strings.Repeat("m", longestFolder-len("modules="))
	if got := eventRun(at, "id", false); got != at {
		t.Errorf("a name of %d bytes becomes %q", len(at), got)
	}
	// Two copies of one name wrote into one folder, and the later replaced the first.
	for _, name := range []string{"seed=1", at, at + "m"} {
		if got, other := eventRun(name, "a", true), eventRun(name, "b", true); got == other || len(got) > longestFolder {
			t.Errorf("two copies of the name %q are %q and %q", name, got, other)
		}
	}
	many := strings.Repeat("both>gamma:20x10; ", 20)
	text := "name: long\nmethod: grid\nseeds: 1\nsteps: 2\nparameters:\n  modules: {values: [\"" + many + "omega>omega\", \"" + many + "gamma>gamma\"]}\n  init_scale: {value: 0.1}\n"
	folder, dir := filepath.Join(t.TempDir(), "sweep"), filepath.Join(t.TempDir(), "events")
	if _, stderr, code := modspec(t, "sweep", "run", writeSweep(t, text), "--out", folder); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if _, stderr, code := modspec(t, "sweep", "export", folder, "--tensorboard", dir); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if runs := eventRunsOf(t, dir); len(runs) != 2 || len(runs[0]) > longestFolder {
		t.Errorf("runs %q", runs)
	}
}

// cmnistEvents are the runs of cmnistArgs with smallTowers.
var cmnistEvents = []string{"compositional+2@20x40-relu-non-compositional-1", "compositional+2@20x40-relu-non-compositional-2"}

func TestCMNISTWritesEvents(t *testing.T) {
	network, digits, out := smallTowers(t), someDigits(t), filepath.Join(t.TempDir(), "digits")
	dir := filepath.Join(t.TempDir(), "events")
	if _, stderr, code := modspec(t, cmnistArgs(network, digits, out, "--tensorboard", dir)...); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if runs := eventRunsOf(t, dir); !slices.Equal(runs, cmnistEvents) {
		t.Errorf("runs %q", runs)
	}
	other := filepath.Join(t.TempDir(), "digits")
	if _, stderr, code := modspec(t, cmnistArgs(network, digits, other, "--tensorboard", dir)...); code != exitBadInput || !strings.Contains(stderr, "choose another folder") {
		t.Errorf("a folder that is taken: exit %d, %s", code, stderr)
	}
}

// shownSteps returns the steps of a run by the names of its curves, as TensorBoard
// shows them: it reads the run's files in the order of their names, and at the start of
// a session that is not the first drops what it has of the session's step and of later
// ones.
func shownSteps(t *testing.T, run string) map[string][]uint64 {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(run, "events.out.tfevents.*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: files %q, %v", run, files, err)
	}
	steps, sessions := map[string][]uint64{}, 0
	for _, file := range files { // sorted by name
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for len(data) > 0 {
			length := binary.LittleEndian.Uint64(data)
			event := fieldsOf(t, data[12:][:length])
			data = data[16+length:]
			var step uint64
			if f := event[2]; f != nil {
				step, _ = protowire.ConsumeVarint(f[0])
			}
			if event[7] != nil { // a session log
				sessions++
				if status := fieldsOf(t, event[7][0])[1]; len(status) != 1 || !bytes.Equal(status[0], []byte{1}) {
					t.Errorf("%s: a session's status is %v, want 1, its start", file, status)
				}
				for tag := range steps {
					if sessions == 1 {
						break
					}
					steps[tag] = slices.DeleteFunc(steps[tag], func(s uint64) bool { return s >= step })
				}
			}
			for _, summary := range event[5] {
				for _, value := range fieldsOf(t, summary)[1] {
					tag := string(fieldsOf(t, value)[1][0])
					steps[tag] = append(steps[tag], step)
				}
			}
		}
	}
	return steps
}

// fieldsOf takes a message of protocol buffers apart: the content of its fields by
// their numbers.
func fieldsOf(t *testing.T, message []byte) map[protowire.Number][][]byte {
	t.Helper()
	list := map[protowire.Number][][]byte{}
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		message = message[n:]
		n = protowire.ConsumeFieldValue(number, kind, message)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		content := message[:n]
		if kind == protowire.BytesType {
			content, _ = protowire.ConsumeBytes(content)
		}
		list[number] = append(list[number], content)
		message = message[n:]
	}
	return list
}

// A lineCounter calls a function when a number of lines was written to it.
type lineCounter struct {
	left int
	then func()
}

func (c *lineCounter) Write(p []byte) (int, error) {
	if c.left -= bytes.Count(p, []byte("\n")); c.left == 0 {
		c.then()
	}
	return len(p), nil
}

// After --resume an epoch that was written already is written again; TensorBoard
// showed it twice, since no event said that a session starts there.
func TestCMNISTResumedShowsEachEpochOnce(t *testing.T) {
	network, digits := smallTowers(t), someDigits(t)
	repeated := false
	for _, stop := range []int{1, 2, 5} {
		out, events := filepath.Join(t.TempDir(), "digits"), filepath.Join(t.TempDir(), "events")
		args := cmnistArgs(network, digits, out, "--epochs", "6", "--threads", "1", "--json", "--tensorboard", events)
		ctx, cancel := context.WithCancel(context.Background())
		var stderr bytes.Buffer
		if code := run(ctx, args, &lineCounter{stop, cancel}, &stderr); code != exitInterrupted {
			t.Fatalf("stopped after %d epochs: exit %d, %s", stop, code, stderr.String())
		}
		cancel()
		before := 0
		for _, name := range eventRunsOf(t, events) {
			before += len(shownSteps(t, filepath.Join(events, name))["error/train_compositional"])
		}
		_, stderrText, code := modspec(t, args...)
		if code != exitOK {
			t.Fatalf("going on: exit %d, %s", code, stderrText)
		}
		repeated = repeated || before > 0 // what is told of a run that goes on begins with its first epoch
		for _, name := range cmnistEvents {
			steps := shownSteps(t, filepath.Join(events, name))
			for _, tag := range []string{"error/train_compositional", "accuracy/test_number"} {
				if !slices.Equal(steps[tag], []uint64{0, 1, 2, 3, 4, 5, 6}) {
					t.Errorf("stopped after %d epochs, %s, %s: epochs %v are shown, want each once", stop, name, tag, steps[tag])
				}
			}
		}
	}
	if !repeated {
		t.Error("no epoch was written twice, so that this test has seen nothing")
	}
}
