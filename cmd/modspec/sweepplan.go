package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"modspec/engine/printable"
	"modspec/engine/sweep/plan"
	"modspec/engine/train"
)

func newSweepPlan() *cobra.Command {
	var f runFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "plan FILE",
		Short: "Show what a sweep file would train, and what it would cost",
		Long: `Show the points and copies of a sweep file, the groups of one shape in which they
are trained, and the memory, disk and time that they would take. The time is
measured: a few copies are trained for a moment. Nothing is written. The widths of
linear networks stand as inputs(rank)-hidden-outputs.

Exits with 2 if the sweep cannot be run on this machine.`,
		Example: `  modspec sweep plan testdata/sweeps/paper-space.yaml
  modspec sweep plan sweep.yaml --shard 1/16 --json`,
		Args: oneArgument("a sweep file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			space, err := readSweep(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			p, _, err := f.plan(space)
			if err != nil {
				return err
			}
			backend, err := f.openKinds(space.File.Precision)
			if err != nil {
				return badInput(err)
			}
			defer backend.Close()
			problem := p.Check()
			if problem == nil {
				if err := p.Calibrate(cmd.Context(), showMeasure(cmd.ErrOrStderr(), plan.Timing(backend))); err != nil {
					return err
				}
			}
			if asJSON {
				err = json.NewEncoder(cmd.OutOrStdout()).Encode(newPlanJSON(p))
			} else {
				printPlan(cmd.OutOrStdout(), p, problem)
			}
			if err != nil {
				return err
			}
			return badInput(problem)
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON instead of tables")
	return cmd
}

// showMeasure returns a measure that says on a terminal what it trains.
func showMeasure(w io.Writer, measure plan.Measure) plan.Measure {
	if !isTerminal(w) {
		return measure
	}
	return func(ctx context.Context, job *train.Job) (time.Duration, error) {
		fmt.Fprintf(w, "\r\x1b[Kmeasuring the speed: copies %s, steps %s …", count(len(job.Runs)), count(job.Steps))
		defer fmt.Fprint(w, "\r\x1b[K")
		return measure(ctx, job)
	}
}

// planJSON is what modspec sweep plan --json prints. Sizes are in bytes.
type planJSON struct {
	Candidates   int         `json:"candidates"`
	Skipped      int         `json:"skipped"`
	Duplicates   int         `json:"duplicates"`
	Points       int         `json:"points"`
	Seeds        int         `json:"seeds"`
	Copies       int         `json:"copies"`
	ShardCopies  int         `json:"shard_copies"`
	NetworkSteps float64     `json:"network_steps"`
	FLOPs        float64     `json:"flops"`
	Memory       float64     `json:"memory"`
	Disk         float64     `json:"disk"`
	Seconds      float64     `json:"seconds"`
	Measured     float64     `json:"measured"`
	Groups       []groupJSON `json:"groups"`
}

type groupJSON struct {
	Shape   string  `json:"shape"`
	Points  int     `json:"points"`
	Copies  int     `json:"copies"`
	FLOPs   float64 `json:"flops"`
	Memory  float64 `json:"memory"`
	Disk    float64 `json:"disk"`
	Seconds float64 `json:"seconds"`
}

func newPlanJSON(p *plan.Plan) planJSON {
	j := planJSON{
		Candidates: p.Candidates, Skipped: p.Skipped, Duplicates: p.Duplicates, Points: p.Points, Seeds: p.Seeds,
		Copies: p.Copies, ShardCopies: p.Own, NetworkSteps: p.NetworkSteps, FLOPs: p.FLOPs,
		Memory: float64(p.Memory), Disk: float64(p.Disk), Seconds: p.Seconds, Measured: p.Measured, Groups: []groupJSON{},
	}
	for _, g := range p.Groups {
		j.Groups = append(j.Groups, groupJSON{g.Shape, g.Points, g.Copies, g.FLOPs, float64(g.Memory), float64(g.Disk), g.Seconds})
	}
	return j
}

// shownGroups is how many groups of a plan are listed; the most costly come first.
const shownGroups = 12

func printPlan(w io.Writer, p *plan.Plan, problem error) {
	t := &table{}
	t.row("points", count(p.Points))
	if p.Skipped > 0 {
		t.row("  skipped", count(p.Skipped)+" of "+count(p.Candidates)+" combinations")
	}
	if p.Duplicates > 0 {
		t.row("  repeats left out", count(p.Duplicates))
	}
	t.row("seeds", count(p.Seeds))
	t.row("copies", count(p.Copies))
	if p.Own != p.Copies {
		t.row("  of this shard", count(p.Own))
	}
	t.row("network-steps", decimal(p.NetworkSteps))
	t.row("arithmetic", decimal(p.FLOPs/1e9)+" GFLOP")
	t.row("memory", "about "+p.Memory.String()+" of "+p.Available.String())
	t.row("disk", "about "+p.Disk.String())
	switch {
	case p.Seconds > 0:
		about := "about "
		if p.Seconds < 1 {
			about = "" // "under 1 s"
		}
		t.row("time", fmt.Sprintf("%s%s (%.0f %% of the work was sampled)", about, duration(p.Seconds), 100*p.Measured))
	case p.FLOPs > 0 && problem == nil:
		t.row("time", "not measured: one step of one copy takes too long")
	}
	t.write(w)
	for _, r := range p.Reasons {
		fmt.Fprintf(w, "skipped %s: %s\n", count(r.Count), printable.Text(r.Message))
	}
	fmt.Fprintf(w, "\n%s of one shape:\n", counted(len(p.Groups), "group", "groups"))
	groups := newTable("copies", "points", "time", "shape")
	for i, g := range costliest(p.Groups) {
		if i == shownGroups {
			break
		}
		groups.row(count(g.Copies), count(g.Points), duration(g.Seconds), g.Shape)
	}
	groups.write(w)
	if len(p.Groups) > shownGroups {
		fmt.Fprintf(w, "(the %d that cost most; --json has all)\n", shownGroups)
	}
}

// costliest returns the groups in the order of their arithmetic, most first.
func costliest(groups []plan.Group) []plan.Group {
	sorted := slices.Clone(groups)
	slices.SortStableFunc(sorted, func(a, b plan.Group) int { return cmp.Compare(b.FLOPs, a.FLOPs) })
	return sorted
}

// count writes a whole number in groups of three digits: 65,536.
func count(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// counted writes how many there are of what has a name for one and a name for many.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}

// duration writes seconds as people say them.
func duration(seconds float64) string {
	switch d := time.Duration(seconds * float64(time.Second)); {
	case seconds <= 0:
		return "–"
	case d < time.Second:
		return "under 1 s"
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", seconds)
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 48*time.Hour:
		return fmt.Sprintf("%.1f h", d.Hours())
	default:
		return fmt.Sprintf("%.1f days", d.Hours()/24)
	}
}
