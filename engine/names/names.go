// Package names finds the name that was meant, where one was written that is none,
// and joins names for a sentence.
package names

import (
	"fmt"
	"strings"
)

// Unknown returns an error for a name that is none of the known ones: it
// lists them, and suggests the nearest when one is near.
func Unknown(what, name string, known []string) error {
	hint := ""
	if near := Nearest(name, known); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", near)
	}
	return fmt.Errorf("unknown %s %q: it must be one of %s%s", what, name, strings.Join(known, ", "), hint)
}

// Nearest returns the known name with the smallest edit distance to name, or ""
// if none is near: a third of a known name's letters may be wrong, rounded up, but
// not all of them.
func Nearest(name string, known []string) string {
	best, bestDistance := "", 0
	for _, k := range known {
		letters := []rune(k)
		d := editDistance([]rune(strings.ToLower(name)), letters)
		if d <= (len(letters)+2)/3 && d < len(letters) && (best == "" || d < bestDistance) {
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
