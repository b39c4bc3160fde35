package chart

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"modspec/engine/plot"
	"modspec/engine/results"
)

// A network named 日本 was trained to its end, and then its figures were refused for
// letters that the font lacks. Every name is drawn, and told from the others.
func TestEveryNameOfANetworkIsDrawn(t *testing.T) {
	names := []string{
		"日本", "中国", "dense", "Ünïcödé", "a b", "100%", "%d%!s", `"quoted"`, "'", "<b>&amp;", "step_size", "σ_0", "x^2", "x^∈", "_", "^", "{}",
		"e\u0301", "👩\u200d🔬", "مرحبا", "tab\there", "\xff", strings.Repeat("n", 300), strings.Repeat("n", 301), "日本", "x²", "₀",
	}
	var rows []results.CMNISTEpoch
	for _, name := range names {
		for epoch := range 3 {
			row := results.CMNISTEpoch{Arch: name, Epoch: epoch}
			row.Train.Compositional, row.Test.Compositional = results.Number(epoch), 1
			rows = append(rows, row)
		}
	}
	for _, f := range CMNISTFigures(rows) {
		if err := plot.PNG(io.Discard, f); err != nil {
			t.Error(err)
		}
		var svg bytes.Buffer
		if err := plot.SVG(&svg, f); err != nil {
			t.Error(err)
		}
		seen := map[string]bool{}
		for _, s := range f.Panels[0].Series {
			if seen[s.Label] {
				t.Errorf("%s: two networks have the label %q", f.Name, s.Label)
			}
			seen[s.Label] = true
		}
		if len(seen) != len(names)-1 { // 日本 is there twice
			t.Errorf("%s: %d networks of %d have a label", f.Name, len(seen), len(names)-1)
		}
		if !seen["□□ (1)"] || !seen["□□ (2)"] || !seen["dense"] || !seen["Ünïcödé"] {
			t.Errorf("%s: labels %v", f.Name, seen)
		}
	}
}
