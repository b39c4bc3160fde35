package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"modspec/engine/backend/cpu/programs"
	"modspec/engine/cluster"
	"modspec/engine/program"
	"modspec/engine/sweep"
	"modspec/engine/train/cpu"
	"modspec/engine/yamlfile"
)

func newSweep() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sweep",
		Short: "Train every point of a sweep file, and look at the results",
		Long: `Train every combination of parameters that a sweep file names, with many seeds
each, and keep the results as Parquet tables that pandas, Polars and DuckDB read
as they are. A sweep file is YAML; go doc modspec/engine/sweep describes it, and
testdata/sweeps/ has worked examples.`,
		Example: `  modspec sweep plan testdata/sweeps/first-phase-diagram.yaml
  modspec sweep run testdata/sweeps/first-phase-diagram.yaml --out first
  modspec sweep status first`,
		Args: commandsOnly,
		RunE: showHelp,
	}
	cmd.AddCommand(newSweepPlan(), newSweepRun(), newSweepStatus(), newSweepRepair(), newSweepMerge(), newSweepDigest(), newSweepExport(), newSweepPlot(),
		newSweepSubmit(), newSweepResubmit())
	return cmd
}

// oneArgument demands exactly one argument, which what names.
func oneArgument(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return badInput(fmt.Errorf("%s takes one argument, %s, but got %d; see %s --help", cmd.CommandPath(), what, len(args), cmd.CommandPath()))
		}
		return nil
	}
}

// readSweep reads a sweep file and finds its points. What is wrong with the file
// is bad input, all of it shown with line and column.
func readSweep(ctx context.Context, path string) (*sweep.Space, error) {
	file, err := interruptible(ctx, func() (*sweep.File, error) { return sweep.Read(path, kinds) })
	if err != nil {
		return nil, badInput(err)
	}
	space, err := sweep.Enumerate(ctx, file)
	var faults yamlfile.Faults
	if errors.As(err, &faults) {
		return nil, badInput(err)
	}
	return space, err
}

// runFlags are the flags that say how a sweep is trained.
type runFlags struct {
	backendFlags
	shard    string
	endsOnly bool
}

func (f *runFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	f.backendFlags.add(flags, "cpu")
	flags.StringVar(&f.shard, "shard", "", "train only part i of n equal parts, written i/n, or auto/n: i from the scheduler")
	f.addThreads(flags)
	flags.BoolVar(&f.endsOnly, "no-trajectories", false, "write the table runs alone: faster, and most of the disk saved")
}

// parseShard reads "i/n", "auto/n" and "auto"; the empty text is the whole sweep.
// auto says whether a scheduler told i.
func parseShard(text string) (s sweep.Shard, auto bool, err error) {
	if text == "" {
		return s, false, nil
	}
	if s, auto, err = cluster.TaskShard(text, os.Getenv); auto {
		if err != nil {
			err = fmt.Errorf("--shard: %w", err)
		}
		return s, true, err
	}
	if s, err = sweep.ParseShard(text); err != nil {
		err = fmt.Errorf("--shard %w (in a scheduler's array: auto/8)", err)
	}
	return s, false, err
}

// plan makes and checks the plan of a sweep.
func (f *runFlags) plan(space *sweep.Space) (*sweep.Plan, sweep.Shard, error) {
	shard, _, err := parseShard(f.shard)
	if err != nil {
		return nil, shard, badInput(err)
	}
	o := planOptions(f.backend, space.File.Precision)
	o.Shard, o.Threads, o.NoTrajectories = shard, f.threads, f.endsOnly
	p, err := sweep.NewPlan(space, o)
	return p, shard, badInput(err)
}

// planOptions returns what a plan has to know of a backend.
func planOptions(backend, precision string) (o sweep.Options) {
	switch backend {
	case "reference":
		o.Plain = true
	case "cuda":
		o.JobCopies = deviceChunkCopies
	case "cpu":
		o.Lanes = cpu.Lanes(cpu.Precision(precision))
		o.ProgramMemory = func(t *program.Training, threads, runs int) (float64, error) {
			return programs.Memory(t, programs.Options{Precision: programs.Precision(precision), Threads: threads}, runs)
		}
	}
	return o
}
