package store_test

import (
	"context"
	"strings"
	"testing"

	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/runner/runtest"
	"modspec/engine/sweep/store"
	"modspec/engine/sweep/sweeptest"
)

// TestAnotherArithmeticIsRefused: a folder that one build had begun was continued by
// another whose results differ in the last bits, and merged with such.
func TestAnotherArithmeticIsRefused(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	begun := func(arithmetic string) runner.Options {
		o := runtest.Options(s, t.TempDir())
		o.Provenance.Arithmetic = arithmetic
		runtest.Run(t, o)
		return o
	}
	usual, other := begun("amd64"), begun("amd64-v3")
	want := runtest.DigestOf(t, other.Dir)
	again := other
	again.Provenance.Arithmetic = "amd64"
	_, err := runner.Run(context.Background(), again)
	sweeptest.Expect(t, err, other.Dir, "amd64-v3", "for amd64,", "choose another folder")
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %v", err)
	}
	if got := runtest.DigestOf(t, other.Dir); got != want {
		t.Error("the refused run changed the folder")
	}
	runtest.Run(t, other)

	_, err = store.Merge(context.Background(), t.TempDir(), []string{usual.Dir, other.Dir}, nil)
	sweeptest.Expect(t, err, usual.Dir, other.Dir, "amd64-v3")
	// Into a folder that the other build has begun.
	_, err = store.Merge(context.Background(), other.Dir, []string{usual.Dir}, nil)
	sweeptest.Expect(t, err, other.Dir, "amd64-v3")

	// Of before it was recorded: the usual build of the platform goes on, others do not.
	older := runtest.Options(s, t.TempDir())
	older.Provenance.Arithmetic, older.Provenance.Platform = "", "linux/amd64"
	runtest.Run(t, older)
	older.Provenance.Arithmetic = "amd64"
	runtest.Run(t, older)
	older.Provenance.Arithmetic = "amd64-noasm"
	_, err = runner.Run(context.Background(), older)
	sweeptest.Expect(t, err, older.Dir, "begun by a build for amd64", "amd64-noasm")
}
