package plot

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"modspec/engine/figure"
)

// growing is a panel whose theory is 10 to the power of its column over four, so
// that its lines stand upright at known places.
func growing() figure.Figure {
	h := mapOf(9, 13, func(i, j int) float64 { return math.Pow(10, float64(j)/4) })
	h.Log, h.Theory, h.TheoryLabel = true, h.Z, "theory"
	return panelsOf(h)
}

func paneAndCells(f figure.Figure) (pane, *cells) {
	s := layOut(f)
	d := s.panels[0]
	return pane{draw.Canvas{Rectangle: s.panes[0]}, d.x, d.y}, d.cells
}

// On a logarithmic scale lines stand where the logarithm of theory is that of a
// tick: here on the centres of every fourth column.
func TestIsoLinesStandAtTicks(t *testing.T) {
	p, c := paneAndCells(growing())
	column := map[string]float64{"10⁰": 0, "10¹": 4, "10²": 8, "10³": 12}
	pieces := c.isoLines(p)
	for _, piece := range pieces {
		want := float64(p.X((column[piece.label] + 0.5) / 13))
		for _, pt := range piece.line {
			// Logarithms of numbers up to 1000, on a pane of some 200 points: a dozen
			// roundings of 200 × 13 × 2⁻⁵³.
			if math.Abs(float64(pt.X)-want) > 12*200*13*0x1p-53 {
				t.Fatalf("the line of %s passes x = %v, want %v", piece.label, pt.X, want)
			}
		}
		if d := piece.line[0].Y - piece.line[len(piece.line)-1].Y; vg.Length(math.Abs(float64(d))) < p.Size().Y-1e-9 { // a few roundings
			t.Errorf("the line of %s ends within the pane", piece.label)
		}
	}
	if len(pieces) < 2 {
		t.Errorf("%d lines, want those of 10¹ and 10² at least", len(pieces))
	}
	f := growing()
	for _, row := range f.Panels[0].Heatmap.Theory {
		for j := range row {
			row[j] = math.Inf(1)
		}
	}
	p, c = paneAndCells(f)
	if n := len(c.isoLines(p)); n != 0 {
		t.Errorf("%d lines of a theory without values", n)
	}
}

// Each value is written once on its lines, though a hill may have several, and
// the ticks of the bar write it once more.
func TestIsoLinesAreLabelledOnce(t *testing.T) {
	waves := mapOf(60, 60, func(i, j int) float64 { return math.Sin(float64(i)/6) * math.Cos(float64(j)/6) })
	waves.Theory = waves.Z
	svg := svgOf(t, panelsOf(waves))
	for _, label := range []string{"0.5", "−0.5"} {
		if n := strings.Count(svg, ">"+label+"<"); n != 2 {
			t.Errorf("%s stands there %d times, want on the bar and on one line", label, n)
		}
	}
}

func TestLabelsOfIsoLinesKeepApart(t *testing.T) {
	p, _ := paneAndCells(growing())
	y := p.Center().Y
	piece := isoPiece{[]vg.Point{{X: p.Min.X, Y: y}, {X: p.Max.X, Y: y}}, "10²"}
	canvas := pane{draw.New(vgsvg.New(300, 300)), p.x, p.y}
	canvas.Rectangle = p.Rectangle
	var taken []vg.Rectangle
	for {
		box, ok := canvas.labelBox(piece, taken)
		if !ok {
			break
		}
		for _, other := range taken {
			if overlap(box, other) {
				t.Fatalf("the label at %v covers the one at %v", box, other)
			}
		}
		if taken = append(taken, box); len(taken) > 7 {
			t.Fatal("more labels than places")
		}
	}
	if len(taken) < 3 {
		t.Errorf("%d labels found a place on a line across the pane", len(taken))
	}
	short := isoPiece{[]vg.Point{{X: p.Min.X, Y: y}, {X: p.Min.X + 10, Y: y}}, "10²"}
	if _, ok := canvas.labelBox(short, nil); ok {
		t.Error("a line shorter than its label has one")
	}
}
