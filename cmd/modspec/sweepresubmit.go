package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"modspec/engine/cluster"
)

// sweepResubmitFlags are the flags of modspec sweep resubmit.
type sweepResubmitFlags struct {
	time, partition string
	dryRun, json    bool
}

func newSweepResubmit() *cobra.Command {
	var f sweepResubmitFlags
	cmd := &cobra.Command{
		Use:   "resubmit DIR [-- SBATCH FLAGS]",
		Short: "Send again what is missing of a sweep on a cluster",
		Long: `Send the shards of a submitted sweep that are not done, and neither run nor wait,
as an array of just these tasks, and a merge after them. They go on where they
were stopped. Whatever stands behind -- goes to sbatch, for the array alone, and
outdoes what the script in the folder says.`,
		Example: `  modspec sweep resubmit /shared/first --dry-run
  modspec sweep resubmit /shared/first --time 8:00:00 -- --exclude=node17`,
		Args: func(cmd *cobra.Command, args []string) error {
			own, _ := beforeDash(cmd, args)
			return oneArgument("a folder that was submitted")(cmd, own)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			own, more := beforeDash(cmd, args)
			return f.run(cmd, own[0], more)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.time, "time", "", "time limit of a task, as sbatch takes it (default: as submitted)")
	flags.StringVar(&f.partition, "partition", "", "partition of the cluster (default: as submitted)")
	flags.BoolVar(&f.dryRun, "dry-run", false, "tell what would be sent, and send nothing")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

// resubmitJSON is what modspec sweep resubmit --json prints.
type resubmitJSON struct {
	Shards  []int         `json:"shards"` // sent again
	Waiting int           `json:"waiting"`
	Running int           `json:"running"`
	Merge   bool          `json:"merge"`
	Sent    *cluster.Sent `json:"sent"` // null if there was nothing to send, or nothing was to be sent
}

func (f *sweepResubmitFlags) run(cmd *cobra.Command, dir string, more []string) error {
	flags := []string{}
	for _, flag := range []struct{ name, value string }{{"time", f.time}, {"partition", f.partition}} {
		if flag.value != "" {
			flags = append(flags, "--"+flag.name+"="+flag.value)
		}
	}
	flags = append(flags, more...)
	if err := cluster.CheckFlags(flags); err != nil {
		return badInput(err)
	}
	rest, err := cluster.NewRest(cmd.Context(), dir)
	if errors.Is(err, fs.ErrNotExist) {
		return badInput(err)
	}
	if err != nil {
		return err
	}
	told := resubmitJSON{Shards: append([]int{}, rest.Shards...), Waiting: rest.Waiting, Running: rest.Running, Merge: rest.Merge}
	if !f.dryRun && !rest.Nothing() {
		if told.Sent, err = rest.Send(cmd.Context(), dir, flags); err != nil {
			return err
		}
	}
	if f.json {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(told)
	}
	fmt.Fprintln(cmd.OutOrStdout(), f.sentence(rest, told.Sent))
	return nil
}

// sentence says what was sent, or would be.
func (f *sweepResubmitFlags) sentence(rest *cluster.Rest, sent *cluster.Sent) string {
	var said []string
	switch {
	case rest.Nothing():
		said = append(said, "nothing is missing that is not on its way")
	case len(rest.Shards) > 0:
		said = append(said, "shards "+rest.Tasks+" to send")
	default:
		said = append(said, "the merge to send")
	}
	if sent != nil {
		said[0] = strings.Replace(said[0], " to send", " sent", 1)
		if sent.Job != "" {
			said = append(said, "array job "+sent.Job)
		}
		said = append(said, "merge job "+sent.Merge)
	}
	if rest.Running > 0 || rest.Waiting > 0 {
		said = append(said, fmt.Sprintf("%d shards running and %d waiting are left alone", rest.Running, rest.Waiting))
	}
	return strings.Join(said, "; ")
}
