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
	if _, err := Open(Options{Devices: []int{1, 1}}); err == nil || !strings.Contains(err.Error(), "named twice") {
		t.Errorf("the error for bad devices is %v", err)
	}
}
