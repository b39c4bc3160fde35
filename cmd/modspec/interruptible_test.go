//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A reading that never ends is given up when the context is cancelled.
func TestInterruptible(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	never := make(chan struct{})
	defer close(never)
	_, err := interruptible(ctx, func() (int, error) {
		cancel()
		<-never
		return 0, nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v, want the context's", err)
	}
	broken := errors.New("broken")
	if v, err := interruptible(context.Background(), func() (int, error) { return 7, broken }); v != 7 || err != broken {
		t.Errorf("%d, %v, want what was read", v, err)
	}
}

// pipe makes a pipe that nobody writes to: whoever opens it waits.
func pipe(t *testing.T, path string) string {
	t.Helper()
	if err := syscall.Mkfifo(path, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// An interrupted command that was reading what it was given went on reading: a pipe
// without a writer held it whatever signals came.
func TestReadingIsInterrupted(t *testing.T) {
	folder := t.TempDir()
	waits, out := pipe(t, filepath.Join(folder, "f.yaml")), filepath.Join(folder, "out")
	// Images that would be refused if they were read.
	images := filepath.Join(folder, "train-images-idx3-ubyte")
	if err := os.WriteFile(images, []byte("no images"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"sweep", "plan", waits},
		{"sweep", "run", waits, "--out", out},
		{"sweep", "submit", waits, "--out", out, "--slurm", "--array", "2"},
		{"train", "--weights", waits},
		{"cmnist", "--arch", "none.yaml", "--out", out},
		{"cmnist", "--data", folder, "--out", out},
		{"reproduce", "--all", "--data", folder, "--out", out},
	} {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		var stdout, stderr bytes.Buffer
		if code := run(ctx, args, &stdout, &stderr); code != exitInterrupted || !strings.Contains(stderr.String(), "interrupted") {
			t.Errorf("%q: exit %d, %q", args, code, stderr.String())
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("the folder for the results was made")
	}
}

// In place of a file of images, of a network or of a configuration a pipe is refused:
// no one writes to it.
func TestPipesAreRefused(t *testing.T) {
	folder, digits := t.TempDir(), someDigits(t)
	labels := filepath.Join(digits, "t10k-labels-idx1-ubyte")
	if err := os.Remove(labels); err != nil {
		t.Fatal(err)
	}
	pipe(t, labels)
	out := filepath.Join(folder, "out")
	for _, args := range [][]string{
		{"--data", digits},
		{"--arch", pipe(t, filepath.Join(folder, "f.yaml"))},
		{"--resume", "--out", filepath.Dir(pipe(t, filepath.Join(folder, "journal.jsonl")))},
	} {
		_, stderr, code := modspec(t, append([]string{"cmnist", "--out", out}, args...)...)
		if code != exitBadInput || !strings.Contains(stderr, "must be a regular file") {
			t.Errorf("%q: exit %d, %q", args, code, stderr)
		}
	}
}

// What --resume reads before the experiment begins is given up as well.
func TestResumeIsInterrupted(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	if _, stderr, code := modspec(t, cmnistArgs("compositional", someDigits(t), out, "--epochs", "0")...); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	if code := run(ctx, []string{"cmnist", "--resume", "--out", out}, &stdout, &stderr); code != exitInterrupted {
		t.Errorf("exit %d, %s", code, stderr.String())
	}
}
