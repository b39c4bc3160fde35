package serve_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modspec/engine/figure"
	"modspec/engine/plot"
	"modspec/engine/report"
	"modspec/engine/results"
)

// writeReproduction writes a folder as modspec reproduce leaves one.
func writeReproduction(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	claims := map[string][]results.Claim{
		"split":      {results.NewClaim("split/a", "holds", 1, results.AtMost, 2, "Section 1", "of all"), results.NewClaim("split/c", "holds too", 1, results.AtLeast, 0, "", "")},
		"split-more": {results.NewClaim("split-more/b", "fails", 3, results.AtMost, 2, "Section 2", "")},
	}
	document := report.Document{Title: "T", Intro: "I"}
	for _, name := range []string{"split", "split-more"} {
		f := figure.Figure{Name: name, Title: name, Caption: "What Γ_x does: a < b & c, e^{−t}.", Panels: []figure.Panel{{
			Series: []figure.Series{{X: []float64{0, 1}, Y: []float64{0, 1}}},
		}}}
		drawing, err := plot.Draw(dir, f)
		if err != nil {
			t.Fatal(err)
		}
		document.Sections = append(document.Sections, report.Section{ID: name, Title: "On " + name, Claims: claims[name], Figures: []plot.Drawing{drawing}})
	}
	if err := results.WriteClaims(filepath.Join(dir, "claims.json"), document.ClaimsFile()); err != nil {
		t.Fatal(err)
	}
	if err := report.WriteHTML(filepath.Join(dir, "report.html"), document); err != nil {
		t.Fatal(err)
	}
}

func TestReproduction(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "paper")
	writeReproduction(t, dir)
	// Files that are no figures of its studies, and a figure that is a link.
	for _, name := range []string{"other.svg", "splitting.svg", "split-less.svg", "split.html", "Split.svg", "split.svg.bak"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("<svg/>"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	secret := filepath.Join(t.TempDir(), "secret.svg")
	if err := os.WriteFile(secret, []byte("<svg>secret</svg>"), 0o666); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "split-more.svg")
	if err := errors.Join(os.Remove(link), os.Symlink(secret, link)); err != nil {
		t.Fatal(err)
	}
	s := newServer(t, root, nil)
	var out struct {
		Claims, Holding int
		Report          bool
		Studies         []struct {
			ID, Title string
			Claims    []results.Claim
			Figures   []struct{ Name, SVG, PNG, Caption, Alt string }
		}
	}
	ask(t, s, "/api/reproduction?dir=paper", &out)
	if out.Claims != 3 || out.Holding != 2 || !out.Report || len(out.Studies) != 2 {
		t.Fatalf("%+v", out)
	}
	first, second := out.Studies[0], out.Studies[1]
	if first.ID != "split" || first.Title != "On split" || len(first.Claims) != 2 || second.ID != "split-more" || len(second.Claims) != 1 || second.Claims[0].Pass {
		t.Errorf("the studies are %+v", out.Studies)
	}
	if len(second.Figures) != 1 || second.Figures[0].Name != "split-more" {
		t.Errorf("the second study has the figures %+v", second.Figures)
	}
	if len(first.Figures) != 1 || first.Figures[0].Name != "split" || first.Figures[0].Caption != "What Γ_x does: a < b & c, e^{−t}." || first.Figures[0].Alt == "" {
		t.Errorf("the first study has the figures %+v", first.Figures)
	}
	for target, kind := range map[string]string{first.Figures[0].SVG: "image/svg+xml", first.Figures[0].PNG: "image/png", "/api/report?dir=paper": "text/html; charset=utf-8"} {
		got := request(s, http.MethodGet, target, "", nil)
		policy := got.Header.Get("Content-Security-Policy")
		if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != kind || !strings.HasPrefix(policy, "sandbox; default-src 'none'") || strings.Contains(policy, "script") {
			t.Errorf("%s: %d %v", target, got.StatusCode, got.Header)
		}
	}
	for _, file := range []string{"other.svg", "splitting.svg", "split.html", "Split.svg", "claims.json", "report.html", "../paper/split.svg", "split.svg/", "", "split-less.svg", "split-more.svg"} {
		got := request(s, http.MethodGet, "/api/reproduction/figure?dir=paper&file="+file, "", nil)
		if got.StatusCode < 400 {
			t.Errorf("%q is served", file)
		}
	}
	// A file of before studies stood in it: claims alone, by the studies that their ids name.
	var file map[string]any
	data, err := os.ReadFile(filepath.Join(dir, "claims.json"))
	if err = errors.Join(err, json.Unmarshal(data, &file)); err != nil {
		t.Fatal(err)
	}
	delete(file, "studies")
	if data, err = json.Marshal(file); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "claims.json"), data, 0o666); err != nil {
		t.Fatal(err)
	}
	out.Studies = nil
	ask(t, s, "/api/reproduction?dir=paper", &out)
	if len(out.Studies) != 2 || out.Studies[1].Title != "split-more" || len(out.Studies[0].Claims) != 2 || len(out.Studies[0].Figures) != 0 {
		t.Errorf("the studies of a file without studies are %+v", out.Studies)
	}
	if code, _ := get(t, s, "/api/sweep?dir=paper"); code != http.StatusNotFound {
		t.Errorf("a reproduction as a sweep: %d", code)
	}
}
