package columns

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"modspec/engine/kind/linear"
	"modspec/engine/results"
)

var ctx = context.Background()

// randomRun makes row number i of a table: parameters on a grid, measured numbers
// at random, some of them missing.
func randomRun(i int, r *rand.Rand) results.Run {
	number := func() float64 {
		if r.IntN(8) == 0 {
			return math.NaN()
		}
		return r.NormFloat64()
	}
	run := results.Run{ID: fmt.Sprintf("%032x", i), Copy: i, Seed: uint64(i % 10), DivergedStep: -1, LastStep: 300, Prediction: results.PredictionDiscrete}
	point := i / 10
	run.Bits, run.NX, run.NY, run.KX, run.KY = 3, 3, 1, point%20, point/20%20
	run.R = 0.25 * float64(point/400%10)
	run.Arch = []string{"dense", "split", "shallow", "partitioned"}[point%7%4]
	run.InputBits, run.OutputBits = "0,1,2", "0"
	run.LR, run.InitScale, run.Steps, run.TrainExamples, run.Batch = r.Float64(), 0.0002, 300, 8, 8
	run.Rule, run.Precision, run.Hidden, run.Depth = "gd", "float32", 50, 1
	run.Train.Total, run.Predicted.Train.Total = number(), number()
	run.Systematicity = number()
	run.THalf.Modes[0], run.PredTHalf.Modes[0] = number(), number()
	if r.IntN(50) == 0 {
		run.DivergedStep = r.IntN(300)
	}
	return run
}

// writeFolder writes a table runs of so many rows in parts, and returns its rows.
func writeFolder(t testing.TB, dir string, rows, partRows int, keep bool) []results.Run {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, runsFolder), 0o777); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, uint64(rows)))
	var all []results.Run
	for first, part := 0, 1; first < rows || part == 1; first, part = first+partRows, part+1 {
		var own []results.Run
		for i := first; i < min(first+partRows, rows); i++ {
			own = append(own, randomRun(i, r))
		}
		writePart(t, filepath.Join(dir, runsFolder, fmt.Sprintf("part-%06d.parquet", part)), own)
		if keep {
			all = append(all, own...)
		}
	}
	return all
}

// The tables of linear networks.
var (
	linearRuns         = results.NewRunsTable("linear", linear.Parameters, linear.Summary)
	linearTrajectories = results.NewTrajectoriesTable("linear", linear.Metrics)
)

// bound is a run and its binding to the table runs. To bind every run anew would take most
// of the tests' time.
var bound = sync.OnceValues(func() (*results.Run, *results.Binding) {
	run := new(results.Run)
	fields, err := results.Bind(linearRuns, run)
	if err != nil {
		panic(err)
	}
	return run, fields
})

// rowOf returns a struct as a row of the table runs. Tests call it one at a time.
func rowOf(t testing.TB, run *results.Run) *results.Row {
	t.Helper()
	copied, fields := bound()
	*copied = *run
	row := linearRuns.NewRow()
	fields.Put(row)
	return row
}

func writePart[T any](t testing.TB, path string, rows []T) {
	t.Helper()
	table := linearRuns
	if reflect.TypeFor[T]() == reflect.TypeFor[results.TrajectoryPoint]() {
		table = linearTrajectories
	}
	err := results.WriteFile(path, func(w io.Writer) error { return results.WriteAll(w, table, rows) })
	if err != nil {
		t.Fatal(err)
	}
}

func openRoot(t testing.TB, dir string) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

func filterOf(t testing.TB, conditions ...string) Filter {
	t.Helper()
	var list []Condition
	for _, text := range conditions {
		c, err := ParseCondition(linearRuns, text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	f, err := NewFilter(list)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func viewFor(t testing.TB, table *Table, names []string) *View {
	t.Helper()
	v, err := table.View(ctx, names...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
