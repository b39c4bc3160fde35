package runner_test

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/runner/runtest"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/store"
	"modspec/engine/sweep/sweeptest"
)

// childFolder is how a test tells a child process where to run the small sweep, or the
// one that childSweep has the text of; childHeld makes it hold the folder and train
// nothing; with childUnlocked locks do nothing; with childEager a checkpoint is kept of
// every step.
const (
	childFolder   = "MODSPEC_TEST_FOLDER"
	childSweep    = "MODSPEC_TEST_SWEEP"
	childHeld     = "MODSPEC_TEST_HELD"
	childUnlocked = "MODSPEC_TEST_UNLOCKED"
	childEager    = "MODSPEC_TEST_EAGER"
)

// The lines that a child writes: when it is about to begin, and whenever more copies
// are kept than before, or with childEager a checkpoint.
const (
	atWork   = "at work"
	keptMore = "kept more"
)

// started starts a child and waits until it is at work. The function that is returned
// waits until it has written keptMore so often, or has ended, and returns what it
// wrote; a negative number waits for the end.
func started(t *testing.T, cmd *exec.Cmd) (rest func(kept int) string) {
	t.Helper()
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(pipe)
	for {
		line, err := lines.ReadString('\n')
		if strings.HasPrefix(line, atWork) {
			break
		}
		if err != nil {
			t.Fatalf("the child does not begin: %v: %s", err, line)
		}
	}
	return func(kept int) string {
		var text strings.Builder
		for ; kept != 0; kept-- {
			line, err := lines.ReadString('\n')
			text.WriteString(line)
			if err != nil {
				break
			}
		}
		return text.String()
	}
}

// TestChildProcess is no test of its own: the tests below start it in a process
// that they can kill.
func TestChildProcess(t *testing.T) {
	dir := os.Getenv(childFolder)
	if dir == "" {
		t.Skip("only runs as the child of another test")
	}
	o := runtest.Options(sweeptest.Enumerate(t, cmp.Or(os.Getenv(childSweep), sweeptest.Small)), dir)
	o.PartRows = 4
	if os.Getenv(childHeld) != "" {
		o.Chunks = held(o.Chunks)
	}
	if os.Getenv(childUnlocked) != "" {
		unlocked(t)
	}
	kept := 0
	o.ProgressTime = time.Millisecond
	everyStep := os.Getenv(childEager) != ""
	if everyStep {
		o.Backend = eager(o.Backend, func() { fmt.Println(keptMore) })
		o.Notice = func(text string) { fmt.Println(text) }
	}
	o.Progress = func(p runner.Progress) {
		if p.Kept > kept && !everyStep {
			kept = p.Kept
			fmt.Println(keptMore)
		}
	}
	os.Stdout.WriteString(atWork + "\n")
	if _, err := runner.Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
}

// held gives no chunk as long as the standard input is open, which is until whoever
// started the process ends.
func held(chunks space.Chunks) space.Chunks {
	return func(yield func(space.Chunk, error) bool) {
		io.Copy(io.Discard, os.Stdin)
		chunks(yield)
	}
}

func child(t *testing.T, dir string, extra ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestChildProcess$", "-test.count=1")
	cmd.Env = append(append(os.Environ(), childFolder+"="+dir), extra...)
	return cmd
}

// TestKilledRunsLoseNothing kills a run at random moments, again and again until one
// comes to its end, and wants the results of an unbroken one. A moment is a number of
// parts that are kept, and a short pause after it, so that kills fall into the writing
// of every part on a fast machine and on a busy one.
func TestKilledRunsLoseNothing(t *testing.T) {
	wanted := 40
	if testing.Short() {
		wanted = 5
	}
	t.Run("linear", func(t *testing.T) { killAgainAndAgain(t, sweeptest.Small, wanted, 15) })
	t.Run("programs", func(t *testing.T) { killAgainAndAgain(t, sweeptest.Toys, 5, 8) })
	t.Run("in training", func(t *testing.T) {
		out := killAgainAndAgain(t, strings.Replace(sweeptest.Toys, "seeds: 4", "seeds: 1", 1), 5, 60, childEager+"=1")
		if !strings.Contains(out, "go on from their checkpoints") {
			t.Errorf("no run goes on from a checkpoint: %s", out)
		}
	})
}

// killAgainAndAgain runs a sweep and kills it so often or more, each time after fewer
// than so many lines of the child, and returns what children wrote.
func killAgainAndAgain(t *testing.T, text string, wanted, lines int, extra ...string) (all string) {
	s := sweeptest.Enumerate(t, text)
	want := runtest.Unbroken(t, s)
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	kills, between := 0, 0
	for kills < wanted || between == 0 {
		dir := t.TempDir()
		for ended := false; !ended; {
			cmd := child(t, dir, append(extra, childSweep+"="+text)...)
			rest := started(t, cmd)
			out := rest(r.IntN(lines))
			time.Sleep(time.Duration(r.IntN(10)) * time.Millisecond)
			cmd.Process.Kill() // an error says that it has ended
			out += rest(-1)
			all += out
			err := cmd.Wait()
			var exit *exec.ExitError
			if errors.As(err, &exit) && exit.Exited() {
				t.Fatalf("a run fails by itself after %d kills: %v: %s", kills, err, out)
			}
			if ended = err == nil; ended {
				continue
			}
			kills++
			// What is on the disk is always whole and readable.
			status, err := store.ReadStatus(dir)
			if err != nil {
				continue // killed before the journal was begun
			}
			if status.State != store.StateKilled && status.State != store.StateDone {
				t.Errorf("after a kill the state is %q", status.State)
			}
			if d, err := store.Digest(dir); err != nil || d.Runs != status.Done {
				t.Errorf("after a kill the digest is %+v, %v of %d copies", d, err, status.Done)
			}
			if status.Done > 0 && status.Done < s.Copies() {
				between++
			}
		}
		runtest.OnlyOnce(t, s, dir)
		if got := runtest.DigestOf(t, dir); got != want {
			t.Fatalf("after %d kills the digest is %s, want %s", kills, got, want)
		}
	}
	t.Logf("%d kills, %d of them with some copies kept and some not", kills, between)
	return all
}

// TestTwoProcesses: the second is refused while the first is alive, and goes on
// at once when it has been killed.
func TestTwoProcesses(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	dir := t.TempDir()
	first := child(t, dir, childHeld+"=1")
	stdin, err := first.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	started(t, first)
	defer first.Wait()
	defer first.Process.Kill()
	for status := (store.Status{}); status.State != store.StateRunning; time.Sleep(time.Millisecond) {
		status, _ = store.ReadStatus(dir) // an error until the journal is begun
	}
	_, err = runner.Run(context.Background(), runtest.Options(s, dir))
	host, _ := os.Hostname()
	sweeptest.Expect(t, err, "another process works in "+dir, "process ", host)
	if status, err := store.ReadStatus(dir); err != nil || status.State != store.StateRunning || !strings.Contains(status.Process, host) {
		t.Errorf("status is %+v, %v; want running", status, err)
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	first.Wait()
	if status, err := store.ReadStatus(dir); err != nil || status.State != store.StateKilled {
		t.Errorf("status is %+v, %v; want killed", status, err)
	}
	runtest.Run(t, runtest.Options(s, dir))
	runtest.OnlyOnce(t, s, dir)
}
