package columns

import "modspec/engine/results"

// Parameters returns the columns that say which copy a row is: its point's, in their
// order, then its seed.
func Parameters(t *results.Table) []string {
	return append(t.Columns.Of(results.Parameter).Names(), Seed)
}

// Seed is the column in which copies of one point differ.
const Seed = results.SeedColumn

// IsParameter reports whether a column is one of [Parameters].
func IsParameter(t *results.Table, name string) bool {
	i := t.Columns.Index(name)
	return i >= 0 && (t.Columns[i].Role == results.Parameter || name == Seed)
}

// Quantities returns what is recorded of a copy at a step: the columns of numbers of the
// table trajectories that do not say which copy and step it is.
func Quantities(t *results.Table) []string {
	var names []string
	for _, c := range t.Columns.Of(results.Metric, results.Prediction, results.Time, results.Progress) {
		if c.Numeric() {
			names = append(names, c.Name)
		}
	}
	return names
}
