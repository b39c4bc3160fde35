package report

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"html/template"
	"image/png"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"modspec/engine/figure"
	"modspec/engine/number"
	"modspec/engine/plot"
	"modspec/engine/results"
)

//go:embed page.html.tmpl
var pageSource string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"marked":   Marked,
	"number":   measured,
	"relation": relationSign,
	"seconds":  formatSeconds,
}).Parse(pageSource))

// Style is the style of the page, which other documents share.
func Style() template.CSS {
	_, rest, _ := strings.Cut(pageSource, "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	return template.CSS(style)
}

// WriteHTML writes d to path as one HTML file that needs nothing else: no
// network, no script, no second file. Figures come as pictures inside it; those
// without a PNG are drawn. The file is written whole or not at all.
func WriteHTML(path string, d Document) error {
	view, err := viewOf(d)
	if err != nil {
		return fmt.Errorf("report %s: %w", path, err)
	}
	return results.WriteFile(path, func(w io.Writer) error { return page.Execute(w, view) })
}

// A pageView is a Document as the template wants it.
type pageView struct {
	Title      string
	Paragraphs []string
	Holding    int
	Claims     int
	Percent    int
	Failing    []results.Claim
	Sections   []sectionView
	Provenance []Fact
}

type sectionView struct {
	Section
	Holding  int
	Pictures []Picture
}

// A Picture is a figure as a page embeds it.
type Picture struct {
	Figure        figure.Figure
	Source        template.URL
	Width, Height int // in CSS pixels, two of the picture's to one
}

// A Fact is a line of the table on how a run happened.
type Fact struct{ Name, Value string }

func viewOf(d Document) (pageView, error) {
	if err := d.Validate(); err != nil {
		return pageView{}, err
	}
	all := d.ClaimsFile()
	v := pageView{
		Title:      d.Title,
		Paragraphs: paragraphs(d.Intro),
		Holding:    all.Holding(),
		Claims:     len(all.Claims),
		Provenance: Facts(d.Provenance),
	}
	if v.Claims > 0 {
		v.Percent = 100 * v.Holding / v.Claims
	}
	for _, c := range all.Claims {
		if !c.Pass {
			v.Failing = append(v.Failing, c)
		}
	}
	for _, s := range d.Sections {
		view := sectionView{Section: s, Holding: results.ClaimsFile{Claims: s.Claims}.Holding()}
		for _, f := range s.Figures {
			p, err := PictureOf(f)
			if err != nil {
				return pageView{}, fmt.Errorf("section %s: %w", s.ID, err)
			}
			view.Pictures = append(view.Pictures, p)
		}
		v.Sections = append(v.Sections, view)
	}
	return v, nil
}

// PictureOf returns the picture of d, drawn if it is not yet. It returns an error if the
// figure cannot be drawn or the picture is no PNG.
func PictureOf(d plot.Drawing) (Picture, error) {
	data := d.PNG
	if data == nil {
		var b bytes.Buffer
		if err := plot.PNG(&b, d.Figure); err != nil {
			return Picture{}, err
		}
		data = b.Bytes()
	}
	size, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return Picture{}, fmt.Errorf("figure %s: its picture is not a PNG: %w", d.Figure.Name, err)
	}
	return Picture{
		Figure: d.Figure,
		// Base64 of a PNG that has just been decoded is safe in an attribute.
		Source: template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(data)),
		Width:  size.Width / 2, Height: size.Height / 2,
	}, nil
}

// Facts lists what is known about how a run happened.
func Facts(p results.Provenance) []Fact {
	var list []Fact
	add := func(name, value string) {
		if value != "" {
			list = append(list, Fact{name, value})
		}
	}
	add("command", p.Command)
	if !p.Started.IsZero() {
		add("started", p.Started.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	if p.Seconds > 0 {
		add("took", formatSeconds(float64(p.Seconds)))
	}
	add("modspec version", p.Version)
	commit := p.Commit
	if commit != "" && p.Tree != "" && p.Tree != results.Unknown {
		commit += ", working tree " + p.Tree
	}
	add("commit", commit)
	add("backend", p.Backend)
	add("precision", p.Precision)
	processor := p.CPU
	if p.CPUs > 0 && processor != "" {
		processor += ", " + strconv.Itoa(p.CPUs) + " logical processors"
	}
	add("processor", processor)
	add("platform", p.Platform)
	add("Go", p.GoVersion)
	return list
}

func paragraphs(text string) []string {
	var list []string
	for p := range strings.SplitSeq(text, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			list = append(list, p)
		}
	}
	return list
}

// Marked sets superscripts and subscripts in s and escapes the rest.
func Marked(s string) template.HTML {
	var b strings.Builder
	for _, r := range figure.Spans(s) {
		text := html.EscapeString(r.Text)
		switch r.Level {
		case figure.Superscript:
			text = "<sup>" + text + "</sup>"
		case figure.Subscript:
			text = "<sub>" + text + "</sub>"
		}
		b.WriteString(text)
	}
	return template.HTML(b.String())
}

// measured shows n rounded, with all of its digits in the tooltip and in the source: a
// rounded number may look equal to a threshold that it misses.
func measured(n results.Number) template.HTML {
	v := float64(n)
	short := Marked(number.Format(v))
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return short
	}
	exact := strconv.FormatFloat(v, 'g', -1, 64)
	return template.HTML(`<data value="` + exact + `" title="` + exact + `">` + string(short) + `</data>`)
}

func relationSign(r results.Relation) (string, error) {
	switch r {
	case results.AtMost:
		return "≤", nil
	case results.AtLeast:
		return "≥", nil
	case results.Below, results.Above:
		return string(r), nil
	}
	return "", errors.New("unknown relation " + string(r))
}

// formatSeconds writes a duration with the precision a reader has use for.
func formatSeconds(s float64) string {
	// Rounded first, so that no unit is left with a full count of the next.
	d := time.Duration(s * float64(time.Second))
	switch {
	case d.Round(time.Millisecond) < time.Second:
		return strconv.FormatInt(d.Round(time.Millisecond).Milliseconds(), 10) + " ms"
	case d.Round(100*time.Millisecond) < 10*time.Second:
		return strconv.FormatFloat(s, 'f', 1, 64) + " s"
	case d.Round(time.Second) < 2*time.Minute:
		return strconv.FormatInt(int64(d.Round(time.Second).Seconds()), 10) + " s"
	case d.Round(time.Second) < time.Hour:
		d = d.Round(time.Second)
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}
