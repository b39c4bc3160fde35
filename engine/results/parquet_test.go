package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// The tables of structs, whose rows are easy to compare.
var (
	runsOf         = &Table{RunsTable, "linear", SchemaOf[Run]()}
	trajectoriesOf = &Table{TrajectoriesTable, "linear", SchemaOf[TrajectoryPoint]()}
)

func tableFor[T any]() *Table {
	if reflect.TypeFor[T]() == reflect.TypeFor[Run]() {
		return runsOf
	}
	return trajectoriesOf
}

// fill gives every column of a row a value of its own: finite numbers, and now
// and then the value that is null in the file.
func fill(row *Row, r *rand.Rand) {
	for i := range row.table.Columns {
		switch c := &row.table.Columns[i]; {
		case c.Null && r.IntN(4) == 0:
			row.SetNull(i)
		case c.Type == Real:
			row.SetNumber(i, r.NormFloat64()*math.Exp(20*r.NormFloat64()))
		case c.Type == Whole:
			row.SetWhole(i, int(r.Int64N(1<<40)))
		case c.Type == Seed:
			row.SetSeed(i, r.Uint64())
		default:
			row.SetText(i, fmt.Sprintf("text %d", r.IntN(5)))
		}
	}
}

func randomRows[T any](t testing.TB, n int) []T {
	r := rand.New(rand.NewPCG(1, 2))
	rows := make([]T, n)
	row := tableFor[T]().NewRow()
	var value T
	b, err := Bind(row.table, &value)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		fill(row, r)
		b.Take(row)
		rows[i] = value
	}
	return rows
}

func writeRows[T any](t testing.TB, path string, rows []T) {
	t.Helper()
	if err := WriteFile(path, func(w io.Writer) error { return WriteAll(w, tableFor[T](), rows) }); err != nil {
		t.Fatal(err)
	}
}

func readBack[T any](t *testing.T, want []T) {
	path := filepath.Join(t.TempDir(), "part.parquet")
	writeRows(t, path, want)
	i := 0
	for row, err := range As[T](Read(path, tableFor[T]().Name)) {
		if err != nil {
			t.Fatal(err)
		}
		// NaN differs from itself, so the rows are compared as they print, which
		// tells all float64 values apart.
		if got, want := fmt.Sprintf("%+v", *row), fmt.Sprintf("%+v", want[i]); got != want {
			t.Fatalf("row %d is read back as\n%s, want\n%s", i, got, want)
		}
		i++
	}
	if i != len(want) {
		t.Errorf("%d rows are read back, want %d", i, len(want))
	}
}

// The counts are around the borders of a batch, and beyond a row group.
func TestRowsReadBackAsWritten(t *testing.T) {
	for _, n := range []int{0, 1, batch - 1, batch, batch + 1, 1000} {
		readBack(t, randomRows[Run](t, n))
		readBack(t, randomRows[TrajectoryPoint](t, n))
	}
	if !testing.Short() {
		readBack(t, randomRows[Run](t, wideGroup+1))
	}
}

func TestInfinitiesAreNull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "part.parquet")
	row := randomRows[Run](t, 1)[0]
	row.Train.Total, row.Test.Total = math.Inf(1), math.Inf(-1)
	writeRows(t, path, []Run{row})
	for got, err := range As[Run](Read(path, RunsTable)) {
		if err != nil || !math.IsNaN(got.Train.Total) || !math.IsNaN(got.Test.Total) {
			t.Errorf("infinite losses are read back as %v and %v, %v; want NaN", got.Train.Total, got.Test.Total, err)
		}
	}
}

// Every parameter is a column under its own name, and all columns have names of
// their own.
func TestColumnsAreNamed(t *testing.T) {
	names := map[string]bool{}
	for _, name := range runsOf.Columns.Names() {
		if names[name] || name == "" {
			t.Errorf("two columns are called %q", name)
		}
		names[name] = true
	}
	parameters := reflect.TypeFor[Parameters]()
	for i := range parameters.NumField() {
		f := parameters.Field(i)
		if name := f.Tag.Get("json"); !names[name] || f.Tag.Get("parquet") != name {
			t.Errorf("parameter %s has no column %q", f.Name, name)
		}
	}
	for _, name := range []string{"train_loss", "test_loss_gamma", "quadrant_omega_omega", "mode_4", "systematicity",
		"t_half_1", "t_half_gamma_gamma", "pred_mode_1", "pred_t_half_1", "pred_t_half_omega_gamma", "pred_systematicity"} {
		if !names[name] {
			t.Errorf("there is no column %q in %v", name, runsOf.Columns.Names())
		}
	}
}

func readAll[T any](path string) (n int, err error) {
	for _, err := range As[T](Read(path, tableFor[T]().Name)) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// A file that is cut anywhere must be an error that names it, never fewer rows.
func TestReadRefusesAFileCutShort(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "part.parquet")
	writeRows(t, path, randomRows[TrajectoryPoint](t, 100))
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(folder, "cut.parquet")
	for n := 0; n < len(whole); n += 1 + n/16 {
		if err := os.WriteFile(cut, whole[:n], 0o666); err != nil {
			t.Fatal(err)
		}
		if rows, err := readAll[TrajectoryPoint](cut); err == nil || !strings.Contains(err.Error(), cut) {
			t.Fatalf("%d of %d bytes read as %d rows, %v; want an error that names the file", n, len(whole), rows, err)
		}
	}
}

// A flipped byte may read as another number, which the checksum of the part
// notices; here it must not crash, and what is said must name the file.
func TestReadSurvivesFlippedBytes(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "part.parquet")
	writeRows(t, path, randomRows[TrajectoryPoint](t, 100))
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	flipped, noticed := filepath.Join(folder, "flipped.parquet"), 0
	for n := 0; n < len(whole); n += 7 {
		damaged := bytes.Clone(whole)
		damaged[n] ^= 1 << (n % 8)
		if err := os.WriteFile(flipped, damaged, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := readAll[TrajectoryPoint](flipped); err != nil {
			noticed++
			if !strings.Contains(err.Error(), flipped) {
				t.Fatalf("byte %d: error %v does not name the file", n, err)
			}
		}
	}
	if noticed == 0 {
		t.Error("no flipped byte at all was noticed")
	}
}

func TestReadRefusesAnotherTable(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "part.parquet")
	expect := func(want ...string) {
		t.Helper()
		_, err := readAll[Run](path)
		for _, w := range append(want, path) {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("error is %v, want one that says %q", err, w)
			}
		}
	}
	writeRows(t, path, randomRows[TrajectoryPoint](t, 3))
	expect(`"trajectories"`, `"runs"`)

	// A file of another form, and files whose columns are not those of their schema.
	odd := func(parquetTable *Table, format string, schema string) {
		t.Helper()
		err := WriteFile(path, func(w io.Writer) error {
			options := []parquet.WriterOption{parquetTable.parquetSchema(), parquet.KeyValueMetadata(tableKey, "runs"), parquet.KeyValueMetadata(formatKey, format)}
			if schema != "" {
				options = append(options, parquet.KeyValueMetadata(schemaKey, schema))
			}
			return parquet.NewWriter(w, options...).Close()
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	schema, err := json.Marshal(tableSchema{"linear", runsOf.Columns})
	if err != nil {
		t.Fatal(err)
	}
	of := func(columns Schema) *Table { return &Table{Name: RunsTable, Columns: columns} }
	changed := func(change func(Schema)) *Table {
		columns := slices.Clone(runsOf.Columns)
		change(columns)
		return of(columns)
	}
	odd(runsOf, "999", string(schema))
	expect(`"999"`, "this version reads")
	columns := runsOf.Columns
	odd(of(columns[:len(columns)-1]), formatName(), string(schema))
	expect(columns[len(columns)-1].Name, "missing")
	odd(of(append(slices.Clone(columns), Column{Name: "more", Type: Text})), formatName(), string(schema))
	expect(`"more"`, "unknown")
	odd(changed(func(s Schema) { s[3].Name = "other" }), formatName(), string(schema))
	expect("column 4", `"other"`)
	odd(changed(func(s Schema) { s[3].Type = Text }), formatName(), string(schema))
	expect(columns[3].Name, "holds")
	// Without a schema a file must still be a table of runs.
	odd(of(columns[1:]), formatName(), "")
	expect(`"id"`)
	for _, c := range []struct{ schema, want string }{
		{"{", "cannot be read"}, {`{"columns": 3}`, "cannot be read"}, {"{}", "0 columns"}, {"[" + strings.Repeat("[", 1<<19), "cannot be read"},
		{`{"columns": [` + strings.Repeat(" ", maxSchema) + "]}", "has at most"},
		{`{"columns": [{"name": "id", "type": "float"}]}`, `"float" is unknown`},
		{strings.Replace(string(schema), `"kind":"linear"`, `"kind":"<b>"`, 1), "lower-case"},
		{strings.Replace(string(schema), `"name":"kx"`, `"name":"kx\n"`, 1), "lower-case"},
		{strings.Replace(string(schema), `"name":"kx"`, `"name":"bits"`, 1), `called "bits"`},
		{strings.Replace(string(schema), `"name":"kx"`, `"name":"kx","label":"`+strings.Repeat("x", maxLabel+1)+`"`, 1), "at most 100"},
		{strings.Replace(string(schema), `"name":"kx"`, `"name":"kx","unit":"\u0007"`, 1), "can be printed"},
		{strings.Replace(string(schema), `"name":"kx"`, `"name":"kx","role":"king"`, 1), `"king"`},
		{strings.Replace(string(schema), `"name":"kx"`, `"name":"kx","of":"bits"`, 1), "no time or prediction"},
		{strings.Replace(string(schema), `"name":"kx"`, `"name":"kx","role":"prediction","of":"kx"`, 1), "prediction of"},
		{strings.Replace(string(schema), `"name":"kx"`, `"name":"kx","role":"time","of":"gone"`, 1), "time of"},
		{strings.Replace(string(schema), `"name":"arch"`, `"name":"arch","null":true`, 1), "may not be missing"},
		{strings.Replace(string(schema), `"name":"copy"`, `"name":"kopy"`, 1), `"copy"`},
	} {
		odd(runsOf, formatName(), c.schema)
		expect(c.want)
		var damaged *DamagedError
		if _, err := ReadTable(path, RunsTable); !errors.As(err, &damaged) {
			t.Errorf("the error is %v, not a damaged file", err)
		}
	}

	path = filepath.Join(folder, "missing.parquet")
	expect("no such file")
}

// The loop body's own panic must reach its caller as it is.
func TestReadPassesPanicsOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "part.parquet")
	writeRows(t, path, randomRows[Run](t, 3))
	defer func() {
		if r := recover(); r != "mine" {
			t.Errorf("recovered %v, want the loop body's own panic", r)
		}
	}()
	for range As[Run](Read(path, RunsTable)) {
		panic("mine")
	}
}

func BenchmarkWriteRuns(b *testing.B) {
	rows := randomRows[Run](b, 1024)
	var size int64
	w, err := NewWriter(countingWriter{&size}, runsOf)
	if err != nil {
		b.Fatal(err)
	}
	row := runsOf.NewRow()
	var value Run
	binding, err := Bind(runsOf, &value)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		value = rows[i%len(rows)]
		binding.Put(row)
		if err := w.Write(row); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(size)/float64(b.N), "bytes/row")
}

func BenchmarkReadRuns(b *testing.B) {
	path := filepath.Join(b.TempDir(), "part.parquet")
	writeRows(b, path, randomRows[Run](b, 20000))
	b.ResetTimer()
	for n := 0; n < b.N; {
		for _, err := range As[Run](Read(path, RunsTable)) {
			if err != nil {
				b.Fatal(err)
			}
			if n++; n >= b.N {
				break
			}
		}
	}
}

type countingWriter struct{ n *int64 }

func (c countingWriter) Write(p []byte) (int, error) {
	*c.n += int64(len(p))
	return len(p), nil
}

// TestReadFolderReadsEveryPart in the order of names, in a folder whose own name
// looks like a pattern.
func TestReadFolderReadsEveryPart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a[b]*c")
	if err := os.MkdirAll(filepath.Join(dir, "runs"), 0o777); err != nil {
		t.Fatal(err)
	}
	rows := randomRows[Run](t, 7)
	writeRows(t, filepath.Join(dir, "runs", "part-000002.parquet"), rows[3:])
	writeRows(t, filepath.Join(dir, "runs", "part-000001.parquet"), rows[:3])
	i := 0
	for row, err := range As[Run](ReadFolder(dir, RunsTable)) {
		if err != nil || row.Copy != rows[i].Copy {
			t.Fatalf("row %d is copy %d, %v, want %d", i, row.Copy, err, rows[i].Copy)
		}
		i++
	}
	if i != len(rows) {
		t.Errorf("%d rows of %d", i, len(rows))
	}
	for range ReadFolder(dir, TrajectoriesTable) {
		t.Error("a table that is not there has rows")
	}
	damaged := filepath.Join(dir, "runs", "part-000003.parquet")
	if err := os.WriteFile(damaged, []byte("PAR1"), 0o666); err != nil {
		t.Fatal(err)
	}
	var last error
	for _, err := range As[Run](ReadFolder(dir, RunsTable)) {
		last = err
	}
	if last == nil || !strings.Contains(last.Error(), damaged) {
		t.Errorf("error is %v, want one that names %s", last, damaged)
	}
}
