package sweep

import (
	"context"
	"strings"
	"testing"
)

// TestAnotherArithmeticIsRefused: a folder that one build had begun was continued by
// another whose results differ in the last bits, and merged with such.
func TestAnotherArithmeticIsRefused(t *testing.T) {
	s := enumerated(t, small)
	begun := func(arithmetic string) RunOptions {
		o := options(s, t.TempDir())
		o.Provenance.Arithmetic = arithmetic
		run(t, o)
		return o
	}
	usual, other := begun("amd64"), begun("amd64-v3")
	want := digest(t, other.Dir)
	again := other
	again.Provenance.Arithmetic = "amd64"
	_, err := Run(context.Background(), again)
	expect(t, err, other.Dir, "amd64-v3", "for amd64,", "choose another folder")
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %v", err)
	}
	if got := digest(t, other.Dir); got != want {
		t.Error("the refused run changed the folder")
	}
	run(t, other)

	_, err = Merge(context.Background(), t.TempDir(), []string{usual.Dir, other.Dir}, nil)
	expect(t, err, usual.Dir, other.Dir, "amd64-v3")
	// Into a folder that the other build has begun.
	_, err = Merge(context.Background(), other.Dir, []string{usual.Dir}, nil)
	expect(t, err, other.Dir, "amd64-v3")

	// Of before it was recorded: the usual build of the platform goes on, others do not.
	older := options(s, t.TempDir())
	older.Provenance.Arithmetic, older.Provenance.Platform = "", "linux/amd64"
	run(t, older)
	older.Provenance.Arithmetic = "amd64"
	run(t, older)
	older.Provenance.Arithmetic = "amd64-noasm"
	_, err = Run(context.Background(), older)
	expect(t, err, older.Dir, "begun by a build for amd64", "amd64-noasm")
}
