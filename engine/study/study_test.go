package study

import (
	"slices"
	"testing"
)

// The list of studies has a heading where the paper changes, so each paper's stand
// together.
func TestStudiesOfAPaperStandTogether(t *testing.T) {
	var papers []string
	for _, s := range All() {
		if s.Paper == "" {
			t.Errorf("%s names no paper", s.ID)
		}
		if len(papers) == 0 || papers[len(papers)-1] != s.Paper {
			if slices.Contains(papers, s.Paper) {
				t.Errorf("%s is apart from the other studies of %s", s.ID, s.Paper)
			}
			papers = append(papers, s.Paper)
		}
	}
}
