package survey

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"modspec/engine/plot"
	"modspec/engine/report"
	"modspec/engine/results"
)

//go:embed survey.html.tmpl
var pageSource string

var page = template.Must(template.New("survey").Funcs(template.FuncMap{"marked": report.Marked}).Parse(pageSource))

// A view is a Report as the template wants it.
type view struct {
	*Report
	Style     template.CSS
	Pictures  []report.Picture
	Processes []processView
}

type processView struct {
	Title string
	Facts []report.Fact
}

func (r *Report) writeHTML(path string, drawings []plot.Drawing) error {
	v := view{Report: r, Style: report.Style()}
	for _, d := range drawings {
		p, err := report.PictureOf(d)
		if err != nil {
			return fmt.Errorf("report %s: %w", path, err)
		}
		v.Pictures = append(v.Pictures, p)
	}
	for i, p := range r.Processes {
		v.Processes = append(v.Processes, processView{processTitle(i, len(r.Processes)), report.Facts(p)})
	}
	return results.WriteFile(path, func(w io.Writer) error { return page.Execute(w, v) })
}
