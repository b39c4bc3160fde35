package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"modspec/engine/regularfile"
)

// A ClaimsFile is what claims.json holds: every claim of a run, what was computed for
// them, and where the run happened.
type ClaimsFile struct {
	Provenance Provenance `json:"provenance"`
	Claims     []Claim    `json:"claims"`
	Studies    []Study    `json:"studies,omitempty"` // in the order of their claims; older files have none
}

// A Study is what claims.json says of a study: the claims whose ids begin with its own
// and a slash belong to it. Texts are plain, as package figure describes.
type Study struct {
	ID      string       `json:"id"` // lower case with dashes: "dense-dynamics"
	Title   string       `json:"title"`
	Runs    string       `json:"runs"`   // what was computed, in a sentence or two
	Source  string       `json:"source"` // where the paper has it
	Seconds Number       `json:"seconds"`
	Figures []FigureText `json:"figures"`
}

// A FigureText is a figure in words. Its drawings are the files Name + ".svg" and
// Name + ".png" beside claims.json.
type FigureText struct {
	Name    string `json:"name"` // lower case with dashes
	Title   string `json:"title"`
	Caption string `json:"caption"`
	Alt     string `json:"alt"` // what its panels show, for those who do not see it
}

// StudyOf returns the id of the study that a claim belongs to.
func StudyOf(claim string) string {
	study, _, _ := strings.Cut(claim, "/")
	return study
}

// Holding counts the claims that hold.
func (c ClaimsFile) Holding() int {
	n := 0
	for _, claim := range c.Claims {
		if claim.Pass {
			n++
		}
	}
	return n
}

// WriteClaims writes c to path as indented JSON. It refuses what [ReadClaims]
// would refuse, so that every file it leaves can be read back.
func WriteClaims(path string, c ClaimsFile) error {
	if err := c.validate(); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return WriteFile(path, func(w io.Writer) error { return encodeClaims(w, c) })
}

func encodeClaims(w io.Writer, c ClaimsFile) error {
	if c.Claims == nil {
		c.Claims = []Claim{} // [] rather than null for readers in other languages
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false) // "<=" is meant to be read
	e.SetIndent("", "  ")
	return e.Encode(c)
}

// ReadClaims reads a file that [WriteClaims] wrote. It refuses a file that is
// cut short, has fields it does not know or lacks some, a claim without an id or
// with another's, a relation that does not exist, and a verdict that its own
// numbers contradict. The error names the file and the claim.
func ReadClaims(path string) (ClaimsFile, error) {
	data, err := regularfile.Read(path, maxText)
	if err != nil {
		return ClaimsFile{}, fmt.Errorf("reading claims: %w", err)
	}
	c, err := decodeClaims(data)
	if err != nil {
		return ClaimsFile{}, fmt.Errorf("reading %s: %w", path, err)
	}
	return c, nil
}

func decodeClaims(data []byte) (ClaimsFile, error) {
	var file struct {
		Provenance *Provenance        `json:"provenance"`
		Claims     *[]json.RawMessage `json:"claims"`
		Studies    []Study            `json:"studies"`
	}
	if err := strictly(data, &file); err != nil {
		return ClaimsFile{}, err
	}
	if file.Provenance == nil || file.Claims == nil {
		return ClaimsFile{}, errors.New(`want an object with "provenance" and "claims"`)
	}
	c := ClaimsFile{Provenance: *file.Provenance, Claims: make([]Claim, len(*file.Claims)), Studies: file.Studies}
	for i, raw := range *file.Claims {
		claim, err := decodeClaim(raw)
		if err != nil {
			return ClaimsFile{}, fmt.Errorf("claim %d (%q): %w", i+1, claim.ID, err)
		}
		c.Claims[i] = claim
	}
	return c, c.validate()
}

// decodeClaim reads one claim. A number that is missing must not read as zero, so the
// fields that decide the verdict are looked up by name; null counts as present.
func decodeClaim(raw json.RawMessage) (Claim, error) {
	var claim Claim
	if err := strictly(raw, &claim); err != nil {
		return claim, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return claim, err
	}
	for _, name := range []string{"id", "title", "pass", "measured", "relation", "threshold", "source"} {
		if _, ok := fields[name]; !ok {
			return claim, fmt.Errorf("field %q is missing", name)
		}
	}
	return claim, nil
}

// strictly decodes the one JSON value that data must be.
func strictly(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return errors.New("the file is empty or cut short: compute the claims again")
		}
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("more follows after the first JSON value, at byte %d", d.InputOffset())
	}
	return nil
}

// validate reports the first claim that is not consistent.
func (c ClaimsFile) validate() error {
	seen := make(map[string]bool, len(c.Claims))
	for i, claim := range c.Claims {
		if err := claim.Validate(); err != nil {
			return fmt.Errorf("claim %d (%q): %w", i+1, claim.ID, err)
		}
		if seen[claim.ID] {
			return fmt.Errorf("claim %d (%q): another claim has this id", i+1, claim.ID)
		}
		seen[claim.ID] = true
	}
	return c.validateStudies()
}

// fileStem is what a study or a figure may be called: files have its name.
var fileStem = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (c ClaimsFile) validateStudies() error {
	studies, figures := map[string]bool{}, map[string]bool{}
	for i, study := range c.Studies {
		if !fileStem.MatchString(study.ID) || studies[study.ID] {
			return fmt.Errorf("study %d has the id %q, but must have one of its own: lower-case letters and digits joined by single dashes", i+1, study.ID)
		}
		studies[study.ID] = true
		for _, f := range study.Figures {
			if !fileStem.MatchString(f.Name) || figures[f.Name] {
				return fmt.Errorf("study %q has a figure %q, but its name must be its own: lower-case letters and digits joined by single dashes", study.ID, f.Name)
			}
			figures[f.Name] = true
		}
	}
	for _, claim := range c.Claims {
		if c.Studies != nil && !studies[StudyOf(claim.ID)] {
			return fmt.Errorf("the claim %q belongs to none of the studies", claim.ID)
		}
	}
	return nil
}

// Validate returns an error if c has no id, a relation that does not exist, or a
// verdict that its numbers contradict.
func (c Claim) Validate() error {
	if c.ID == "" {
		return errors.New("no id: want the study's id and a short name, such as \"dense-dynamics/closer\"")
	}
	switch c.Relation {
	case AtMost, AtLeast, Below, Above:
	default:
		return fmt.Errorf("relation %q: want one of %s %s %s %s", c.Relation, AtMost, AtLeast, Below, Above)
	}
	measured, threshold := float64(c.Measured), float64(c.Threshold)
	if c.Pass != holds(measured, c.Relation, threshold) {
		verdict := "fail"
		if c.Pass {
			verdict = "pass"
		}
		return fmt.Errorf("marked as %s, but its numbers say the opposite: measured %s, which must be %s %s",
			verdict, shown(measured), c.Relation, shown(threshold))
	}
	return nil
}

// shown is a number as the file has it.
func shown(v float64) string {
	if !finite(v) {
		return "null"
	}
	return fmt.Sprint(v)
}
