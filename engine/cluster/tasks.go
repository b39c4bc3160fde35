package cluster

import (
	"fmt"
	"strconv"
	"strings"
)

// A stretch is the tasks of an array from first to last.
type stretch struct{ first, last int }

// parseTasks reads tasks as Slurm lists them: 3,7-9, also in brackets, with a
// limit behind % and in steps behind a colon.
func parseTasks(text string) ([]stretch, error) {
	if inner, ok := strings.CutPrefix(text, "["); ok {
		if text, ok = strings.CutSuffix(inner, "]"); !ok {
			return nil, fmt.Errorf("%q is a list of tasks that does not end", inner)
		}
	}
	text, _, _ = strings.Cut(text, "%")
	if text == "" {
		return nil, nil
	}
	var list []stretch
	for piece := range strings.SplitSeq(text, ",") {
		ends, stepText, stepped := strings.Cut(piece, ":")
		from, to, wide := strings.Cut(ends, "-")
		if !wide {
			to = from
		}
		first, err1 := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		step, err3 := 1, error(nil)
		if stepped {
			step, err3 = strconv.Atoi(stepText)
		}
		if err1 != nil || err2 != nil || err3 != nil || first < 0 || last < first || step < 1 {
			return nil, fmt.Errorf("%q is no list of tasks such as 3,7-9", text)
		}
		if step == 1 {
			list = append(list, stretch{first, last})
			continue
		}
		for n := first; n <= last; n += step {
			list = append(list, stretch{n, n})
		}
	}
	return list, nil
}

// taskList writes ascending numbers as sbatch reads them: 3,7-9.
func taskList(numbers []int) string {
	var b strings.Builder
	for len(numbers) > 0 {
		n := 1
		for n < len(numbers) && numbers[n] == numbers[0]+n {
			n++
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		fmt.Fprint(&b, numbers[0])
		if n > 1 {
			fmt.Fprintf(&b, "-%d", numbers[n-1])
		}
		numbers = numbers[n:]
	}
	return b.String()
}

// newest returns the larger of two job numbers.
func newest(a, b string) bool {
	x, errX := strconv.Atoi(a)
	y, errY := strconv.Atoi(b)
	if errX != nil || errY != nil {
		return a > b
	}
	return x > y
}
