package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"modspec/engine/kind/linear/model"
	"modspec/engine/lock"
	"modspec/engine/results"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/train"
)

// open opens a folder for the small sweep.
func open(t *testing.T, dir string) *Folder {
	t.Helper()
	s := sweeptest.Enumerate(t, sweeptest.Small)
	f, err := Open(Options{
		Dir: dir, Sweep: SweepOf(s, true), Provenance: sweeptest.Provenance("out"), Copy: s.Copy, Notice: func(text string) { t.Log(text) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// filled returns a folder with six copies of the small sweep in three parts, which were
// not trained.
func filled(t *testing.T) (dir string) {
	t.Helper()
	s, f := sweeptest.Enumerate(t, sweeptest.Small), open(t, t.TempDir())
	kind, rows := s.File.Kind, make(chan *Row, 6)
	for number := range cap(rows) {
		who := s.Copy(number)
		rows <- &Row{
			Kind: kind, Number: number, Identity: &who, Precision: s.File.Precision, Summary: make([]results.Value, len(train.SummaryOf(kind))),
			Steps: []int{0}, Metrics: make([]float64, len(kind.Metrics())),
		}
	}
	close(rows)
	writer := &Writer{Folder: f, PartRows: 2, PartTime: time.Minute, Kept: func(int) {}}
	writer.WriteAll(rows, func(err error) { t.Fatal(err) })
	if err := errors.Join(f.End("six copies are enough", 1), f.Close()); err != nil {
		t.Fatal(err)
	}
	return f.dir
}

func TestPartsGrowWithTheRun(t *testing.T) {
	for _, c := range []struct{ taken, most, want time.Duration }{
		{0, time.Minute, time.Second},
		{7 * time.Second, time.Minute, time.Second},
		{80 * time.Second, time.Minute, 10 * time.Second},
		{time.Hour, time.Minute, time.Minute},
		{time.Hour, time.Millisecond, time.Millisecond},
	} {
		w := Writer{PartTime: c.most}
		if got := w.duration(c.taken); got != c.want {
			t.Errorf("after %v, with at most %v: %v, want %v", c.taken, c.most, got, c.want)
		}
	}
}

// What cannot be written gives its room back, once, or training would wait for it for ever.
func TestRowsOfAFailedPartAreGivenBack(t *testing.T) {
	for name, spoil := range map[string]func(f *Folder) error{
		"without runs":         func(f *Folder) error { return os.RemoveAll(filepath.Join(f.dir, results.RunsTable)) },
		"without trajectories": func(f *Folder) error { return os.RemoveAll(filepath.Join(f.dir, results.TrajectoriesTable)) },
		"without a journal":    func(f *Folder) error { return f.journal.file.Close() },
	} {
		f := open(t, t.TempDir())
		defer f.Close()
		if err := spoil(f); err != nil {
			t.Fatal(err)
		}
		var back [3]int
		rows := make(chan *Row, len(back))
		for i := range back {
			rows <- &Row{
				Kind: model.Kind, Identity: &space.Identity{Parameters: make([]results.Value, len(model.Kind.Parameters()))},
				Summary: make([]results.Value, len(train.SummaryOf(model.Kind))),
				Steps:   make([]int, 5), Metrics: make([]float64, 5*len(model.Kind.Metrics())),
				Done: func() { back[i]++ },
			}
		}
		close(rows)
		writer := &Writer{Folder: f, PartRows: 2, PartTime: time.Minute, Kept: func(int) {}}
		failed := false
		writer.WriteAll(rows, func(error) { failed = true })
		if !failed || back != [3]int{1, 1, 1} {
			t.Errorf("%s: failed %t, rows are given back %v times", name, failed, back)
		}
	}
}

// TestFailedLookIsNotAnotherProcess: where it cannot be found out whether lock, journal
// and parts are this process's own, the error says what failed, and the files of a part
// whose line may be in the journal stay. Before, such an error was told as another
// process's work, or taken for a look that found nothing, and the files were deleted.
func TestFailedLookIsNotAnotherProcess(t *testing.T) {
	for _, c := range []struct {
		name    string
		lines   bool // whether the journal can still be written
		prepare func(t *testing.T, f *Folder)
	}{
		{"journal closed", false, func(_ *testing.T, f *Folder) { f.journal.file.Close() }},
		{"journal", false, func(t *testing.T, f *Folder) { loop(t, filepath.Join(f.dir, journalName)) }},
		{"lock", false, func(t *testing.T, f *Folder) { loop(t, filepath.Join(f.dir, lock.Name)) }},
		{"part", true, func(t *testing.T, f *Folder) { loop(t, sweeptest.Files(t, f.dir, results.RunsTable)[2]) }},
	} {
		f, err := lockFolder(filled(t), func(text string) { t.Log(text) })
		if err != nil {
			t.Fatal(err)
		}
		c.prepare(t, f)
		part := f.journal.record.parts[0].Name
		cause := errors.New("what failed first")
		if !c.lines {
			if err := f.discard(part, cause); !errors.Is(err, cause) {
				t.Errorf("%s: %v, want %v", c.name, err, cause)
			}
			for _, table := range Tables {
				if _, err := os.Stat(partPath(f.dir, table, part)); err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
			}
		}
		err = f.Confirm()
		if other := new(foreignError); err == nil || errors.As(err, &other) || f.Lost() != nil {
			t.Errorf("%s: %v is told, and %v", c.name, err, f.Lost())
		}
		f.Close()
	}
}

// loop puts a link to itself in a file's place, at which every look fails.
func loop(t *testing.T, path string) {
	t.Helper()
	sweeptest.RemoveFiles(t, path)
	if err := os.Symlink(filepath.Base(path), path); err != nil {
		t.Skipf("a link cannot be made here: %v", err)
	}
}
