package network

import (
	"fmt"
	"strings"
)

// UnknownName returns an error for a name that is none of the known ones: it
// lists them, and suggests the nearest when one is near.
func UnknownName(what, name string, known []string) error {
	hint := ""
	if near := Nearest(name, known); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", near)
	}
	return fmt.Errorf("unknown %s %q: it must be one of %s%s", what, name, strings.Join(known, ", "), hint)
}

// Nearest returns the known name with the smallest edit distance to name, or ""
// if even that one differs in more than half of its letters.
func Nearest(name string, known []string) string {
	best, bestDistance := "", 0
	for _, k := range known {
		d := editDistance([]rune(strings.ToLower(name)), []rune(k))
		if 2*d <= len(k) && (best == "" || d < bestDistance) {
			best, bestDistance = k, d
		}
	}
	return best
}

// editDistance is Levenshtein's: the fewest insertions, deletions and
// substitutions that turn a into b, by one row of the dynamic programme.
func editDistance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
