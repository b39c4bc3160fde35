package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"modspec/engine/results"
)

func newVersion() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Show the version, its commit and what it was built with",
		Example: `  modspec version
  modspec version --json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !asJSON {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "modspec "+version())
				return err
			}
			p := results.NewProvenance("", "", nil, time.Now())
			return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]string{
				"version": p.Version, "commit": p.Commit, "tree": p.Tree, "go": p.GoVersion, "platform": p.Platform, "arithmetic": p.Arithmetic,
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
