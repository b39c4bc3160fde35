package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"modspec/engine/cluster"
	"modspec/engine/printable"
	"modspec/engine/sweep/plan"
	"modspec/engine/sweep/store"
)

func newSweepStatus() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status DIR",
		Short: "Tell how far the sweep in a folder has come",
		Long: `Tell how far the sweep in a folder has come, from its journal, without disturbing
the process that works there. For a sweep in shards (modspec sweep submit) that is
the journals of all shards, joined with what the scheduler says of their tasks:
which wait, which run, which are done, and which failed, with the last lines of
their logs.`,
		Example: `  modspec sweep status first
  modspec sweep status /shared/first --json`,
		Args: oneArgument("a folder of results"),
		RunE: func(cmd *cobra.Command, args []string) error {
			sharded, err := cluster.Sharded(args[0])
			if err != nil {
				return badInput(err)
			}
			if sharded {
				return shardedStatus(cmd.Context(), cmd.OutOrStdout(), args[0], asJSON)
			}
			s, err := store.ReadStatus(args[0])
			if err != nil {
				return badInput(err)
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(s)
			}
			printStatus(cmd.OutOrStdout(), s)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON instead of a table")
	return cmd
}

func printStatus(w io.Writer, s store.Status) {
	t := &table{}
	t.row("sweep", s.Name)
	t.row("state", s.State)
	if s.Process != "" {
		t.row("process", s.Process)
	}
	if s.Reason != "" {
		t.row("reason", s.Reason)
	}
	t.row("copies", count(s.Done)+" of "+count(s.Copies))
	t.row("diverged", count(s.Diverged))
	t.row("network-steps", decimal(float64(s.NetworkSteps)))
	t.row("backend", s.Backend+", "+s.Precision)
	t.row("tables", fmt.Sprintf("%s, %s", plan.Bytes(s.Bytes), counted(s.Parts, "part", "parts")))
	t.row("began", s.Began.Format("2006-01-02 15:04:05 MST"))
	t.row("last event", s.Last.Format("2006-01-02 15:04:05 MST"))
	t.write(w)
	for _, problem := range s.Problems {
		fmt.Fprintln(w, "problem:", printable.Text(problem))
	}
}

func shardedStatus(ctx context.Context, w io.Writer, dir string, asJSON bool) error {
	s, err := cluster.ReadStatus(ctx, dir)
	if err != nil {
		return badInput(err)
	}
	if asJSON {
		return json.NewEncoder(w).Encode(s)
	}
	printShards(w, s)
	return nil
}

// shownShards is how many shards in one state are listed by themselves, and
// shownLogs of how many that failed the logs are shown.
const (
	shownShards = 12
	shownLogs   = 3
)

func printShards(w io.Writer, s *cluster.Status) {
	t := &table{}
	t.row("sweep", s.Name)
	t.row("state", s.State)
	t.row("copies", count(s.Done)+" of "+count(s.Copies))
	t.row("merged", count(s.Merged)+mergeNote(s.Merge))
	t.row("diverged", count(s.Diverged))
	t.row("network-steps", decimal(float64(s.NetworkSteps)))
	t.row("tables", plan.Bytes(s.Bytes).String()+" in the shards")
	groups := map[string][]*cluster.ShardStatus{}
	for i := range s.Shards {
		groups[s.Shards[i].State] = append(groups[s.Shards[i].State], &s.Shards[i])
	}
	order := []string{cluster.ShardDone, cluster.ShardRunning, cluster.ShardWaiting, cluster.ShardFailed, cluster.ShardUnknown}
	for _, state := range order {
		if n := len(groups[state]); n > 0 {
			t.row("shards "+state, count(n))
		}
	}
	t.write(w)
	for _, note := range s.Notes {
		fmt.Fprintln(w, "note:", printable.Text(note))
	}
	for _, state := range order[1:] {
		printGroup(w, groups[state])
	}
	if s.Merge != nil {
		printLog(w, "the merge", s.Merge.Log, s.Merge.LogEnd)
	}
	if len(groups[cluster.ShardFailed]) > 0 {
		fmt.Fprintln(w, "\nmodspec sweep resubmit sends the shards that failed; they go on where they stopped")
	}
}

func mergeNote(m *cluster.MergeStatus) string {
	switch {
	case m == nil:
		return ""
	case m.Slurm == "":
		return " (job " + m.Job + ")"
	case m.Reason == "":
		return " (job " + m.Job + ": " + m.Slurm + ")"
	}
	return " (job " + m.Job + ": " + m.Slurm + ", " + m.Reason + ")"
}

// printGroup lists the shards of one state, and the ends of the logs of those
// that have one.
func printGroup(w io.Writer, shards []*cluster.ShardStatus) {
	if len(shards) == 0 {
		return
	}
	fmt.Fprintln(w)
	t := newTable("shard", "state", "copies", "task", "node", "time", "what")
	for _, s := range shards[:min(shownShards, len(shards))] {
		what := s.Detail
		if s.Exit != "" {
			what = "exit " + s.Exit + "; " + what
		}
		t.row(s.Shard, s.State, count(s.Done)+" of "+count(s.Copies), s.Job, s.Node, s.Elapsed, what)
	}
	t.write(w)
	if len(shards) > shownShards {
		fmt.Fprintf(w, "(%d of %d that are %s; --json has all)\n", shownShards, len(shards), shards[0].State)
	}
	logs := 0
	for _, s := range shards {
		if s.Log != "" && logs < shownLogs {
			printLog(w, "shard "+s.Shard, s.Log, s.LogEnd)
			logs++
		}
	}
}

func printLog(w io.Writer, whose, path string, lines []string) {
	if path == "" {
		return
	}
	fmt.Fprintf(w, "\n%s, end of %s:\n", whose, path)
	for _, line := range lines {
		fmt.Fprintln(w, "  | "+line)
	}
	if len(lines) == 0 {
		fmt.Fprintln(w, "  (nothing)")
	}
}
