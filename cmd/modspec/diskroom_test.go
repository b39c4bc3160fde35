package main

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"modspec/engine/machine"
	"modspec/engine/sweep/plan"
)

// A disk that is too small was found out by writing to it, hours later. No disk has an
// exbibyte, and any has a byte.
func TestShortDiskIsToldBeforeTraining(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "to", "be", "made")
	room, err := machine.Disk(dir)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("this system does not tell free disk")
	}
	if err != nil || room.Free == 0 {
		t.Fatalf("%+v, %v", room, err)
	}
	var enough, short strings.Builder
	warnDisk(&enough, 1, dir)
	warnDisk(&short, 1<<60, dir)
	if enough.Len() > 0 {
		t.Errorf("a byte does not fit: %s", &enough)
	}
	for _, part := range []string{"up to about 1 EiB", dir, " free;", "make room"} {
		if !strings.Contains(short.String(), part) {
			t.Errorf("the warning lacks %q: %s", part, &short)
		}
	}
	warnDisk(&enough, plan.Bytes(-1), dir)
	if enough.Len() > 0 {
		t.Errorf("nothing does not fit: %s", &enough)
	}

	// sweep run says it before it trains; what it says ends it.
	if room.Free < 1e14 {
		file := writeSweep(t, "name: vast\nmethod: grid\nseeds: 100000000\nsteps: 10000\nrecord: {every: 1}\n")
		ctx, end := context.WithCancel(t.Context())
		var stdout strings.Builder
		stderr := ending{end: end}
		out := filepath.Join(t.TempDir(), "out")
		if code := run(ctx, []string{"sweep", "run", file, "--out", out}, &stdout, &stderr); code != exitInterrupted {
			t.Errorf("exit %d", code)
		}
		if !strings.Contains(stderr.String(), "modspec: the results take up to about") {
			t.Errorf("run does not warn: %s", &stderr)
		}
	}

	// Ten million copies of a million recordings each, twice with the merge.
	file := writeSweep(t, "name: vast\nmethod: grid\nseeds: 10000000\nsteps: 1000000\nrecord: {every: 1}\n")
	submit := []string{"sweep", "submit", file, "--out", dir, "--slurm", "--array", "8", "--program", "/opt/modspec", "--dry-run"}
	if _, stderr, code := modspec(t, submit...); code != exitOK || !strings.Contains(stderr, "the results take up to about") || !strings.Contains(stderr, "of memory") {
		t.Errorf("submit: exit %d, %s", code, stderr)
	}
	// What every task would refuse is not sent at all.
	file = writeSweep(t, "name: vast\nmethod: grid\nseeds: 8\nsteps: 10000000\nrecord: {every: 1}\n")
	submit[2] = file
	if _, stderr, code := modspec(t, submit...); code != exitBadInput || !strings.Contains(stderr, "at most 1048576") {
		t.Errorf("ten million recordings: exit %d, %s", code, stderr)
	}
}

// ending is a writer that ends a context when something is written.
type ending struct {
	strings.Builder
	end context.CancelFunc
}

func (e *ending) Write(p []byte) (int, error) {
	e.end()
	return e.Builder.Write(p)
}
