package runner_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/runner/runtest"
	"modspec/engine/sweep/store"
	"modspec/engine/sweep/sweeptest"
)

// smallDisk mounts a file system of the given size, which only root may do.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("a sweeptest.Small file system cannot be mounted here (%v): this test needs root", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmounting %s: %v", dir, err)
		}
	})
	return dir
}

// TestFullDisk: the run stops with the reason, keeps what was finished, and goes
// on when there is room.
func TestFullDisk(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	want := runtest.Unbroken(t, s)
	dir := smallDisk(t, "600k")
	filler := filepath.Join(dir, "filler")
	parts := 0
	// From no room for the journal to room for some parts. A file system of this
	// kind gives room by the page.
	for room := 580; ; room -= 40 {
		if err := os.WriteFile(filler, make([]byte, max(room, 0)<<10), 0o666); err != nil {
			t.Fatal(err)
		}
		o := runtest.Options(s, filepath.Join(dir, "out"))
		o.PartRows = 8
		sum, err := runner.Run(context.Background(), o)
		if err == nil {
			break
		}
		if room <= 0 {
			t.Fatalf("with all room: %v", err)
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("with %d kB taken: %v, want the error of a full disk", room, err)
		}
		status, statusErr := store.ReadStatus(o.Dir)
		if statusErr != nil {
			continue // there was not even room to begin
		}
		if sum.Copies > 0 && !strings.Contains(err.Error(), "is kept") {
			t.Errorf("the error does not say that something is kept: %v", err)
		}
		if len(status.Problems) > 0 {
			t.Errorf("with %d kB taken there are left: %v", room, status.Problems)
		}
		if d, err := store.Digest(o.Dir); err != nil || d.Runs != status.Done {
			t.Errorf("with %d kB taken: digest %+v, %v, of %d copies", room, d, err, status.Done)
		}
		parts = max(parts, status.Parts)
	}
	if parts == 0 {
		t.Error("the disk was never full after some parts: the test is a poor one")
	}
	runtest.OnlyOnce(t, s, filepath.Join(dir, "out"))
	if got := runtest.DigestOf(t, filepath.Join(dir, "out")); got != want {
		t.Errorf("digest is %s, want %s", got, want)
	}
}

func TestReadOnlyFolder(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	dir := smallDisk(t, "4m")
	begun, fresh := filepath.Join(dir, "begun"), filepath.Join(dir, "fresh")
	runtest.Run(t, runtest.Options(s, begun))
	want := runtest.DigestOf(t, begun)
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skipf("a file system cannot be made read-only here: %v", err)
	}
	_, err := runner.Run(context.Background(), runtest.Options(s, begun))
	sweeptest.Expect(t, err, begun, "read-only", "choose")
	_, err = runner.Run(context.Background(), runtest.Options(s, fresh))
	sweeptest.Expect(t, err, fresh, "read-only", "choose")
	// Reading needs no writing.
	if got := runtest.DigestOf(t, begun); got != want {
		t.Error("the digest differs")
	}
	if status, err := store.ReadStatus(begun); err != nil || status.State != store.StateDone {
		t.Errorf("status is %+v, %v", status, err)
	}
}
