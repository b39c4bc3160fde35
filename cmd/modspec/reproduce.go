package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"modspec/engine/kind/linear"
	"modspec/engine/number"
	"modspec/engine/plot"
	"modspec/engine/report"
	"modspec/engine/results"
	"modspec/engine/study"
)

// defaultOut is where reproduce writes by default.
const defaultOut = "modspec-reproduce"

// The files that reproduce writes besides figures.
const (
	claimsName = "claims.json"
	reportName = "report.html"
)

// reproduceFlags are the flags of modspec reproduce.
type reproduceFlags struct {
	only []string
	out  string
	backendFlags
	list bool
	all  bool
	full bool
	data string
}

func newReproduce() *cobra.Command {
	var f reproduceFlags
	cmd := &cobra.Command{
		Use:   "reproduce",
		Short: "Compute, draw and judge the paper's linear results, claim by claim",
		Long: `Run every study of the paper's linear results, compare what it measures with
what it claims, and write figures (PNG and SVG), claims.json and a
self-contained report.html. Takes under a minute on two cores. With --all the
paper's image experiment follows, at a size that takes about three minutes more.

Exits with 1 when a claim fails. Results go to ` + defaultOut + `/, or with
--only to ` + defaultOut + `/ID/, so that one study never overwrites the report
on all.`,
		Example: `  modspec reproduce
  modspec reproduce --all
  modspec reproduce --only dense-dynamics --out dynamics
  modspec reproduce --list`,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringSliceVar(&f.only, "only", nil, "run only the study with this id; may be repeated (ids: --list)")
	flags.StringVar(&f.out, "out", "", "folder to write to, made if it is not there (default: "+defaultOut+")")
	f.backendFlags.add(flags, "reference")
	flags.BoolVar(&f.all, "all", false, "run compositional MNIST too, of a reduced size")
	flags.BoolVar(&f.full, "full", false, "with --all, run it at the paper's size: weeks on two cores")
	flags.StringVar(&f.data, "data", "", "with --all, folder of MNIST (default: testdata/mnist)")
	flags.BoolVar(&f.list, "list", false, "list the studies by paper, with what each runs, and do nothing else")
	return cmd
}

func (f *reproduceFlags) run(cmd *cobra.Command) error {
	if f.list {
		return listStudies(cmd.OutOrStdout())
	}
	studies, err := f.studies()
	if err != nil {
		return badInput(err)
	}
	images, err := interruptible(cmd.Context(), f.images)
	if err != nil {
		return badInput(err)
	}
	backend, err := f.open("float64")
	if err != nil {
		return badInput(err)
	}
	defer backend.Close()
	out, err := f.folder(cmd)
	if err != nil {
		return badInput(err)
	}
	// A run that is cut short must not leave an old verdict beside new figures.
	for _, name := range []string{claimsName, reportName} {
		if err := os.Remove(filepath.Join(out, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("cannot remove the old %s: %w", filepath.Join(out, name), errNo(err))
		}
	}
	started := time.Now()
	provenance := results.NewProvenance(backend.Name(), "float64", os.Args, started)
	total := len(studies)
	if images != nil {
		total++
	}
	progress := newProgress(cmd.OutOrStdout(), total)
	var sections []report.Section
	for _, s := range studies {
		section, err := runStudy(cmd.Context(), s, backend, out, progress)
		if err != nil {
			return fmt.Errorf("study %s: %w", s.ID, err)
		}
		sections = append(sections, section)
	}
	if images != nil {
		section, err := images.run(cmd.Context(), out, progress)
		if err != nil {
			return fmt.Errorf("study %s: %w", study.CMNISTID, err)
		}
		sections = append(sections, section)
	}
	provenance.Took(time.Since(started))
	document := report.Document{
		Title: "On The Specialization of Neural Modules, reproduced",
		Intro: "The linear results of Jarvis, Klein, Rosman and Saxe (ICLR 2023), and iterated learning beside them, computed anew: what is claimed, " +
			"what was measured, and the figures. Simulations are drawn solid, theory dashed over them.",
		Provenance: provenance, Sections: sections,
	}
	claims := document.ClaimsFile()
	if err := results.WriteClaims(filepath.Join(out, claimsName), claims); err != nil {
		return err
	}
	page := filepath.Join(out, reportName)
	if err := report.WriteHTML(page, document); err != nil {
		return err
	}
	if images == nil && len(f.only) == 0 {
		fmt.Fprintf(cmd.OutOrStdout(), "\nLeft out: compositional MNIST, the paper's image experiment; --all runs it too (about three minutes on two cores)\n")
	}
	return conclude(cmd.OutOrStdout(), claims, out, page)
}

// conclude prints the verdict; it is an error if a claim fails.
func conclude(w io.Writer, claims results.ClaimsFile, out, page string) error {
	total, holding := len(claims.Claims), claims.Holding()
	fmt.Fprintf(w, "\n%d of %d claims hold, in %.1f s. Report: %s; figures and claims.json: %s\n", holding, total, float64(claims.Provenance.Seconds), page, out)
	if holding == total {
		return nil
	}
	for _, c := range claims.Claims {
		if !c.Pass {
			fmt.Fprintf(w, "failed: %s\n  %s\n  measured %s, must be %s %s (%s)\n", c.ID, c.Title,
				number.Format(float64(c.Measured)), c.Relation, number.Format(float64(c.Threshold)), c.Detail)
		}
	}
	if total-holding == 1 {
		return errors.New("1 claim does not hold")
	}
	return fmt.Errorf("%d claims do not hold", total-holding)
}

// runStudy runs one study and draws its figures.
func runStudy(ctx context.Context, s study.Study, backend linear.Backend, out string, progress *progress) (report.Section, error) {
	progress.begin(s.Title)
	started := time.Now()
	outcome, err := s.Run(ctx, backend)
	if err != nil {
		progress.abandon()
		return report.Section{}, err
	}
	section := report.Section{ID: s.ID, Title: s.Title, Runs: s.Runs, Source: s.Source, Claims: outcome.Claims}
	for _, fig := range outcome.Figures {
		drawing, err := plot.Draw(out, fig)
		if err != nil {
			progress.abandon()
			return report.Section{}, err
		}
		section.Figures = append(section.Figures, drawing)
	}
	section.Seconds = time.Since(started).Seconds()
	progress.done(section)
	return section, ctx.Err()
}

// studies returns the studies to run.
func (f *reproduceFlags) studies() ([]study.Study, error) {
	if f.all && len(f.only) > 0 || f.full && !f.all && !slices.Contains(f.only, study.CMNISTID) {
		return nil, errors.New("--all runs every study and --only some; --full is for compositional MNIST, which is among them with --all or --only cmnist")
	}
	if len(f.only) == 0 {
		return study.All(), nil
	}
	var list []study.Study
	seen := map[string]bool{}
	for _, id := range f.only {
		if strings.TrimSpace(id) == study.CMNISTID {
			continue
		}
		s, err := study.ByID(strings.TrimSpace(id))
		if err != nil {
			return nil, fmt.Errorf("--only: %w", err)
		}
		if !seen[s.ID] {
			list = append(list, s)
		}
		seen[s.ID] = true
	}
	return list, nil
}

// folder makes the output folder and checks that it can be written to before any work
// is done.
func (f *reproduceFlags) folder(cmd *cobra.Command) (string, error) {
	out := f.out
	if !cmd.Flags().Changed("out") {
		out = defaultOut
		if len(f.only) > 0 {
			out = filepath.Join(out, strings.Join(f.only, "+"))
		}
	}
	if out == "" {
		return "", errors.New("--out is empty; name a folder, or leave it out for " + defaultOut)
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return "", fmt.Errorf("cannot make the folder %s: %w; choose another with --out", out, errNo(err))
	}
	return out, checkWritable(filepath.Join(out, claimsName))
}

func listStudies(w io.Writer) error {
	paper := ""
	for _, s := range study.All() {
		if s.Paper != paper {
			paper = s.Paper
			fmt.Fprintf(w, "Studies of %s:\n", paper)
		}
		fmt.Fprintf(w, "%s\n  %s\n", s.ID, s.Title)
		for _, line := range wrap(s.Runs, 76) {
			fmt.Fprintf(w, "  %s\n", line)
		}
	}
	fmt.Fprintf(w, "%s (with --all, or by its name)\n  %s\n", study.CMNISTID, study.CMNISTTitle)
	for _, line := range wrap(study.CMNISTRuns(false), 76) {
		fmt.Fprintf(w, "  %s\n", line)
	}
	return nil
}

// wrap breaks a text at blanks into lines of at most width characters; a longer
// word stands alone.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case len([]rune(line))+1+len([]rune(word)) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
