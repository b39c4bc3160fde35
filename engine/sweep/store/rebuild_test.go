package store_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"modspec/engine/lock"
	"modspec/engine/results"
	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/runner/runtest"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/store"
	"modspec/engine/sweep/sweeptest"
)

// inTwoGoes runs a sweep in two processes, the first of which was interrupted.
func inTwoGoes(t *testing.T, s *space.Space) string {
	t.Helper()
	o := runtest.Options(s, t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	o.Backend = runtest.Cancelling(sweeptest.Reference(1), 20, cancel)
	if _, err := runner.Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	again := runtest.Options(s, o.Dir)
	again.Provenance.Started = o.Provenance.Started.Add(time.Minute) // another process
	runtest.Run(t, again)
	return o.Dir
}

// wantRecord fails unless a folder's journal tells the same as before, but for what
// only a lost line told: how long a process took, and which shard it ran.
func wantRecord(t *testing.T, dir string, before *store.Record) {
	t.Helper()
	now := journalOf(t, dir)
	if a, b := now.PartsByName(), before.PartsByName(); !reflect.DeepEqual(a, b) {
		t.Errorf("the parts are %+v, and were %+v", a, b)
	}
	processes, then := now.Processes(), before.Processes()
	if now.Sweep() != before.Sweep() || len(processes) != len(then) {
		t.Fatalf("%d processes worked on %+v, and before %d on %+v", len(processes), now.Sweep(), len(then), before.Sweep())
	}
	for i := range processes {
		if !store.SameProcess(&processes[i], &then[i]) {
			t.Errorf("process %d is %+v, and was %+v", i, processes[i], then[i])
		}
	}
}

func journalOf(t testing.TB, dir string) *store.Record {
	t.Helper()
	r, err := store.ReadJournal(dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestDamagedJournalIsRebuilt by the next run, from its other lines and the parts,
// wherever a bit of it was flipped; nothing is trained again. Before, any flipped bit
// made every command refuse the folder.
func TestDamagedJournalIsRebuilt(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	want := runtest.Unbroken(t, s)
	dir := inTwoGoes(t, s)
	o := runtest.Options(s, dir)
	path := filepath.Join(dir, store.JournalName)
	text, before := sweeptest.ReadBytes(t, path), journalOf(t, dir)
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 24 {
		changed := slices.Clone(text)
		bit := r.IntN(8 * (len(text) - 1))
		changed[bit/8] ^= 1 << (bit % 8)
		sweeptest.WriteBytes(t, path, changed)
		_, err := store.Digest(dir)
		sweeptest.Expect(t, err, path, "line ", "modspec sweep repair")
		if sum := runtest.Run(t, o); sum.Copies != 0 || sum.Done != s.Copies() {
			t.Errorf("bit %d flipped: %+v", bit, sum)
		}
		wantRecord(t, dir, before)
		if got := runtest.DigestOf(t, dir); got != want {
			t.Errorf("bit %d flipped: digest is %s, want %s", bit, got, want)
		}
		if got := sweeptest.ReadBytes(t, filepath.Join(dir, store.DamagedName(round+1))); !slices.Equal(got, changed) {
			t.Errorf("bit %d flipped: the damaged journal is not kept", bit)
		}
	}
}

// TestLostJournalIsRebuilt from the parts alone, also those of versions whose parts
// have no footers of ours; what nothing tells is an error that changes nothing.
func TestLostJournalIsRebuilt(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	want := runtest.Unbroken(t, s)
	for name, c := range map[string]struct {
		lose func(dir string)
		says string // where it cannot be rebuilt
	}{
		"removed": {lose: func(dir string) { sweeptest.RemoveFiles(t, filepath.Join(dir, store.JournalName)) }},
		"empty":   {lose: func(dir string) { sweeptest.WriteBytes(t, filepath.Join(dir, store.JournalName), nil) }},
		"garbage": {lose: func(dir string) { sweeptest.WriteBytes(t, filepath.Join(dir, store.JournalName), []byte("abc\ndef\n")) }},
		"with no manifest": {lose: func(dir string) {
			sweeptest.RemoveFiles(t, filepath.Join(dir, store.JournalName), filepath.Join(dir, results.ManifestName))
		}},
		"with no footers": {lose: func(dir string) {
			withoutFooters(t, dir)
			sweeptest.RemoveFiles(t, filepath.Join(dir, store.JournalName))
		}},
		"with nothing": {lose: func(dir string) {
			withoutFooters(t, dir)
			sweeptest.RemoveFiles(t, filepath.Join(dir, store.JournalName), filepath.Join(dir, results.ManifestName))
		}, says: "say what the sweep is"},
		"with a damaged part": {lose: func(dir string) {
			sweeptest.RemoveFiles(t, filepath.Join(dir, store.JournalName))
			part := sweeptest.Files(t, dir, results.RunsTable)[1]
			data := sweeptest.ReadBytes(t, part)
			data[len(data)/8] ^= 4 // in the rows, not in the footer behind them
			sweeptest.WriteBytes(t, part, data)
		}, says: "part-000002"},
	} {
		dir := inTwoGoes(t, s)
		before := journalOf(t, dir)
		parts := len(sweeptest.Files(t, dir, results.RunsTable))
		c.lose(dir)
		_, err := store.Digest(dir)
		sweeptest.Expect(t, err, store.JournalName, "modspec sweep repair")
		if errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v, which a merge takes for a folder that was not begun", name, err)
		}
		if c.says != "" {
			_, err := runner.Run(context.Background(), runtest.Options(s, dir))
			sweeptest.Expect(t, err, c.says)
			if n := len(sweeptest.Files(t, dir, results.RunsTable)); n != parts {
				t.Errorf("%s: %d of %d parts are left", name, n, parts)
			}
			continue
		}
		if sum := runtest.Run(t, runtest.Options(s, dir)); sum.Copies != 0 {
			t.Errorf("%s: %d copies are trained again", name, sum.Copies)
		}
		if name != "with no footers" { // which changes the parts
			wantRecord(t, dir, before)
		}
		runtest.OnlyOnce(t, s, dir)
		if got := runtest.DigestOf(t, dir); got != want {
			t.Errorf("%s: digest is %s, want %s", name, got, want)
		}
	}
}

// withoutFooters writes the parts' files of runs as earlier versions did.
func withoutFooters(t *testing.T, dir string) {
	t.Helper()
	for _, path := range sweeptest.Files(t, dir, results.RunsTable) {
		err := results.WriteFile(path, func(to io.Writer) error {
			table, err := results.ReadTable(path, results.RunsTable)
			if err != nil {
				return err
			}
			w, err := results.NewWriter(to, table)
			if err != nil {
				return err
			}
			for row, err := range results.Read(path, results.RunsTable) {
				if err == nil {
					err = w.Write(row)
				}
				if err != nil {
					return err
				}
			}
			return w.Close()
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestDamagedPartIsNotAdopted: with the journal lost, a bit flipped in a part gives an
// error that names it, or changes nothing that is read.
func TestDamagedPartIsNotAdopted(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	want := runtest.Unbroken(t, s)
	o := runtest.Options(s, t.TempDir())
	runtest.Run(t, o)
	journal := filepath.Join(o.Dir, store.JournalName)
	text := sweeptest.ReadBytes(t, journal)
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 24 {
		path := sweeptest.Files(t, o.Dir, store.Tables[i%2])[i%3]
		data := sweeptest.ReadBytes(t, path)
		changed := slices.Clone(data)
		bit := r.IntN(8 * len(data))
		changed[bit/8] ^= 1 << (bit % 8)
		sweeptest.WriteBytes(t, path, changed)
		sweeptest.RemoveFiles(t, journal)
		if _, err := runner.Run(context.Background(), o); err != nil {
			sweeptest.Expect(t, err, filepath.Base(path))
			if now, _ := os.ReadFile(path); !slices.Equal(now, changed) {
				t.Errorf("bit %d of %s flipped: the file was touched", bit, path)
			}
		} else if got := runtest.DigestOf(t, o.Dir); got != want {
			t.Errorf("bit %d of %s flipped: digest is %s, want %s", bit, path, got, want)
		}
		sweeptest.WriteBytes(t, path, data)
		sweeptest.WriteBytes(t, journal, text)
	}
}

// TestOtherRowsUnderAFooterAreRefused: a part whose rows are not those that its footer
// was written for, though every page's checksum is right.
func TestOtherRowsUnderAFooterAreRefused(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	o := runtest.Options(s, t.TempDir())
	runtest.Run(t, o)
	path := sweeptest.Files(t, o.Dir, results.RunsTable)[0]
	footer, err := results.Metadata(path, results.RunsTable, store.PartKey)
	if err != nil {
		t.Fatal(err)
	}
	err = results.WriteFile(path, func(to io.Writer) error {
		table, err := results.ReadTable(path, results.RunsTable)
		if err != nil {
			return err
		}
		w, err := results.NewWriter(to, table)
		if err != nil {
			return err
		}
		w.SetMetadata(store.PartKey, footer)
		for row, err := range results.Read(path, results.RunsTable) {
			if err == nil {
				row.SetNumber(table.Columns.Index("train_loss"), 0.125)
				err = w.Write(row)
			}
			if err != nil {
				return err
			}
		}
		return w.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
	sweeptest.RemoveFiles(t, filepath.Join(o.Dir, store.JournalName))
	_, err = runner.Run(context.Background(), o)
	sweeptest.Expect(t, err, path, "SHA-256")
}

// TestWholePartWithoutItsLineIsKept: a process can be killed between the two.
func TestWholePartWithoutItsLineIsKept(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	o := runtest.Options(s, t.TempDir())
	runtest.Run(t, o)
	path := filepath.Join(o.Dir, store.JournalName)
	lines := strings.SplitAfter(string(sweeptest.ReadBytes(t, path)), "\n")
	sweeptest.WriteBytes(t, path, []byte(strings.Join(lines[:3], ""))) // begin and two parts
	if sum := runtest.Run(t, o); sum.Copies != 0 || sum.Done != s.Copies() {
		t.Errorf("%+v, want nothing trained", sum)
	}
	runtest.OnlyOnce(t, s, o.Dir)
}

// TestRepair does what the next run does first, and nothing to any other folder.
func TestRepair(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	dir := inTwoGoes(t, s)
	want := runtest.DigestOf(t, dir)
	before, err := results.ReadManifest(filepath.Join(dir, results.ManifestName))
	if err != nil {
		t.Fatal(err)
	}
	sweeptest.RemoveFiles(t, filepath.Join(dir, store.JournalName), filepath.Join(dir, results.ManifestName))
	for round := range 2 {
		var notices []string
		status, err := store.Repair(dir, func(text string) { notices = append(notices, text) })
		if err != nil || status.State != store.StateDone || status.Done != s.Copies() || len(status.Problems) != 0 {
			t.Errorf("round %d: %+v, %v", round, status, err)
		}
		if (len(notices) > 0) != (round == 0) {
			t.Errorf("round %d: %q is said", round, notices)
		}
	}
	if got := runtest.DigestOf(t, dir); got != want {
		t.Errorf("digest is %s, want %s", got, want)
	}
	// How long a process took, and when the folder was begun, are lost with both files.
	now, err := results.ReadManifest(filepath.Join(dir, results.ManifestName))
	for _, m := range []*results.Manifest{&before, &now} {
		m.Began, m.Sum = time.Time{}, ""
		for i := range m.Processes {
			m.Processes[i].Seconds = 0
		}
	}
	if err != nil || len(now.Processes) != 2 || !reflect.DeepEqual(now, before) {
		t.Errorf("the manifest is %+v, %v, and was %+v", now, err, before)
	}
	other := t.TempDir()
	_, err = store.Repair(other, nil)
	sweeptest.Expect(t, err, other, "no folder of a sweep")
	if left, _ := os.ReadDir(other); len(left) > 0 {
		t.Errorf("%v is left in a folder that is no sweep's", left)
	}
	held, err := lock.Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	_, err = store.Repair(dir, nil)
	sweeptest.Expect(t, err, "another process works in "+dir)
}

// TestManifestIsMendedByTheNextRun, whatever happened to it, and nobody believes it
// meanwhile. Before, a run that found its shard finished wrote none, and report and
// serve believed an altered one.
func TestManifestIsMendedByTheNextRun(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	o := runtest.Options(s, t.TempDir())
	runtest.Run(t, o)
	path := filepath.Join(o.Dir, results.ManifestName)
	text := sweeptest.ReadBytes(t, path)
	want, err := store.ReadManifest(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(){
		"removed": func() { sweeptest.RemoveFiles(t, path) },
		"torn":    func() { sweeptest.WriteBytes(t, path, text[:len(text)/2]) },
		"altered": func() {
			sweeptest.WriteBytes(t, path, []byte(strings.Replace(string(text), `"diverged": `, `"diverged": 1`, 1)))
		},
		"left": func() { sweeptest.WriteBytes(t, filepath.Join(o.Dir, ".manifest.json.0123abcd.tmp"), nil) },
	} {
		change()
		if m, err := store.ReadManifest(o.Dir); err != nil || !reflect.DeepEqual(m, want) {
			t.Errorf("%s: the manifest is %+v, %v", name, m, err)
		}
		if status, err := store.ReadStatus(o.Dir); err != nil || name != "removed" && len(status.Problems) != 1 {
			t.Errorf("%s: status is %+v, %v", name, status, err)
		}
		runtest.Run(t, o)
		if got := sweeptest.ReadBytes(t, path); !slices.Equal(got, text) {
			t.Errorf("%s: it is %s, want %s", name, got, text)
		}
		if status, err := store.ReadStatus(o.Dir); err != nil || len(status.Problems) != 0 {
			t.Errorf("%s: after a run the status is %+v, %v", name, status, err)
		}
	}
}

// TestLeftTemporaryFilesAreRemoved from the folder itself: at once where only a run
// writes such a file, else when nobody has written to it for an hour.
func TestLeftTemporaryFilesAreRemoved(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	o := runtest.Options(s, t.TempDir())
	runtest.Run(t, o)
	for _, c := range []struct {
		name string
		age  time.Duration
		goes bool
	}{
		{".manifest.json.0123abcd.tmp", 0, true},
		{".journal.jsonl.0123abcd.tmp", 0, true},
		{".figure.png.0123abcd.tmp", 0, false},
		{".figure.png.0123abcd.tmp", 2 * store.QuietTime, true},
		{"notes.tmp", 2 * store.QuietTime, false},
		{".notes.0123.tmp", 2 * store.QuietTime, false},
	} {
		path := filepath.Join(o.Dir, c.name)
		sweeptest.WriteBytes(t, path, []byte("left"))
		at := time.Now().Add(-c.age)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
		runtest.Run(t, o)
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) != c.goes {
			t.Errorf("%s of %v: %v, want it gone: %v", c.name, c.age, err, c.goes)
		}
		os.Remove(path)
	}
}

// TestAnotherProgramsJournalIsLeftAlone: a sweep was trained in the folder of an
// experiment on images, whose journal has the same name, and its journal was put
// aside as a damaged one.
func TestAnotherProgramsJournalIsLeftAlone(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	for name, text := range map[string]string{
		"of images": `{"arch":"dense","run":0,"epoch":0,"sum":"00000000"}` + "\n",
		"a text":    "hello",
		"a letter":  "h",
	} {
		dir := t.TempDir()
		sweeptest.WriteBytes(t, filepath.Join(dir, store.JournalName), []byte(text))
		_, err := runner.Run(context.Background(), runtest.Options(s, dir))
		sweeptest.Expect(t, err, dir+" is no folder of a sweep", "choose another folder")
		if _, err := store.Repair(dir, nil); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: repair says %v", name, err)
		}
		if _, err := store.ReadStatus(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: status says %v", name, err)
		}
		left, err := os.ReadDir(dir)
		if data, e := os.ReadFile(filepath.Join(dir, store.JournalName)); err != nil || e != nil || string(data) != text || len(left) != 1 {
			t.Errorf("%s: the journal is %q, and the folder holds %v", name, data, left)
		}
	}
	// The beginning of our own, and nothing, are a sweep's.
	for _, text := range []string{"", "{", `{"event":"begin","ti`} {
		dir := t.TempDir()
		sweeptest.WriteBytes(t, filepath.Join(dir, store.JournalName), []byte(text))
		runtest.Run(t, runtest.Options(s, dir))
	}
}

// TestTwoBeginnings: two processes that begin at once on a file system without locks
// both write the first event. The next process rebuilds the journal and goes on.
func TestTwoBeginnings(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	want := runtest.Unbroken(t, s)
	o := runtest.Options(s, t.TempDir())
	runtest.Run(t, o)
	journal := filepath.Join(o.Dir, store.JournalName)
	whole := sweeptest.ReadBytes(t, journal)
	begin := whole[:bytes.IndexByte(whole, '\n')+1]
	for what, text := range map[string][]byte{
		"a finished sweep":   slices.Concat(begin, whole),
		"beginnings alone":   slices.Concat(begin, begin),
		"a torn line behind": slices.Concat(begin, begin, begin[:20]),
	} {
		sweeptest.WriteBytes(t, journal, text)
		runtest.Run(t, o)
		runtest.OnlyOnce(t, s, o.Dir)
		if got := runtest.DigestOf(t, o.Dir); got != want {
			t.Errorf("%s: digest is %s, want %s", what, got, want)
		}
	}
}

// TestLinkedPartOutlivesARebuild: a part whose file is a link is a part like any
// other. Before, a rebuild of the journal left it out without a notice, and its
// trajectories were then deleted as nobody's.
func TestLinkedPartOutlivesARebuild(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	want := runtest.Unbroken(t, s)
	for _, table := range store.Tables {
		for name, damage := range map[string]func(text []byte) []byte{
			"last line":  func(text []byte) []byte { text[len(text)-20] ^= 1; return text },
			"whole file": func([]byte) []byte { return nil },
		} {
			o := runtest.Options(s, t.TempDir())
			runtest.Run(t, o)
			path, moved := sweeptest.Files(t, o.Dir, table)[0], filepath.Join(t.TempDir(), "moved")
			data := sweeptest.ReadBytes(t, path)
			sweeptest.RemoveFiles(t, path)
			sweeptest.WriteBytes(t, moved, data)
			if err := os.Symlink(moved, path); err != nil {
				t.Skipf("a link cannot be made here: %v", err)
			}
			journal := filepath.Join(o.Dir, store.JournalName)
			changed := damage(sweeptest.ReadBytes(t, journal))
			sweeptest.WriteBytes(t, journal, changed)
			if status, err := store.Repair(o.Dir, nil); err != nil || status.Done != s.Copies() {
				t.Errorf("%s, link in %s: %+v, %v", name, table, status, err)
			}
			if got := runtest.DigestOf(t, o.Dir); got != want {
				t.Errorf("%s, link in %s: digest is %s, want %s", name, table, got, want)
			}

			// The file is on a disk that is not there now: nothing else of the part may go.
			sweeptest.RemoveFiles(t, moved)
			sweeptest.WriteBytes(t, journal, damage(sweeptest.ReadBytes(t, journal)))
			before := len(sweeptest.Files(t, o.Dir, results.RunsTable)) + len(sweeptest.Files(t, o.Dir, results.TrajectoriesTable))
			if name == "last line" {
				_, err := store.Repair(o.Dir, nil)
				sweeptest.Expect(t, err, path, "is a link to a file that is missing")
				if after := len(sweeptest.Files(t, o.Dir, results.RunsTable)) + len(sweeptest.Files(t, o.Dir, results.TrajectoriesTable)); after != before {
					t.Errorf("%d of %d files are left", after, before)
				}
			}
		}
	}
}

// TestRebuildSaysWhichPartsAreMissing: the line of a part whose file is missing is
// dropped with a notice, unless another part has its copies, since the line that said
// that it was dropped is lost. Before, nothing was said.
func TestRebuildSaysWhichPartsAreMissing(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	o := runtest.Options(s, t.TempDir())
	runtest.Run(t, o)
	path := sweeptest.Files(t, o.Dir, results.RunsTable)[0]
	sweeptest.RemoveFiles(t, path)
	repair := func(damage func([]byte) []byte) string {
		t.Helper()
		journal := filepath.Join(o.Dir, store.JournalName)
		sweeptest.WriteBytes(t, journal, damage(sweeptest.ReadBytes(t, journal)))
		var notices []string
		if _, err := store.Repair(o.Dir, func(text string) { notices = append(notices, text) }); err != nil {
			t.Fatal(err)
		}
		return strings.Join(notices, "\n")
	}
	flipped := func(text []byte) []byte { text[len(text)-20] ^= 1; return text }
	if said := repair(flipped); !strings.Contains(said, path+" is missing") || !strings.Contains(said, "16 copies are trained again") {
		t.Errorf("%q is said", said)
	}
	runtest.Run(t, o)
	runtest.OnlyOnce(t, s, o.Dir)
	withoutDrop := func(text []byte) []byte {
		at := strings.Index(string(text), `{"event":"drop"`)
		if at < 0 {
			t.Fatal("no part was dropped")
		}
		text[at+2] ^= 1
		return text
	}
	if said := repair(withoutDrop); strings.Contains(said, "missing") {
		t.Errorf("%q is said of a part that was dropped before", said)
	}
	if sum := runtest.Run(t, o); sum.Copies != 0 {
		t.Errorf("%d copies are trained again", sum.Copies)
	}
	runtest.OnlyOnce(t, s, o.Dir)
}

// TestRebuildKeepsHowLongProcessesTook, which the manifest says too, and a process is
// one whether that is known of it or not. Before, a rebuild lost it, and a merge after
// it listed the process twice.
func TestRebuildKeepsHowLongProcessesTook(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	dir, out := inTwoGoes(t, s), t.TempDir()
	want := journalOf(t, dir).Processes()
	if len(want) != 2 || want[0].Seconds == 0 || want[1].Seconds == 0 {
		t.Fatalf("the processes are %+v", want)
	}
	runtest.Merge(t, out, dir)
	path := filepath.Join(dir, store.JournalName)
	sweeptest.RemoveFiles(t, path)
	if _, err := store.Repair(dir, nil); err != nil {
		t.Fatal(err)
	}
	if got := journalOf(t, dir).Processes(); !reflect.DeepEqual(got, want) {
		t.Errorf("the processes are %+v, and were %+v", got, want)
	}

	sweeptest.RemoveFiles(t, path, filepath.Join(dir, results.ManifestName))
	if _, err := store.Repair(dir, nil); err != nil {
		t.Fatal(err)
	}
	processes := len(journalOf(t, out).Processes())
	runtest.Merge(t, out, dir)
	if got := len(journalOf(t, out).Processes()); got != processes {
		t.Errorf("merged again after a repair there are %d processes, and were %d", got, processes)
	}
}
