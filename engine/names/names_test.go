package names_test

import (
	"strings"
	"testing"

	"modspec/engine/names"
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
		if got := names.Nearest(name, known); got != want {
			t.Errorf("nearest to %q is %q, want %q", name, got, want)
		}
	}
	if got := names.Nearest("ab", []string{"abcd", "abc"}); got != "abc" {
		t.Errorf("nearest to ab is %q, want the nearer of two near ones", got)
	}
	for name, known := range map[string]string{
		"metric": "method", // three letters of six: it used to be suggested
		"x":      "r",      // every letter
	} {
		if got := names.Nearest(name, []string{known}); got != "" {
			t.Errorf("%q is taken for %q", name, got)
		}
	}
	if got := names.Nearest("kz", []string{"kx"}); got != "kx" {
		t.Errorf("nearest to kz is %q, want kx", got)
	}
	if got := names.Nearest("any", nil); got != "" {
		t.Errorf("nearest of no names is %q", got)
	}
}

func TestUnknownListsTheKnown(t *testing.T) {
	err := names.Unknown("block", "omga", []string{"omega", "gamma"})
	want := `unknown block "omga": it must be one of omega, gamma; did you mean "omega"?`
	if err.Error() != want {
		t.Errorf("the error is %q, want %q", err, want)
	}
	if err := names.Unknown("block", strings.Repeat("z", 1000), []string{"omega"}); strings.Contains(err.Error(), "did you mean") {
		t.Errorf("a name like no other: the error is %v", err)
	}
}
