package yamlfile_test

import (
	"errors"
	"strings"
	"testing"

	"modspec/engine/yamlfile"
)

const kind yamlfile.Kind = "test file"

// TestWhatGrowsWithTheSquareIsRefused: the library takes minutes for some files of
// 256 kB. Each is refused before the step that would, at one more than is allowed.
func TestWhatGrowsWithTheSquareIsRefused(t *testing.T) {
	for _, c := range []struct {
		what, unit string
		most       int // of the unit
		want       string
	}{
		{"keys", "a: 1\n", 4096, "more than 4096 keys, which no test file needs"},
		{"empty lines", "\n", 1000, "more than 1000 lines are empty"},
		{"lines of blanks", " \t\n", 1000, "more than 1000 lines are empty"},
		{"lists within each other", "- ", 8, "nested more than 8 deep, which no test file needs"},
	} {
		// Another line keeps the end of the file from being one that is empty.
		if _, err := kind.Parse("f.yaml", []byte(strings.Repeat(c.unit, c.most)+"# end\n")); err != nil {
			t.Errorf("%d %s: %v", c.most, c.what, err)
		}
		_, err := kind.Parse("f.yaml", []byte(strings.Repeat(c.unit, c.most+1)+"# end\n"))
		var faults yamlfile.Faults
		if !errors.As(err, &faults) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%d %s: the error is %v, want %q", c.most+1, c.what, err, c.want)
		}
	}
}

// TestTabsAreSpacesBehindAValue: the lexer takes time with the square of tabs
// between quotes, and is given spaces.
func TestTabsAreSpacesBehindAValue(t *testing.T) {
	r, err := kind.Parse("f.yaml", []byte("a:\t1\t# one\nb: \"x\ty\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	entries := r.Root.Entries
	if len(entries) != 2 || entries[0].Value.Text != "1" || entries[1].Value.Text != "x y" || entries[1].Value.Column != 4 {
		t.Errorf("the file is read as %+v", entries)
	}
}

// TestTextOfABlock: the end of a block's line is not part of its text.
func TestTextOfABlock(t *testing.T) {
	r, err := kind.Parse("f.yaml", []byte("a: |\n  x\nb: >\n  y\n  z\n"))
	if err != nil {
		t.Fatal(err)
	}
	if e := r.Root.Entries; e[0].Value.Text != "x" || e[1].Value.Text != "y z" || !e[0].Value.Quoted {
		t.Errorf("the texts are %q and %q", e[0].Value.Text, e[1].Value.Text)
	}
}
