package survey

import (
	"fmt"
	"io"
	"strings"

	"modspec/engine/report"
	"modspec/engine/results"
)

// markdownText writes a text so that Markdown takes none of it for markup.
func markdownText(text string) string {
	return strings.NewReplacer(
		"\\", `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;",
		"|", `\|`, "#", `\#`, "!", `\!`, "~", `\~`, "\r", " ", "\n", " ",
	).Replace(text)
}

func (r *Report) writeMarkdown(path string) error {
	return results.WriteFile(path, func(w io.Writer) error {
		var b strings.Builder
		fmt.Fprintf(&b, "# %s\n", markdownText(r.Title))
		for _, sentence := range r.Summary {
			fmt.Fprintf(&b, "\n%s\n", markdownText(sentence))
		}
		for _, f := range r.Figures {
			// Names of figures are lower case with dashes.
			fmt.Fprintf(&b, "\n![%s](%s/%s.svg)\n\n%s\n", markdownText(f.Title), FiguresFolder, f.Name, markdownText(f.Caption))
		}
		for _, t := range r.Tables {
			fmt.Fprintf(&b, "\n## %s\n\n", markdownText(t.Title))
			markdownRow(&b, t.Columns)
			b.WriteString("|" + strings.Repeat("---|", len(t.Columns)) + "\n")
			for _, row := range t.Rows {
				markdownRow(&b, row)
			}
			if t.Note != "" {
				fmt.Fprintf(&b, "\n%s\n", markdownText(t.Note))
			}
		}
		if r.Sweep != "" {
			fence := fenceFor(r.Sweep)
			fmt.Fprintf(&b, "\n## The sweep file, with every default filled in\n\n%syaml\n%s\n%s\n", fence, strings.TrimRight(r.Sweep, "\n"), fence)
		}
		b.WriteString("\n## How this was computed\n")
		for i, p := range r.Processes {
			fmt.Fprintf(&b, "\n%s\n\n| | |\n|---|---|\n", processTitle(i, len(r.Processes)))
			for _, f := range report.Facts(p) {
				markdownRow(&b, []string{f.Name, f.Value})
			}
		}
		_, err := io.WriteString(w, b.String())
		return err
	})
}

func markdownRow(b *strings.Builder, cells []string) {
	b.WriteString("|")
	for _, c := range cells {
		b.WriteString(" " + markdownText(c) + " |")
	}
	b.WriteString("\n")
}

// fenceFor returns a fence longer than any that the text has.
func fenceFor(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence
}

func processTitle(i, count int) string {
	if count == 1 {
		return "One process:"
	}
	return fmt.Sprintf("Process %d of %d:", i+1, count)
}
