package main

import (
	"bytes"
	"testing"
)

// Notices name files, whose names may hold anything: they were written raw, and moved
// the cursor.
func TestNotesCannotMoveTheCursor(t *testing.T) {
	var out bytes.Buffer
	newProgress(&out, 1).note("a\x1b[2Jb\nc")
	if got, want := out.String(), "modspec: note: a\\x1b[2Jb\\nc\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
