package cluster

import (
	"slices"
	"testing"
)

func TestTaskLists(t *testing.T) {
	for _, c := range []struct {
		numbers []int
		text    string
	}{
		{nil, ""}, {[]int{7}, "7"}, {[]int{1, 2}, "1-2"}, {[]int{1, 3}, "1,3"}, {[]int{1, 2, 3, 7, 9, 10}, "1-3,7,9-10"},
	} {
		if got := taskList(c.numbers); got != c.text {
			t.Errorf("%v is written %q, want %q", c.numbers, got, c.text)
		}
		stretches, err := parseTasks(c.text)
		if got := each(stretches); err != nil || !slices.Equal(got, c.numbers) {
			t.Errorf("%q reads as %v, %v", c.text, got, err)
		}
	}
	// As squeue and sacct write tasks that wait.
	for text, want := range map[string][]int{
		"[3,7-9%4]": {3, 7, 8, 9}, "5-8": {5, 6, 7, 8}, "1-7:2": {1, 3, 5, 7}, "[2-3]": {2, 3}, "0": {0},
	} {
		stretches, err := parseTasks(text)
		if got := each(stretches); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q reads as %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"x", "1-", "-1", "3-2", "1,,2", "1-4:0", "1:x", "N/A", "[1-2"} {
		if s, err := parseTasks(text); err == nil {
			t.Errorf("%q reads as %v", text, s)
		}
	}
}

func each(list []stretch) []int {
	var numbers []int
	for _, s := range list {
		for n := s.first; n <= s.last; n++ {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

func TestNewestJob(t *testing.T) {
	if !newest("100", "99") || newest("99", "100") || newest("7", "7") {
		t.Error("jobs are not ordered by their numbers")
	}
}
