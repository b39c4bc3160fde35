package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"modspec/engine/kind/images"
	"modspec/engine/mnist"
	"modspec/engine/results"
	"modspec/engine/sweep/store"
)

// allDigits is MNIST, read once.
var allDigits = sync.OnceValues(func() (*mnist.Set, error) { return mnist.Read("../../testdata/mnist") })

// someDigits writes a folder of the first digits of MNIST, which is read in no time.
func someDigits(t *testing.T) string {
	t.Helper()
	set, err := allDigits()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for _, part := range []struct {
		name  string
		part  mnist.Part
		count int
	}{{"train", set.Train, 120}, {"t10k", set.Test, 60}} {
		const side = mnist.Side
		images := binary.BigEndian.AppendUint32(nil, 0x803)
		for _, n := range []int{part.count, side, side} {
			images = binary.BigEndian.AppendUint32(images, uint32(n))
		}
		images = append(images, part.part.Images.Pixels[:part.count*side*side]...)
		labels := binary.BigEndian.AppendUint32(nil, 0x801)
		labels = binary.BigEndian.AppendUint32(labels, uint32(part.count))
		labels = append(labels, part.part.Labels[:part.count]...)
		for kind, data := range map[string][]byte{"images-idx3": images, "labels-idx1": labels} {
			if err := os.WriteFile(filepath.Join(folder, part.name+"-"+kind+"-ubyte"), data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	return folder
}

// smallTowers writes a network that trains in no time: a linear layer for each block.
func smallTowers(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "mine.yaml")
	text := "name: mine\ntowers:\n  - writes: compositional\n  - writes: non-compositional\n    layers:\n      - conv: {channels: 2, height: 20, width: 40}\n      - relu\n"
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}

func cmnistArgs(network, digits, out string, more ...string) []string {
	return append([]string{
		"cmnist", "--arch", network, "--digits", "2", "--runs", "2", "--epochs", "3", "--train", "40", "--test", "20",
		"--lr", "0.0005", "--data", digits, "--out", out,
	}, more...)
}

// cmnistTables returns the table trajectories of a folder of cmnistArgs by seed and
// epoch, each row as its columns by name, and the ids of its runs.
func cmnistTables(t *testing.T, out string) (map[[2]int]map[string]float64, []string) {
	t.Helper()
	seeds, ids := map[string]int{}, []string(nil)
	for row, err := range store.Runs(out) {
		if err != nil {
			t.Fatal(err)
		}
		id := row.Text(results.IDPlace)
		seeds[id] = int(row.Seed(row.Table().Columns.Index("seed")))
		ids = append(ids, id)
	}
	table := map[[2]int]map[string]float64{}
	const epoch = 3 // 40 images in batches of 16
	for row, err := range store.Trajectories(out) {
		if err != nil {
			t.Fatal(err)
		}
		columns := row.Table().Columns
		step := row.Whole(columns.Index(results.StepColumn))
		if step%epoch != 0 {
			t.Fatalf("step %d is recorded, which ends no epoch", step)
		}
		values := map[string]float64{}
		for i, c := range columns {
			if !row.Null(i) {
				values[c.Name] = row.Number(i)
			}
		}
		table[[2]int{seeds[row.Text(results.IDPlace)], step / epoch}] = values
	}
	return table, ids
}

// TestCMNIST: an experiment leaves what its help says and prints a line of JSON for
// each epoch; the same command again goes on, and so does --resume.
func TestCMNIST(t *testing.T) {
	network, digits, out := smallTowers(t), someDigits(t), filepath.Join(t.TempDir(), "digits")
	stdout, stderr, code := modspec(t, cmnistArgs(network, digits, out, "--json", "--save-weights")...)
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if len(lines) != 2*4 {
		t.Fatalf("%d lines, want one for each run and epoch from 0 to 3:\n%s", len(lines), stdout)
	}
	table, ids := cmnistTables(t, out)
	if len(table) != len(lines) || len(ids) != 2 {
		t.Errorf("the tables have %d rows of %d runs, want %d of 2", len(table), len(ids), len(lines))
	}
	for _, line := range lines {
		var row struct {
			Arch              string
			Seed, Epoch, Step int
		}
		var metrics map[string]any
		if err := errors.Join(json.Unmarshal([]byte(line), &row), json.Unmarshal([]byte(line), &metrics)); err != nil {
			t.Fatalf("%q is no JSON: %v", line, err)
		}
		if row.Arch != "compositional;2@20x40>relu>non-compositional" || row.Step != 3*row.Epoch {
			t.Errorf("a line is of %+v", row)
		}
		want := table[[2]int{row.Seed, row.Epoch}]
		for _, c := range (images.Kind{}).Metrics() {
			if got, ok := metrics[c.Name].(float64); ok != (metrics[c.Name] != nil) || ok && got != want[c.Name] {
				t.Errorf("seed %d, epoch %d: %s is %v in the line and %v in the table", row.Seed, row.Epoch, c.Name, metrics[c.Name], want[c.Name])
			}
		}
	}
	first, last := table[[2]int{1, 0}], table[[2]int{1, 3}]
	if !(last["train_compositional"] < first["train_compositional"]) {
		t.Errorf("three epochs take the error from %v to %v", first["train_compositional"], last["train_compositional"])
	}
	for _, path := range []string{weightsPath(out, ids[0]), weightsPath(out, ids[1]), filepath.Join(out, reportName), filepath.Join(out, "cmnist-errors.svg")} {
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	digest := func() string {
		t.Helper()
		stdout, stderr, code := modspec(t, "sweep", "digest", out)
		if code != exitOK {
			t.Fatalf("exit %d: %s", code, stderr)
		}
		return stdout
	}
	before := digest()
	for _, again := range [][]string{cmnistArgs(network, digits, out), {"cmnist", "--resume", "--out", out, "--data", digits}} {
		stdout, stderr, code = modspec(t, again...)
		if code != exitOK || !strings.Contains(stdout, "compositional;2@20x40") || !strings.Contains(stdout, "systematicity") {
			t.Errorf("%q: exit %d, %q, %q", again, code, stderr, stdout)
		}
		if after := digest(); after != before {
			t.Errorf("%q: the digest is %s, and was %s", again, after, before)
		}
	}
	if _, stderr, code := modspec(t, cmnistArgs(network, digits, out, "--lr", "0.1")...); code != exitBadInput || !strings.Contains(stderr, "another sweep") {
		t.Errorf("with another rate: exit %d, %q", code, stderr)
	}
}

// TestCMNISTResumes: --resume takes what the experiment was begun with from its folder,
// the network of a file that is gone, the backend and --save-weights among it.
func TestCMNISTResumes(t *testing.T) {
	network, digits, out := smallTowers(t), someDigits(t), filepath.Join(t.TempDir(), "digits")
	begin := append(cmnistArgs(network, digits, out, "--save-weights", "--backend", "reference", "--threads", "1", "--json"), "--withhold", "1", "--momentum", "0.25", "--init-scale", "0.02", "--seed", "5", "--r", "5", "--batch", "8")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stderr bytes.Buffer
	if code := run(ctx, begin, &lineCounter{2, cancel}, &stderr); code != exitInterrupted || !strings.Contains(stderr.String(), "the same command goes on") {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	if err := os.Remove(network); err != nil {
		t.Fatal(err)
	}
	resume := []string{"cmnist", "--resume", "--out", out}
	for _, c := range [][3]string{
		{"--runs", "3", "--runs is given, but --resume takes the experiment from"}, {"--lr", "0.1", "--lr is given"}, {"--arch", "split", "--arch is given"},
		{"--epochs", "3", "--epochs is given"}, {"--lr", "NaN", "NaN"}, {"--backend", "cpu", "use --backend reference"},
	} {
		args := append(append(resume, "--data", digits), c[:2]...)
		if _, stderr, code := modspec(t, args...); code != exitBadInput || !strings.Contains(stderr, c[2]) {
			t.Errorf("%s %s: exit %d, %q; want %d and %q", c[0], c[1], code, stderr, exitBadInput, c[2])
		}
	}
	if stdout, stderr, code := modspec(t, append(resume, "--data", digits)...); code != exitOK || !strings.Contains(stdout, "compositional;2@20x40") {
		t.Fatalf("exit %d: %q, %q", code, stdout, stderr)
	}
	var ids []string
	for row, err := range store.Runs(out) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, row.Text(results.IDPlace))
	}
	for _, id := range ids {
		if _, err := os.Stat(weightsPath(out, id)); err != nil {
			t.Error(err)
		}
	}
	m, err := store.ReadManifest(out)
	if err != nil || m.Backend != "reference" || m.Done != 2 {
		t.Errorf("the folder holds %d runs of the %s backend: %v", m.Done, m.Backend, err)
	}
	if err := os.Remove(weightsPath(out, ids[0])); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := modspec(t, append(resume, "--data", digits)...); code != exitOK || !strings.Contains(stderr, "1 run was finished without --save-weights") {
		t.Errorf("weights that are not there: exit %d, %s", code, stderr)
	}
	linear := filepath.Join(t.TempDir(), "linear")
	if _, stderr, code := modspec(t, "sweep", "run", writeSweep(t, "name: s\nmethod: grid\nsteps: 5\nparameters:\n  bits: {value: 2}\n"), "--out", linear); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if _, stderr, code := modspec(t, "cmnist", "--resume", "--out", linear); code != exitBadInput || !strings.Contains(stderr, "of the kind linear") {
		t.Errorf("a sweep of another kind: exit %d, %s", code, stderr)
	}
}

// TestCMNISTBadInput: each mistake exits with 2, says in one line what was wrong and
// what is allowed, and leaves no folder behind.
func TestCMNISTBadInput(t *testing.T) {
	folder, digits := t.TempDir(), someDigits(t)
	broken := filepath.Join(folder, "broken.yaml")
	if err := os.WriteFile(broken, []byte("name: broken\ntowers:\n  - writes: everything\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	damaged := filepath.Join(folder, "damaged")
	if err := os.Mkdir(damaged, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"} {
		if err := os.WriteFile(filepath.Join(damaged, name), []byte{0, 0, 8, 3, 0, 0}, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(folder, "out")
	for _, c := range []struct {
		args string
		says []string
	}{
		{"", []string{"--out DIR"}},
		{"--out " + out + " --arch dens", []string{`"dens"`, "dense", ".yaml"}},
		{"--out " + out + " --arch " + broken, []string{"broken.yaml:3:13:", "everything", "compositional", "3 |   - writes: everything"}},
		{"--out " + out + " --arch " + broken + ".yaml", []string{"no such file"}},
		{"--out " + out + " --digits 5", []string{"--digits", "2 to 4"}},
		{"--out " + out + " --r NaN", []string{"--r", "NaN"}},
		{"--out " + out + " --train 0", []string{"--train", "0, but must be", "or all"}},
		{"--out " + out + " --train 999999", []string{"999999", "1 to 40"}},
		{"--out " + out + " --batch 0 --train 40", []string{"batch", "1 to"}},
		{"--out " + out + " --runs 0", []string{"runs is 0", "1 to "}},
		{"--out " + out + " --epochs=-1", []string{"epochs is -1", "0 to"}},
		{"--out " + out + " --epochs 99999999", []string{"--epochs is 99999999, but must be 0 to"}},
		{"--out " + out + " --arch dense,dense", []string{"--arch names dense a second time"}},
		{"--out " + out + " --runs 2 --seed 18446744073709551615", []string{"--seed is 18446744073709551615", "2 runs"}}, // the second was 0
		{"--resume --out " + out + "/none", []string{"none holds no experiment to go on with", "leave --resume out"}},    // began the paper's
		{"--out " + out + " --init-scale 1e-300", []string{"--init-scale", "1e-300", "1e-30"}},
		{"--out " + out + " --init-scale 1e300", []string{"--init-scale", "1e+300", "1e-30"}},
		{"--out " + out + " --r 1e300", []string{"--r", "1e+300", "1e-30"}},
		{"--out " + out + " --momentum 1", []string{"--momentum", "1, but must be"}},
		{"--out " + out + " --lr=-1", []string{"--lr", "-1, but must be"}},
		{"--out " + out + " --withhold 10", []string{"10"}},
		{"--out " + out + " --threads=-1", []string{"--threads is -1", "1 or more"}},
		{"--out " + out + " --backend gpu", []string{`"gpu"`, "cpu"}},
		{"--out " + out + " --data " + folder + "/none", []string{"none"}},
		{"--out " + out + " --data " + damaged, []string{"train-images-idx3-ubyte"}},
	} {
		args := append([]string{"cmnist", "--data", digits}, strings.Fields(c.args)...)
		stdout, stderr, code := modspec(t, args...)
		if code != exitBadInput || stdout != "" {
			t.Errorf("%q: exit %d, want %d; stdout %q, stderr %q", c.args, code, exitBadInput, stdout, stderr)
		}
		lines := 1
		if strings.HasSuffix(c.args, broken) {
			lines = 3 // and the place in the file
		}
		if strings.Count(stderr, "\n") != lines {
			t.Errorf("%q: %q is not one line", c.args, stderr)
		}
		for _, text := range c.says {
			if !strings.Contains(stderr, text) {
				t.Errorf("%q: %q does not say %q", c.args, stderr, text)
			}
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Errorf("a mistake left the folder %s behind", out)
	}
}

// A value out of range was met with advice that is refused in its turn: 0 for all.
func TestAdviceIsAllowed(t *testing.T) {
	file := writeSweep(t, "name: s\nmethod: grid\nseeds: 1\nsteps: 5\nparameters:\n  batch: {values: [2, 999]}\n")
	digits, out := someDigits(t), filepath.Join(t.TempDir(), "out")
	for _, args := range [][]string{
		{"train", "--batch", "9"},
		{"sweep", "plan", file},
		{"cmnist", "--data", digits, "--out", out, "--train", "70000"},
		{"cmnist", "--data", digits, "--out", out, "--test", "70000"},
	} {
		_, stderr, code := modspec(t, args...)
		if code != exitBadInput || !strings.Contains(stderr, "must be 1 to") || strings.Contains(stderr, "0 for all") {
			t.Errorf("%q: exit %d, %q", args, code, stderr)
		}
	}
}

// When all runs diverged the exit was 0, as if something had been learned.
func TestCMNISTDiverged(t *testing.T) {
	network, digits := smallTowers(t), someDigits(t)
	for _, c := range []struct {
		more []string
		code int
		says string // on standard output
	}{
		{[]string{"--lr", "1e30"}, exitDiverged, "diverged"},
		{[]string{"--lr", "1e30", "--epochs", "1", "--json"}, exitDiverged, `"diverged":true`},
		{[]string{"--lr", "1e30", "--epochs", "0"}, exitOK, "systematicity"}, // nothing is trained
	} {
		out := filepath.Join(t.TempDir(), "digits")
		stdout, stderr, code := modspec(t, append(cmnistArgs(network, digits, out), c.more...)...)
		if code != c.code || !strings.Contains(stdout, c.says) {
			t.Errorf("%q: exit %d, want %d; %q does not say %q: %s", c.more, code, c.code, stdout, c.says, stderr)
		}
		if c.code == exitDiverged && !strings.HasSuffix(stderr, "modspec: training diverged in every run: the errors are no longer finite; use a smaller --lr than 1e+30\n") {
			t.Errorf("%q: %q", c.more, stderr)
		}
		if _, err := os.Stat(filepath.Join(out, reportName)); err != nil {
			t.Errorf("%q: what was recorded is not shown: %v", c.more, err)
		}
	}
	out := filepath.Join(t.TempDir(), "digits")
	for range 2 { // begun, and gone on with
		if _, stderr, code := modspec(t, cmnistArgs(network, digits, out, "--lr", "1e30", "--epochs", "1")...); code != exitDiverged {
			t.Errorf("exit %d, want %d: %s", code, exitDiverged, stderr)
		}
	}
}

// A run that diverges beside others is a result.
func TestCMNISTDivergedInPart(t *testing.T) {
	digits, out := someDigits(t), filepath.Join(t.TempDir(), "digits")
	// The number's error is r² times as large, and its tower diverges at a rate at which
	// the other learns.
	args := cmnistArgs("compositional,500>relu>non-compositional", digits, out, "--lr", "0.01", "--r", "1e18", "--runs", "1")
	stdout, stderr, code := modspec(t, args...)
	if code != exitOK || strings.Count(stderr, "diverged at step") != 1 {
		t.Errorf("exit %d, %s: %s", code, stderr, stdout)
	}
}
