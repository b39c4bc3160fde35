package results

import (
	"reflect"
	"strconv"

	"github.com/parquet-go/parquet-go"
)

// tableFormat counts the forms that the tables have had. A reader of one form
// refuses every other, because a column that is read by a name of another
// meaning is worse than none.
const tableFormat = 1

// The keys under which a file says what it holds.
const (
	tableKey  = "modspec.table"
	formatKey = "modspec.format"
)

// A Row is a row of one of the tables.
type Row interface {
	Run | TrajectoryPoint | CMNISTEpoch
}

// A table is a kind of Parquet file: its name, its columns and how many rows of
// it a writer holds in memory.
type table struct {
	name     string
	columns  []column
	schema   *parquet.Schema
	rowGroup int
}

// The row groups are about ten megabytes each: readers of other languages work
// on one at a time, and so does the writer.
var (
	runsTable         = newTable("runs", reflect.TypeFor[Run](), 1<<14)
	trajectoriesTable = newTable("trajectories", reflect.TypeFor[TrajectoryPoint](), 1<<16)
	epochsTable       = newTable("epochs", reflect.TypeFor[CMNISTEpoch](), 1<<14)
)

func newTable(name string, row reflect.Type, rowGroup int) *table {
	columns := columnsOf(row)
	return &table{name, columns, schemaOf(name, columns), rowGroup}
}

func tableOf[T Row]() *table {
	switch reflect.TypeFor[T]() {
	case reflect.TypeFor[Run]():
		return runsTable
	case reflect.TypeFor[CMNISTEpoch]():
		return epochsTable
	}
	return trajectoriesTable
}

// Columns returns the names of a table's columns, in their order.
func Columns[T Row]() []string {
	var names []string
	for _, c := range tableOf[T]().columns {
		names = append(names, c.name)
	}
	return names
}

func formatName() string { return strconv.Itoa(tableFormat) }
