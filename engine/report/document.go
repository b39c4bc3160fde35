// Package report writes the report on studies: their claims, figures and provenance in
// one HTML file that needs no network, no script and no other file. It reads plain data
// from packages figure and results and knows nothing of training.
package report

import (
	"fmt"
	"regexp"

	"modspec/engine/plot"
	"modspec/engine/results"
)

// A Document is all that a report says. Its texts are plain; Greek letters,
// superscripts and subscripts are written as package figure describes.
type Document struct {
	Title      string
	Intro      string // paragraphs, with an empty line between them
	Provenance results.Provenance
	Sections   []Section
}

// A Section is one study.
type Section struct {
	ID      string // lower case with dashes, unique: "dense-dynamics"
	Title   string
	Runs    string  // what was computed, in a sentence or two
	Source  string  // where the paper has it
	Seconds float64 // wall time; 0 leaves it out
	Claims  []results.Claim
	Figures []plot.Drawing
}

// anchor is what a section may be called, since its ID is linked to.
var anchor = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Validate reports the first thing that keeps d from being written: a section
// without a usable ID or with another's, two claims or two figures of one name,
// or a claim or figure that is faulty itself.
func (d Document) Validate() error {
	seen := make(map[string]bool)
	unique := func(kind, name string) error {
		if seen[kind+" "+name] {
			return fmt.Errorf("two %ss are called %q: their names must differ", kind, name)
		}
		seen[kind+" "+name] = true
		return nil
	}
	for i, s := range d.Sections {
		if !anchor.MatchString(s.ID) {
			return fmt.Errorf("section %d has the ID %q: want lower-case letters and digits joined by single dashes", i+1, s.ID)
		}
		if err := unique("section", s.ID); err != nil {
			return err
		}
		for _, c := range s.Claims {
			if err := c.Validate(); err != nil {
				return fmt.Errorf("section %s, claim %q: %w", s.ID, c.ID, err)
			}
			if err := unique("claim", c.ID); err != nil {
				return fmt.Errorf("section %s: %w", s.ID, err)
			}
		}
		for _, f := range s.Figures {
			if err := f.Figure.Validate(); err != nil {
				return fmt.Errorf("section %s: %w", s.ID, err)
			}
			if err := unique("figure", f.Figure.Name); err != nil {
				return fmt.Errorf("section %s: %w", s.ID, err)
			}
		}
	}
	return nil
}

// ClaimsFile returns what claims.json says of the document.
func (d Document) ClaimsFile() results.ClaimsFile {
	file := results.ClaimsFile{Provenance: d.Provenance}
	for _, s := range d.Sections {
		file.Claims = append(file.Claims, s.Claims...)
		study := results.Study{ID: s.ID, Title: s.Title, Runs: s.Runs, Source: s.Source, Seconds: results.Number(s.Seconds), Figures: []results.FigureText{}}
		for _, f := range s.Figures {
			study.Figures = append(study.Figures, results.FigureText{Name: f.Figure.Name, Title: f.Figure.Title, Caption: f.Figure.Caption, Alt: f.Figure.AltText()})
		}
		file.Studies = append(file.Studies, study)
	}
	return file
}
