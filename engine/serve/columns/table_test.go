package columns

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"modspec/engine/results"
)

// everyColumn are the columns that a view can have: all but the ids.
func everyColumn() []string {
	return linearRuns.Columns.Names()[1:]
}

// sameRows compares a view with rows, column by column.
func sameRows(t *testing.T, v *View, rows []results.Run) {
	t.Helper()
	if v.Rows != len(rows) {
		t.Fatalf("the view has %d rows, want %d", v.Rows, len(rows))
	}
	asRows := make([]*results.Row, len(rows))
	for i := range rows {
		asRows[i] = rowOf(t, &rows[i])
	}
	for _, name := range everyColumn() {
		c := v.Column(name)
		field, err := linearRuns.Field(name)
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			r := v.At(i)
			if v.Number(r) != i {
				t.Fatalf("row %d is at %v, which is row %d", i, r, v.Number(r))
			}
			row := asRows[i]
			want := field.Number(row)
			if got := c.Value(r); got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
				t.Fatalf("row %d, %s: %v, want %v", i, name, got, want)
			}
			if c.Numeric && c.Coded() || !c.Numeric {
				if got, want := c.Text(r), field.Text(row); got != want {
					t.Fatalf("row %d, %s: %q, want %q", i, name, got, want)
				}
			}
		}
	}
}

func TestViewHasWhatTheFilesHave(t *testing.T) {
	for _, c := range []struct{ rows, part int }{{0, 10}, {1, 10}, {63, 64}, {1000, 64}, {20_000, 16_390}} {
		dir := t.TempDir()
		rows := writeFolder(t, dir, c.rows, c.part, true)
		sameRows(t, viewFor(t, NewStore(1<<30, 3).Table(openRoot(t, dir), ""), everyColumn()), rows)
	}
}

func TestNoTable(t *testing.T) {
	dir := t.TempDir()
	v := viewFor(t, NewStore(1<<20, 1).Table(openRoot(t, dir), "deeper"), []string{"seed", "last_step"})
	if v.Rows != 0 || v.Parts() != 0 {
		t.Errorf("a folder without a table has %d rows in %d parts", v.Rows, v.Parts())
	}
	q := Question{Table: v.Table, X: Axis{Column: "seed"}, Value: "last_step", Stat: Median}
	if d, err := viewFor(t, NewStore(1<<20, 1).Table(openRoot(t, dir), ""), q.Columns()).Diagram(ctx, &q); err != nil || d.Matched != 0 {
		t.Errorf("its diagram is %+v, %v", d, err)
	}
}

// TestPartsComeAndGo: views follow the folder, and one that was made stays as it is.
func TestPartsComeAndGo(t *testing.T) {
	dir := t.TempDir()
	table := NewStore(1<<24, 2).Table(openRoot(t, dir), "")
	rows := writeFolder(t, dir, 300, 100, true)
	first := viewFor(t, table, everyColumn())
	sameRows(t, first, rows)
	again := viewFor(t, table, everyColumn())
	if again.Version != first.Version {
		t.Errorf("the version changes from %s to %s, although nothing did", first.Version, again.Version)
	}

	// A part of new parameters comes, under a name that sorts first.
	more := make([]results.Run, 50)
	r := rand.New(rand.NewPCG(5, 5))
	for i := range more {
		more[i] = randomRun(5000+i, r)
		more[i].Arch = fmt.Sprint("new", i)
	}
	path := filepath.Join(dir, runsFolder, "part-000000.parquet")
	writePart(t, path, more)
	both := viewFor(t, table, everyColumn())
	sameRows(t, both, append(append([]results.Run{}, more...), rows...))
	if both.Version == first.Version {
		t.Error("the version stays, although a part came")
	}

	// It is replaced by one of another length, and goes.
	writePart(t, path, more[:20])
	sameRows(t, viewFor(t, table, everyColumn()), append(append([]results.Run{}, more[:20]...), rows...))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	sameRows(t, viewFor(t, table, everyColumn()), rows)
	sameRows(t, first, rows)
	sameRows(t, both, append(append([]results.Run{}, more...), rows...))

	// What is no part is not looked at.
	for _, name := range []string{".part-000009.parquet.1.tmp", "notes.txt", "part-1.csv"} {
		if err := os.WriteFile(filepath.Join(dir, runsFolder, name), []byte("x"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	sameRows(t, viewFor(t, table, everyColumn()), rows)
}

// TestDictionaryIsGivenUp: a parameter with a value of its own in every copy is
// kept as numbers, from the part on in which they become too many.
func TestDictionaryIsGivenUp(t *testing.T) {
	dir := t.TempDir()
	table := NewStore(1<<30, 2).Table(openRoot(t, dir), "")
	if err := os.MkdirAll(filepath.Join(dir, runsFolder), 0o777); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	var all []results.Run
	for part := range 3 {
		own := make([]results.Run, maxCodes-5000)
		for i := range own {
			own[i] = randomRun(len(all)+i, r)
			own[i].Seed = math.MaxUint64 - uint64(len(all)+i) // beyond what a float64 tells apart
		}
		all = append(all, own...)
		writePart(t, filepath.Join(dir, runsFolder, fmt.Sprintf("part-%06d.parquet", part+1)), own)
		v := viewFor(t, table, []string{"lr", "seed", "arch"})
		if coded := v.Column("lr").Coded(); coded != (part == 0) {
			t.Errorf("after part %d, the dictionary of lr is there: %v", part+1, coded)
		}
		for i := 0; i < len(all); i += 77 {
			if got := v.Column("lr").Value(v.At(i)); got != all[i].LR {
				t.Fatalf("row %d: lr is %v, want %v", i, got, all[i].LR)
			}
		}
		place := v.At(len(all) - 3)
		texts, err := v.Exact(ctx, "seed", []Row{place, v.At(2), place})
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprint(all[len(all)-3].Seed); texts[0] != want || texts[2] != want || texts[1] != fmt.Sprint(all[2].Seed) {
			t.Errorf("the seeds are %s, want %s and %d", texts, want, all[2].Seed)
		}
		// Conditions took all seeds of one float64 where the dictionary was given up.
		for _, conditions := range [][]string{
			{"seed=18446744073709551612"}, {"seed!=18446744073709551612"}, {"seed<18446744073709551612"}, {"seed>=18446744073709546000"},
			{"seed=18446744073709551612", "seed=18446744073709551000", "arch=dense"}, {"seed=1"}, {"seed>9007199254740991"},
		} {
			f := filterOf(t, conditions...)
			var want []int
			for i := range all {
				if f.Meets(rowOf(t, &all[i])) {
					want = append(want, i)
				}
			}
			rows, count, err := v.Matching(ctx, &f, 0, len(all))
			if err != nil {
				t.Fatal(err)
			}
			var got []int
			for _, row := range rows {
				got = append(got, v.Number(row))
			}
			if count != len(want) || !slices.Equal(got, want) {
				t.Errorf("after part %d, %d copies meet %q, want %d", part+1, count, conditions, len(want))
			}
		}
	}
}

func TestTooManyTexts(t *testing.T) {
	dir := t.TempDir()
	rows := make([]results.Run, maxCodes+1)
	for i := range rows {
		rows[i].Arch = fmt.Sprint(i)
	}
	if err := os.MkdirAll(filepath.Join(dir, runsFolder), 0o777); err != nil {
		t.Fatal(err)
	}
	writePart(t, filepath.Join(dir, runsFolder, "part-000001.parquet"), rows)
	_, err := NewStore(1<<30, 2).Table(openRoot(t, dir), "").View(ctx, "arch")
	var damaged *results.DamagedError
	if !errors.As(err, &damaged) || !strings.Contains(err.Error(), "different texts") {
		t.Errorf("the error is %v", err)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	dir := t.TempDir()
	rows := writeFolder(t, dir, 2000, 200, true)
	root := openRoot(t, dir)
	store := NewStore(4*8*2000, 2) // four measured columns
	a, b := store.Table(root, ""), store.Table(root, ".")
	names := everyColumn()
	for i := range names {
		for _, table := range []*Table{a, b} {
			own := []string{names[i], names[(i+7)%len(names)], names[(i+20)%len(names)]}
			v := viewFor(t, table, own)
			for _, name := range own {
				for k := 0; k < len(rows); k += 501 {
					got, want := v.Column(name).Value(v.At(k)), numberOf(t, &rows[k], name)
					if got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
						t.Fatalf("%s in row %d is %v, want %v", name, k, got, want)
					}
				}
			}
			kept := int64(0)
			for table := range store.tables {
				for _, c := range table.columns {
					kept += c.bytes()
				}
			}
			if kept != store.used || kept > store.budget {
				t.Fatalf("%d bytes are kept and %d counted, of at most %d", kept, store.used, store.budget)
			}
		}
	}
	_, err := a.View(ctx, "train_loss", "pred_train_loss", "t_half_1", "mode_1", "mode_2")
	var large *TooLargeError
	if !errors.As(err, &large) {
		t.Errorf("a view of five such columns gives %v, want a TooLargeError", err)
	}
}

// TestDamagedFiles cuts and changes a file at many places: views either fail with
// an error that names the file, or read something, and never panic.
func TestDamagedFiles(t *testing.T) {
	dir := t.TempDir()
	writeFolder(t, dir, 500, 500, false)
	path := filepath.Join(dir, runsFolder, "part-000001.parquet")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(9, 9))
	refused := 0
	for i := range 100 {
		data := append([]byte{}, whole...)
		if i%2 == 0 {
			data = data[:r.IntN(len(data))]
		} else {
			for range 1 + r.IntN(20) {
				data[r.IntN(len(data))] ^= byte(1 + r.IntN(255))
			}
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := NewStore(1<<24, 2).Table(openRoot(t, dir), "").View(ctx, everyColumn()...)
		var damaged *results.DamagedError
		if err != nil && !errors.As(err, &damaged) {
			t.Errorf("the error is %v, want a results.DamagedError", err)
		}
		if err != nil {
			refused++
			if !strings.Contains(err.Error(), "runs/part-000001.parquet") {
				t.Errorf("the error does not name the file: %v", err)
			}
		}
	}
	if refused < 50 { // every file that was cut, at least
		t.Errorf("%d of 100 damaged files are refused", refused)
	}
}

func TestAnotherTable(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, runsFolder), 0o777); err != nil {
		t.Fatal(err)
	}
	writePart(t, filepath.Join(dir, runsFolder, "part-000001.parquet"), make([]results.TrajectoryPoint, 3))
	_, err := NewStore(1<<24, 1).Table(openRoot(t, dir), "").View(ctx, "kx")
	var damaged *results.DamagedError
	if !errors.As(err, &damaged) {
		t.Errorf("trajectories where runs should be give %v", err)
	}
}

func TestNoLinkLeadsOut(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	writeFolder(t, outside, 10, 10, false)
	if err := os.Symlink(filepath.Join(outside, runsFolder), filepath.Join(dir, runsFolder)); err != nil {
		t.Skip("no links here:", err)
	}
	if v, err := NewStore(1<<24, 1).Table(openRoot(t, dir), "").View(ctx, "kx"); err == nil {
		t.Errorf("a link out of the folder is followed: %d rows", v.Rows)
	}
}

func TestGivingUp(t *testing.T) {
	dir := t.TempDir()
	writeFolder(t, dir, 100, 10, false)
	store := NewStore(1<<24, 1)
	table := store.Table(openRoot(t, dir), "")
	over, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := table.View(over, "kx"); !errors.Is(err, context.Canceled) {
		t.Errorf("a view that nobody waits for gives %v", err)
	}
	table.turn <- struct{}{}
	if _, err := table.View(over, "kx"); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting for a turn that does not come gives %v", err)
	}
	<-table.turn
	v := viewFor(t, table, []string{"kx", "train_loss", DivergedColumn})
	q := Question{Table: linearRuns, X: Axis{Column: "kx"}, Value: "train_loss", Stat: Mean}
	if _, err := v.Diagram(over, &q); !errors.Is(err, context.Canceled) {
		t.Errorf("a diagram that nobody waits for gives %v", err)
	}
}

// TestTablesDoNotWaitForOneAnother: all tables of a server had one turn, which was
// held while files were read, so that one slow file held up every request. Now a
// view waits for another table's only where both together do not fit.
func TestTablesDoNotWaitForOneAnother(t *testing.T) {
	dir := t.TempDir()
	writeFolder(t, dir, 100, 10, false)
	const column = 8 * 100 // bytes of a measured one
	root, store := openRoot(t, dir), NewStore(3*column, 1)
	slow, other := store.Table(root, ""), store.Table(root, ".")
	viewFor(t, slow, []string{"train_loss", "pred_train_loss"})
	// As if its files were still being read.
	slow.turn <- struct{}{}
	pinned, err := slow.plan(slices.Clone(slow.parts), linearRuns, []string{"train_loss", "pred_train_loss"})
	if err != nil {
		t.Fatal(err)
	}
	viewFor(t, other, []string{"systematicity"})
	over, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := other.View(over, "systematicity", "t_half_1"); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting for room that does not come gives %v", err)
	}
	made := make(chan error)
	go func() {
		_, err := other.View(ctx, "systematicity", "t_half_1")
		made <- err
	}()
	// Until there is room it is not made; nothing can show how long that is.
	store.unpin(pinned)
	if err := <-made; err != nil {
		t.Error(err)
	}
	<-slow.turn
	if store.pins != 0 || store.used > store.budget {
		t.Errorf("%d pins and %d bytes of %d are left", store.pins, store.used, store.budget)
	}
}

// TestManyReaders asks from many sides while parts come and go; the race detector
// watches.
func TestManyReaders(t *testing.T) {
	dir := t.TempDir()
	rows := writeFolder(t, dir, 2000, 100, true)
	table := NewStore(1<<19, 2).Table(openRoot(t, dir), "")
	stop := make(chan struct{})
	var group sync.WaitGroup
	for g := range 4 {
		group.Go(func() {
			names := everyColumn()
			for i := g; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				q := Question{Table: linearRuns, X: Axis{Column: "kx"}, Y: Axis{Column: "seed"}, Value: names[2+i%20], Stat: Median}
				if q.Check() != nil {
					continue
				}
				v, err := table.View(ctx, q.Columns()...)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := v.Diagram(ctx, &q); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range 20 {
		path := filepath.Join(dir, runsFolder, fmt.Sprintf("part-%06d.parquet", 100+i%3))
		if i%4 == 3 {
			os.Remove(path)
		} else {
			writePart(t, path, rows[i:500+i])
		}
	}
	close(stop)
	group.Wait()
}
