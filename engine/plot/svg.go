package plot

import (
	"bytes"
	"encoding/xml"
	"errors"

	"modspec/engine/figure"
)

// What the canvas writes for the font, and what stands there afterwards: the same font,
// then others of the same widths, then any sans-serif. Without other fonts, a viewer
// that lacks this one shows a serif.
const (
	fontWritten = "font-family:Liberation Sans;font-variant:normal"
	fontWanted  = "font-family:'Liberation Sans',Arimo,Arial,Helvetica,sans-serif"
)

// finishSVG gives the canvas's document fonts to fall back on, the round corners
// that lines have in the PNG, its grids of cells, and a title for those who cannot
// see it, and leaves out the comment of the canvas.
func finishSVG(document []byte, f figure.Figure, grids []grid) ([]byte, error) {
	_, rest, found := bytes.Cut(document, []byte("<svg "))
	attributes, content, closed := bytes.Cut(rest, []byte(">"))
	if !found || !closed {
		return nil, errors.New("the canvas wrote no <svg> element")
	}
	title := f.Title
	if title == "" {
		title = f.Name
	}
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n<svg role=\"img\" stroke-linejoin=\"round\" ")
	b.Write(attributes)
	b.WriteString(">\n<title>")
	if err := xml.EscapeText(&b, []byte(figure.Plain(title))); err != nil {
		return nil, err
	}
	b.WriteString("</title>")
	content, err := placeGrids(bytes.ReplaceAll(content, []byte(fontWritten), []byte(fontWanted)), grids)
	if err != nil {
		return nil, err
	}
	b.Write(content)
	return b.Bytes(), nil
}
