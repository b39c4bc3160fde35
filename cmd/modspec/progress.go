package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"modspec/engine/number"
	"modspec/engine/printable"
	"modspec/engine/report"
)

// progress shows the studies as they run: what is running now, on a terminal,
// and each study's claims when it is done.
type progress struct {
	w        io.Writer
	terminal bool
	total    int
	at       int
}

func newProgress(w io.Writer, total int) *progress {
	return &progress{w: w, terminal: isTerminal(w), total: total}
}

// isTerminal reports whether w is a terminal, where a line can be written over.
func isTerminal(w io.Writer) bool {
	if o, ok := w.(*output); ok {
		w = o.to
	}
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

// begin names the study that starts.
func (p *progress) begin(title string) {
	p.at++
	if p.terminal {
		fmt.Fprintf(p.w, "[%d/%d] %s …", p.at, p.total, title)
	}
}

// abandon ends the line of a study that could not be finished.
func (p *progress) abandon() {
	if p.terminal {
		fmt.Fprintln(p.w)
	}
}

// note prints a note on a study that continues.
func (p *progress) note(text string) {
	p.abandon()
	fmt.Fprintln(p.w, "modspec: note: "+printable.Text(text))
}

// claimWidth is the column that claim ids are given; longer ones push the rest.
const claimWidth = 44

// done shows a study's claims, each with what was measured and what is required.
func (p *progress) done(s report.Section) {
	if p.terminal {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
	fmt.Fprintf(p.w, "[%d/%d] %s (%.1f s)\n", p.at, p.total, s.Title, s.Seconds)
	for _, c := range s.Claims {
		verdict := "holds"
		if !c.Pass {
			verdict = "FAILS"
		}
		pad := strings.Repeat(" ", max(claimWidth-len([]rune(c.ID)), 0))
		fmt.Fprintf(p.w, "  %s  %s%s  %s %s %s\n", verdict, c.ID, pad,
			number.Format(float64(c.Measured)), sign(string(c.Relation)), number.Format(float64(c.Threshold)))
	}
}

// sign writes a relation as mathematics does.
func sign(relation string) string {
	return strings.NewReplacer("<=", "≤", ">=", "≥").Replace(relation)
}
