package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"modspec/engine/cluster"
	"modspec/engine/printable"
	"modspec/engine/sweep/plan"
	"modspec/engine/sweep/store"
)

// sweepMergeFlags are the flags of modspec sweep merge.
type sweepMergeFlags struct {
	out        string
	requireAll bool
	json       bool
}

func newSweepMerge() *cobra.Command {
	var f sweepMergeFlags
	cmd := &cobra.Command{
		Use:   "merge DIR… --out DIR",
		Short: "Bring the results of several folders of one sweep together",
		Long: `Bring the results of several folders of one sweep (its shards, say) together in a
new one. The folders stay as they are. A copy that several hold is taken once,
after a comparison; results that differ are an error that names the copy.

Without --out, DIR is the folder of a sweep in shards (of modspec sweep submit, or
of modspec sweep run --shard auto/N), and its shards come together in DIR itself.
Killed or run again, it goes on from there.`,
		Example: `  modspec sweep merge shard1 shard2 shard3 --out all
  modspec sweep merge /shared/first`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return badInput(errors.New("no folder is named to merge; see modspec sweep merge --help"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.out, "out", "", "folder for the merged results (default: DIR, whose shards are merged)")
	flags.BoolVar(&f.requireAll, "require-all", false, "exit with 1 unless every copy of the sweep is there then")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

func (f *sweepMergeFlags) run(cmd *cobra.Command, folders []string) error {
	out := f.out
	if out == "" {
		var err error
		if out, folders, err = ownShards(folders); err != nil {
			return badInput(err)
		}
	}
	need := plan.Bytes(0)
	for _, folder := range folders {
		if status, err := store.ReadStatus(folder); err == nil {
			need += plan.Bytes(status.Bytes)
		}
	}
	if status, err := store.ReadStatus(out); err == nil {
		need -= plan.Bytes(status.Bytes)
	}
	warnDisk(cmd.ErrOrStderr(), need, out)
	s, err := store.Merge(cmd.Context(), out, folders, func(text string) { fmt.Fprintln(cmd.ErrOrStderr(), "modspec: "+printable.Text(text)) })
	if err != nil {
		return err
	}
	if f.json {
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(s)
	} else {
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s merged, %s there already; %s holds %s of %s\n",
			counted(s.Merged, "copy", "copies"), count(s.Duplicates), out, count(s.Done), counted(s.Copies, "copy", "copies"))
	}
	if err == nil && f.requireAll && s.Done < s.Copies {
		err = fmt.Errorf("%s of %s copies are missing; train them and merge again", count(s.Copies-s.Done), count(s.Copies))
	}
	return err
}

// ownShards returns the one folder that is named and those of its shards.
func ownShards(args []string) (dir string, shards []string, err error) {
	if len(args) > 1 {
		return "", nil, errors.New("no folder is named for the merged results; add --out DIR")
	}
	shards, err = cluster.Begun(args[0])
	if err == nil && len(shards) == 0 {
		err = fmt.Errorf("%s holds no shards to merge; name the folders to merge, and a new one by --out DIR", args[0])
	}
	return args[0], shards, err
}
