package cuda

import (
	"slices"
	"strings"
	"testing"
)

func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		asked, want []int
		problem     string
	}{
		{nil, []int{0}, ""},
		{[]int{2, 0}, []int{2, 0}, ""},
		{[]int{1, -1}, nil, "device -1: devices are numbered from 0"},
		{[]int{0, 1, 0}, nil, "device 0 is named twice"},
	} {
		got, err := Numbers(c.asked)
		if !slices.Equal(got, c.want) || (err == nil) != (c.problem == "") || err != nil && !strings.Contains(err.Error(), c.problem) {
			t.Errorf("%v is %v, %v; want %v, %q", c.asked, got, err, c.want, c.problem)
		}
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 bytes", 1<<20 - 1: "1048575 bytes", 1 << 20: "1.0 MiB", 3 << 29: "1.5 GiB", 140 << 30: "140 GiB",
	} {
		if got := Bytes(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
