package chart

import (
	"io"
	"iter"
	"math"
	"slices"
	"testing"

	"modspec/engine/chart/charttest"
	"modspec/engine/figure"
	"modspec/engine/plot"
	"modspec/engine/results"
)

// runsOf is a table with a row for each architecture, k_x, r and seed, whose
// systematicity is a number that tells where it came from.
func runsOf(seeds int) iter.Seq2[*results.Row, error] {
	var list []results.Run
	for a, arch := range []string{"dense", "split"} {
		for kx := 1; kx <= 3; kx++ {
			for _, r := range []float64{0.5, 1} {
				for seed := range seeds {
					row := results.Run{Seed: uint64(seed)}
					row.Arch, row.KX, row.R = arch, kx, r
					row.Systematicity = float64(100*a+10*kx) + r + float64(seed)
					row.Predicted.Systematicity = float64(100*a + 10*kx)
					if arch == "split" && kx == 3 {
						row.Systematicity = math.NaN()
					}
					list = append(list, row)
				}
			}
		}
	}
	return charttest.Rows(list...)
}

// is returns a condition on a column's text.
func is(column, text string) func(*results.Row) bool {
	return func(r *results.Row) bool { return r.Text(charttest.Linear.Columns.Index(column)) == text }
}

func TestSweepFigureHeatmap(t *testing.T) {
	fig, err := Figure(runsOf(3), Columns{X: "kx", Y: "r", Value: "systematicity", Facet: "arch"})
	if err != nil {
		t.Fatal(err)
	}
	if err := fig.Validate(); err != nil {
		t.Fatal(err)
	}
	if len(fig.Panels) != 2 || fig.Panels[0].Title != "dense" || fig.Panels[1].Title != "split" {
		t.Fatalf("panels %v", fig.Panels)
	}
	// The mean over seeds 0, 1, 2 of 10·kx + r + seed.
	dense := fig.Panels[0].Heatmap
	for j, r := range []float64{0.5, 1} {
		for i := range 3 {
			if got, want := dense.Z[j][i], float64(10*(i+1))+r+1; got != want {
				t.Errorf("dense, kx %d, r %g: %v, want %v", i+1, r, got, want)
			}
			if got, want := dense.Theory[j][i], float64(10*(i+1)); got != want {
				t.Errorf("theory at kx %d, r %g: %v, want %v", i+1, r, got, want)
			}
		}
	}
	if !math.IsNaN(fig.Panels[1].Heatmap.Z[0][2]) {
		t.Error("a place without a value has one")
	}
	if *fig.Panels[0].Heatmap.Range != *fig.Panels[1].Heatmap.Range {
		t.Error("the panels have different colours")
	}
}

func TestSweepFigureCurves(t *testing.T) {
	fig, err := Figure(runsOf(3), Columns{X: "r", Value: "systematicity", Where: func(r *results.Row) bool { return is("arch", "dense")(r) && is("kx", "2")(r) }})
	if err != nil {
		t.Fatal(err)
	}
	measured, theory := fig.Panels[0].Series[0], fig.Panels[0].Series[1]
	if measured.Y[1] != 22 || measured.Low[1] != 21 || measured.High[1] != 23 {
		t.Errorf("mean and band at r = 1 are %v, %v, %v; want 22, 21, 23", measured.Y[1], measured.Low[1], measured.High[1])
	}
	if theory.Style != figure.Dashed || theory.Y[1] != 20 {
		t.Errorf("theory at r = 1 is %v", theory.Y[1])
	}
	ratio, err := Figure(runsOf(1), Columns{X: "r", Value: "systematicity/pred_systematicity", Where: func(r *results.Row) bool { return is("arch", "dense")(r) && is("kx", "2")(r) }})
	if err != nil {
		t.Fatal(err)
	}
	if got := ratio.Panels[0].Series[0].Y[1]; got != 21.0/20 {
		t.Errorf("the ratio at r = 1 is %v, want 1.05", got)
	}
}

// TestPlacesWithoutAValue: places of which all copies diverged were not on the axes, cells
// of them said only that they have no value, and the caption counted them nowhere.
func TestPlacesWithoutAValue(t *testing.T) {
	var list []results.Run
	for _, arch := range []string{"dense", "shallow", "split"} {
		for kx := 1; kx <= 3; kx++ {
			for _, r := range []float64{0.5, 1} {
				for seed := range 3 {
					row := results.Run{Seed: uint64(seed), DivergedStep: -1}
					row.Arch, row.KX, row.R, row.Systematicity = arch, kx, r, 1
					switch {
					case arch == "shallow": // never has the value
						row.Systematicity = math.NaN()
					case kx == 3, arch == "dense" && kx == 2 && seed == 0:
						row.Systematicity, row.DivergedStep = math.NaN(), 7
					}
					list = append(list, row)
				}
			}
		}
	}
	const said = " 14 of 54 copies diverged and are in no mean. 18 of 54 copies have no value. No panel for shallow, without a value."
	fig, err := Figure(charttest.Rows(list...), Columns{X: "kx", Y: "r", Value: "systematicity", Facet: "arch"})
	if err != nil {
		t.Fatal(err)
	}
	if want := "Means over 2 to 3 copies each; theory dashed." + said; fig.Caption != want {
		t.Errorf("the caption is %q, want %q", fig.Caption, want)
	}
	if len(fig.Panels) != 2 {
		t.Fatalf("%d panels, want 2", len(fig.Panels))
	}
	for _, panel := range fig.Panels {
		h := panel.Heatmap
		if !slices.Equal(h.X, []float64{1, 2, 3}) || !math.IsNaN(h.Z[0][2]) || h.Z[0][1] != 1 || h.Blank != "diverged" {
			t.Errorf("%s has columns at %v with %v, blank for %q", panel.Title, h.X, h.Z[0], h.Blank)
		}
	}
	fig, err = Figure(charttest.Rows(list...), Columns{X: "kx", Value: "systematicity", Facet: "arch"})
	if err != nil {
		t.Fatal(err)
	}
	if want := "Means over 4 to 6 copies each; bands from the smallest to the largest; theory dashed." + said; fig.Caption != want {
		t.Errorf("the caption is %q, want %q", fig.Caption, want)
	}
	if x := fig.Panels[0].Series[0].X; !slices.Equal(x, []float64{1, 2, 3}) {
		t.Errorf("curves are at %v, want 1 to 3", x)
	}
	if err := plot.SVG(io.Discard, fig); err != nil {
		t.Error(err)
	}
	fig, err = Figure(charttest.Rows(list...), Columns{X: "arch", Y: "kx", Value: "systematicity"})
	if err != nil {
		t.Fatal(err)
	}
	if h := fig.Panels[0].Heatmap; !slices.Equal(h.XNames, []string{"dense", "shallow", "split"}) || h.Blank != "diverged, or no value" {
		t.Errorf("columns are %q, blank for %q", h.XNames, h.Blank)
	}
}

func TestSweepFigureErrors(t *testing.T) {
	for name, show := range map[string]Columns{
		"unknown column":  {X: "kz", Value: "systematicity"},
		"text as value":   {X: "kx", Value: "arch"},
		"no value":        {X: "kx"},
		"half a ratio":    {X: "kx", Value: "systematicity/"},
		"the other half":  {X: "kx", Value: "/systematicity"},
		"nothing along x": {Value: "systematicity"},
		"nothing to draw": {X: "kx", Value: "test_loss", Where: is("arch", "shallow")},
	} {
		if _, err := Figure(runsOf(1), show); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := Figure(runsOf(MaxFacets+1), Columns{X: "kx", Value: "systematicity", Facet: "seed"}); err == nil {
		t.Error("too many facets: no error")
	}
}

// TestLabelsThatCannotBeDrawn: a table's own label in letters that the font lacks gives
// way to the column's name, and so does a letter of a panel's title to a box.
func TestLabelsThatCannotBeDrawn(t *testing.T) {
	table := &results.Table{Name: "runs", Columns: results.Schema{
		{Name: "x", Label: "幅"}, {Name: "y", Label: "誤差"}, {Name: "gate", Type: results.Text, Domain: results.Domain{Words: []string{"門"}}},
	}}
	row := table.NewRow()
	row.SetText(2, "門")
	rows := func(yield func(*results.Row, error) bool) {
		for _, x := range []float64{1, 2} {
			row.SetNumber(0, x)
			if !yield(row, nil) {
				return
			}
		}
	}
	f, err := Figure(rows, Columns{X: "x", Value: "y", Facet: "gate"})
	if err != nil {
		t.Fatal(err)
	}
	if p := f.Panels[0]; p.XLabel != "x" || p.YLabel != "y" || p.Title != "□" {
		t.Errorf("the panel is %q over %q, called %q", p.YLabel, p.XLabel, p.Title)
	}
	if err := plot.SVG(io.Discard, f); err != nil {
		t.Error(err)
	}
}

// TestFacetsHaveOneOrder: seeds that are one float64 were equal, as were lists with
// the same first bit, so that panels stood in the order of a map.
func TestFacetsHaveOneOrder(t *testing.T) {
	for column, want := range map[string][]string{
		"seed":       {"9", "10", "9007199254740991", "9007199254740992", "9007199254740993", "9999999999999999999", "10000000000000000000", "18446744073709551614", "18446744073709551615"},
		"input_bits": {"0", "0,1", "0,1,2", "0,2", "1", "10", "10,11", "2"},
		"r":          {"", "1e-05", "0.5", "3", "25"},
	} {
		c, err := New(charttest.Linear, Columns{X: "kx", Value: "systematicity", Facet: column})
		if err != nil {
			t.Fatal(err)
		}
		for range 20 { // orders of the map
			c.cells = map[Place]*cell{}
			for _, text := range want {
				c.cells[Place{facet: text}] = &cell{copies: 1}
			}
			if got := c.facets(); !slices.Equal(got, want) {
				t.Errorf("the panels of %s are %q, want %q", column, got, want)
				break
			}
		}
	}
}
