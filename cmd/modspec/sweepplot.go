package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"modspec/engine/chart"
	"modspec/engine/figure"
	"modspec/engine/plot"
	"modspec/engine/results"
	"modspec/engine/serve/columns"
	"modspec/engine/sweep/store"
)

// sweepPlotFlags are the flags of modspec sweep plot.
type sweepPlotFlags struct {
	plot  chart.Columns
	where []string
	out   string
}

func newSweepPlot() *cobra.Command {
	var f sweepPlotFlags
	cmd := &cobra.Command{
		Use:   "plot DIR --x PARAMETER --value COLUMN -o FILE",
		Short: "Draw a sweep: a heatmap over two parameters, or curves over one",
		Long: `Draw a column of the table runs over one parameter (curves, with a band over
copies) or two (a heatmap). Theory is drawn dashed where the table has its
prediction. With --value a/b the ratio of two columns is drawn, so that
t_half_1/pred_t_half_1 shows where theory and simulation part.

Values are means over all copies at a place; --where chooses some of them.
The files say which columns there are; one that is not there is answered with
their names.`,
		Example: `  modspec sweep plot first --x kx --y r --value systematicity --facet arch \
      -o first.png
  modspec sweep plot first --x r --value t_half_1 --where arch=dense \
      --where kx=3 -o half.svg`,
		Args: oneArgument("a folder of results"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	// Cobra completes the value of a name of one letter only if it is a short name too.
	flags.StringVarP(&f.plot.X, "x", "x", "", "parameter along the x axis")
	flags.StringVarP(&f.plot.Y, "y", "y", "", "parameter along the y axis (default: none, curves)")
	flags.StringVar(&f.plot.Value, "value", "", "column that is drawn, or two as a/b")
	flags.StringVar(&f.plot.Facet, "facet", "", "parameter with a panel for each of its values")
	flags.StringArrayVar(&f.where, "where", nil, whereUsage)
	flags.BoolVar(&f.plot.LogX, "log-x", false, "logarithmic x axis")
	flags.BoolVar(&f.plot.LogValue, "log-value", false, "logarithmic values")
	flags.StringVarP(&f.out, "out", "o", "", "file to draw, .png or .svg")
	return cmd
}

func (f *sweepPlotFlags) run(cmd *cobra.Command, dir string) error {
	draw, err := f.check()
	if err != nil {
		return badInput(err)
	}
	table, err := runsTable(dir)
	if err != nil {
		return err
	}
	if err := f.checkColumns(table); err != nil {
		return badInput(err)
	}
	fig, err := chart.Figure(store.Runs(dir), f.plot)
	if err != nil {
		return badInput(err)
	}
	if err := results.WriteOutput(f.out, func(w io.Writer) error { return draw(w, fig) }); err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", f.out, fig.Caption)
	return nil
}

// check returns how the figure is drawn, by the file's ending.
func (f *sweepPlotFlags) check() (func(io.Writer, figure.Figure) error, error) {
	for _, flag := range []struct{ name, value string }{{"x", f.plot.X}, {"value", f.plot.Value}, {"out", f.out}} {
		if flag.value == "" {
			return nil, fmt.Errorf("--%s is missing; see modspec sweep plot --help", flag.name)
		}
	}
	if parts := strings.Split(f.plot.Value, "/"); len(parts) > 2 || slices.Contains(parts, "") {
		return nil, fmt.Errorf("--value is %q, but must be a column, or two as a/b", f.plot.Value)
	}
	switch filepath.Ext(f.out) {
	case ".png":
		return plot.PNG, nil
	case ".svg":
		return plot.SVG, nil
	}
	return nil, fmt.Errorf("--out is %q, but must end in .png or .svg", f.out)
}

// checkColumns compares the columns that are asked for with those of the table.
func (f *sweepPlotFlags) checkColumns(t *results.Table) error {
	for _, name := range append(strings.Split(f.plot.Value, "/"), f.plot.X, f.plot.Y, f.plot.Facet) {
		if name != "" && t.Columns.Index(name) < 0 {
			return fmt.Errorf("%w (its columns: %s)", columns.UnknownColumn(t, name), strings.Join(t.Columns.Names(), ", "))
		}
	}
	filter, err := readWhere(t, f.where)
	f.plot.Where = filter.Meets
	return err
}

// runsTable returns the table runs of a folder.
func runsTable(dir string) (*results.Table, error) {
	t, err := store.TableOf(dir, results.RunsTable)
	if err == nil && t == nil {
		err = badInput(fmt.Errorf("%s has no results yet; modspec sweep status %s says how far it is", dir, results.ShellWord(dir)))
	}
	return t, err
}

// whereUsage says what --where takes.
const whereUsage = "only copies that meet a condition, such as arch=dense or lr>=0.01; may be repeated: of several = on one column one is enough"

// readWhere reads the conditions of --where.
func readWhere(t *results.Table, list []string) (columns.Filter, error) {
	var conditions []columns.Condition
	for _, text := range list {
		c, err := columns.ParseCondition(t, text)
		if err != nil {
			return columns.Filter{}, fmt.Errorf("--where: %w", err)
		}
		conditions = append(conditions, c)
	}
	f, err := columns.NewFilter(conditions)
	if err != nil {
		return f, fmt.Errorf("--where: %w", err)
	}
	return f, nil
}
