package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"modspec/engine/names"
	"modspec/engine/results"
	"modspec/engine/sweep/store"
)

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
			d, err := store.Digest(args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(d)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s  %s of %s, %s\n", d.Hash, count(d.Runs), counted(d.Copies, "copy", "copies"), counted(d.Points, "recorded state", "recorded states"))
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newSweepExport() *cobra.Command {
	var csv bool
	var table, out, events string
	var where []string
	cmd := &cobra.Command{
		Use:   "export DIR --csv | --tensorboard DIR",
		Short: "Write a table of a folder as CSV, or trajectories for TensorBoard",
		Long: `Write a table of a folder as CSV, or the trajectories of some of its copies as
event files for TensorBoard, a run for each copy, named by its parameters.`,
		Example: `  modspec sweep export first --csv > runs.csv
  modspec sweep export first --csv --table trajectories --out trajectories.csv
  modspec sweep export first --tensorboard events --where kx=3 --where seed=1`,
		Args: oneArgument("a folder of results"),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case csv == (events != ""):
				return badInput(errors.New("name one format: --csv, or --tensorboard and a folder (the Parquet tables are in the folder already)"))
			case events != "":
				return exportEvents(cmd, args[0], events, where)
			case len(where) > 0:
				return badInput(errors.New("--where chooses the copies for --tensorboard; a CSV has all"))
			}
			if !slices.Contains(store.Tables, table) {
				return badInput(names.Unknown("table", table, store.Tables))
			}
			if out == "" {
				return store.ExportCSV(cmd.Context(), args[0], table, kinds, cmd.OutOrStdout())
			}
			return results.WriteOutput(out, func(w io.Writer) error { return store.ExportCSV(cmd.Context(), args[0], table, kinds, w) })
		},
	}
	cmd.Flags().BoolVar(&csv, "csv", false, "comma-separated values, with a header; what does not exist is empty")
	cmd.Flags().StringVar(&table, "table", "runs", "runs (a row a copy) or trajectories (a row a recorded step)")
	cmd.Flags().StringVar(&out, "out", "", "file to write (default: standard output)")
	cmd.Flags().StringVar(&events, "tensorboard", "", "folder for event files of trajectories")
	cmd.Flags().StringArrayVar(&where, "where", nil, "with --tensorboard, "+whereUsage)
	return cmd
}
