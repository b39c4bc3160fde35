package compare

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"modspec/engine/network"
	"modspec/engine/train/cpu"
)

// TestMain lets the test binary be the contender that a comparison starts: a process
// that is told to by its environment contends in place of testing.
func TestMain(m *testing.M) {
	switch os.Getenv("MODSPEC_TEST_CONTENDER") {
	case "":
		os.Exit(m.Run())
	case "silent":
		fmt.Fprintln(os.Stderr, "first words\nno such library")
		os.Exit(3)
	case "chatter":
		fmt.Println("hello")
	case "missing":
		fmt.Println(`{"missing": "it is not here"}`)
	case "short":
		fmt.Println(`{"library": "x", "copies": 1, "steps": 1}`)
		fmt.Println(`{"seconds": 0}`)
	case "ours":
		if err := contendForTest(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(0)
}

func contendForTest(args []string) error {
	r := ContendRequest{Threads: 1, Budget: time.Millisecond}
	precision := cpu.Float32
	for i, a := range args {
		switch a {
		case "contend":
			r.Folder = args[i+1]
		case "--maps":
			r.Maps = args[i+1]
		case "--precision":
			precision = cpu.Precision(args[i+1])
		}
	}
	b, err := cpu.New(cpu.Options{Threads: 1, Precision: precision})
	if err != nil {
		return err
	}
	return Contend(context.Background(), b, r, os.Stdin, os.Stdout)
}

// A comparison of ours with itself in another precision, and with peers that are not
// there: the pair is measured, the others say what is missing, and the JSON reads
// back.
func TestRunComparesAndNamesWhatIsMissing(t *testing.T) {
	t.Setenv("MODSPEC_TEST_CONTENDER", "ours")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), Options{
		Only: []string{"dense-100"}, Peers: []string{"cpu-float64", "jax", "gorgonia-plain"}, Venv: t.TempDir(), Modspec: self,
		Threads: 1, Budget: time.Millisecond, Rounds: 2, Command: []string{"modspec", "bench"}, Log: &bytes.Buffer{},
	})
	if err != nil {
		t.Fatal(err)
	}
	status := map[string]*Row{}
	for _, row := range r.Rows {
		status[row.Contender] = row
	}
	for name, want := range map[string]string{
		Baseline: Measured, "cpu-float64": Measured, "jax-plain": Missing, "jax-reduced": Missing, "gorgonia-plain": Missing,
	} {
		if row := status[name]; row == nil || row.Status != want {
			t.Errorf("%s is %+v, want it %s", name, row, want)
		} else if want == Missing && !strings.Contains(row.Reason, "setup.sh") {
			t.Errorf("%s is missing because %q, which does not say what to do", name, row.Reason)
		}
	}
	other := status["cpu-float64"]
	if len(other.Rates) != 2 || other.Times <= 0 || other.TimesLow > other.Times || other.Times > other.TimesHigh {
		t.Errorf("the pair is %+v", other)
	}
	if other.Share <= 0 || r.Limits.Float64 <= 0 || r.Limits.Memory <= 0 {
		t.Errorf("shares and limits are %g and %+v", other.Share, r.Limits)
	}
	path, err := r.Write(filepath.Join(t.TempDir(), "new"))
	if err != nil {
		t.Fatal(err)
	}
	back, err := ReadResult(path)
	if err != nil {
		t.Fatal(err)
	}
	if back.Markdown() != r.Markdown() {
		t.Error("the JSON does not read back as the result that it was written from")
	}
}

func TestRunRefusesUnknownNames(t *testing.T) {
	for _, c := range []struct {
		only, peers []string
		says        string
	}{{[]string{"dense-10"}, nil, "dense-1"}, {nil, []string{"jaxx"}, "jax"}} {
		_, err := Run(context.Background(), Options{Only: c.only, Peers: c.peers})
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, %v: the error is %v, want one line with %q", c.only, c.peers, err, c.says)
		}
	}
	if err := CheckNames([]string{"dense-100"}, []string{"jax", "torch-bmm", "numpy-plain"}); err != nil {
		t.Error(err)
	}
}

// A contender that ends, chatters, is missing or tells no time is told apart.
func TestProcessesThatFail(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for kind, says := range map[string]string{"silent": "no such library", "chatter": "hello"} {
		_, err := start(context.Background(), self, nil, []string{"MODSPEC_TEST_CONTENDER=" + kind}, 1)
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the error is %v, want one line with %q", kind, err, says)
		}
	}
	p, err := start(context.Background(), self, nil, []string{"MODSPEC_TEST_CONTENDER=missing"}, 1)
	if err != nil || p.ready.Missing == "" {
		t.Errorf("missing: %+v, %v", p, err)
	} else {
		p.stop()
	}
	p, err = start(context.Background(), self, nil, []string{"MODSPEC_TEST_CONTENDER=short"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.run(); err == nil {
		t.Error("a repetition of 0 seconds is believed")
	}
	p.stop()
	if _, err := start(context.Background(), filepath.Join(t.TempDir(), "none"), nil, nil, 1); err == nil {
		t.Error("a program that does not exist starts")
	}
}

// Contend answers each line once and understands no other.
func TestContend(t *testing.T) {
	dir := t.TempDir()
	s := *setting("dense", network.Dense(5), network.Rule{}, 0.16, 3)
	s.Steps, s.CheckSteps = 4, 3
	if _, err := s.Write(dir); err != nil {
		t.Fatal(err)
	}
	b, err := cpu.New(cpu.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	r := ContendRequest{Folder: dir, Maps: filepath.Join(dir, "maps"), Threads: 1, Whole: true}
	var out bytes.Buffer
	if err := Contend(context.Background(), b, r, strings.NewReader("run\nrun\n"), &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("it said %q, want that it is ready and two times", lines)
	}
	var first ready
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil || first.Copies != 3 || first.Steps != 4 {
		t.Errorf("it is ready for %+v (%v)", first, err)
	}
	if err := Contend(context.Background(), b, r, strings.NewReader("walk\n"), &out); err == nil || !strings.Contains(err.Error(), "walk") {
		t.Errorf("told to walk, it says %v", err)
	}
	r.Folder = t.TempDir()
	if err := Contend(context.Background(), b, r, strings.NewReader(""), &out); err == nil {
		t.Error("a folder without a setting is taken")
	}
}
