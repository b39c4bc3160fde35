package columns

import (
	"reflect"
	"slices"
	"strings"

	"modspec/engine/results"
)

// Parameters are the columns that say which copy a row is: its point's, in their
// order, then its seed.
var Parameters = func() []string {
	var names []string
	t := reflect.TypeFor[results.Parameters]()
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("parquet"), ",")
		names = append(names, name)
	}
	return append(names, Seed)
}()

// Seed is the column that tells copies of one point apart.
const Seed = "seed"

// IsParameter reports whether a column is one of [Parameters].
func IsParameter(name string) bool { return slices.Contains(Parameters, name) }
