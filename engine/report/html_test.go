package report

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"modspec/engine/figure"
	"modspec/engine/plot"
	"modspec/engine/results"
)

// dynamics is a figure of one panel.
func dynamics() figure.Figure {
	return figure.Figure{
		Name: "dynamics", Title: "Strength of a mode ‖Ω_x → Γ_y‖²", Caption: "Solid: simulation.",
		Panels: []figure.Panel{{Title: "lines", XLabel: "step", YLabel: "a(t)", Series: []figure.Series{{X: []float64{0, 1}, Y: []float64{0, 1}}}}},
	}
}

func document() Document {
	return Document{
		Title: "A <report> & its Ω_x",
		Intro: "First paragraph with P = 2^n.\n\nSecond <script>alert(1)</script> paragraph.",
		Provenance: results.Provenance{
			Version: "v1", Commit: "abc", Tree: "modified", GoVersion: "go1.26", Platform: "linux/amd64", CPU: "a <CPU>", CPUs: 2,
			Backend: "reference", Precision: "float64", Command: "modspec reproduce",
			Started: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Seconds: 75,
		},
		Sections: []Section{
			{
				ID: "dense", Title: "Dense \"network\"", Runs: "Trains <b>50</b> seeds.", Source: "§3", Seconds: 1.25,
				Claims: []results.Claim{
					results.NewClaim("dense/a", "mode ends at λ/δ", 1.2345678901234567e-12, results.AtMost, 2e-9, "eq. <4>", "largest of k_x"),
					results.NewClaim("dense/b", "late <i>", 3.14159265358979, results.Above, 500.25, "eq. 5", ""),
					results.NewClaim("dense/c", "undefined", math.NaN(), results.AtLeast, 0.5, "eq. 6", ""),
				},
				Figures: []plot.Drawing{{Figure: dynamics()}},
			},
			{ID: "empty", Title: "No claims"},
		},
	}
}

func written(t *testing.T, d Document) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	if err := WriteHTML(path, d); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Two escapes that the template writes and every browser undoes: + in base64,
	// and the slash in a link to a claim.
	return strings.NewReplacer("&#43;", "+", "%2f", "/").Replace(string(data))
}

func TestReportIsSelfContained(t *testing.T) {
	page := written(t, document())
	for _, forbidden := range []string{"http://", "https://", "<script", "url(", "@import", "srcset"} {
		if strings.Contains(page, forbidden) {
			t.Errorf("the report holds %q", forbidden)
		}
	}
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]{0,30})`).FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(m[1], "data:") && !strings.HasPrefix(m[1], "#") {
			t.Errorf("the report refers to %q", m[1])
		}
	}
}

func TestReportEscapesText(t *testing.T) {
	page := written(t, document())
	for _, forbidden := range []string{"<report>", "<b>50", "<i>", "<4>", "a <CPU>"} {
		if strings.Contains(page, forbidden) {
			t.Errorf("%q went in unescaped", forbidden)
		}
	}
	for _, want := range []string{
		"A &lt;report&gt; &amp; its Ω<sub>x</sub>", "P = 2<sup>n</sup>", "&lt;script&gt;", "Dense &#34;network&#34;", "largest of k<sub>x</sub>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
}

func TestReportShowsEveryClaim(t *testing.T) {
	d := document()
	page := written(t, d)
	for _, want := range []string{"1 of 3 claims hold", "✓ holds", "✗ fails", `<th scope="col"`, `<th scope="row"`, "<caption>", "≥ ", "≤ ", "&gt; "} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	for _, c := range d.ClaimsFile().Claims {
		for _, n := range []results.Number{c.Measured, c.Threshold} {
			want := `value="` + strconv.FormatFloat(float64(n), 'g', -1, 64) + `"`
			if math.IsNaN(float64(n)) {
				want = ">NaN<"
			}
			if !strings.Contains(page, want) {
				t.Errorf("claim %s: the report lacks %s", c.ID, want)
			}
		}
	}
	for _, want := range []string{">1.23·10<sup>−12</sup></data>", ">3.142</data>", ">500.2</data>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %s", want)
		}
	}
	// Both failing claims are listed at the top and can be jumped to.
	for _, id := range []string{"dense/b", "dense/c"} {
		if !strings.Contains(page, `href="#claim:`+id+`"`) || !strings.Contains(page, `id="claim:`+id+`"`) {
			t.Errorf("no link to the failing claim %s", id)
		}
	}
	if strings.Contains(page, `href="#claim:dense/a"`) {
		t.Error("a claim that holds is listed as failing")
	}
}

func TestReportShowsItsProvenance(t *testing.T) {
	page := written(t, document())
	for _, want := range []string{"abc, working tree modified", "a &lt;CPU&gt;, 2 logical processors", "2026-03-01 12:00:00 UTC", "75 s", "reference", "float64", "modspec reproduce"} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
}

func TestReportCarriesItsFigures(t *testing.T) {
	d := document()
	page := written(t, d)
	var b bytes.Buffer
	if err := plot.PNG(&b, d.Sections[0].Figures[0].Figure); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(page, `src="data:image/png;base64,`+base64.StdEncoding.EncodeToString(b.Bytes())+`"`) {
		t.Error("the report lacks the figure, or escapes its base64")
	}
	for _, want := range []string{`alt="Strength of a mode ‖Ωx → Γy‖2. Panel 1, lines: a(t) over step.`, "<figcaption>Solid: simulation.</figcaption>", `width="307" height="264"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %s", want)
		}
	}

	// A picture drawn before is used as it is.
	other := figure.Figure{Name: "other", Panels: []figure.Panel{{}}}
	b.Reset()
	if err := plot.PNG(&b, other); err != nil {
		t.Fatal(err)
	}
	d.Sections[0].Figures[0].PNG = b.Bytes()
	if !strings.Contains(written(t, d), base64.StdEncoding.EncodeToString(b.Bytes())) {
		t.Error("the report draws a figure again that came with its picture")
	}
	d.Sections[0].Figures[0].PNG = []byte("GIF89a")
	if err := WriteHTML(filepath.Join(t.TempDir(), "r.html"), d); err == nil || !strings.Contains(err.Error(), "not a PNG") {
		t.Errorf("error for a picture that is no PNG is %v", err)
	}
}

// The page is parsed as XML would be, with HTML's void elements allowed for:
// every tag that opens closes, in order.
func TestReportIsWellFormed(t *testing.T) {
	for name, d := range map[string]Document{"full": document(), "empty": {}} {
		page := written(t, d)
		decoder := xml.NewDecoder(strings.NewReader(page))
		decoder.Strict, decoder.AutoClose, decoder.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
		ids, depth := make(map[string]bool), 0
		for {
			token, err := decoder.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			switch token := token.(type) {
			case xml.StartElement:
				depth++
				for _, a := range token.Attr {
					if a.Name.Local == "id" && ids[a.Value] {
						t.Errorf("%s: two elements have the id %q", name, a.Value)
					} else if a.Name.Local == "id" {
						ids[a.Value] = true
					}
				}
			case xml.EndElement:
				depth--
			}
		}
		if depth != 0 {
			t.Errorf("%s: %d elements are left open", name, depth)
		}
		for _, m := range regexp.MustCompile(`(?:href="#|aria-labelledby=")([^"]*)"`).FindAllStringSubmatch(page, -1) {
			if !ids[m[1]] {
				t.Errorf("%s: nothing has the id %q", name, m[1])
			}
		}
	}
}

func TestReportsAreDeterministic(t *testing.T) {
	first, second := written(t, document()), written(t, document())
	if first != second {
		t.Error("the same document gives two reports")
	}
}

func TestWriteHTMLRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func(*Document)
		want   string
	}{
		{"section without ID", func(d *Document) { d.Sections[1].ID = "" }, "section 2"},
		{"section with a bad ID", func(d *Document) { d.Sections[1].ID = "a b" }, `"a b"`},
		{"two sections of one ID", func(d *Document) { d.Sections[1].ID = "dense" }, "two sections"},
		{"two claims of one ID", func(d *Document) { d.Sections[1].Claims = d.Sections[0].Claims[:1] }, "two claims"},
		{"two figures of one name", func(d *Document) { d.Sections[1].Figures = d.Sections[0].Figures }, "two figures"},
		{"a claim against its numbers", func(d *Document) { d.Sections[0].Claims[1].Pass = true }, "dense/b"},
		{"a figure without panels", func(d *Document) { d.Sections[0].Figures[0].Figure.Panels = nil }, "no panels"},
		{"a figure with a strange letter", func(d *Document) { d.Sections[0].Figures[0].Figure.Title = "∈" }, "U+2208"},
	} {
		d := document()
		c.damage(&d)
		folder := t.TempDir()
		err := WriteHTML(filepath.Join(folder, "report.html"), d)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want one that says %s", c.name, err, c.want)
		}
		if entries, _ := os.ReadDir(folder); len(entries) != 0 {
			t.Errorf("%s: left %v behind", c.name, entries)
		}
	}
	if err := WriteHTML(filepath.Join(t.TempDir(), "missing", "report.html"), document()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error for a missing folder is %v", err)
	}
}

func TestFormatSeconds(t *testing.T) {
	for s, want := range map[float64]string{
		0.0123: "12 ms", 0.9996: "1.0 s", 1.25: "1.2 s", 9.99: "10 s", 37.4: "37 s", 119.4: "119 s",
		119.7: "2 min 0 s", 412: "6 min 52 s", 3599.9: "1 h 0 min", 7260: "2 h 1 min",
	} {
		if got := formatSeconds(s); got != want {
			t.Errorf("formatSeconds(%g) = %q, want %q", s, got, want)
		}
	}
}
