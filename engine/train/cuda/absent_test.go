//go:build !gpu

package cuda

import (
	"strings"
	"testing"
)

// Without the build tag the package says how to get the engine, and still tells bad
// options.
func TestOpenSaysHowToBuildTheEngine(t *testing.T) {
	if _, err := Open(Options{}); err == nil || !strings.Contains(err.Error(), "make gpu") {
		t.Errorf("the error is %v", err)
	}
	if _, err := Open(Options{Precision: "half"}); err == nil || !strings.Contains(err.Error(), `"half"`) {
		t.Errorf("the error for a bad precision is %v", err)
	}
	if r := Devices(); r.Problem == nil || len(r.Devices) != 0 {
		t.Errorf("the report is %+v", r)
	}
}
