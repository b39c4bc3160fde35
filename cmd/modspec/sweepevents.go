package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"modspec/engine/results"
	"modspec/engine/serve/columns"
	"modspec/engine/sweep/store"
	"modspec/engine/tensorboard"
)

// maxEventRuns bounds the copies that become runs of TensorBoard, which reads all of
// them to draw one.
const maxEventRuns = 1000

// exportEvents writes the trajectories of the copies that where chooses as event files.
func exportEvents(cmd *cobra.Command, dir, to string, where []string) error {
	table, err := runsTable(dir)
	if err != nil {
		return err
	}
	filter, err := readWhere(table, where)
	if err != nil {
		return badInput(err)
	}
	names, err := eventRuns(dir, table, &filter)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := checkEventFolders(to, name); err != nil {
			return badInput(err)
		}
	}
	var w *tensorboard.Writer
	open := "" // the copy that w writes
	done := func() error {
		if w == nil {
			return nil
		}
		err := w.Close()
		w, open = nil, ""
		return err
	}
	points, err := store.TableOf(dir, results.TrajectoriesTable)
	if err != nil {
		return err
	}
	var fields []curveField
	if points != nil {
		fields = trajectoryFields(points)
	}
	for row, err := range store.Trajectories(dir) {
		if err == nil {
			err = cmd.Context().Err()
		}
		if err != nil {
			done()
			return err
		}
		id := row.Text(results.IDPlace)
		name, wanted := names[id]
		if !wanted {
			continue
		}
		if open != id {
			if err := done(); err != nil {
				return err
			}
			if w, err = tensorboard.Open(filepath.Join(to, name)); err != nil {
				return err
			}
			open = id
		}
		step := row.Table().Columns.Index(results.StepColumn)
		scalars := make([]tensorboard.Scalar, len(fields))
		for i, f := range fields {
			scalars[i] = tensorboard.Scalar{Tag: f.tag, Value: f.field.Number(row)}
		}
		w.Scalars(row.Whole(step), scalars...)
	}
	if err := done(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s holds the trajectories of %d copies; see them with: tensorboard --logdir %s\n", to, len(names), results.ShellWord(to))
	return err
}

// A curveField is a column of the table trajectories and the name of its curve.
type curveField struct {
	field results.Field
	tag   string
}

func trajectoryFields(t *results.Table) []curveField {
	var list []curveField
	for _, c := range t.Columns.Of(results.Metric, results.Prediction) {
		if f, err := t.Field(c.Name); err == nil && f.Numeric() {
			list = append(list, curveField{f, columnTag(c.Name)})
		}
	}
	return list
}

// columnTag turns a column into the name of a curve, so that those of one kind are
// shown together: mode_1 into mode/1.
func columnTag(column string) string {
	for _, p := range []struct{ column, tag string }{{"train_loss", "loss/train"}, {"test_loss", "loss/test"}, {"quadrant_", "quadrant/"}, {"mode_", "mode/"}} {
		if rest, ok := strings.CutPrefix(column, p.column); ok {
			return p.tag + rest
		}
	}
	return column
}

// eventRuns returns the names of the runs that copies become, by the copies' ids: the
// parameters that are not the same for all, and the seed.
func eventRuns(dir string, table *results.Table, filter *columns.Filter) (map[string]string, error) {
	var parameters []results.Field
	for _, name := range columns.Parameters(table) {
		f, err := table.Field(name)
		if err != nil {
			return nil, err
		}
		parameters = append(parameters, f)
	}
	type chosen struct {
		id     string
		values []string
	}
	var copies []chosen
	differs := make([]bool, len(parameters))
	for row, err := range store.Runs(dir) {
		if err != nil {
			return nil, err
		}
		if !filter.Meets(row) {
			continue
		}
		if len(copies) == maxEventRuns {
			return nil, badInput(fmt.Errorf("more than %d copies are chosen, which TensorBoard cannot show; choose fewer with --where column=value", maxEventRuns))
		}
		c := chosen{id: row.Text(results.IDPlace)}
		for i, f := range parameters {
			c.values = append(c.values, f.Text(row))
			differs[i] = differs[i] || len(copies) > 0 && c.values[i] != copies[0].values[i]
		}
		copies = append(copies, c)
	}
	if len(copies) == 0 {
		return nil, badInput(fmt.Errorf("no copy in %s is chosen; sweep export --csv shows what there is", dir))
	}
	names, taken := map[string]string{}, map[string]int{}
	for _, c := range copies {
		var parts []string
		for i, f := range parameters {
			if differs[i] || f.Type == results.Seed {
				parts = append(parts, f.Name+"="+fileName.Replace(c.values[i]))
			}
		}
		names[c.id] = strings.Join(parts, ",")
		taken[names[c.id]]++
	}
	for id, name := range names {
		names[id] = eventRun(name, id, taken[name] > 1)
	}
	return names, nil
}

// longestFolder is the longest name that file systems let a folder have, in bytes.
const longestFolder = 255

// eventRun is the name of a run's folder. The copy's id distinguishes it from others of
// the same name, which differ in characters that a folder's name cannot have, and
// replaces the end of a name that is too long, as with many modules.
func eventRun(name, id string, shared bool) string {
	if len(name) <= longestFolder && !shared {
		return name
	}
	id = "…,id=" + id
	return strings.ToValidUTF8(name[:min(len(name), longestFolder-len(id))], "") + id
}

// fileName keeps a value to what a folder's name can be.
var fileName = strings.NewReplacer("/", "_", "\\", "_", ":", "_", ">", "-", "<", "-", ";", "+", " ", "")
