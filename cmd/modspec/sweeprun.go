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

	"modspec/engine/cluster"
	"modspec/engine/printable"
	"modspec/engine/results"
	"modspec/engine/sweep/plan"
	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/store"
	"modspec/engine/train"
)

// sweepRunFlags are the flags of modspec sweep run.
type sweepRunFlags struct {
	runFlags
	out           string
	stopOnFailure bool
	requeue       bool
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
refused, with the difference shown. Ctrl-C keeps everything that is finished, and
checkpoints of runs of programs that are in training.

A copy that diverges is a result like any other, unless --stop-on-failure.

In a scheduler's array --shard auto/N trains the shard of this task: task i of N of
Slurm's (SLURM_ARRAY_TASK_ID), or index i-1 of a Kubernetes Indexed Job
(JOB_COMPLETION_INDEX). Then all tasks name the same DIR, and each has a folder of
its own in DIR/shards. modspec sweep merge DIR brings them together. SIGTERM is
Ctrl-C; repeated, it changes nothing.`,
		Example: `  modspec sweep run testdata/sweeps/first-phase-diagram.yaml --out first
  modspec sweep run sweep.yaml --out shared/third --shard 3/8 --json
  modspec sweep run sweep.yaml --out shared/results --shard auto/8`,
		Args: oneArgument("a sweep file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			kept, err := f.run(cmd, args[0])
			if f.requeue && errors.Is(err, context.Canceled) {
				f.putBack(cmd, kept)
			}
			return err
		},
	}
	f.runFlags.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.out, "out", "", "folder for the results, made if it is not there")
	flags.BoolVar(&f.stopOnFailure, "stop-on-failure", false, "end at the first copy that diverges or job that cannot be run")
	flags.BoolVar(&f.requeue, "requeue", false, "when interrupted in a job of Slurm's, put the job back into the queue")
	flags.BoolVar(&f.json, "json", false, "print the summary as JSON, and progress on stderr")
	return cmd
}

// run trains, and returns how many copies it trained and kept.
func (f *sweepRunFlags) run(cmd *cobra.Command, path string) (kept int, err error) {
	if f.out == "" {
		return 0, badInput(errors.New("no folder is named for the results; add --out DIR"))
	}
	if f.requeue {
		if err := cluster.InJob(); err != nil {
			return 0, badInput(fmt.Errorf("--requeue: %w", err))
		}
	}
	space, err := readSweep(cmd.Context(), path)
	if err != nil {
		return 0, err
	}
	p, shard, err := f.plan(space)
	if err != nil {
		return 0, err
	}
	if err := p.Check(); err != nil {
		return 0, badInput(err)
	}
	dir := f.out
	if _, auto, _ := parseShard(f.shard); auto {
		if err := cluster.CheckSweep(f.out, space.Fingerprint()); err != nil {
			return 0, badInput(err)
		}
		dir = cluster.ShardFolder(f.out, shard)
	}
	file := space.File
	backend, err := f.openKinds(file.Precision)
	if err != nil {
		return 0, badInput(err)
	}
	defer backend.Close()
	// What the folder holds already is not written again.
	missing := 1.0
	if status, err := store.ReadStatus(dir); err == nil && p.Own > 0 {
		missing = max(0, 1-float64(status.Done)/float64(p.Own))
	}
	warnDisk(cmd.ErrOrStderr(), p.Disk*plan.Bytes(missing), dir)
	watch := newSweepProgress(cmd.ErrOrStderr())
	o := sweepOptions(space, p, shard, dir, backend)
	o.StopOnFailure, o.Progress, o.Notice = f.stopOnFailure, watch.show, watch.notice
	summary, err := runner.Run(cmd.Context(), o)
	watch.end()
	// The summary is of what was done, so it is printed with an error too. A shard may
	// have no copies.
	if summary.Total > 0 || err == nil {
		if f.json {
			if e := json.NewEncoder(cmd.OutOrStdout()).Encode(summary); e != nil && err == nil {
				err = e
			}
		} else {
			printSummary(cmd.OutOrStdout(), summary, dir)
		}
	}
	if errors.Is(err, context.Canceled) { // it says what is kept and how to go on
		err = exitError{exitInterrupted, err}
	}
	return summary.Copies, err
}

// sweepOptions are the options of a sweep that is trained into a folder.
func sweepOptions(points *space.Space, plan *plan.Plan, shard space.Shard, dir string, backend train.Backend) runner.Options {
	return runner.Options{
		Dir: dir, Sweep: store.SweepOf(points, plan.Trajectories),
		Chunks: points.ShardChunks(shard, plan.ChunkCopies), Copy: points.Copy, Shard: shard, Backend: backend,
		Provenance: results.NewProvenance(backend.Name(), points.File.Precision, os.Args, time.Now()),
	}
}

// deviceChunkCopies is how many copies a GPU is handed as one job: it trains some
// ten thousand side by side, and several times as many keep it busy to the end.
const deviceChunkCopies = 1 << 17

// putBack puts this process's job back into Slurm's queue and says so. If that
// fails, the run was interrupted all the same.
func (f *sweepRunFlags) putBack(cmd *cobra.Command, kept int) {
	// The command's own context has ended.
	said, err := cluster.Requeue(context.WithoutCancel(cmd.Context()), kept)
	if err != nil {
		said = err.Error()
	}
	fmt.Fprintln(cmd.ErrOrStderr(), "modspec: "+said)
}

func printSummary(w io.Writer, s runner.Summary, dir string) {
	fmt.Fprintf(w, "%s in %s: %s network-steps, %s/s", counted(s.Copies, "copy", "copies"), precise(float64(s.Seconds)),
		decimal(float64(s.NetworkSteps)), decimal(float64(s.NetworkStepsPerSecond)))
	if s.Diverged > 0 {
		fmt.Fprintf(w, "; %s diverged", count(s.Diverged))
	}
	if s.Failed > 0 {
		fmt.Fprintf(w, "; %s failed", counted(s.Failed, "job", "jobs"))
	}
	fmt.Fprintf(w, "\n%s holds %s of %s\n", dir, count(s.Done), counted(s.Total, "copy", "copies"))
}

// precise writes seconds with a tenth where that says something.
func precise(seconds float64) string {
	if seconds < 60 {
		return fmt.Sprintf("%.1f s", seconds)
	}
	return duration(seconds)
}

// sweepProgress shows the progress of a run: on a terminal one line that is written
// over, elsewhere a line every ten seconds.
type sweepProgress struct {
	w        io.Writer
	terminal bool
	last     time.Time
}

func newSweepProgress(w io.Writer) *sweepProgress {
	return &sweepProgress{w: w, terminal: isTerminal(w), last: time.Now()}
}

func (p *sweepProgress) show(now runner.Progress) {
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
	fmt.Fprintln(p.w, "modspec: "+printable.Text(text))
}

func (p *sweepProgress) end() {
	if p.terminal {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
