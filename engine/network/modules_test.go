package network_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/network"
)

func TestParseModules(t *testing.T) {
	omega, gamma, both := dataset.Omega, dataset.Gamma, dataset.Both
	for text, want := range map[string][]network.Module{
		"both>both":                            {{Reads: both, Writes: both, Hidden: []int{50}}},
		"both>omega:7":                         {{Reads: both, Writes: omega, Hidden: []int{7}}},
		"omega>omega; both>gamma:20x10":        {{Reads: omega, Writes: omega, Hidden: []int{50}}, {Reads: both, Writes: gamma, Hidden: []int{20, 10}}},
		" gamma > gamma : 3 x 4 ;both>both:0 ": {{Reads: gamma, Writes: gamma, Hidden: []int{3, 4}}, {Reads: both, Writes: both}},
		"omega>both:1048576":                   {{Reads: omega, Writes: both, Hidden: []int{network.MaxUnits}}},
	} {
		arch, err := network.ParseModules(text, 50)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if arch.Name != "custom" || !slices.EqualFunc(arch.Modules, want, modulesEqual) {
			t.Errorf("%q is %+v, want %+v", text, arch, want)
		}
	}
}

func TestParseModulesNamesWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":                              `module 1 (""): it must have the form READS>WRITES`,
		"both>both;":                    `module 2 (""): it must have the form READS>WRITES`,
		"both":                          `module 1 ("both"): it must have the form`,
		"bth>omega":                     `module 1 ("bth>omega"): unknown block "bth": it must be one of omega, gamma, both; did you mean "both"?`,
		"both>omega;both>gama":          `module 2 ("both>gama"): unknown block "gama": it must be one of omega, gamma, both; did you mean "gamma"?`,
		"both>both>both":                `unknown block "both>both"`,
		"both>both:":                    `hidden width is empty, but must be a whole number from 1 to 1048576; 0 alone is no hidden layer`,
		"both>both:x":                   `hidden width is empty`,
		"both>both:5x":                  `hidden width is empty`,
		"both>both:5x0":                 `hidden width is 0`,
		"both>both:-1":                  `hidden width is -1`,
		"both>both:1048577":             `hidden width is 1048577`,
		"both>both:1e3":                 `hidden width is "1e3"; write 1000`,
		"both>both:9999999999999999999": `hidden width is 9999999999999999999`,
		"both>both:5x050":               `hidden width is "050", which has a leading zero; write 50`, // it was another name for 5x50
		"both>both:+50":                 `hidden width is "+50"; write 50`,
		"both>both:5:5":                 `hidden width is "5:5"`,
		"both>both:" + strings.Repeat("1x", network.MaxDepth) + "1":    "it has 17 hidden layers, but may have at most 16",
		strings.Repeat("both>both;", network.MaxModules) + "both>both": "there are more than 64 modules",
	} {
		if _, err := network.ParseModules(text, 50); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: the error is %v, want one with %q", text, err, want)
		}
	}
}

// written writes an architecture the way a user would, widths and all.
func written(a network.Architecture) string {
	names := map[dataset.Blocks]string{dataset.Omega: "omega", dataset.Gamma: "gamma", dataset.Both: "both"}
	var parts []string
	for _, m := range a.Modules {
		widths := "0"
		if len(m.Hidden) > 0 {
			widths = strings.Trim(strings.ReplaceAll(fmt.Sprint(m.Hidden), " ", "x"), "[]")
		}
		parts = append(parts, names[m.Reads]+">"+names[m.Writes]+":"+widths)
	}
	return strings.Join(parts, ";")
}

// FuzzParseModules: any text is either refused or an architecture that can stand
// at a point with all blocks and that reads the same when written out.
func FuzzParseModules(f *testing.F) {
	for _, text := range []string{"both>both", "omega>omega; both>gamma:20x10", "gamma>gamma:0", "both>both:", ";;", "both>both:+5", "ω>γ"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		arch, err := network.ParseModules(text, 3)
		if err != nil {
			return
		}
		if _, err := arch.At(paper); err != nil {
			t.Fatalf("%q was accepted, but %v", text, err)
		}
		again, err := network.ParseModules(written(arch), 99)
		if err != nil || !slices.EqualFunc(again.Modules, arch.Modules, modulesEqual) {
			t.Fatalf("%q is %+v, but written out %q it is %+v, %v", text, arch, written(arch), again, err)
		}
	})
}
