package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"modspec/bench/compare"
	"modspec/engine/machine"
	"modspec/engine/names"
)

// benchFlags are the flags of modspec bench.
type benchFlags struct {
	quick   bool
	only    []string
	peers   []string
	python  string
	venv    string
	out     string
	threads int
	growth  bool
	asJSON  bool
}

func newBench() *cobra.Command {
	var f benchFlags
	workloads, peers := compare.Names()
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Compare speed with NumPy, JAX, PyTorch and gorgonia on this machine",
		Long: fmt.Sprintf(`Train the same networks with modspec and with what one would otherwise write, and
say how much faster which is, and how near to the machine's limits.

Every contender first trains a few networks from given weights; only if they end
where float64 does, within what float32's roundings explain, is it timed. Then all
take turns, ours right before each other one, so that a machine's drift hits all
alike. Steps alone are timed, and compiling is not, except for the workload
"sweep", which is timed from the command to the table. All have the same number of
threads.

Where the machine has less than 70 %% of its arithmetic to give right before or after
a repetition, something else ran: bench waits and repeats, for five minutes in all
(20 s with --quick). What stays disturbed says so.

The peers' environment is made by bench/peers/setup.sh. A peer that is missing is
listed with the reason.

A full run takes an hour or more on two cores, --quick several minutes, most of it
for compiling PyTorch; let nothing else run. DIR gets cpu-DATE.json, the table as
cpu-DATE.md, and the figure of throughput over copies.

Workloads: %s.
Peers: %s.`, wrapNames(workloads, "           "), wrapNames(peers, "       ")),
		Example: `  bench/peers/setup.sh && modspec bench --quick
  modspec bench --out bench/results
  modspec bench --only dense-100,split --peers jax,numpy-plain
  modspec bench --growth --only dense-100 --peers numpy-plain
  modspec bench --python ~/venv/bin/python --json`,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&f.quick, "quick", false, "fewer workloads, shorter and fewer repetitions, no growth")
	flags.StringSliceVar(&f.only, "only", nil, "workloads to compare (default: all)")
	flags.StringSliceVar(&f.peers, "peers", nil, "peers to compare with, by name or by what names begin with (default: all)")
	flags.StringVar(&f.python, "python", "", "interpreter for all peers in Python (default: those that setup.sh made)")
	flags.StringVar(&f.venv, "environment", filepath.Join("bench", "peers", ".venv"), "folder that setup.sh made")
	flags.StringVar(&f.out, "out", filepath.Join("out", "bench"), "folder for the results")
	numberVar(flags, &f.threads, "threads", 0, "threads of every contender (default: one for each CPU)")
	flags.BoolVar(&f.growth, "growth", false, "measure how time and memory grow with --quick and --only too (a full run always does)")
	flags.BoolVar(&f.asJSON, "json", false, "print JSON instead of the table")
	cmd.AddCommand(newBenchContend(), newBenchReadme())
	return cmd
}

// wrapNames lists names in lines of at most 80 columns, the later ones indented.
func wrapNames(names []string, indent string) string {
	var lines []string
	line := ""
	for i, n := range names {
		if i < len(names)-1 {
			n += ","
		}
		if len(indent)+len(line)+1+len(n) > 78 {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + n)
	}
	return strings.Join(append(lines, line), "\n"+indent)
}

func (f *benchFlags) run(cmd *cobra.Command) error {
	if f.threads < 0 {
		return badInput(fmt.Errorf("--threads is %d, but must be 1 or more, or 0 for one for each CPU", f.threads))
	}
	if err := compare.CheckNames(f.only, f.peers); err != nil {
		return badInput(err)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	room, _ := machine.Memory() // of 0 bytes where the system does not say
	o := compare.Options{
		Quick: f.quick, Only: f.only, Peers: f.peers, Python: f.python, Venv: f.venv, Modspec: self, Threads: f.threads,
		Budget: 500 * time.Millisecond, Rounds: 5, Hurry: 45 * time.Minute, Patience: 5 * time.Minute, Growth: f.growth || !f.quick && len(f.only) == 0, Memory: room.Total,
		Command: os.Args, Log: cmd.ErrOrStderr(),
	}
	if f.quick {
		o.Budget, o.Rounds, o.Hurry, o.Patience = 100*time.Millisecond, 3, 90*time.Second, 20*time.Second
	}
	r, err := compare.Run(cmd.Context(), o)
	if err != nil {
		return err
	}
	path, err := r.Write(f.out)
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s, after %.0f s\n", path, float64(r.Provenance.Seconds))
	if f.asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(r)
	}
	_, err = io.WriteString(cmd.OutOrStdout(), r.Markdown())
	return err
}

// newBenchContend is modspec's own side of the comparison, in a process of its own as
// every contender's is.
func newBenchContend() *cobra.Command {
	var r compare.ContendRequest
	var f backendFlags
	var precision string
	var budget float64
	cmd := &cobra.Command{
		Use:    "contend FOLDER",
		Short:  "Train for modspec bench, in the words of bench/peers/contest.py",
		Hidden: true,
		Args:   oneArgument("the folder of a setting"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Folder, r.Threads, r.Budget = args[0], f.threads, time.Duration(budget*float64(time.Second))
			return contend(cmd.Context(), &f, precision, r, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	f.add(flags, "cpu")
	f.addThreads(flags)
	flags.StringVar(&precision, "precision", "float32", "float32 or float64")
	flags.StringVar(&r.Maps, "maps", "", "file for the maps of the check")
	numberVar(flags, &budget, "budget", 1, "seconds that a repetition may take")
	flags.BoolVar(&r.Scaled, "scaled", false, "time fewer copies where all would take longer")
	flags.BoolVar(&r.Whole, "whole", false, "time starts and observations too, not steps alone")
	flags.StringVar(&r.Subject, "subject", compare.OfModules, "what the folder holds a setting of: "+strings.Join(compare.Subjects, ", "))
	return cmd
}

// contend opens the backend. A contender that is not available here is reported as
// missing, which is no error.
func contend(ctx context.Context, f *backendFlags, precision string, r compare.ContendRequest, in io.Reader, out io.Writer) error {
	missing := func(err error) error { return json.NewEncoder(out).Encode(map[string]string{"missing": err.Error()}) }
	switch r.Subject {
	case compare.OfImages, compare.OfMixture:
		backend, err := f.openKinds(precision)
		if err != nil {
			return missing(err)
		}
		defer backend.Close()
		if r.Subject == compare.OfImages {
			return compare.ContendImages(ctx, backend, precision, r, in, out)
		}
		return compare.ContendMixture(ctx, backend, precision, r, in, out)
	case compare.OfModules:
		backend, err := f.open(precision)
		if err != nil {
			return missing(err)
		}
		defer backend.Close()
		return compare.Contend(ctx, backend, r, in, out)
	}
	return badInput(names.Unknown("subject", r.Subject, compare.Subjects))
}

func newBenchReadme() *cobra.Command {
	var readme, dir string
	var check bool
	cmd := &cobra.Command{
		Use:   "readme",
		Short: "Write README's section of speeds anew from the newest full result",
		Example: `  modspec bench readme
  modspec bench readme --check`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			text, err := compare.Refresh(readme, dir)
			if err != nil {
				return badInput(err)
			}
			if !check {
				return compare.WriteReadme(readme, dir)
			}
			old, err := os.ReadFile(readme)
			if err != nil {
				return err
			}
			if text != string(old) {
				return fmt.Errorf("%s does not say what the newest result in %s says; run make readme", readme, dir)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&readme, "readme", "README.md", "the file")
	flags.StringVar(&dir, "results", filepath.Join("bench", "results"), "folder of results, relative to the file's")
	flags.BoolVar(&check, "check", false, "write nothing; fail if the file is not up to date")
	return cmd
}
