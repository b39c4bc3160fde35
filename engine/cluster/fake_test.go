package cluster

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// programs are those of Slurm's that this package calls.
var programs = []string{"sbatch", "squeue", "sacct", "scontrol"}

// fakeFolder names the folder in which a fake program finds what to say, and notes
// how it was called.
const fakeFolder = "MODSPEC_TEST_FAKE"

// A call is how a fake program was called.
type call struct {
	Args []string
	Dir  string
	Env  []string
}

// A say is what a fake program says, from the file PROGRAM.json.
type say struct {
	Out, Err string
	Code     int
}

// TestMain is also the main function of the fake programs, which are this test's
// program under other names: so what they are called with reaches the test as it
// is, through no shell.
func TestMain(m *testing.M) {
	if name := filepath.Base(os.Args[0]); slices.Contains(programs, name) {
		os.Exit(fakeMain(name))
	}
	os.Exit(m.Run())
}

func fakeMain(name string) int {
	folder := os.Getenv(fakeFolder)
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	line, err := json.Marshal(call{os.Args[1:], dir, os.Environ()})
	if err != nil {
		panic(err)
	}
	log, err := os.OpenFile(filepath.Join(folder, name+".calls"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		panic(err)
	}
	if _, err := log.Write(append(line, '\n')); err != nil {
		panic(err)
	}
	log.Close()
	data, err := os.ReadFile(filepath.Join(folder, name+".json"))
	if err != nil {
		panic(err)
	}
	var list []say
	if err := json.Unmarshal(data, &list); err != nil {
		panic(err)
	}
	n := 0
	if data, err = os.ReadFile(filepath.Join(folder, name+".calls")); err == nil {
		n = strings.Count(string(data), "\n")
	}
	s := list[min(n, len(list))-1] // the last one for ever
	os.Stdout.WriteString(s.Out)
	os.Stderr.WriteString(s.Err)
	return s.Code
}

// A fakeSlurm is a folder of fake programs that stands alone in PATH.
type fakeSlurm struct {
	t   *testing.T
	dir string
}

// newFakeSlurm makes programs that say what is in says, one call after another. A
// program that is not there is not in PATH.
func newFakeSlurm(t *testing.T, says map[string][]say) *fakeSlurm {
	t.Helper()
	f := &fakeSlurm{t, t.TempDir()}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, list := range says {
		if err := os.Symlink(self, filepath.Join(f.dir, name)); err != nil {
			t.Fatal(err)
		}
		f.set(name, list...)
	}
	t.Setenv("PATH", f.dir)
	t.Setenv(fakeFolder, f.dir)
	return f
}

// set changes what a program says from now on.
func (f *fakeSlurm) set(name string, list ...say) {
	f.t.Helper()
	data, err := json.Marshal(list)
	if err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(f.dir, name+".json"), data, 0o666); err != nil {
		f.t.Fatal(err)
	}
	os.Remove(filepath.Join(f.dir, name+".calls"))
}

// calls returns how a program was called since it was set.
func (f *fakeSlurm) calls(name string) []call {
	f.t.Helper()
	file, err := os.Open(filepath.Join(f.dir, name+".calls"))
	if err != nil {
		return nil
	}
	defer file.Close()
	var list []call
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c call
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			f.t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}

// expect fails unless err says all of the texts.
func expect(t *testing.T, err error, says ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error; want one that says %q", says)
		return
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("the error is not one line: %q", err)
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("the error does not say %q: %v", s, err)
		}
	}
}
