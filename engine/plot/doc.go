// Package plot draws figures: [Draw] turns a [figure.Figure] into a PNG and an SVG
// file. No other package imports gonum/plot.
//
// # How a figure looks
//
// A panel measures 3.2 by 2.5 inches, so two of them side by side fill the text
// width of a journal page. Every panel of a figure has axes of the same size,
// aligned by row and column. A solid line is 1.6 points wide in its palette
// colour; a dashed one is narrower and has the same hue, darkened, so that
// theory drawn over a simulation leaves both to be seen; a dotted one is grey
// whatever its colour. A legend stands where it covers the least data.
//
// The cells of a heatmap are filled to whole pixels in the PNG and with crisp
// edges in the SVG, so that no seams show between them. Its colours are made in
// package colourmap, even in steps and monotone in lightness. Neighbours in a row
// whose colours mean the same share one colour bar, and a bar whose range some
// value exceeds is pointed there. Twelve cells in a row or fewer show their
// values as numbers, if nothing is drawn over them.
//
// The same figure gives the same bytes, always: nothing drawn depends on time,
// map order or the machine.
//
// # What gonum/plot draws and what is drawn here
//
// gonum/plot aligns the panels ([gonum.org/v1/plot.Align]), draws axes, ticks, grid lines
// and legends, and writes the files. Its axes get the places of values, from 0 to 1, since
// on a logarithmic axis it pads the panel as if the label stood at the arithmetic middle
// of the range. Its fonts and texts come from package lettering through its interface for
// text handlers, so package variables that set its fonts have no effect here.
//
// Drawn here is what gonum/plot lacks: ticks that fit into their room and labels such as
// 10⁻⁴; lines with gaps, thinned to what the picture can show; bands that reach the end of
// a logarithmic axis; bars at any place; heatmaps on whole pixels, their colour bars to
// the right of the pane, and labelled lines of theory; and the search for the place of the
// legend.
package plot
