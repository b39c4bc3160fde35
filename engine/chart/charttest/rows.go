// Package charttest gives tests of figures and reports a table of runs.
package charttest

import (
	"iter"
	"slices"
	"strings"

	"modspec/engine/results"
)

// Linear is a table of runs with the columns of [results.Run], as linear networks
// have it.
var Linear = func() *results.Table {
	labels := map[string]string{"kx": "k_x", "arch": "architecture", "hidden": "hidden units h", "systematicity": "systematicity S"}
	columns := results.SchemaOf[results.Run]()
	seen := false // whether the parameters are
	for i := range columns {
		c := &columns[i]
		c.Label = labels[c.Name]
		of, predicted := strings.CutPrefix(c.Name, "pred_")
		switch {
		case slices.Contains([]string{"id", "copy", "seed"}, c.Name):
			c.Role = results.Identity
		case slices.Contains([]string{"last_step", "diverged_step"}, c.Name):
			c.Role, seen = results.Progress, true
		case !seen:
			c.Role = results.Parameter
		case c.Name == "prediction":
			c.Role, c.Label, c.Doc = results.Source, "kind of prediction", "discrete: step by step"
		case predicted:
			c.Role, c.Of, c.Label = results.Prediction, of, labels[of]+", theory"
		case c.Name == "t_half_1":
			c.Role, c.Of, c.Rank = results.Time, "mode_1", 3
		}
		if c.Name == "arch" || c.Name == "rule" {
			c.Words = []string{"dense", "split", "gd"}
		}
		switch c.Name {
		case "systematicity":
			c.Rank = 1
		case "train_loss":
			c.Rank = 2
		}
	}
	return &results.Table{Name: results.RunsTable, Kind: "linear", Columns: columns}
}()

// Rows gives structs as rows.
func Rows(list ...results.Run) iter.Seq2[*results.Row, error] {
	return func(yield func(*results.Row, error) bool) {
		var run results.Run
		binding, err := results.Bind(Linear, &run)
		if err != nil {
			yield(nil, err)
			return
		}
		row := Linear.NewRow()
		for _, run = range list {
			binding.Put(row)
			if !yield(row, nil) {
				return
			}
		}
	}
}
