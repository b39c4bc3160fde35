package sweep

import (
	"bufio"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// childFolder is how a test tells a child process where to run the small sweep;
// childHeld makes it hold the folder and train nothing; with childUnlocked locks do
// nothing.
const (
	childFolder   = "MODSPEC_TEST_FOLDER"
	childHeld     = "MODSPEC_TEST_HELD"
	childUnlocked = "MODSPEC_TEST_UNLOCKED"
)

// atWork is the line that a child writes when it is about to begin.
const atWork = "at work"

// started starts a child and waits until it is at work. What it writes from then
// on comes when the returned function is called.
func started(t *testing.T, cmd *exec.Cmd) (rest func() string) {
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
	return func() string {
		text, _ := io.ReadAll(lines)
		return string(text)
	}
}

// TestChildProcess is no test of its own: the tests below start it in a process
// that they can kill.
func TestChildProcess(t *testing.T) {
	dir := os.Getenv(childFolder)
	if dir == "" {
		t.Skip("only runs as the child of another test")
	}
	o := options(space(t, small), dir)
	o.PartRows = 4
	if os.Getenv(childHeld) != "" {
		o.Chunks = held(o.Chunks)
	}
	if os.Getenv(childUnlocked) != "" {
		unlocked(t)
	}
	os.Stdout.WriteString(atWork + "\n")
	if _, err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
}

// held gives no chunk as long as the standard input is open, which is until whoever
// started the process ends.
func held(chunks Chunks) Chunks {
	return func(yield func(Chunk, error) bool) {
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

// TestKilledRunsLoseNothing kills a run at random moments, again and again until
// one comes to its end, and wants the results of an unbroken one. It goes on until
// a kill came between the first part and the last too.
func TestKilledRunsLoseNothing(t *testing.T) {
	s := space(t, small)
	want := unbroken(t, s)
	// How long a child is at work decides when to kill it.
	whole := child(t, t.TempDir())
	rest := started(t, whole)
	began := time.Now()
	out := rest()
	takes := time.Since(began)
	if err := whole.Wait(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}

	wanted := 40
	if testing.Short() {
		wanted = 5
	}
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	kills, between := 0, 0
	for kills < wanted || between == 0 {
		dir := t.TempDir()
		for ended := false; !ended; {
			cmd := child(t, dir)
			rest := started(t, cmd)
			killed := make(chan struct{})
			timer := time.AfterFunc(time.Duration(r.Float64()*float64(takes)), func() {
				cmd.Process.Kill()
				close(killed)
			})
			out := rest()
			err := cmd.Wait()
			if timer.Stop() && err != nil {
				t.Fatalf("a run fails by itself after %d kills: %v: %s", kills, err, out)
			}
			ended = err == nil
			if ended {
				continue
			}
			<-killed
			kills++
			takes += takes / 10 // in case that the machine has become slower
			// What is on the disk is always whole and readable.
			status, err := ReadStatus(dir)
			if err != nil {
				continue // killed before the journal was begun
			}
			if status.State != StateKilled && status.State != StateDone {
				t.Errorf("after a kill the state is %q", status.State)
			}
			if d, err := Digest(dir); err != nil || d.Runs != status.Done {
				t.Errorf("after a kill the digest is %+v, %v of %d copies", d, err, status.Done)
			}
			if status.Done > 0 && status.Done < s.Copies() {
				between++
			}
		}
		onlyOnce(t, s, dir)
		if got := digest(t, dir); got != want {
			t.Fatalf("after %d kills the digest is %s, want %s", kills, got, want)
		}
	}
	t.Logf("%d kills, %d of them with some copies kept and some not", kills, between)
}

// TestTwoProcesses: the second is refused while the first is alive, and goes on
// at once when it has been killed.
func TestTwoProcesses(t *testing.T) {
	s := space(t, small)
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
	for status := (Status{}); status.State != StateRunning; time.Sleep(time.Millisecond) {
		status, _ = ReadStatus(dir) // an error until the journal is begun
	}
	_, err = Run(context.Background(), options(s, dir))
	host, _ := os.Hostname()
	expect(t, err, "another process works in "+dir, "process ", host)
	if status, err := ReadStatus(dir); err != nil || status.State != StateRunning || !strings.Contains(status.Process, host) {
		t.Errorf("status is %+v, %v; want running", status, err)
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	first.Wait()
	if status, err := ReadStatus(dir); err != nil || status.State != StateKilled {
		t.Errorf("status is %+v, %v; want killed", status, err)
	}
	run(t, options(s, dir))
	onlyOnce(t, s, dir)
}
