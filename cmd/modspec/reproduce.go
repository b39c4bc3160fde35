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
self-contained report.html. The networks are trained first, into sweeps/: each
folder there is one of modspec sweep, beside the file that it was made from. The
same command goes on where it was interrupted; after its end it begins anew.
Takes under a minute on two cores. With --all the paper's image experiment
follows, at a size that takes about three minutes more.

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
	flags.BoolVar(&f.full, "full", false, "with --all, or --only a study of images, run it at the paper's size: weeks on two cores")
	flags.StringVar(&f.data, "data", "", "with --all, or --only a study of images, folder of MNIST (default: testdata/mnist)")
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
	sweeps, err := planSweeps(cmd.Context(), f, studies)
	if err != nil {
		return err
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
	sweeps.out = out
	started := time.Now()
	provenance := results.NewProvenance(backend.Name(), "float64", os.Args, started)
	// What was judged is computed anew, but for what took weeks; what was interrupted goes
	// on.
	_, err = os.Stat(filepath.Join(out, claimsName))
	judged := err == nil
	if err := sweeps.discard(judged && !f.full, &provenance); err != nil {
		return err
	}
	// A run that is cut short must not leave an old verdict beside new figures.
	for _, name := range []string{claimsName, reportName} {
		if err := os.Remove(filepath.Join(out, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("cannot remove the old %s: %w", filepath.Join(out, name), errNo(err))
		}
	}
	if err := sweeps.train(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), provenance); err != nil {
		return err
	}
	progress := newProgress(cmd.OutOrStdout(), len(studies))
	var sections []report.Section
	for _, s := range studies {
		section, err := judgeStudy(cmd.Context(), s, sweeps, backend, progress)
		if err != nil {
			return fmt.Errorf("study %s: %w", s.ID, err)
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
	if !f.all && len(f.only) == 0 {
		for _, left := range study.All() {
			if left.Full != nil {
				fmt.Fprintf(cmd.OutOrStdout(), "\nLeft out: %s (%s), which takes some minutes; --all runs it too\n", left.ID, left.Title)
			}
		}
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

// judgeStudy judges one study and draws its figures.
func judgeStudy(ctx context.Context, s study.Study, sweeps *studySweeps, backend linear.Backend, progress *progress) (report.Section, error) {
	progress.begin(s.Title)
	started := time.Now()
	tables, seconds, err := sweeps.tables(s)
	var outcome *study.Outcome
	if err == nil {
		outcome, err = s.Decide(ctx, study.Evidence{Tables: tables, Linear: backend})
	}
	if err != nil {
		progress.abandon()
		return report.Section{}, err
	}
	section := report.Section{ID: s.ID, Title: s.Title, Runs: s.Runs, Source: s.Source, Claims: outcome.Claims}
	for _, fig := range outcome.Figures {
		drawing, err := plot.Draw(sweeps.out, fig)
		if err != nil {
			progress.abandon()
			return report.Section{}, err
		}
		section.Figures = append(section.Figures, drawing)
	}
	section.Seconds = seconds + time.Since(started).Seconds()
	progress.done(section)
	return section, ctx.Err()
}

// studies returns the studies to run.
func (f *reproduceFlags) studies() ([]study.Study, error) {
	if f.all && len(f.only) > 0 {
		return nil, errors.New("--all runs every study and --only some; give one of them")
	}
	var list []study.Study
	if len(f.only) == 0 {
		for _, s := range study.All() {
			if f.all || s.Full == nil {
				list = append(list, s)
			}
		}
	}
	for _, id := range f.only {
		s, err := study.ByID(strings.TrimSpace(id))
		if err != nil {
			return nil, fmt.Errorf("--only: %w", err)
		}
		if !slices.ContainsFunc(list, func(l study.Study) bool { return l.ID == s.ID }) {
			list = append(list, s)
		}
	}
	if !f.full {
		return list, nil
	}
	larger := false
	for i, s := range list {
		if s.Full != nil {
			list[i], larger = *s.Full, true
		}
	}
	if !larger {
		return nil, errors.New("--full is for studies that are reduced, which are among these with --all or by their names (--list)")
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
		asked := ""
		if s.Full != nil {
			asked = " (with --all, or by its name)"
		}
		fmt.Fprintf(w, "%s%s\n  %s\n", s.ID, asked, s.Title)
		for _, line := range wrap(s.Runs, 76) {
			fmt.Fprintf(w, "  %s\n", line)
		}
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
