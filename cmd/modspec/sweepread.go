package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"modspec/engine/network"
	"modspec/engine/results"
	"modspec/engine/sweep"
)

func newSweepStatus() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "status DIR",
		Short:   "Tell how far the sweep in a folder has come",
		Example: "  modspec sweep status first",
		Args:    oneArgument("a folder of results"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := sweep.ReadStatus(args[0])
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

func printStatus(w io.Writer, s sweep.Status) {
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
	t.row("tables", fmt.Sprintf("%s, %d parts", sweep.Bytes(s.Bytes), s.Parts))
	t.row("began", s.Began.Format("2006-01-02 15:04:05 MST"))
	t.row("last event", s.Last.Format("2006-01-02 15:04:05 MST"))
	t.write(w)
	for _, problem := range s.Problems {
		fmt.Fprintln(w, "problem:", problem)
	}
}

func newSweepMerge() *cobra.Command {
	var out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "merge DIR… --out DIR",
		Short: "Bring the results of several folders of one sweep together",
		Long: `Bring the results of several folders of one sweep (its shards, say) together in a
new one. The folders stay as they are. A copy that several hold is taken once,
after a comparison; results that differ are an error that names the copy.`,
		Example: "  modspec sweep merge shard1 shard2 shard3 --out all",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return badInput(errors.New("no folder is named to merge; see modspec sweep merge --help"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if out == "" {
				return badInput(errors.New("no folder is named for the merged results; add --out DIR"))
			}
			s, err := sweep.Merge(cmd.Context(), out, args, func(text string) { fmt.Fprintln(cmd.ErrOrStderr(), "modspec: "+text) })
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(s)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s copies merged, %s were there already; %s holds %s of %s copies\n",
				count(s.Merged), count(s.Duplicates), out, count(s.Done), count(s.Copies))
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "folder for the merged results")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newSweepDigest() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "digest DIR",
		Short: "Print a hash of the results in a folder",
		Long: `Print a hash of what the tables of a folder say, to the last bit. It does not
depend on the order of the rows, nor on parts, shards, threads or timings, so
two runs of one sweep on one backend have the same digest. Every file is
compared with the journal's checksums first.`,
		Example: "  modspec sweep digest first",
		Args:    oneArgument("a folder of results"),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := sweep.Digest(args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(d)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s  %s of %s copies, %s recorded states\n", d.Hash, count(d.Runs), count(d.Copies), count(d.Points))
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newSweepExport() *cobra.Command {
	var csv bool
	var table, out string
	cmd := &cobra.Command{
		Use:   "export DIR --csv",
		Short: "Write a table of a folder as CSV",
		Example: `  modspec sweep export first --csv > runs.csv
  modspec sweep export first --csv --table trajectories --out trajectories.csv`,
		Args: oneArgument("a folder of results"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !csv {
				return badInput(errors.New("no format is named; add --csv (the Parquet tables are in the folder already)"))
			}
			if !slices.Contains(sweep.Tables, table) {
				return badInput(network.UnknownName("table", table, sweep.Tables))
			}
			if out == "" {
				return sweep.ExportCSV(cmd.Context(), args[0], table, cmd.OutOrStdout())
			}
			return results.WriteFile(out, func(w io.Writer) error { return sweep.ExportCSV(cmd.Context(), args[0], table, w) })
		},
	}
	cmd.Flags().BoolVar(&csv, "csv", false, "comma-separated values, with a header; what does not exist is empty")
	cmd.Flags().StringVar(&table, "table", "runs", "runs (a row a copy) or trajectories (a row a recorded step)")
	cmd.Flags().StringVar(&out, "out", "", "file to write (default: standard output)")
	return cmd
}
