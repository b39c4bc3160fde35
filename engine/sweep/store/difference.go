package store

import "strings"

// difference shows which lines were taken out of a text (-) and put in (+), with
// the lines that stayed left out. It finds the longest common subsequence of
// lines, which for texts of very many lines would take too long: then both are
// shown from where they begin to differ.
func difference(then, now string) string {
	a, b := strings.Split(strings.TrimSuffix(then, "\n"), "\n"), strings.Split(strings.TrimSuffix(now, "\n"), "\n")
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	const most = 1 << 20
	if len(a)*len(b) > most {
		return marked(a, b, nil)
	}
	return marked(a, b, common(a, b))
}

// common returns, for each pair of rests of a and b, the length of their longest
// common subsequence: element i·(len(b)+1) + j for a[i:] and b[j:].
func common(a, b []string) []int {
	width := len(b) + 1
	length := make([]int, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				length[i*width+j] = length[(i+1)*width+j+1] + 1
			} else {
				length[i*width+j] = max(length[(i+1)*width+j], length[i*width+j+1])
			}
		}
	}
	return length
}

// marked writes the lines of a and b that are not common, at most some of them.
func marked(a, b []string, length []int) string {
	const most = 40
	var lines []string
	width := len(b) + 1
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && length != nil && a[i] == b[j]:
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || length == nil || length[(i+1)*width+j] >= length[i*width+j+1]):
			lines = append(lines, "- "+a[i])
			i++
		default:
			lines = append(lines, "+ "+b[j])
			j++
		}
	}
	if len(lines) > most {
		lines = append(lines[:most], "…")
	}
	return strings.Join(lines, "\n")
}
