package plot

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"modspec/engine/figure"
	"modspec/engine/plot/lettering"
	"modspec/engine/results"
)

// Size of figures.
const (
	panelWidth  = 3.2 * vg.Inch
	panelHeight = 2.5 * vg.Inch
	titleSpace  = vg.Length(18)
)

// A Drawing is a figure with its picture.
type Drawing struct {
	Figure figure.Figure
	PNG    []byte // nil: not drawn yet
}

// Draw writes f to dir as f.Name + ".png" and f.Name + ".svg" and returns it
// with the PNG, ready for a section of package report. The folder must exist. The error says
// what about f cannot be drawn, or which file cannot be written.
func Draw(dir string, f figure.Figure) (Drawing, error) {
	var picture bytes.Buffer
	if err := PNG(&picture, f); err != nil {
		return Drawing{}, err
	}
	err := results.WriteFile(filepath.Join(dir, f.Name+".png"), func(w io.Writer) error {
		_, err := w.Write(picture.Bytes())
		return err
	})
	if err != nil {
		return Drawing{}, err
	}
	err = results.WriteFile(filepath.Join(dir, f.Name+".svg"), func(w io.Writer) error { return SVG(w, f) })
	if err != nil {
		return Drawing{}, err
	}
	return Drawing{Figure: f, PNG: picture.Bytes()}, nil
}

// PNG writes f as a PNG of 192 dots per inch. Equal figures give equal bytes.
func PNG(w io.Writer, f figure.Figure) error {
	return drawn(f, func(s sheet) error {
		c := pngCanvas{vgimg.NewWith(vgimg.UseWH(s.width, s.height), vgimg.UseDPI(lettering.DotsPerInch), vgimg.UseBackgroundColor(paper))}
		s.draw(draw.New(c))
		_, err := vgimg.PngCanvas{Canvas: c.Canvas}.WriteTo(w)
		return err
	})
}

// SVG writes f as an SVG whose lettering is text. Equal figures give equal
// bytes.
func SVG(w io.Writer, f figure.Figure) error {
	return drawn(f, func(s sheet) error {
		c := &svgCanvas{Canvas: vgsvg.New(s.width, s.height)}
		canvas := draw.New(c)
		canvas.SetColor(paper)
		canvas.Fill(canvas.Rectangle.Path())
		s.draw(canvas)
		var b bytes.Buffer
		if _, err := c.WriteTo(&b); err != nil {
			return err
		}
		document, err := finishSVG(b.Bytes(), f, c.grids)
		if err != nil {
			return err
		}
		_, err = w.Write(document)
		return err
	})
}

// drawn checks f, lays it out and hands it to onto. A panic of the plotting
// library becomes an error here, at its border.
func drawn(f figure.Figure, onto func(sheet) error) (err error) {
	if err := f.Validate(); err != nil {
		return err
	}
	if err := checkLettering(f); err != nil {
		return err
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("figure %s: the plotting library failed: %v", f.Name, r)
		}
	}()
	if err := onto(layOut(f)); err != nil {
		return fmt.Errorf("figure %s: %w", f.Name, err)
	}
	return nil
}

// checkLettering reports text that the font cannot write.
func checkLettering(f figure.Figure) error {
	if err := lettering.Check(f.Title); err != nil {
		return fmt.Errorf("figure %s, title: %w", f.Name, err)
	}
	for i, p := range f.Panels {
		texts := append([]string{p.Title, p.XLabel, p.YLabel}, p.XNames...)
		for _, s := range p.Series {
			texts = append(texts, s.Label)
		}
		if h := p.Heatmap; h != nil {
			texts = slices.Concat(texts, []string{h.Label, h.Blank, h.TheoryLabel}, h.XNames, h.YNames)
		}
		for _, text := range texts {
			if err := lettering.Check(text); err != nil {
				return fmt.Errorf("figure %s, panel %d: %w", f.Name, i+1, err)
			}
		}
	}
	return nil
}
