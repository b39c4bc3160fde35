package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestRecordedParametersAreAccepted: the parameters that a mixture's JSON has, given
// again as flags or in a sweep file, are the same network.
func TestRecordedParametersAreAccepted(t *testing.T) {
	for _, core := range []string{"monolithic", "modular", "modular-op", "ground-truth"} {
		first := decode(t, "train", "mixture", "--core", core, "--rules", "3", "--embedding", "2", "--batch", "2", "--samples", "1", "--steps", "1", "--json")
		args := []string{"train", "mixture", "--json"}
		file := "kind: mixture\nmethod: grid\nseeds: 1\nparameters:\n"
		for name, value := range first["parameters"].(map[string]any) {
			text := fmt.Sprint(value)
			args = append(args, "--"+strings.ReplaceAll(name, "_", "-"), text)
			if name != "steps" {
				file += "  " + name + ": {value: " + text + "}\n"
			}
		}
		if again := decode(t, args...); !reflect.DeepEqual(again, first) {
			t.Errorf("%s: given again it is %v, but was %v", core, again, first)
		}
		path := writeSweep(t, file+"steps: 1\n")
		var plan planJSON
		if err := json.Unmarshal([]byte(must(t, "sweep", "plan", path, "--json")), &plan); err != nil || plan.Copies != 1 {
			t.Errorf("%s: the plan of %s is %+v (%v), want one copy", core, filepath.Base(path), plan, err)
		}
	}
	for args, want := range map[string]string{
		"--core monolithic --modules 7": "modspec: --modules is 7, but a monolithic core has no modules; leave it out\n",
		"--core modular --modules 0":    "modspec: modules is 0, but only a monolithic core has none; give a modular core 1 or more, or leave modules out\n",
	} {
		stdout, stderr, code := modspec(t, slices.Concat([]string{"train", "mixture", "--steps", "1"}, strings.Fields(args))...)
		if code != exitBadInput || stdout != "" || stderr != want {
			t.Errorf("%s: exit %d, %q, %q", args, code, stdout, stderr)
		}
	}
}
