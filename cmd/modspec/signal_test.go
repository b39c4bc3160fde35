//go:build unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// mainArguments tells a child process to be modspec with these arguments, one a
// line.
const mainArguments = "MODSPEC_TEST_MAIN"

// TestMainProcess is no test of its own: another starts it, in a process that it
// can send signals to.
func TestMainProcess(t *testing.T) {
	args := os.Getenv(mainArguments)
	if args == "" {
		t.Skip("only runs as the child of another test")
	}
	os.Args = append([]string{"modspec"}, strings.Split(args, "\n")...)
	main()
}

// TestRepeatedSIGTERM: a scheduler repeats SIGTERM while it waits. The run ends in
// order all the same: with its exit code, and with what was finished kept.
func TestRepeatedSIGTERM(t *testing.T) {
	// A chunk of copies that take a moment each on the reference backend.
	text := strings.NewReplacer("seeds: 3", "seeds: 2000", "steps: 40", "steps: 2000").Replace(smallSweep)
	file, dir := writeSweep(t, text), filepath.Join(t.TempDir(), "out")
	cmd := exec.Command(os.Args[0], "-test.run=^TestMainProcess$", "-test.count=1")
	cmd.Env = append(os.Environ(), mainArguments+"="+strings.Join([]string{"sweep", "run", file, "--out", dir, "--backend", "reference", "--threads", "1"}, "\n"))
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()

	// The first part is under way when its file is there: copies are finished.
	for {
		if parts, _ := filepath.Glob(filepath.Join(dir, "runs", ".part-*")); len(parts) > 0 {
			break
		}
		select {
		case err := <-ended:
			t.Fatalf("it ended before a copy was finished: %v: %s", err, said.String())
		case <-time.After(time.Millisecond):
		}
	}
	var err error
	for waiting := true; waiting; {
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case err = <-ended:
			waiting = false
		case <-time.After(time.Millisecond):
		}
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Errorf("the run ended with %v, want exit status %d: %s", err, exitInterrupted, said.String())
	}
	if s := decode(t, "sweep", "status", dir, "--json"); s["state"] != "interrupted" || s["done"].(float64) < 1 {
		t.Errorf("status %v", s)
	}
}

// TestClosedPipe: whoever reads no further, as head does, ends a command without a
// word, by SIGPIPE.
func TestClosedPipe(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	read.Close()
	cmd := exec.Command(os.Args[0], "-test.run=^TestMainProcess$", "-test.count=1")
	cmd.Env = append(os.Environ(), mainArguments+"=theory\n--json")
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = write, &said
	err = cmd.Run()
	write.Close()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGPIPE || said.Len() > 0 {
		t.Errorf("the command ended with %v and said %q, want SIGPIPE and nothing", err, said.String())
	}
}
