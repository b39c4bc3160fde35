package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"

	"modspec/engine/kind/images"
)

// fullDisk is a standard output that takes so many bytes and no more.
type fullDisk struct{ room int }

func (f *fullDisk) Write(p []byte) (int, error) {
	n := min(len(p), f.room)
	f.room -= n
	if n < len(p) {
		return n, &fs.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}
	}
	return n, nil
}

// TestFailedWrite: a command whose output cannot be written, at all or to its end, says
// so and fails. Tables, help and completions ended with 0.
func TestFailedWrite(t *testing.T) {
	file, base := writeSweep(t, smallSweep), t.TempDir()
	dir, other := filepath.Join(base, "small"), filepath.Join(base, "other")
	must(t, "sweep", "run", file, "--out", dir)
	digits, towers := someDigits(t), smallTowers(t)
	lines := [][]string{
		{}, {"--help"}, {"--version"}, {"help", "train"}, {"version"}, {"version", "--json"}, {"doctor"}, {"doctor", "--json"},
		{"completion", "bash"}, {"completion", "zsh"}, {"completion", "fish"}, {"completion", "powershell"}, {"__complete", "train", "--arch", ""},
		{"theory"}, {"theory", "--json"}, {"theory", "--arch", "dense"}, {"train", "--steps", "1"}, {"train", "--steps", "1", "--json"},
		{"reproduce", "--list"}, {"serve", base, "--addr", "127.0.0.1:0"}, {"report", dir},
		{"cmnist", "--arch", towers, "--digits", "2", "--runs", "1", "--epochs", "1", "--train", "40", "--test", "20", "--data", digits, "--out", filepath.Join(base, "images")},
		{"sweep"}, {"sweep", "plan", file}, {"sweep", "plan", file, "--json"}, {"sweep", "run", file, "--out", dir}, {"sweep", "run", file, "--out", dir, "--json"},
		{"sweep", "status", dir}, {"sweep", "status", dir, "--json"}, {"sweep", "repair", dir}, {"sweep", "digest", dir}, {"sweep", "digest", dir, "--json"},
		{"sweep", "merge", dir, "--out", other}, {"sweep", "merge", dir, "--out", other, "--json"},
		{"sweep", "export", dir, "--csv"}, {"sweep", "export", dir, "--tensorboard", filepath.Join(base, "events")},
		{"sweep", "plot", dir, "--x", "r", "--y", "arch", "--value", "systematicity", "-o", filepath.Join(base, "plot.png")},
		{"sweep", "submit", file, "--out", filepath.Join(base, "sent"), "--slurm", "--array", "2", "--program", "/opt/modspec", "--dry-run"},
	}
	lines = append(lines, []string{"kinds"}, []string{"kinds", "--json"})
	for _, k := range kinds {
		lines = append(lines, []string{"kinds", k.Name()})
		one := []string{"train", k.Name(), "--steps", "1"}
		if k.Name() == (images.Kind{}).Name() { // whose default network is large
			one = append(one, "--arch", "both", "--digits", "2", "--train", "40", "--test", "20", "--data", digits)
		}
		lines = append(lines, one, append(slices.Clone(one), "--json"))
	}
	// Those that print nothing, or that another test runs in their own surroundings.
	left := map[string]bool{"modspec man": true, "modspec bench readme": true, "modspec bench": true, "modspec bench contend": true, "modspec sweep resubmit": true}
	root := newRoot()
	for _, args := range lines {
		for c, _, err := root.Find(args); err == nil && c != nil; c = nil {
			left[c.CommandPath()] = true
		}
	}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if !left[c.CommandPath()] {
			t.Errorf("%s is not among the commands of this test", c.CommandPath())
		}
		lines = append(lines, append(strings.Fields(c.CommandPath())[1:], "--help"))
		for _, below := range c.Commands() {
			walk(below)
		}
	}
	walk(root)
	for i, args := range lines {
		var stderr bytes.Buffer
		room := 10 * (i % 2)
		code := run(t.Context(), args, &fullDisk{room}, &stderr)
		if !strings.HasSuffix("\n"+stderr.String(), "\nmodspec: cannot write to standard output: no space left on device\n") || code != exitFailed {
			t.Errorf("modspec %s, room for %d bytes: exit %d, %q", strings.Join(args, " "), room, code, stderr.String())
		}
	}
}

// TestFailedWriteBesideAnotherFailure: both are said, and the exit code is the other's.
func TestFailedWriteBesideAnotherFailure(t *testing.T) {
	var stderr bytes.Buffer
	code := run(context.Background(), strings.Fields("train --lr 50 --init-scale 0.1"), &fullDisk{}, &stderr)
	if said := stderr.String(); code != exitDiverged || !strings.Contains(said, "diverged at step") || !strings.HasSuffix(said, "; and cannot write to standard output: no space left on device\n") || strings.Count(said, "\n") != 1 {
		t.Errorf("exit %d, %q", code, said)
	}
}

// TestOutputStopsAtTheFirstError: what follows a lost part is not written, so that a
// file cut short is not taken for a whole one with a gap.
func TestOutputStopsAtTheFirstError(t *testing.T) {
	disk := &fullDisk{3}
	o := &output{to: disk}
	if n, err := io.WriteString(o, "four"); n != 3 || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("wrote %d, %v", n, err)
	}
	disk.room = 100
	if n, err := io.WriteString(o, "more"); n != 0 || !errors.Is(err, syscall.ENOSPC) || disk.room != 100 {
		t.Errorf("wrote %d more, %v", n, err)
	}
}

// TestDevFull: the same on the device that stands for a full disk.
func TestDevFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no /dev/full")
	}
	defer full.Close()
	for _, args := range []string{"theory", "theory --json", "train --steps 1", "version", "--help", "reproduce --list"} {
		var stderr bytes.Buffer
		if code := run(context.Background(), strings.Fields(args), full, &stderr); code != exitFailed || stderr.String() != "modspec: cannot write to standard output: no space left on device\n" {
			t.Errorf("modspec %s: exit %d, %q", args, code, stderr.String())
		}
	}
}
