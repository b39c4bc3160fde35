package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"modspec/engine/results"
	"modspec/engine/sweep"
)

// sweepRunFlags are the flags of modspec sweep run.
type sweepRunFlags struct {
	runFlags
	out           string
	stopOnFailure bool
	json          bool
}

func newSweepRun() *cobra.Command {
	var f sweepRunFlags
	cmd := &cobra.Command{
		Use:   "run FILE --out DIR",
		Short: "Train a sweep into a folder; the same command again goes on where it stopped",
		Long: `Train every copy of a sweep file and write the tables runs and trajectories
(Parquet), a manifest and a journal into a folder. The same command again goes
on where the last one stopped, however it stopped; a file that changed is
refused, with the difference shown. Ctrl-C keeps everything that is finished.

A copy that diverges is a result like any other, unless --stop-on-failure.`,
		Example: `  modspec sweep run testdata/sweeps/first-phase-diagram.yaml --out first
  modspec sweep run sweep.yaml --out shared/results --shard 3/8 --json`,
		Args: oneArgument("a sweep file"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	f.runFlags.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.out, "out", "", "folder for the results, made if it is not there")
	flags.BoolVar(&f.stopOnFailure, "stop-on-failure", false, "end at the first copy that diverges or job that cannot be run")
	flags.BoolVar(&f.json, "json", false, "print the summary as JSON, and progress on stderr")
	return cmd
}

func (f *sweepRunFlags) run(cmd *cobra.Command, path string) error {
	if f.out == "" {
		return badInput(errors.New("no folder is named for the results; add --out DIR"))
	}
	space, err := readSweep(cmd.Context(), path)
	if err != nil {
		return err
	}
	plan, shard, err := f.plan(space)
	if err != nil {
		return err
	}
	if err := plan.Check(); err != nil {
		return badInput(err)
	}
	file := space.File
	backend, err := openBackend(f.backend, file.Precision, f.threads)
	if err != nil {
		return badInput(err)
	}
	defer backend.Close()
	watch := newSweepProgress(cmd.ErrOrStderr())
	summary, err := sweep.Run(cmd.Context(), sweep.RunOptions{
		Dir: f.out,
		Sweep: sweep.Sweep{
			Name: file.Name, Fingerprint: space.Fingerprint(), Text: file.Text(), Copies: space.Copies(),
			Precision: file.Precision, Trajectories: file.Schedule.PerDecade > 0 || file.Schedule.Every > 0,
		},
		Chunks: space.Chunks(plan.ChunkCopies), Shard: shard, Backend: backend,
		Provenance:    results.NewProvenance(backend.Name(), file.Precision, os.Args, time.Now()),
		StopOnFailure: f.stopOnFailure,
		Progress:      watch.show, Notice: watch.notice,
	})
	watch.end()
	// The summary is of what was done, so it is due beside an error too.
	if summary.Total > 0 {
		if f.json {
			if e := json.NewEncoder(cmd.OutOrStdout()).Encode(summary); e != nil && err == nil {
				err = e
			}
		} else {
			printSummary(cmd.OutOrStdout(), summary, f.out)
		}
	}
	var other *sweep.OtherSweepError
	switch {
	case errors.As(err, &other):
		return badInput(err)
	case errors.Is(err, context.Canceled): // it says what is kept and how to go on
		return exitError{exitInterrupted, err}
	}
	return err
}

func printSummary(w io.Writer, s sweep.Summary, dir string) {
	fmt.Fprintf(w, "%s copies in %s: %s network-steps, %s/s", count(s.Copies), precise(float64(s.Seconds)),
		decimal(float64(s.NetworkSteps)), decimal(float64(s.NetworkStepsPerSecond)))
	if s.Diverged > 0 {
		fmt.Fprintf(w, "; %s diverged", count(s.Diverged))
	}
	if s.Failed > 0 {
		fmt.Fprintf(w, "; %s jobs failed", count(s.Failed))
	}
	fmt.Fprintf(w, "\n%s holds %s of %s copies\n", dir, count(s.Done), count(s.Total))
}

// precise writes seconds with a tenth where that says something.
func precise(seconds float64) string {
	if seconds < 60 {
		return fmt.Sprintf("%.1f s", seconds)
	}
	return duration(seconds)
}

// sweepProgress shows how a run comes along: on a terminal one line that is
// written over, elsewhere a line every ten seconds.
type sweepProgress struct {
	w        io.Writer
	terminal bool
	last     time.Time
}

func newSweepProgress(w io.Writer) *sweepProgress {
	return &sweepProgress{w: w, terminal: isTerminal(w), last: time.Now()}
}

func (p *sweepProgress) show(now sweep.Progress) {
	line := fmt.Sprintf("%s of %s copies, %s network-steps/s", count(now.Done), count(now.Total), decimal(now.Rate()))
	if now.Trained > 0 && now.Done < now.Total {
		left := now.Elapsed.Seconds() / float64(now.Trained) * float64(now.Total-now.Done)
		line += ", " + duration(left) + " left"
	}
	if now.Diverged > 0 {
		line += fmt.Sprintf(", %s diverged", count(now.Diverged))
	}
	switch {
	case p.terminal:
		fmt.Fprintf(p.w, "\r\x1b[K%s", line)
	case time.Since(p.last) >= 10*time.Second:
		fmt.Fprintln(p.w, line)
		p.last = time.Now()
	}
}

func (p *sweepProgress) notice(text string) {
	if p.terminal {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
	fmt.Fprintln(p.w, "modspec: "+text)
}

func (p *sweepProgress) end() {
	if p.terminal {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
