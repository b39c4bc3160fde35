package yamlfile

import (
	"fmt"
	"strings"

	"modspec/engine/printable"
)

// A Fault is one thing that is wrong in a file, and where.
type Fault struct {
	File    string // as the file was named to [Kind.Parse]
	Line    int    // from 1; 0 where the fault has no place
	Column  int    // from 1, in characters
	Message string // what is wrong, the value, what is allowed; one line
	Source  string // the line itself
}

// Error returns "file:line:column: message", the form that editors jump to.
func (f Fault) Error() string {
	if f.Line == 0 {
		return fmt.Sprintf("%s: %s", printable.Text(f.File), f.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", printable.Text(f.File), f.Line, f.Column, f.Message)
}

// excerptWidth bounds how much of a long line an excerpt shows.
const excerptWidth = 100

// Excerpt returns the offending line with a caret below the column,
//
//	3 |   kz: {value: 3}
//	  |   ^
//
// or "" where the fault has no place. A long line is cut around the column.
func (f Fault) Excerpt() string {
	if f.Line == 0 {
		return ""
	}
	// A tab is as wide as the terminal likes, so the caret would miss; a space
	// is one column. Other control characters could move the cursor.
	line := []rune(strings.Map(func(r rune) rune {
		if !printable.Is(r) {
			return ' '
		}
		return r
	}, f.Source))
	column := min(max(f.Column-1, 0), len(line))
	if column > excerptWidth/2 && len(line) > excerptWidth {
		cut := min(column-excerptWidth/2, len(line)-excerptWidth)
		line, column = line[cut:], column-cut
	}
	if len(line) > excerptWidth {
		line = line[:excerptWidth]
	}
	number := fmt.Sprint(f.Line)
	return fmt.Sprintf("%s | %s\n%s | %s^\n", number, string(line), strings.Repeat(" ", len(number)), strings.Repeat(" ", column))
}

// Faults are everything found wrong in a file, in the order of the file.
// There is at least one.
type Faults []Fault

// Error returns the first fault and how many others there are, on one line.
func (f Faults) Error() string {
	if len(f) == 1 {
		return f[0].Error()
	}
	return fmt.Sprintf("%s (and %d more)", f[0].Error(), len(f)-1)
}

// Report returns every fault with its excerpt, for people.
func (f Faults) Report() string {
	var b strings.Builder
	for _, fault := range f {
		b.WriteString(fault.Error() + "\n" + fault.Excerpt())
	}
	return b.String()
}
