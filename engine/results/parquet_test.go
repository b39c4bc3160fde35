package results

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// fill gives every column of a row a value of its own: finite numbers, and now
// and then the value that is null in the file.
func fill(t testing.TB, row reflect.Value, columns []column, r *rand.Rand) {
	t.Helper()
	for i := range columns {
		c := &columns[i]
		absent := c.optional && r.IntN(4) == 0
		switch field := c.of(row); c.kind {
		case reflect.Float64:
			field.SetFloat(r.NormFloat64() * math.Exp(20*r.NormFloat64()))
			if absent {
				field.SetFloat(math.NaN())
			}
		case reflect.Int:
			field.SetInt(r.Int64N(1 << 40))
			if absent {
				field.SetInt(-1)
			}
		case reflect.Uint64:
			field.SetUint(r.Uint64())
		case reflect.String:
			field.SetString(fmt.Sprintf("text %d", r.IntN(5)))
		default:
			t.Fatalf("column %s is of kind %v, which no file can hold", c.name, c.kind)
		}
	}
}

func randomRows[T Row](t testing.TB, n int) []T {
	r := rand.New(rand.NewPCG(1, 2))
	rows := make([]T, n)
	for i := range rows {
		fill(t, reflect.ValueOf(&rows[i]).Elem(), tableOf[T]().columns, r)
	}
	return rows
}

func writeRows[T Row](t testing.TB, path string, rows []T) {
	t.Helper()
	err := WriteFile(path, func(w io.Writer) error {
		p := NewWriter[T](w)
		for i := range rows {
			if err := p.Write(&rows[i]); err != nil {
				return err
			}
		}
		if p.Rows() != len(rows) {
			t.Errorf("the writer counts %d rows of %d", p.Rows(), len(rows))
		}
		return p.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
}

func readBack[T Row](t *testing.T, want []T) {
	path := filepath.Join(t.TempDir(), "part.parquet")
	writeRows(t, path, want)
	i := 0
	for row, err := range Read[T](path) {
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
		readBack(t, randomRows[Run](t, runsTable.rowGroup+1))
	}
}

func TestInfinitiesAreNull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "part.parquet")
	row := randomRows[Run](t, 1)[0]
	row.Train.Total, row.Test.Total = math.Inf(1), math.Inf(-1)
	writeRows(t, path, []Run{row})
	for got, err := range Read[Run](path) {
		if err != nil || !math.IsNaN(got.Train.Total) || !math.IsNaN(got.Test.Total) {
			t.Errorf("infinite losses are read back as %v and %v, %v; want NaN", got.Train.Total, got.Test.Total, err)
		}
	}
}

// Every parameter is a column under its own name, and all columns have names of
// their own.
func TestColumnsAreNamed(t *testing.T) {
	names := map[string]bool{}
	for _, name := range Columns[Run]() {
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
			t.Errorf("there is no column %q in %v", name, Columns[Run]())
		}
	}
}

// The package comment is what readers in other languages go by.
func TestPackageCommentHasEveryColumn(t *testing.T) {
	comment, err := os.ReadFile("runs_doc.go")
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(string(comment))
	for _, name := range append(Columns[Run](), Columns[TrajectoryPoint]()...) {
		found := false
		for _, word := range words {
			found = found || word == name
		}
		if !found {
			t.Errorf("the package comment lacks column %q", name)
		}
	}
}

func readAll[T Row](path string) (n int, err error) {
	for _, err := range Read[T](path) {
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

	odd := func(schema *parquet.Schema, format string) {
		t.Helper()
		err := WriteFile(path, func(w io.Writer) error {
			return parquet.NewWriter(w, schema, parquet.KeyValueMetadata(tableKey, "runs"), parquet.KeyValueMetadata(formatKey, format)).Close()
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	odd(runsTable.schema, "999")
	expect(`"999"`, "this version reads")
	columns := runsTable.columns
	odd(schemaOf("runs", columns[:len(columns)-1]), formatName())
	expect(columns[len(columns)-1].name, "missing")
	odd(schemaOf("runs", append(columns[:len(columns):len(columns)], column{name: "more", field: columns[0].field, element: -1, kind: reflect.String})), formatName())
	expect(`"more"`, "unknown")
	renamed := append([]column(nil), columns...)
	renamed[3].name = "other"
	odd(schemaOf("runs", renamed), formatName())
	expect("column 4", `"other"`)
	retyped := append([]column(nil), columns...)
	retyped[3].kind = reflect.String
	odd(schemaOf("runs", retyped), formatName())
	expect(columns[3].name, "holds")

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
	for range Read[Run](path) {
		panic("mine")
	}
}

func BenchmarkWriteRuns(b *testing.B) {
	rows := randomRows[Run](b, 1024)
	var size int64
	w := NewWriter[Run](countingWriter{&size})
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if err := w.Write(&rows[i%len(rows)]); err != nil {
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
		for _, err := range Read[Run](path) {
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
	for row, err := range ReadFolder[Run](dir) {
		if err != nil || row.Copy != rows[i].Copy {
			t.Fatalf("row %d is copy %d, %v, want %d", i, row.Copy, err, rows[i].Copy)
		}
		i++
	}
	if i != len(rows) {
		t.Errorf("%d rows of %d", i, len(rows))
	}
	for range ReadFolder[TrajectoryPoint](dir) {
		t.Error("a table that is not there has rows")
	}
	damaged := filepath.Join(dir, "runs", "part-000003.parquet")
	if err := os.WriteFile(damaged, []byte("PAR1"), 0o666); err != nil {
		t.Fatal(err)
	}
	var last error
	for _, err := range ReadFolder[Run](dir) {
		last = err
	}
	if last == nil || !strings.Contains(last.Error(), damaged) {
		t.Errorf("error is %v, want one that names %s", last, damaged)
	}
}
