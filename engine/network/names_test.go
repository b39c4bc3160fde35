package network_test

import (
	"strings"
	"testing"

	"modspec/engine/network"
)

func TestNearestIsTheFewestEditsAway(t *testing.T) {
	known := []string{"dense", "shallow", "split", "partitioned"}
	for name, want := range map[string]string{
		"dense":       "dense",
		"dance":       "dense", // two letters of five
		"DENSE":       "dense",
		"splt":        "split",
		"slit":        "split",
		"shallows":    "shallow",
		"":            "",
		"x":           "",
		"convolution": "",
		"dxxxe":       "", // three letters of five
		"ΩΓ":          "",
	} {
		if got := network.Nearest(name, known); got != want {
			t.Errorf("nearest to %q is %q, want %q", name, got, want)
		}
	}
	if got := network.Nearest("ab", []string{"abcd", "abc"}); got != "abc" {
		t.Errorf("nearest to ab is %q, want the nearer of two near ones", got)
	}
	if got := network.Nearest("any", nil); got != "" {
		t.Errorf("nearest of no names is %q", got)
	}
}

func TestUnknownNameListsTheKnown(t *testing.T) {
	err := network.UnknownName("block", "omga", []string{"omega", "gamma"})
	want := `unknown block "omga": it must be one of omega, gamma; did you mean "omega"?`
	if err.Error() != want {
		t.Errorf("the error is %q, want %q", err, want)
	}
	if err := network.UnknownName("block", strings.Repeat("z", 1000), []string{"omega"}); strings.Contains(err.Error(), "did you mean") {
		t.Errorf("a name like no other: the error is %v", err)
	}
}
