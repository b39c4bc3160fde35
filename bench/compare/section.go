package compare

import (
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"modspec/engine/results"
)

// The lines between which README has what was measured.
const (
	sectionBegin = "<!-- how fast: written by make readme from the newest result in bench/results -->"
	sectionEnd   = "<!-- how fast: end -->"
)

// Section is what README says of a result whose JSON lies at a path below README's
// folder; a nil result says that there is none.
func Section(r *Result, at string) string {
	if r == nil {
		return "No result of a full run lies in `bench/results` yet.\n"
	}
	var b strings.Builder
	b.WriteString(r.made())
	b.WriteString(" ")
	b.WriteString(r.limitsText())
	b.WriteString("\n\n| workload | modspec cpu, float32 | share of the peak | × one at a time in NumPy | × best plain form | × best reduced form |\n|---|---|---|---|---|---|\n")
	var behind []string
	for _, group := range r.groups() {
		ours := group[0]
		if ours.Status != Measured {
			fmt.Fprintf(&b, "| %s | %s: %s | | | | |\n", ours.Title, ours.Status, cell(ours.Reason))
			continue
		}
		loop := "–"
		for _, row := range group {
			if row.Contender == "numpy-plain" && row.Times > 0 {
				loop = digits(row.Times)
			}
			if row.Times > 0 && row.Times < 1 {
				behind = append(behind, row.behind())
			}
		}
		fmt.Fprintf(&b, "| %s | %s %s | %s | %s | %s | %s |\n", ours.Title, digits(ours.Median), ours.Unit, ours.share(), loop, best(group, Plain), best(group, Reduced))
	}
	for _, sentence := range behind {
		fmt.Fprintf(&b, "\n%s\n", sentence)
	}
	if missing := r.absent(); missing != "" {
		fmt.Fprintf(&b, "\nMissing: %s.\n", missing)
	}
	stem := strings.TrimSuffix(at, ".json")
	if _, err := r.Figure(); err == nil {
		fmt.Fprintf(&b, "\n![Throughput over copies in the paper's dense setting: modspec, JAX, PyTorch, NumPy, gorgonia, and the machine's limits.](%s.png)\n", stem)
	}
	fmt.Fprintf(&b, "\nEvery row, spread, peak memory and growth: [%s](%s.md); raw: [%s](%s).\n", path.Base(stem)+".md", stem, path.Base(at), at)
	return b.String()
}

// groups are the rows by workload, each with the baseline first.
func (r *Result) groups() [][]*Row {
	var groups [][]*Row
	for _, row := range r.Rows {
		if row.Contender == Baseline {
			groups = append(groups, nil)
		}
		if len(groups) > 0 {
			groups[len(groups)-1] = append(groups[len(groups)-1], row)
		}
	}
	return groups
}

// best is how many times faster ours is than the fastest peer of a form, and which
// that is.
func best(group []*Row, form string) string {
	var found *Row
	for _, row := range group {
		if !row.Ours && row.Form == form && row.Status == Measured && (found == nil || row.Times < found.Times) {
			found = row
		}
	}
	if found == nil {
		return "–"
	}
	return fmt.Sprintf("%s (%s)", digits(found.Times), found.Who)
}

// behind says of a row that is faster than ours why it is.
func (r *Row) behind() string {
	why := "its repetitions spread over ours: the two are equally fast there"
	switch {
	case r.Workload == denseName(1):
		why = "a step of one network is half a microsecond, of which calls are a good part"
	case r.Ours && strings.HasPrefix(r.Contender, "cuda"):
		why = "a GPU has more arithmetic than these CPUs"
	case r.Ours:
		why = "the two differ by less than the machine's drift"
	case r.TimesHigh < 1:
		why = "this shape is not yet tuned here"
	}
	return fmt.Sprintf("%s, %s: %s is %s times as fast as modspec cpu; %s.", r.Title, r.Form, r.Who, digits(1/r.Times), why)
}

// absent lists the contenders that are missing or failed, by reason.
func (r *Result) absent() string {
	var reasons []string
	who := map[string][]string{}
	for _, row := range r.Rows {
		if row.Status == Measured {
			continue
		}
		if who[row.Reason] == nil {
			reasons = append(reasons, row.Reason)
		}
		if !slices.Contains(who[row.Reason], row.Who) {
			who[row.Reason] = append(who[row.Reason], row.Who)
		}
	}
	for i, reason := range reasons {
		reasons[i] = fmt.Sprintf("%s (%s)", strings.Join(who[reason], ", "), reason)
	}
	return strings.Join(reasons, "; ")
}

// Refresh returns a README with its section of speed written anew from the newest
// result in a folder, which is given relative to README's own.
func Refresh(readme, dir string) (string, error) {
	text, err := os.ReadFile(readme)
	if err != nil {
		return "", err
	}
	r, at, err := Newest(filepath.Join(filepath.Dir(readme), dir))
	if err != nil {
		return "", err
	}
	before, rest, found := strings.Cut(string(text), sectionBegin+"\n")
	_, after, ended := strings.Cut(rest, sectionEnd)
	if !found || !ended {
		return "", fmt.Errorf("%s has no lines %q and %q, between which speeds are written", readme, sectionBegin, sectionEnd)
	}
	if r != nil {
		at = path.Join(filepath.ToSlash(dir), filepath.Base(at))
	}
	return before + sectionBegin + "\n" + Section(r, at) + sectionEnd + after, nil
}

// WriteReadme refreshes a README in place; see [Refresh].
func WriteReadme(readme, dir string) error {
	text, err := Refresh(readme, dir)
	if err != nil {
		return err
	}
	return results.WriteFile(readme, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}
