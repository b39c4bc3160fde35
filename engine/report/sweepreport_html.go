package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"modspec/engine/results"
)

//go:embed sweepreport.html.tmpl
var sweepPageSource string

var sweepPage = template.Must(template.New("sweep").Funcs(template.FuncMap{"marked": marked, "alt": altText}).Parse(sweepPageSource))

// A sweepView is a SweepReport as the template wants it.
type sweepView struct {
	*SweepReport
	Style     template.CSS
	Pictures  []picture
	Processes []processView
}

type processView struct {
	Title string
	Facts []fact
}

// pageStyle is the style of the page of studies, which sweeps share.
func pageStyle() template.CSS {
	_, rest, _ := strings.Cut(pageSource, "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	return template.CSS(style)
}

func (r *SweepReport) writeHTML(path string, drawings []Drawing) error {
	v := sweepView{SweepReport: r, Style: pageStyle()}
	for _, d := range drawings {
		p, err := pictureOf(d)
		if err != nil {
			return fmt.Errorf("report %s: %w", path, err)
		}
		v.Pictures = append(v.Pictures, p)
	}
	for i, p := range r.Processes {
		v.Processes = append(v.Processes, processView{processTitle(i, len(r.Processes)), facts(p)})
	}
	return results.WriteFile(path, func(w io.Writer) error { return sweepPage.Execute(w, v) })
}
