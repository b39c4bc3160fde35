package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modspec/engine/sweep/sweeptest"
)

// TestDamagedJournalsAreAllKept, also on a file system without second names, and the
// journal is never away. Before, a second damage deleted the evidence of the first, and
// a process that was killed in between left no journal at all.
func TestDamagedJournalsAreAllKept(t *testing.T) {
	defer func() { link = os.Link }()
	for name, other := range map[string]func(from, to string) error{
		"links": os.Link,
		"no links": func(from, to string) error {
			return &os.LinkError{Op: "link", Old: from, New: to, Err: errors.ErrUnsupported}
		},
	} {
		link = other
		dir := t.TempDir()
		path := filepath.Join(dir, journalName)
		var want []string
		for number := 1; number <= 3; number++ {
			text := strings.Repeat("damaged\n", number)
			sweeptest.WriteBytes(t, path, []byte(text))
			want = append(want, text)
			if err := keepAside(path); err != nil {
				t.Fatal(err)
			}
			for i, text := range want {
				if got := sweeptest.ReadBytes(t, filepath.Join(dir, damagedName(i+1))); string(got) != text {
					t.Errorf("%s: journal %d is kept as %q, and was %q", name, i+1, got, text)
				}
			}
			if got := sweeptest.ReadBytes(t, path); string(got) != text {
				t.Errorf("%s: the journal is %q, and was %q", name, got, text)
			}
			// As a process does that was killed before it replaced the journal.
			if err := keepAside(path); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(filepath.Join(dir, damagedName(number+1))); name == "links" && err == nil {
				t.Errorf("journal %d is kept twice", number)
			}
			sweeptest.RemoveFiles(t, path)
			if name == "no links" {
				sweeptest.RemoveFiles(t, filepath.Join(dir, damagedName(number+1)))
			}
		}
	}
}
