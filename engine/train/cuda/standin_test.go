//go:build gpu

package cuda

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"modspec/engine/cuda"
	"modspec/engine/cuda/cudatest"
)

// needStandIn skips a test that plants faults, which only the stand-in can have.
func needStandIn(t *testing.T) {
	t.Helper()
	cudatest.NeedDevice(t)
	if r := Devices(); len(r.Devices) == 0 || r.Devices[0].Name != cuda.StandInName {
		t.Skip("this test plants faults, which only the stand-in can have (`make test-gpu-emulated`)")
	}
}

// inProcess runs the rest of a test in a process of its own whose stand-in is set up
// by an environment, and returns false in the first process, after that has ended.
// What the stand-in reads when the program starts can be set in no other way.
func inProcess(t *testing.T, environment ...string) bool {
	t.Helper()
	const mark = "MODSPEC_TEST_IN_PROCESS"
	if os.Getenv(mark) == t.Name() {
		return true
	}
	needStandIn(t)
	command := exec.Command(os.Args[0], "-test.run=^"+strings.ReplaceAll(t.Name(), "/", "$/^")+"$", "-test.v")
	command.Env = append(append(os.Environ(), mark+"="+t.Name()), environment...)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("with %v: %v\n%s", environment, err, out)
	}
	if !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("with %v the test did not run:\n%s", environment, out)
	}
	return false
}

// opened opens a backend and closes it when the test ends.
func opened(t *testing.T, o Options) *Backend {
	t.Helper()
	b, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Errorf("closing the backend: %v", err)
		}
	})
	return b
}
