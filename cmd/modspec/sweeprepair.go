package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"modspec/engine/printable"
	"modspec/engine/sweep/store"
)

func newSweepRepair() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "repair DIR",
		Short: "Rebuild the journal of a folder from its parts",
		Long: `Bring a folder of results in order without training: a journal that is damaged or
missing is rebuilt from the Parquet parts, the manifest is written again, and
what a killed process left is removed. modspec sweep run does the same before it
trains. The damaged journal stays beside the new one.`,
		Example: "  modspec sweep repair first",
		Args:    oneArgument("a folder of results"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := store.Repair(args[0], func(text string) { fmt.Fprintln(cmd.ErrOrStderr(), "modspec: "+printable.Text(text)) })
			switch {
			case errors.Is(err, fs.ErrNotExist): // no folder of a sweep
				return badInput(err)
			case err != nil:
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(s)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s is in order: %s, %s of %s\n", args[0], counted(s.Parts, "part", "parts"), count(s.Done), counted(s.Copies, "copy", "copies"))
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the status as JSON")
	return cmd
}
