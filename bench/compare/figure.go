package compare

import (
	"errors"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"modspec/engine/figure"
	"modspec/engine/plot"
	"modspec/engine/results"
)

// Figure is throughput over copies in the paper's dense setting, a panel for each form
// of the peers, with the limits of that form: the peak of multiply-adds, and what memory
// allows whoever reads and writes all weights in every step. It returns an error if
// fewer than two numbers of copies were measured.
func (r *Result) Figure() (figure.Figure, error) {
	f := figure.Figure{
		Name: r.Stem(), Title: "Throughput in the paper's dense setting",
		Caption: "Network-steps a second against the number of copies trained at once, with bands from the lowest to the highest repetition. On the left peers train on all inputs, on the right in reduced coordinates, as modspec does of itself. Dotted, for each form: the peak of multiply-adds measured in the same run, and what the bandwidth of memory allows whoever reads and writes all weights in every step.",
	}
	for _, form := range []string{Plain, Reduced} {
		p, err := r.panel(form)
		if err != nil {
			return figure.Figure{}, err
		}
		f.Panels = append(f.Panels, p)
	}
	// One legend serves both panels, and one range makes them comparable.
	f.Panels[1].Legend = figure.NoLegend
	low, high := math.Inf(1), 0.0
	for _, p := range f.Panels {
		for _, s := range p.Series {
			low, high = min(low, slices.Min(s.Y)), max(high, slices.Max(s.Y))
		}
	}
	for i := range f.Panels {
		f.Panels[i].YRange = &[2]float64{low / 2, high * 2}
	}
	return f, f.Validate()
}

// panel draws contenders of a form, and ours.
func (r *Result) panel(form string) (figure.Panel, error) {
	names := map[string]float64{}
	var copies []float64
	var dense Setting
	for _, w := range Workloads() {
		if w.Setting != nil && slices.Contains(DenseCopies, w.Setting.Copies) && w.Name == denseName(w.Setting.Copies) {
			names[w.Name] = float64(w.Setting.Copies)
			dense = *w.Setting
		}
	}
	panel := figure.Panel{
		Title: "peers' form: " + form, XLabel: "copies", YLabel: "network-steps/s", XLog: true, YLog: true, Legend: figure.EmptiestCorner,
	}
	at := map[string]int{}
	for _, row := range r.Rows {
		x, found := names[row.Workload]
		if !found || row.Status != Measured || !drawn(row, form) {
			continue
		}
		if !slices.Contains(copies, x) {
			copies = append(copies, x)
		}
		i, known := at[row.Contender]
		if !known {
			i = len(panel.Series)
			at[row.Contender] = i
			panel.Series = append(panel.Series, figure.Series{Label: row.Who, Color: slices.Index(inColour, strings.TrimSuffix(row.Contender, "-"+form))})
		}
		s := &panel.Series[i]
		s.X, s.Y = append(s.X, x), append(s.Y, row.Median)
		s.Low, s.High = append(s.Low, row.Lowest), append(s.High, row.Highest)
	}
	if len(copies) < 2 {
		return figure.Panel{}, errNoFigure
	}
	ends := []float64{slices.Min(copies), slices.Max(copies)}
	limit := func(label string, rate float64, style figure.Style) {
		panel.Series = append(panel.Series, figure.Series{Label: label, X: ends, Y: []float64{rate, rate}, Style: style})
	}
	// A weight is read and written once a step, four bytes each. Ours, in reduced
	// coordinates and from registers, may pass the limits of the plain form.
	limit("limit of this form's multiply-adds", r.Limits.Float32/dense.Work(form), figure.Dashed)
	limit("limit of memory, weights passing it each step", r.Limits.Memory/(8*dense.weights(form)), figure.Dotted)
	return panel, nil
}

var errNoFigure = errors.New("fewer than two numbers of copies of the paper's dense setting were measured")

// inColour are the contenders that are drawn, each in a colour of its own. Other ways of
// PyTorch beside bmm would only crowd the figure.
var inColour = []string{Baseline, "cpu-float64", "reference", "numpy", "jax", "torch-bmm", "gorgonia", "cuda-float32"}

// drawn says whether a row is in the panel of a form.
func drawn(r *Row, form string) bool {
	return slices.Contains(inColour, r.Contender) || slices.Contains(inColour, strings.TrimSuffix(r.Contender, "-"+form))
}

// draw writes the figure beside the result, if there is enough to draw.
func (r *Result) draw(dir string) error {
	f, err := r.Figure()
	if errors.Is(err, errNoFigure) {
		return nil
	}
	if err != nil {
		return err
	}
	for ending, write := range map[string]func(io.Writer, figure.Figure) error{".png": plot.PNG, ".svg": plot.SVG} {
		if err := results.WriteFile(filepath.Join(dir, r.Stem()+ending), func(w io.Writer) error { return write(w, f) }); err != nil {
			return err
		}
	}
	return nil
}
