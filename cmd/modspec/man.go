package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"modspec/engine/number"
	"modspec/engine/results"
)

func newMan() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write a manual page for every command into a folder",
		Long: `Write a manual page for every command into a folder, which is made if it is not
there. The pages are what --help says, for man. Their date is that of the commit
that this program was built from, or SOURCE_DATE_EPOCH, so that the same program
writes the same pages.`,
		Example: `  modspec man ~/.local/share/man/man1
  man modspec-sweep-run`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return badInput(fmt.Errorf("man takes one folder, but got %d arguments; such as modspec man ~/.local/share/man/man1", len(args)))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			date, err := manDate()
			if err != nil {
				return badInput(err)
			}
			if err := os.MkdirAll(args[0], 0o777); err != nil {
				return badInput(fmt.Errorf("cannot make the folder %s: %w", args[0], errNo(err)))
			}
			pages := newRoot()
			pages.InitDefaultCompletionCmd()
			asMarkdown(pages)
			return writePages(pages, args[0], doc.GenManHeader{Section: "1", Source: "modspec", Manual: "modspec", Date: &date})
		},
	}
}

// writePages writes the pages of a command and of those below it, each whole or not at
// all.
func writePages(c *cobra.Command, dir string, header doc.GenManHeader) error {
	for _, below := range c.Commands() {
		if !below.IsAvailableCommand() || below.IsAdditionalHelpTopicCommand() {
			continue
		}
		if err := writePages(below, dir, header); err != nil {
			return err
		}
	}
	path := filepath.Join(dir, strings.ReplaceAll(c.CommandPath(), " ", "-")+"."+header.Section)
	return results.WriteFile(path, func(w io.Writer) error { return doc.GenMan(c, &header, w) })
}

// manDate is the date on the pages.
func manDate() (time.Time, error) {
	if text := os.Getenv("SOURCE_DATE_EPOCH"); text != "" {
		const year10000 = 253402300800 // of which no date has the form that pages write
		seconds, err := number.Whole(text, 0, int64(year10000-1))
		if err != nil {
			return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH %w: seconds since 1970", err)
		}
		return time.Unix(seconds, 0).UTC(), nil
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if at, err := time.Parse(time.RFC3339, s.Value); s.Key == "vcs.time" && err == nil {
				return at.UTC(), nil
			}
		}
	}
	return time.Unix(0, 0).UTC(), nil // a build that knows no commit
}

// asMarkdown makes the texts of a command and those below it what they are taken for on
// the way to a page: lines that begin with blanks are laid out, not run together, and
// no other character is markup.
func asMarkdown(c *cobra.Command) {
	c.DisableAutoGenTag = true // it has today's date
	var lines []string
	laidOut := false
	for line := range strings.Lines(c.Long) {
		indented := strings.HasPrefix(line, " ")
		if indented != laidOut {
			lines = append(lines, "\n")
		}
		if laidOut = indented; laidOut {
			line = "  " + line
		} else {
			line = plainMarkdown.Replace(line)
		}
		lines = append(lines, line)
	}
	c.Long = strings.Join(lines, "")
	for _, below := range c.Commands() {
		asMarkdown(below)
	}
}

var plainMarkdown = strings.NewReplacer("*", `\*`, "_", `\_`, "`", "\\`", "<", `\<`, "[", `\[`)
