package survey

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"modspec/engine/chart/charttest"
	"modspec/engine/results"
)

var nan = math.NaN()

// sweepRun is a row of the table runs with a systematicity and theory's.
func runOf(arch string, kx int, r, measured, predicted float64) results.Run {
	row := results.Run{DivergedStep: -1, LastStep: 100, Prediction: results.PredictionDiscrete}
	row.ID, row.Arch, row.Rule, row.KX, row.R, row.Bits = "0123", arch, "gd", kx, r, 3
	none := results.Losses{Total: nan, Omega: nan, Gamma: nan}
	blocks := results.Quadrants{OmegaOmega: nan, GammaOmega: nan, OmegaGamma: nan, GammaGamma: nan}
	kinds := results.Kinds{nan, nan, nan, nan}
	row.State = results.State{Train: none, Test: none, Quadrants: blocks, Modes: kinds, Systematicity: measured}
	row.Predicted = results.Predicted{Train: none, Quadrants: blocks, Modes: kinds, Systematicity: predicted}
	row.THalf, row.PredTHalf = results.Times{Modes: kinds, Quadrants: blocks}, results.Times{Modes: kinds, Quadrants: blocks}
	return row
}

func reportOf(t *testing.T, m results.Manifest, list ...results.Run) *Report {
	t.Helper()
	r, err := New(m, charttest.Rows(list...))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *Report) table(t *testing.T, title string) Table {
	t.Helper()
	at := slices.IndexFunc(r.Tables, func(x Table) bool { return x.Title == title })
	if at < 0 {
		t.Fatalf("no table %q", title)
	}
	return r.Tables[at]
}

// TestNumbers compares with sums done by hand: differences 0.5, −0.25
// and 0 have the mean square (0.25 + 0.0625)/3 = 0.3125/3, its root 0.3227…
func TestNumbers(t *testing.T) {
	diverged := runOf("dense", 3, 1, nan, nan)
	diverged.DivergedStep, diverged.Seed = 17, 5
	silent := runOf("dense", 2, 2, 100, nan) // measured, but theory is silent: compared with nothing
	silent.Prediction = results.PredictionNone
	r := reportOf(t, results.Manifest{Name: "s", Copies: 7},
		runOf("dense", 1, 1, 1.5, 1), runOf("dense", 2, 1, 0.75, 1), runOf("dense", 1, 2, 1, 1), silent, diverged,
		runOf("split", 1, 1, 3, 3))
	dense := r.table(t, "Measured and predicted: dense, gd")
	want := [][]string{{"systematicity S", "3", "1.083", "1", "0.3227", "0.5"}}
	if fmt.Sprint(dense.Rows) != fmt.Sprint(want) {
		t.Errorf("dense: %q, want %q", dense.Rows, want)
	}
	if !strings.Contains(dense.Note, "The kind of prediction is discrete of 3 networks and none of 1 networks. Discrete: step by step.") {
		t.Errorf("the note is %q", dense.Note)
	}
	if split := r.table(t, "Measured and predicted: split, gd"); !strings.Contains(split.Note, "discrete of 1 networks.") {
		t.Errorf("the note is %q", split.Note)
	}
	if d := r.table(t, "Networks that diverged"); fmt.Sprint(d.Columns, d.Rows) != "[copy seed step k_x r architecture] [[0123 5 17 3 1 dense]]" {
		t.Errorf("diverged: %q %q", d.Columns, d.Rows)
	}
	if s := strings.Join(r.Summary, " "); !strings.Contains(s, "6 of 7 networks") || !strings.Contains(s, "not complete") || !strings.Contains(s, "1 of them diverged") {
		t.Errorf("the summary is %q", s)
	}
	for _, row := range r.table(t, "Parameters").Rows {
		if row[1] == "kx" && row[2] != "1, 2, 3" || row[1] == "arch" && row[2] != "dense, split" || row[1] == "modules" && row[2] != "none" {
			t.Errorf("parameter %q", row)
		}
	}
}

// TestFigures: axes are the parameters with the most values, panels the
// architecture; what goes with an axis is not said to be averaged over.
func TestFigures(t *testing.T) {
	var list []results.Run
	for _, arch := range []string{"dense", "split"} {
		for kx := 1; kx <= 3; kx++ {
			for _, r := range []float64{0.5, 1, 1.5, 2} {
				for _, hidden := range []int{10, 20} {
					row := runOf(arch, kx, r, r, r)
					row.Hidden, row.Bits, row.LR = hidden, 1+kx, 0.1*float64(kx) // bits and lr go with k_x
					list = append(list, row)
				}
			}
		}
	}
	r := reportOf(t, results.Manifest{Name: "s", Copies: len(list)}, list...)
	var names []string
	for _, f := range r.Figures {
		names = append(names, f.Name)
		if err := f.Validate(); err != nil {
			t.Error(err)
		}
	}
	if !slices.Equal(names, []string{"systematicity", "measured-and-predicted"}) {
		t.Fatalf("figures %q", names)
	}
	f := r.Figures[0]
	if len(f.Panels) != 2 || f.Panels[0].Title != "dense" || f.Panels[0].XLabel != "r" || len(f.Panels[0].Heatmap.X) != 4 || len(f.Panels[0].Heatmap.Y) != 3 {
		t.Errorf("figure %+v", f)
	}
	if !strings.Contains(f.Caption, "also over hidden units h, which") {
		t.Errorf("the caption is %q", f.Caption)
	}
	points := r.Figures[1].Panels[0].Series
	if len(points) != 3 || len(points[0].X) != len(list)/2 || points[0].Color == points[1].Color {
		t.Errorf("points %+v", points)
	}
}

func TestOfManyRows(t *testing.T) {
	var list []results.Run
	for i := range 5 * mostScattered {
		list = append(list, runOf("dense", 1, float64(i), 1, 1))
	}
	r := reportOf(t, results.Manifest{}, list...)
	if len(r.Figures) != 1 { // r has too many values for an axis
		t.Fatalf("%d figures", len(r.Figures))
	}
	if n := len(r.Figures[0].Panels[0].Series[0].X); n != mostScattered || !strings.Contains(r.Figures[0].Caption, "one in 5") {
		t.Errorf("%d points; %s", n, r.Figures[0].Caption)
	}
	for _, row := range r.table(t, "Parameters").Rows {
		if row[1] == "r" && row[2] != "0 … 9999, more than 64 values" {
			t.Errorf("parameter %q", row)
		}
	}
	if r.Title == "" {
		t.Error("no title")
	}
}

func TestOfNothing(t *testing.T) {
	r := reportOf(t, results.Manifest{Name: "s", Copies: 4})
	if len(r.Figures) != 0 || len(r.Tables) != 1 {
		t.Errorf("%d figures, %d tables", len(r.Figures), len(r.Tables))
	}
	if err := r.Write(t.TempDir()); err != nil {
		t.Error(err)
	}
	diverged := runOf("dense", 1, 1, nan, nan)
	diverged.DivergedStep = 0
	if r := reportOf(t, results.Manifest{Copies: 1}, diverged); len(r.Figures) != 0 {
		t.Errorf("%d figures of a network that diverged", len(r.Figures))
	}
	wrong := errors.New("part-000001.parquet was changed")
	_, err := New(results.Manifest{}, func(yield func(*results.Row, error) bool) { yield(nil, wrong) })
	if !errors.Is(err, wrong) {
		t.Errorf("error %v, want %v", err, wrong)
	}
}

// TestFiles: the HTML needs no other file, both texts hold what is said,
// with nothing in a sweep taken for markup, and the same results give the same
// bytes.
func TestFiles(t *testing.T) {
	evil := "<b>a|b*c_d`e</b>"
	m := results.Manifest{Name: evil, Copies: 2, Backend: "cpu", Precision: "float32", Sweep: "name: x\n```\n<script>\n",
		Processes: []results.Provenance{{Command: "modspec sweep run " + evil, Commit: "c0ffee"}, {Command: "second"}}}
	list := []results.Run{runOf("dense", 1, 1, 0.5, 0.5), runOf("dense", 2, 1, 0.25, 0.25)}
	list[0].Modules = evil
	var files [2]map[string][]byte
	for i := range files {
		dir := filepath.Join(t.TempDir(), "a", "b")
		if err := reportOf(t, m, list...).Write(dir); err != nil {
			t.Fatal(err)
		}
		files[i] = map[string][]byte{}
		for _, name := range []string{HTMLFile, MarkdownFile, "figures/systematicity.svg", "figures/systematicity.png", "figures/measured-and-predicted.png"} {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			files[i][name] = data
		}
	}
	for name := range files[0] {
		if !bytes.Equal(files[0][name], files[1][name]) {
			t.Errorf("%s is another the second time", name)
		}
	}
	page := string(files[0][HTMLFile])
	if m := regexp.MustCompile(`(?i)(src|href)="[^d#][^"]*"|url\(|<script|<b>`).FindString(page); m != "" {
		t.Errorf("the page has %q", m)
	}
	for _, want := range []string{html.EscapeString("modspec sweep run " + evil), "c0ffee", "second", "0.375", "&lt;script&gt;", "Process 2 of 2", "systematicity S"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	text := string(files[0][MarkdownFile])
	for _, want := range []string{
		"# &lt;b&gt;a\\|b\\*c\\_d\\`e&lt;/b&gt;\n", "(figures/systematicity.svg)", "\n````yaml\nname: x\n```\n<script>\n````\n", "| commit | c0ffee |",
		"| systematicity S | 2 | 0.375 | 0.375 | 0 | 0 |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the Markdown lacks %q:\n%s", want, text)
		}
	}
	// Every row of a table has as many cells as its heading.
	var cells int
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "|") {
			cells = 0
			continue
		}
		n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		if cells > 0 && n != cells {
			t.Errorf("a row of %d cells in a table of %d: %s", n, cells, line)
		}
		cells = n
	}
}

// TestAxesOfParametersThatGoTogether: figures were over two parameters of which one is the
// other, a diagonal of cells.
func TestAxesOfParametersThatGoTogether(t *testing.T) {
	var list []results.Run
	for kx := 1; kx <= 3; kx++ {
		for _, r := range []float64{0.5, 1} {
			row := runOf("dense", kx, r, 1, 1)
			row.KY, row.NY = kx, 2*kx
			other := row
			other.Arch, other.KY = "split", 0 // as networks have that lack it
			list = append(list, row, other)
		}
	}
	h := reportOf(t, results.Manifest{Name: "s", Copies: 12}, list...).Figures[0].Panels[0].Heatmap
	if h == nil || len(h.X) != 3 || !slices.Equal(h.Y, []float64{0.5, 1}) {
		t.Errorf("the figure is %+v, not over three numbers and r", h)
	}
}
