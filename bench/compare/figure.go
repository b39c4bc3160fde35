package compare

import (
	"errors"
	"io"
	"path/filepath"
	"slices"

	"modspec/engine/figure"
	"modspec/engine/report"
	"modspec/engine/results"
)

// Figure is throughput over copies in the paper's dense setting, with the limits: the
// peak of multiply-adds, and what memory allows whoever reads and writes all weights
// in every step. It returns an error if fewer than two numbers of copies were
// measured.
func (r *Result) Figure() (figure.Figure, error) {
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
		XLabel: "copies", YLabel: "network-steps/s", XLog: true, YLog: true, Legend: figure.EmptiestCorner,
	}
	at := map[string]int{}
	for _, row := range r.Rows {
		x, found := names[row.Workload]
		if !found || row.Status != Measured || !drawn(row) {
			continue
		}
		if !slices.Contains(copies, x) {
			copies = append(copies, x)
		}
		i, known := at[row.Contender]
		if !known {
			i = len(panel.Series)
			at[row.Contender] = i
			label := row.Who
			if !row.Ours {
				label += ", " + row.Form
			}
			panel.Series = append(panel.Series, figure.Series{Label: label, Color: i})
		}
		s := &panel.Series[i]
		s.X, s.Y = append(s.X, x), append(s.Y, row.Median)
		s.Low, s.High = append(s.Low, row.Lowest), append(s.High, row.Highest)
	}
	if len(copies) < 2 {
		return figure.Figure{}, errNoFigure
	}
	ends := []float64{slices.Min(copies), slices.Max(copies)}
	limit := func(label string, rate float64, color int) {
		label += ": " + digits(rate)
		panel.Series = append(panel.Series, figure.Series{Label: label, X: ends, Y: []float64{rate, rate}, Style: figure.Dotted, Color: color})
	}
	// A weight is read and written once a step, four bytes each.
	limit("peak of multiply-adds", r.Limits.Float32/dense.Work(Reduced), len(panel.Series))
	limit("weights through memory", r.Limits.Memory/(8*dense.weights(Reduced)), len(panel.Series))
	f := figure.Figure{
		Name: r.Stem(), Title: "Throughput in the paper's dense setting",
		Caption: "Network-steps a second against the number of copies trained at once, with bands from the lowest to the highest repetition. Dotted: the peak of multiply-adds measured in the same run, and what the bandwidth of memory allows whoever reads and writes all weights in every step.",
		Panels:  []figure.Panel{panel},
	}
	return f, f.Validate()
}

var errNoFigure = errors.New("fewer than two numbers of copies of the paper's dense setting were measured")

// drawn leaves out what would only crowd the figure: ways of PyTorch beside bmm.
func drawn(r *Row) bool {
	return r.Ours || slices.Contains([]string{
		"numpy-plain", "numpy-reduced", "jax-plain", "jax-reduced", "torch-bmm-plain", "torch-bmm-reduced", "gorgonia-reduced",
	}, r.Contender)
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
	for ending, write := range map[string]func(io.Writer, figure.Figure) error{".png": report.PNG, ".svg": report.SVG} {
		if err := results.WriteFile(filepath.Join(dir, r.Stem()+ending), func(w io.Writer) error { return write(w, f) }); err != nil {
			return err
		}
	}
	return nil
}
