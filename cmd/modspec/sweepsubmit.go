package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"modspec/engine/cluster"
	"modspec/engine/names"
	"modspec/engine/number"
	"modspec/engine/sweep/plan"
	"modspec/engine/sweep/space"
)

// sweepSubmitFlags are the flags of modspec sweep submit.
type sweepSubmitFlags struct {
	array   cluster.Array
	out     string
	slurm   bool
	tasks   string
	program string
	dryRun  bool
	json    bool
}

func newSweepSubmit() *cobra.Command {
	var f sweepSubmitFlags
	cmd := &cobra.Command{
		Use:   "submit FILE --out DIR --slurm --array N [-- SBATCH FLAGS]",
		Short: "Train a sweep on a cluster: a job array of Slurm, and a merge after it",
		Long: `Divide a sweep into N shards, write a batch script for an array of N tasks and one
for the merge and the report that come after it into DIR, beside a copy of the
sweep file, and submit both to Slurm. DIR and this program must be on a file
system that all nodes share.

A task that is told that its time is over keeps what is finished, goes back into
the queue and continues there; so does one that is preempted or whose node fails.
modspec sweep status DIR says how far the tasks are, modspec sweep resubmit DIR
sends those that failed.

Whatever stands behind -- goes to sbatch, for the array and for the merge.`,
		Example: `  modspec sweep submit sweep.yaml --out /shared/first --slurm --array 8 --dry-run
  modspec sweep submit sweep.yaml --out /shared/first --slurm --array 64%16 \
      --time 4:00:00 --partition gpu --gres gpu:1 -- --account=lab --mem=8G
  modspec sweep status /shared/first`,
		Args: func(cmd *cobra.Command, args []string) error {
			own, _ := beforeDash(cmd, args)
			return oneArgument("a sweep file")(cmd, own)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			own, more := beforeDash(cmd, args)
			f.array.Flags = more
			return f.run(cmd, own[0])
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.out, "out", "", "folder for the results, on the shared file system")
	flags.BoolVar(&f.slurm, "slurm", false, "submit to Slurm, the scheduler there is")
	flags.StringVar(&f.tasks, "array", "", "number of shards and tasks, N, or N%M for at most M at the same time")
	flags.StringVar(&f.array.Backend, "backend", "cpu", "what trains: "+strings.Join(backendNames, " or "))
	numberVar(flags, &f.array.Threads, "threads", 0, "cores of a task (default: as many as Slurm gives a task)")
	flags.StringVar(&f.array.GRES, "gres", "", "devices of a task, as sbatch takes them, such as gpu:1")
	flags.StringVar(&f.array.Time, "time", "", "time limit of a task, as sbatch takes it, such as 4:00:00")
	flags.StringVar(&f.array.Partition, "partition", "", "partition of the cluster")
	numberVar(flags, &f.array.Notice, "notice", 120, "seconds before the time limit at which a task is signalled to stop")
	flags.StringVar(&f.program, "program", "", "modspec as the nodes find it (default: this one)")
	flags.BoolVar(&f.dryRun, "dry-run", false, "print the scripts, write and submit nothing")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

// beforeDash divides arguments into those before -- and those behind it.
func beforeDash(cmd *cobra.Command, args []string) (own, more []string) {
	if at := cmd.ArgsLenAtDash(); at >= 0 {
		return args[:at], args[at:]
	}
	return args, nil
}

func (f *sweepSubmitFlags) run(cmd *cobra.Command, path string) error {
	points, err := f.check(cmd, path)
	if err != nil {
		return err
	}
	if err := f.plan(cmd.ErrOrStderr(), points); err != nil {
		return badInput(err)
	}
	if f.dryRun {
		return f.print(cmd.OutOrStdout())
	}
	text, err := interruptible(cmd.Context(), func() ([]byte, error) { return os.ReadFile(path) })
	if err != nil {
		return err
	}
	s, err := cluster.Submit(cmd.Context(), f.out, &f.array, text, points.Fingerprint())
	if err != nil {
		return err
	}
	sent := s.Sent[len(s.Sent)-1]
	if f.json {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(s)
	}
	w := cmd.OutOrStdout()
	fmt.Fprintf(w, "%s copies in %s shards of at most %s\n", count(s.Copies), count(s.Shards), count(space.Shard{Index: 1, Count: s.Shards}.Of(s.Copies)))
	fmt.Fprintf(w, "array job %s, merge job %s after it\n", sent.Job, sent.Merge)
	fmt.Fprintln(w, "how far it is: modspec sweep status "+cluster.ShellWord(f.out))
	return nil
}

// check reads the sweep and fills in the array. What is wrong with either is bad
// input.
func (f *sweepSubmitFlags) check(cmd *cobra.Command, path string) (*space.Space, error) {
	switch {
	case f.out == "":
		return nil, badInput(errors.New("no folder is named for the results; add --out DIR, on a file system that all nodes share"))
	case !f.slurm:
		return nil, badInput(errors.New("no scheduler is named; add --slurm (Kubernetes: see testdata/kubernetes/indexed-job.yaml)"))
	case f.tasks == "":
		return nil, badInput(errors.New("the number of tasks is missing; add --array N"))
	case !slices.Contains(backendNames, f.array.Backend):
		return nil, badInput(names.Unknown("backend", f.array.Backend, backendNames))
	}
	var err error
	if f.array.Shards, f.array.AtOnce, err = parseArray(f.tasks); err != nil {
		return nil, badInput(err)
	}
	points, err := readSweep(cmd.Context(), path)
	if err != nil {
		return nil, err
	}
	if f.array.Backend == "reference" && points.File.Precision != "float64" {
		// The one thing that can be known of a backend without a node.
		return nil, badInput(fmt.Errorf("the reference backend trains in float64 only, not in %s; choose precision: float64, or --backend cpu", points.File.Precision))
	}
	f.array.Name, f.array.Copies = points.File.Name, points.Copies()
	f.array.JobName = cluster.JobName(points.File.Name, cluster.NewMark())
	if f.array.Program, err = f.nodesProgram(); err != nil {
		return nil, badInput(err)
	}
	if err := cluster.CheckFolder(f.out); err != nil {
		return nil, badInput(err)
	}
	return points, badInput(f.array.Check())
}

// plan refuses what every task would refuse, whatever its node's memory, and says what
// a task needs that the folder's disk or a default of Slurm's may not have.
func (f *sweepSubmitFlags) plan(w io.Writer, points *space.Space) error {
	o := planOptions(f.array.Backend, points.File.Precision)
	o.Threads, o.Memory = max(1, f.array.Threads), math.MaxInt64
	all, err := plan.New(points, o)
	if err != nil {
		return err
	}
	if err := all.Check(); err != nil {
		return err
	}
	// The shards stay where they are until they are merged.
	warnDisk(w, 2*all.Disk, f.out)
	fmt.Fprintf(w, "modspec: a task of %s takes about %v of memory; where Slurm gives less by default, add -- --mem\n", threadsText(o.Threads), all.Memory)
	return nil
}

func threadsText(n int) string {
	if n == 1 {
		return "1 thread"
	}
	return fmt.Sprintf("%d threads", n)
}

// parseArray reads N or N%M.
func parseArray(text string) (tasks, atOnce int, err error) {
	count, limit, limited := strings.Cut(text, "%")
	tasks, err = number.Whole(count, 1, math.MaxInt)
	if err == nil && limited {
		atOnce, err = number.Whole(limit, 1, math.MaxInt)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("--array is %s, of which one number %w; it must be a number of tasks, such as 8, or one with a limit of tasks at the same time, such as 64%%16", number.Quote(text), err)
	}
	return tasks, atOnce, nil
}

// nodesProgram returns the path under which nodes find modspec.
func (f *sweepSubmitFlags) nodesProgram() (string, error) {
	if f.program != "" {
		return filepath.Abs(f.program)
	}
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("where this program is cannot be found out (%w); add --program PATH", err)
	}
	// go run builds into a folder that is gone when this process ends.
	if strings.Contains(path, string(filepath.Separator)+"go-build") {
		return "", errors.New("go run removes the program when it ends, before any node can start it; build it first, in a folder that all nodes see (go build -o modspec ./cmd/modspec), or name it by --program")
	}
	return path, nil
}

func (f *sweepSubmitFlags) print(w io.Writer) error {
	array, err := f.array.ArrayScript()
	if err != nil {
		return err
	}
	merge, err := f.array.MergeScript()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "#### %s ####\n%s\n#### %s ####\n%s", cluster.ArrayName, array, cluster.MergeName, merge)
	return err
}
