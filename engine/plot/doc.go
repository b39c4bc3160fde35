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
// package plot, even in steps and monotone in lightness. Neighbours in a row
// whose colours mean the same share one colour bar, and a bar whose range some
// value exceeds is pointed there. Twelve cells in a row or fewer show their
// values as numbers, if nothing is drawn over them.
//
// The same figure gives the same bytes, always: nothing drawn depends on time,
// map order or the machine.
//
// # Lettering
//
// All lettering is Liberation Sans. Superscripts and subscripts are set as
// smaller, shifted letters, so that "10⁻⁴" and "Ω_x" look alike whether or not
// the font has that very glyph. A character that the font lacks and that has no
// stand-in is an error, not an empty box in print; only in the names that users give
// to networks a box stands for it.
//
// # Why the axes are drawn here
//
// Lines, text and files come from gonum/plot's canvases. Its axes do not: on a
// logarithmic axis they pad the panel as if the label stood at the arithmetic
// middle of the range, their ticks crowd, and their fonts are set by package
// variables.
package plot
