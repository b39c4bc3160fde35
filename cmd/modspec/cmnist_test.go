package main

import (
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/spf13/pflag"

	"modspec/engine/cmnist"
	"modspec/engine/cmnist/experiment"
	"modspec/engine/cmnist/reference"
	"modspec/engine/mnist"
	"modspec/engine/results"
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

// TestCMNIST: an experiment leaves what its help says, prints a line of JSON for
// each epoch, is not begun twice in one folder, and goes on when it is told to.
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
	printed := map[[2]int]results.CMNISTEpoch{}
	for _, line := range lines {
		var row results.CMNISTEpoch
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatalf("%q is no JSON: %v", line, err)
		}
		printed[[2]int{row.RunIndex, row.Epoch}] = row
	}
	seen := 0
	for row, err := range results.As[results.CMNISTEpoch](results.Read(filepath.Join(out, experiment.TableName), results.CMNISTEpochs.Name)) {
		if err != nil {
			t.Fatal(err)
		}
		seen++
		line := printed[[2]int{row.RunIndex, row.Epoch}]
		if row.Test.Compositional != line.Test.Compositional || row.Train.NonCompositional != line.Train.NonCompositional || row.Test.AllDigits != line.Test.AllDigits {
			t.Errorf("run %d, epoch %d: the table has %+v, the line %+v", row.RunIndex, row.Epoch, row, line)
		}
	}
	if seen != len(lines) {
		t.Errorf("the table has %d rows, want %d", seen, len(lines))
	}
	first, last := printed[[2]int{0, 0}], printed[[2]int{0, 3}]
	if !(last.Train.Compositional < first.Train.Compositional) {
		t.Errorf("three epochs take the error from %v to %v", first.Train.Compositional, last.Train.Compositional)
	}
	for _, name := range []string{"weights/mine-0.safetensors", "weights/mine-1.safetensors", reportName} {
		if info, err := os.Stat(filepath.Join(out, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}

	if _, stderr, code := modspec(t, cmnistArgs(network, digits, out)...); code != exitBadInput || !strings.Contains(stderr, "--resume") {
		t.Errorf("once more: exit %d, %q; want %d and what to do", code, stderr, exitBadInput)
	}
	if _, stderr, code := modspec(t, cmnistArgs(network, digits, out, "--resume", "--lr", "0.1")...); code != exitBadInput || !strings.Contains(stderr, "another experiment") {
		t.Errorf("with another rate: exit %d, %q", code, stderr)
	}
	stdout, stderr, code = modspec(t, cmnistArgs(network, digits, out, "--resume", "--save-weights")...)
	if code != exitOK || !strings.Contains(stdout, "mine") || !strings.Contains(stdout, "systematicity") {
		t.Errorf("going on: exit %d, %q, %q", code, stderr, stdout)
	}
}

// TestCMNISTResumeNeedsNoFlags: --resume takes what the experiment was begun with from
// its folder, the network of a file that is gone and --save-weights among it. It wanted
// every flag again. Flags that are given must agree.
func TestCMNISTResumeNeedsNoFlags(t *testing.T) {
	network, digits, out := smallTowers(t), someDigits(t), filepath.Join(t.TempDir(), "digits")
	begin := append(cmnistArgs(network, digits, out, "--save-weights"), "--withhold", "1", "--probe", "2", "--momentum", "0.25", "--init-scale", "0.02", "--seed", "5", "--r", "5", "--batch", "8")
	if _, stderr, code := modspec(t, begin...); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	table, err := os.ReadFile(filepath.Join(out, experiment.TableName))
	if err != nil {
		t.Fatal(err)
	}
	// The weights of a run that has ended are trained again from its beginning.
	for _, lost := range []string{network, filepath.Join(out, "weights", "mine-1.safetensors"), filepath.Join(out, experiment.TableName)} {
		if err := os.Remove(lost); err != nil {
			t.Fatal(err)
		}
	}
	resume := []string{"cmnist", "--resume", "--out", out}
	if stdout, stderr, code := modspec(t, append(resume, "--data", digits)...); code != exitOK || !strings.Contains(stdout, "after 3") {
		t.Fatalf("exit %d: %q, %q", code, stdout, stderr)
	}
	if again, err := os.ReadFile(filepath.Join(out, experiment.TableName)); err != nil || string(again) != string(table) {
		t.Errorf("the table is another, %v", err)
	}
	if _, err := os.Stat(filepath.Join(out, "weights", "mine-1.safetensors")); err != nil {
		t.Error(err)
	}
	// What is damaged is trained again, with a note.
	journal := filepath.Join(out, experiment.JournalName)
	lines, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	lines[100] ^= 1
	if err := os.WriteFile(journal, lines, 0o666); err != nil {
		t.Fatal(err)
	}
	same := append(resume, "--data", digits, "--lr", "5e-4", "--backend", "cpu", "--digits", "2", "--seed", "5", "--threads", "1")
	if _, stderr, code := modspec(t, same...); code != exitOK || !strings.Contains(stderr, "modspec: note: "+journal+": 1 of 8 lines were changed") {
		t.Errorf("with flags that agree: exit %d: %s", code, stderr)
	}
	for _, c := range [][3]string{
		{"--runs", "3", `"runs": 2 where "runs": 3`}, {"--epochs", "4", `"epochs": 3 where "epochs": 4`},
		{"--batch", "9", `"batch": 8`}, {"--lr", "0.1", `"lr": 0.0005`}, {"--momentum", "0.5", `"momentum": 0.25`},
		{"--init-scale", "0.1", `"init_scale": 0.02`}, {"--seed", "6", `"seed": 5`}, {"--digits", "3", `"digits": 2 where "digits": 3`},
		{"--r", "10", `"r": 5`}, {"--train", "39", `"train": 40`}, {"--test", "19", `"test": 20`}, {"--withhold", "2", `"withhold": 1`},
		{"--probe", "1", `"probe": 2`}, {"--backend", "reference", `"backend": "cpu" where "backend": "reference"`},
		{"--arch", "split", `"name": "mine" where "name": "split"`},
		{"--lr", "NaN", "NaN"},
	} {
		args := append(append(resume, "--data", digits), c[:2]...)
		if _, stderr, code := modspec(t, args...); code != exitBadInput || !strings.Contains(stderr, c[2]) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s %s: exit %d, %q; want %d and %q", c[0], c[1], code, stderr, exitBadInput, c[2])
		}
	}
	if _, stderr, code := modspec(t, resume...); code != exitBadInput || !strings.Contains(stderr, "with --data") {
		t.Errorf("other images: exit %d, %q", code, stderr)
	}
	config := filepath.Join(out, experiment.ConfigName)
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, []byte(strings.Replace(string(text), `"seed": 5`, `"seed": 7`, 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := modspec(t, append(resume, "--data", digits)...); code != exitBadInput || !strings.Contains(stderr, "is not as it was written") {
		t.Errorf("an altered configuration: exit %d, %q", code, stderr)
	}
}

// cudaNamed is a backend that trains as another does and says that it is cuda.
type cudaNamed struct{ cmnist.Backend }

func (cudaNamed) Name() string { return "cuda" }

// TestCMNISTResumeTakesListsOnce: flags were set a second time after the configuration
// was read, by which --devices 0,1 was refused as "0 1", and --devices 0 named a GPU
// twice.
func TestCMNISTResumeTakesListsOnce(t *testing.T) {
	network, digits, out := smallTowers(t), someDigits(t), filepath.Join(t.TempDir(), "digits")
	if _, stderr, code := modspec(t, cmnistArgs(network, digits, out, "--epochs", "0")...); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	_, stderr, code := modspec(t, "cmnist", "--resume", "--data", digits, "--out", out, "--devices", "0,1")
	if code != exitBadInput || !strings.Contains(stderr, "the cpu backend trains on none") {
		t.Errorf("GPUs for an experiment of the cpu backend: exit %d, %q", code, stderr)
	}
	config, err := experiment.ReadConfig(out)
	if err != nil {
		t.Fatal(err)
	}
	set, err := mnist.Read(digits)
	if err != nil {
		t.Fatal(err)
	}
	cuda := filepath.Join(t.TempDir(), "cuda")
	if _, err := experiment.Run(t.Context(), experiment.Options{Dir: cuda, Config: config, Set: set, Backend: cudaNamed{reference.Backend{}}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want []int
	}{
		{[]string{"--devices", "0"}, []int{0}},
		{[]string{"--devices", "0,1"}, []int{0, 1}},
		{[]string{"--devices", "0", "--devices", "1", "--backend", "cuda"}, []int{0, 1}},
		{[]string{"--backend", "cuda"}, nil},
	} {
		f, flags := &cmnistFlags{out: cuda}, pflag.NewFlagSet("cmnist", pflag.ContinueOnError)
		f.backend.add(flags)
		if err := flags.Parse(c.args); err != nil {
			t.Fatal(err)
		}
		if err := f.takeBegun(t.Context(), flags); err != nil || f.backend.backend != "cuda" || !slices.Equal(f.backend.devices, c.want) {
			t.Errorf("%q: backend %s, devices %v, %v; want devices %v", c.args, f.backend.backend, f.backend.devices, err, c.want)
		}
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
		{"--out " + out + " --arch dens", []string{`"dens"`, `did you mean "dense"?`, ".yaml"}},
		{"--out " + out + " --arch " + broken, []string{"broken.yaml:3:13:", "everything", "compositional", "3 |   - writes: everything"}},
		{"--out " + out + " --arch " + broken + ".yaml", []string{"no such file"}},
		{"--out " + out + " --digits 5", []string{"5 digits", "2 to 4"}},
		{"--out " + out + " --r NaN", []string{`--r is "NaN"`, "finite"}},
		{"--out " + out + " --train 0", []string{"--train is 0", "1 or more"}},
		{"--out " + out + " --train 999999", []string{"999999", "1 to 40"}},
		{"--out " + out + " --batch 0 --train 40", []string{"batch is 0", "1 to"}},
		{"--out " + out + " --runs 0", []string{"runs is 0", "1 to 50000"}},
		{"--out " + out + " --epochs=-1", []string{"epochs is -1", "0 or more"}},
		{"--out " + out + " --runs 2 --seed 18446744073709551615", []string{"--seed is 18446744073709551615", "2 runs"}}, // the second was 0
		{"--resume --out " + out + "/none", []string{"none holds no experiment to go on with", "leave --resume out"}},    // began the paper's
		{"--out " + out + " --init-scale 1e-300", []string{"initial scale is 1e-300", "0 or 1e-30 to 1e+30"}},
		{"--out " + out + " --init-scale 1e300", []string{"initial scale is 1e+300", "0 or 1e-30 to 1e+30"}},
		{"--out " + out + " --r 1e300", []string{"r is 1e+300", "0 or 1e-30 to 1e+30"}},
		{"--out " + out + " --momentum 1", []string{"momentum is 1", "< 1"}},
		{"--out " + out + " --lr=-1", []string{"learning rate is -1", "≥ 0"}},
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

// A network named 日本 was trained to its end and then had no report, at --resume
// neither: the font of figures lacks its letters.
func TestCMNISTReportsEveryName(t *testing.T) {
	network, digits, out := smallTowers(t), someDigits(t), filepath.Join(t.TempDir(), "digits")
	text, err := os.ReadFile(network)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(network, []byte(strings.Replace(string(text), "name: mine", `name: "日本 100%"`, 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, more := range [][]string{nil, {"--resume"}} {
		if stdout, stderr, code := modspec(t, cmnistArgs(network, digits, out, more...)...); code != exitOK || !strings.Contains(stdout, "日本 100%") {
			t.Fatalf("%q: exit %d, %q, %q", more, code, stdout, stderr)
		}
		page, err := os.ReadFile(filepath.Join(out, reportName))
		if err != nil || !strings.Contains(string(page), "日本 100%") {
			t.Fatalf("%q: the report does not name the network: %v", more, err)
		}
		if err := os.Remove(filepath.Join(out, reportName)); err != nil {
			t.Fatal(err)
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
		{[]string{"--lr", "1e30"}, exitDiverged, "(2 diverged)"},
		{[]string{"--lr", "1e30", "--epochs", "1", "--json"}, exitDiverged, `"diverged":1`},
		{[]string{"--lr", "1e30", "--epochs", "0"}, exitOK, "after 0"}, // nothing is trained
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
	for _, more := range [][]string{nil, {"--resume"}} {
		if _, stderr, code := modspec(t, append(cmnistArgs(network, digits, out, "--lr", "1e30", "--epochs", "1"), more...)...); code != exitDiverged {
			t.Errorf("%q: exit %d, want %d: %s", more, code, exitDiverged, stderr)
		}
	}
}

// A run that diverges beside others is a result.
func TestCMNISTDivergedInPart(t *testing.T) {
	f := cmnistFlags{config: experiment.Config{Networks: make([]cmnist.Network, 2), Runs: 2}}
	var rows []results.CMNISTEpoch
	for run := range 4 {
		if f.diverged(rows) != nil {
			t.Errorf("%d of 4 runs diverged, and the experiment is said to have", run)
		}
		rows = append(rows, results.CMNISTEpoch{RunIndex: run}, results.CMNISTEpoch{RunIndex: run, Epoch: 1, Diverged: 1})
	}
	if f.diverged(rows) == nil {
		t.Error("4 of 4 runs diverged, and the experiment is said to have not")
	}
}
