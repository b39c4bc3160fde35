package store

import (
	"strings"
	"testing"
)

func TestDifference(t *testing.T) {
	for _, c := range []struct{ then, now, want string }{
		{"a\nb\nc\n", "a\nb\nc\n", ""},
		{"a\nb\nc\n", "a\nx\nc\n", "- b\n+ x"},
		{"a\nb\nc\nd\n", "a\nc\nd\ne\n", "- b\n+ e"},
		{"", "a\n", "- \n+ a"},
	} {
		if got := difference(c.then, c.now); got != c.want {
			t.Errorf("difference(%q, %q) = %q, want %q", c.then, c.now, got, c.want)
		}
	}
	if got := difference(strings.Repeat("a\n", 5000), strings.Repeat("b\n", 5000)); strings.Count(got, "\n") != 40 || !strings.HasSuffix(got, "…") {
		t.Errorf("a very long difference has %d lines", strings.Count(got, "\n")+1)
	}
}
