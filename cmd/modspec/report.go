package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"

	"modspec/engine/cluster"
	"modspec/engine/report/survey"
	"modspec/engine/sweep/store"
)

func newReport() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "report DIR",
		Short: "Write a sweep's report: figures, tables, theory and provenance",
		Long: `Write what a sweep found into DIR/report: report.html, one file with everything
in it, and report.md with the folder figures (PNG, SVG) beside it. Measured values
stand beside theory's wherever there is a prediction. A sweep that is not complete
is reported as far as it is; one in shards has to be merged first (modspec sweep
merge DIR).`,
		Example: `  modspec report first
  modspec report first --out supplement`,
		Args: oneArgument("a folder of results"),
		RunE: func(cmd *cobra.Command, args []string) error { return writeReport(cmd, args[0], out) },
	}
	cmd.Flags().StringVar(&out, "out", "", "folder for the report (default: DIR/report)")
	return cmd
}

func writeReport(cmd *cobra.Command, dir, out string) error {
	if out == "" {
		out = filepath.Join(dir, "report")
	}
	m, err := store.ReadManifest(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if sharded, _ := cluster.Sharded(dir); sharded {
			return badInput(fmt.Errorf("the shards in %s are not merged yet; run modspec sweep merge %s first", dir, cluster.ShellWord(dir)))
		}
		return badInput(err)
	}
	if err != nil {
		return err
	}
	r, err := survey.New(m, store.Runs(dir))
	if err != nil {
		return err
	}
	if err := r.Write(out); err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s and %s, with %d figures and %d tables\n",
		filepath.Join(out, survey.HTMLFile), survey.MarkdownFile, len(r.Figures), len(r.Tables))
	return nil
}
