package store

import (
	"testing"
)

func TestPartNames(t *testing.T) {
	for name, want := range map[string]int{
		"part-000001": 1, "part-1234567": 1234567, "part-1": 0, "part-000000": 0, "part-+00001": 0, "part-000001x": 0, "": 0, "part--00001": 0,
	} {
		if got, ok := partNumber(name); got != want || ok != (want > 0) {
			t.Errorf("partNumber(%q) = %d, %v, want %d", name, got, ok, want)
		}
	}
}
