package compare

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Markdown is the whole result as text: every row, the limits, and the growth.
func (r *Result) Markdown() string {
	var b strings.Builder
	kind := ""
	if r.Quick {
		kind = ", a quick run"
	}
	fmt.Fprintf(&b, "# How fast: %s, %s%s\n\n", r.Provenance.CPU, r.Date, kind)
	b.WriteString(r.made())
	b.WriteString("\n\n")
	b.WriteString(r.limitsText())
	b.WriteString("\n\nEvery row counts the multiply-adds of its own form; a share is of the peak in its own precision. " +
		"The lowest and the highest of the repetitions stand in brackets. `ours ×` is how many times faster modspec cpu in float32 is: " +
		"the median over pairs of repetitions, one right after the other. Steps alone are timed: of ours, a job less the same job of one step; of peers, training from weights that are there. A whole sweep is timed whole. " +
		"Of mixtures each run, ours and theirs, draws its batch anew at every step, which is timed too; all count the multiply-adds in the products of our program, and a single run has all threads too. " +
		"Where fewer networks or steps were timed than the workload has (`timed`), the rate is for each network and step all the same.\n")
	title := ""
	for _, row := range r.Rows {
		if row.Title != title {
			title = row.Title
			fmt.Fprintf(&b, "\n## %s\n\n", title)
			fmt.Fprintf(&b, "| who | form | %s | share | ours × | timed | first, s | memory | J a million | deviation |\n|---|---|---|---|---|---|---|---|---|---|\n", row.Unit)
		}
		b.WriteString(row.line())
	}
	var libraries []string
	for _, name := range slices.Sorted(maps.Keys(r.Libraries)) {
		libraries = append(libraries, name+": "+r.Libraries[name])
	}
	fmt.Fprintf(&b, "\nVersions: %s.\n", strings.Join(libraries, "; "))
	if r.NoEnergy != "" {
		fmt.Fprintf(&b, "\nNo joules: %s.\n", r.NoEnergy)
	}
	b.WriteString(r.growthText())
	return b.String()
}

// made says what made the result.
func (r *Result) made() string {
	p := r.Provenance
	commit := p.Commit
	if len(commit) > 12 {
		commit = commit[:12]
	}
	memory := ""
	if r.Memory > 0 {
		memory = fmt.Sprintf(", %.0f GiB of memory", float64(r.Memory)/(1<<30))
	}
	tree := ""
	if p.Tree == "modified" {
		tree = " (modified)"
	}
	return fmt.Sprintf("Measured on %s, %s for everybody%s, %s, commit %s%s, with `%s`.",
		p.CPU, count(r.Threads, "thread", "threads"), memory, p.GoVersion, commit, tree, p.Command)
}

func (r *Result) limitsText() string {
	l := r.Limits
	text := fmt.Sprintf("Limits in the same run: %.0f billion multiply-adds a second in float32 (%s; the lowest of %d samples %.0f), %.0f in float64, %.1f GB/s copied in memory.",
		l.Float32/1e9, l.Kernels, l.Samples, l.Lowest/1e9, l.Float64/1e9, l.Memory/1e9)
	if r.Repeated > 0 {
		text += fmt.Sprintf(" %s made again, since something else ran right before or after.",
			count(r.Repeated, "repetition was", "repetitions were"))
	}
	low := 1.0
	for _, row := range r.Rows {
		if row.disturbed() {
			low = min(low, row.Quiet)
		}
	}
	if low < 1 {
		text += fmt.Sprintf(" The machine was not quiet beside some rows: at times it had only %s of its arithmetic to give, so their shares are lower than it allows. Measure again when nothing else runs.", percent(low))
	}
	return text
}

// line is a row of the table.
func (r *Row) line() string {
	if r.Status != Measured {
		return fmt.Sprintf("| %s | %s | %s: %s | | | | | | | |\n", r.Who, r.Form, r.Status, cell(r.Reason))
	}
	times, joules, off := "", "", ""
	if r.Times > 0 {
		times = fmt.Sprintf("%s (%s–%s)", digits(r.Times), digits(r.TimesLow), digits(r.TimesHigh))
	}
	if r.Joules > 0 {
		joules = digits(r.Joules)
	}
	if r.Bound > 0 {
		off = fmt.Sprintf("%.1g of %.1g", r.Deviation, r.Bound)
	} else if r.Deviation > 0 {
		off = fmt.Sprintf("%.1g", r.Deviation)
	}
	timed := grouped(r.TimedCopies) + " × " + grouped(r.TimedSteps)
	memory := ""
	if r.Memory > 0 {
		memory = fmt.Sprintf("%.0f MiB", float64(r.Memory)/(1<<20))
	}
	return fmt.Sprintf("| %s | %s | %s (%s–%s) | %s | %s | %s | %s | %s | %s | %s |\n", r.Who, r.Form,
		digits(r.Median), digits(r.Lowest), digits(r.Highest), r.share(), times, timed, digits(r.First), memory, joules, off)
}

// cell keeps a text from ending a cell of a table.
func cell(text string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ").Replace(text)
}

// percent writes a share.
func percent(v float64) string {
	if v < 0.095 {
		return fmt.Sprintf("%.1f %%", 100*v)
	}
	return fmt.Sprintf("%.0f %%", 100*v)
}

// digits writes a number with three significant digits, and without an exponent.
func digits(v float64) string {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return fmt.Sprint(v)
	}
	places := 2 - int(math.Floor(math.Log10(math.Abs(v))))
	if places > 0 {
		return fmt.Sprintf("%.*f", places, v)
	}
	unit := math.Pow(10, float64(-places))
	return grouped(int(math.Round(v/unit) * unit))
}

// growthText is the table of growth.
func (r *Result) growthText() string {
	if len(r.Growth) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n## Growth of modspec cpu, float32\n\nExponents of the parameter, fitted through all points: 1 is proportional. Steps and recorded points add to what a job takes anyway, so there what is beyond the first point is fitted. The count is that of multiply-adds, observations included; time and memory are those of whole jobs.\n\n" +
		"| with | from, to | time | count | memory | why time grows faster |\n|---|---|---|---|---|---|\n")
	for _, g := range r.Growth {
		if g.Reason != "" {
			fmt.Fprintf(&b, "| %s | failed: %s | | | | |\n", g.Axis, cell(g.Reason))
			continue
		}
		name, first, last := g.Axis, g.Points[0], g.Points[len(g.Points)-1]
		if name == "bits" {
			name = "examples (2 to the bits)"
		}
		fmt.Fprintf(&b, "| %s | %s, %s | %.2f | %.2f | %.2f | %s |\n", name, grouped(int(first.X)), grouped(int(last.X)), g.Time, g.Work, g.Memory, g.Why)
	}
	return b.String()
}
