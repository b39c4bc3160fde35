package sweep

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

	"modspec/engine/kind/linear/model"
	"modspec/engine/lock"
	"modspec/engine/results"
	"modspec/engine/sweep/space"
)

// inTwoGoes runs a sweep in two processes, the first of which was interrupted.
func inTwoGoes(t *testing.T, s *space.Space) string {
	t.Helper()
	o := options(s, t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	o.Backend = &canceller{referenceBackend(1), 20, cancel}
	if _, err := Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	again := options(s, o.Dir)
	again.Provenance.Started = o.Provenance.Started.Add(time.Minute) // another process
	run(t, again)
	return o.Dir
}

func readBytes(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func writeBytes(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

func removeFiles(t testing.TB, paths ...string) {
	t.Helper()
	for _, path := range paths {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

func journalOf(t testing.TB, dir string) *record {
	t.Helper()
	r, err := readJournal(dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// wantRecord fails unless a folder's journal tells the same as before, but for what
// only a lost line told: how long a process took, and which shard it ran.
func wantRecord(t *testing.T, dir string, before *record) {
	t.Helper()
	now := journalOf(t, dir)
	byName := func(a, b part) int { return strings.Compare(a.Name, b.Name) }
	if a, b := slices.SortedFunc(slices.Values(now.parts), byName), slices.SortedFunc(slices.Values(before.parts), byName); !reflect.DeepEqual(a, b) {
		t.Errorf("the parts are %+v, and were %+v", a, b)
	}
	if *now.sweep != *before.sweep || len(now.sessions) != len(before.sessions) {
		t.Fatalf("%d processes worked on %+v, and before %d on %+v", len(now.sessions), now.sweep, len(before.sessions), before.sweep)
	}
	for i := range now.sessions {
		if !sameProcess(&now.sessions[i], &before.sessions[i]) {
			t.Errorf("process %d is %+v, and was %+v", i, now.sessions[i], before.sessions[i])
		}
	}
}

// TestDamagedJournalIsRebuilt by the next run, from its other lines and the parts,
// wherever a bit of it was flipped; nothing is trained again. Before, any flipped bit
// made every command refuse the folder.
func TestDamagedJournalIsRebuilt(t *testing.T) {
	s := enumerated(t, small)
	want := unbroken(t, s)
	dir := inTwoGoes(t, s)
	o := options(s, dir)
	path := filepath.Join(dir, journalName)
	text, before := readBytes(t, path), journalOf(t, dir)
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 24 {
		changed := slices.Clone(text)
		bit := r.IntN(8 * (len(text) - 1))
		changed[bit/8] ^= 1 << (bit % 8)
		writeBytes(t, path, changed)
		_, err := Digest(dir)
		expect(t, err, path, "line ", "modspec sweep repair")
		if sum := run(t, o); sum.Copies != 0 || sum.Done != s.Copies() {
			t.Errorf("bit %d flipped: %+v", bit, sum)
		}
		wantRecord(t, dir, before)
		if got := digest(t, dir); got != want {
			t.Errorf("bit %d flipped: digest is %s, want %s", bit, got, want)
		}
		if got := readBytes(t, filepath.Join(dir, damagedName(round+1))); !slices.Equal(got, changed) {
			t.Errorf("bit %d flipped: the damaged journal is not kept", bit)
		}
	}
}

// TestLostJournalIsRebuilt from the parts alone, also those of versions whose parts
// have no footers of ours; what nothing tells is an error that changes nothing.
func TestLostJournalIsRebuilt(t *testing.T) {
	s := enumerated(t, small)
	want := unbroken(t, s)
	for name, c := range map[string]struct {
		lose func(dir string)
		says string // where it cannot be rebuilt
	}{
		"removed": {lose: func(dir string) { removeFiles(t, filepath.Join(dir, journalName)) }},
		"empty":   {lose: func(dir string) { writeBytes(t, filepath.Join(dir, journalName), nil) }},
		"garbage": {lose: func(dir string) { writeBytes(t, filepath.Join(dir, journalName), []byte("abc\ndef\n")) }},
		"with no manifest": {lose: func(dir string) {
			removeFiles(t, filepath.Join(dir, journalName), filepath.Join(dir, results.ManifestName))
		}},
		"with no footers": {lose: func(dir string) {
			withoutFooters(t, dir)
			removeFiles(t, filepath.Join(dir, journalName))
		}},
		"with nothing": {lose: func(dir string) {
			withoutFooters(t, dir)
			removeFiles(t, filepath.Join(dir, journalName), filepath.Join(dir, results.ManifestName))
		}, says: "say what the sweep is"},
		"with a damaged part": {lose: func(dir string) {
			removeFiles(t, filepath.Join(dir, journalName))
			part := files(t, dir, results.RunsTable)[1]
			data := readBytes(t, part)
			data[len(data)/8] ^= 4 // in the rows, not in the footer behind them
			writeBytes(t, part, data)
		}, says: "part-000002"},
	} {
		dir := inTwoGoes(t, s)
		before := journalOf(t, dir)
		parts := len(files(t, dir, results.RunsTable))
		c.lose(dir)
		_, err := Digest(dir)
		expect(t, err, journalName, "modspec sweep repair")
		if errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v, which a merge takes for a folder that was not begun", name, err)
		}
		if c.says != "" {
			_, err := Run(context.Background(), options(s, dir))
			expect(t, err, c.says)
			if n := len(files(t, dir, results.RunsTable)); n != parts {
				t.Errorf("%s: %d of %d parts are left", name, n, parts)
			}
			continue
		}
		if sum := run(t, options(s, dir)); sum.Copies != 0 {
			t.Errorf("%s: %d copies are trained again", name, sum.Copies)
		}
		if name != "with no footers" { // which changes the parts
			wantRecord(t, dir, before)
		}
		onlyOnce(t, s, dir)
		if got := digest(t, dir); got != want {
			t.Errorf("%s: digest is %s, want %s", name, got, want)
		}
	}
}

// withoutFooters writes the parts' files of runs as earlier versions did.
func withoutFooters(t *testing.T, dir string) {
	t.Helper()
	for _, path := range files(t, dir, results.RunsTable) {
		err := results.WriteFile(path, func(to io.Writer) error {
			w, err := results.NewWriter(to, newTables(model.Kind).runs)
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
	s := enumerated(t, small)
	want := unbroken(t, s)
	o := options(s, t.TempDir())
	run(t, o)
	journal := filepath.Join(o.Dir, journalName)
	text := readBytes(t, journal)
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 24 {
		path := files(t, o.Dir, Tables[i%2])[i%3]
		data := readBytes(t, path)
		changed := slices.Clone(data)
		bit := r.IntN(8 * len(data))
		changed[bit/8] ^= 1 << (bit % 8)
		writeBytes(t, path, changed)
		removeFiles(t, journal)
		if _, err := Run(context.Background(), o); err != nil {
			expect(t, err, filepath.Base(path))
			if now, _ := os.ReadFile(path); !slices.Equal(now, changed) {
				t.Errorf("bit %d of %s flipped: the file was touched", bit, path)
			}
		} else if got := digest(t, o.Dir); got != want {
			t.Errorf("bit %d of %s flipped: digest is %s, want %s", bit, path, got, want)
		}
		writeBytes(t, path, data)
		writeBytes(t, journal, text)
	}
}

// TestOtherRowsUnderAFooterAreRefused: a part whose rows are not those that its footer
// was written for, though every page's checksum is right.
func TestOtherRowsUnderAFooterAreRefused(t *testing.T) {
	s := enumerated(t, small)
	o := options(s, t.TempDir())
	run(t, o)
	path := files(t, o.Dir, results.RunsTable)[0]
	footer, err := results.Metadata(path, results.RunsTable, partKey)
	if err != nil {
		t.Fatal(err)
	}
	err = results.WriteFile(path, func(to io.Writer) error {
		w, err := results.NewWriter(to, newTables(model.Kind).runs)
		if err != nil {
			return err
		}
		w.SetMetadata(partKey, footer)
		for row, err := range results.Read(path, results.RunsTable) {
			if err == nil {
				row.SetNumber(newTables(model.Kind).runs.Columns.Index("train_loss"), 0.125)
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
	removeFiles(t, filepath.Join(o.Dir, journalName))
	_, err = Run(context.Background(), o)
	expect(t, err, path, "SHA-256")
}

// TestWholePartWithoutItsLineIsKept: a process can be killed between the two.
func TestWholePartWithoutItsLineIsKept(t *testing.T) {
	s := enumerated(t, small)
	o := options(s, t.TempDir())
	run(t, o)
	path := filepath.Join(o.Dir, journalName)
	lines := strings.SplitAfter(string(readBytes(t, path)), "\n")
	writeBytes(t, path, []byte(strings.Join(lines[:3], ""))) // begin and two parts
	if sum := run(t, o); sum.Copies != 0 || sum.Done != s.Copies() {
		t.Errorf("%+v, want nothing trained", sum)
	}
	onlyOnce(t, s, o.Dir)
}

// TestRepair does what the next run does first, and nothing to any other folder.
func TestRepair(t *testing.T) {
	s := enumerated(t, small)
	dir := inTwoGoes(t, s)
	want := digest(t, dir)
	before, err := results.ReadManifest(filepath.Join(dir, results.ManifestName))
	if err != nil {
		t.Fatal(err)
	}
	removeFiles(t, filepath.Join(dir, journalName), filepath.Join(dir, results.ManifestName))
	for round := range 2 {
		var notices []string
		status, err := Repair(dir, func(text string) { notices = append(notices, text) })
		if err != nil || status.State != StateDone || status.Done != s.Copies() || len(status.Problems) != 0 {
			t.Errorf("round %d: %+v, %v", round, status, err)
		}
		if (len(notices) > 0) != (round == 0) {
			t.Errorf("round %d: %q is said", round, notices)
		}
	}
	if got := digest(t, dir); got != want {
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
	_, err = Repair(other, nil)
	expect(t, err, other, "no folder of a sweep")
	if left, _ := os.ReadDir(other); len(left) > 0 {
		t.Errorf("%v is left in a folder that is no sweep's", left)
	}
	held, err := lock.Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	_, err = Repair(dir, nil)
	expect(t, err, "another process works in "+dir)
}

// TestManifestIsMendedByTheNextRun, whatever happened to it, and nobody believes it
// meanwhile. Before, a run that found its shard finished wrote none, and report and
// serve believed an altered one.
func TestManifestIsMendedByTheNextRun(t *testing.T) {
	s := enumerated(t, small)
	o := options(s, t.TempDir())
	run(t, o)
	path := filepath.Join(o.Dir, results.ManifestName)
	text := readBytes(t, path)
	want, err := ReadManifest(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(){
		"removed": func() { removeFiles(t, path) },
		"torn":    func() { writeBytes(t, path, text[:len(text)/2]) },
		"altered": func() { writeBytes(t, path, []byte(strings.Replace(string(text), `"diverged": `, `"diverged": 1`, 1))) },
		"left":    func() { writeBytes(t, filepath.Join(o.Dir, ".manifest.json.0123abcd.tmp"), nil) },
	} {
		change()
		if m, err := ReadManifest(o.Dir); err != nil || !reflect.DeepEqual(m, want) {
			t.Errorf("%s: the manifest is %+v, %v", name, m, err)
		}
		if status, err := ReadStatus(o.Dir); err != nil || name != "removed" && len(status.Problems) != 1 {
			t.Errorf("%s: status is %+v, %v", name, status, err)
		}
		run(t, o)
		if got := readBytes(t, path); !slices.Equal(got, text) {
			t.Errorf("%s: it is %s, want %s", name, got, text)
		}
		if status, err := ReadStatus(o.Dir); err != nil || len(status.Problems) != 0 {
			t.Errorf("%s: after a run the status is %+v, %v", name, status, err)
		}
	}
}

// TestLeftTemporaryFilesAreRemoved from the folder itself: at once where only a run
// writes such a file, else when nobody has written to it for an hour.
func TestLeftTemporaryFilesAreRemoved(t *testing.T) {
	s := enumerated(t, small)
	o := options(s, t.TempDir())
	run(t, o)
	for _, c := range []struct {
		name string
		age  time.Duration
		goes bool
	}{
		{".manifest.json.0123abcd.tmp", 0, true},
		{".journal.jsonl.0123abcd.tmp", 0, true},
		{".figure.png.0123abcd.tmp", 0, false},
		{".figure.png.0123abcd.tmp", 2 * quietTime, true},
		{"notes.tmp", 2 * quietTime, false},
		{".notes.0123.tmp", 2 * quietTime, false},
	} {
		path := filepath.Join(o.Dir, c.name)
		writeBytes(t, path, []byte("left"))
		at := time.Now().Add(-c.age)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
		run(t, o)
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
	s := enumerated(t, small)
	for name, text := range map[string]string{
		"of images": `{"arch":"dense","run":0,"epoch":0,"sum":"00000000"}` + "\n",
		"a text":    "hello",
		"a letter":  "h",
	} {
		dir := t.TempDir()
		writeBytes(t, filepath.Join(dir, journalName), []byte(text))
		_, err := Run(context.Background(), options(s, dir))
		expect(t, err, dir+" is no folder of a sweep", "choose another folder")
		if _, err := Repair(dir, nil); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: repair says %v", name, err)
		}
		if _, err := ReadStatus(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: status says %v", name, err)
		}
		left, err := os.ReadDir(dir)
		if data, e := os.ReadFile(filepath.Join(dir, journalName)); err != nil || e != nil || string(data) != text || len(left) != 1 {
			t.Errorf("%s: the journal is %q, and the folder holds %v", name, data, left)
		}
	}
	// The beginning of our own, and nothing, are a sweep's.
	for _, text := range []string{"", "{", `{"event":"begin","ti`} {
		dir := t.TempDir()
		writeBytes(t, filepath.Join(dir, journalName), []byte(text))
		run(t, options(s, dir))
	}
}

// TestTwoBeginnings: two processes that begin at once on a file system without locks
// both write the first event. The next process rebuilds the journal and goes on.
func TestTwoBeginnings(t *testing.T) {
	s := enumerated(t, small)
	want := unbroken(t, s)
	o := options(s, t.TempDir())
	run(t, o)
	journal := filepath.Join(o.Dir, journalName)
	whole := readBytes(t, journal)
	begin := whole[:bytes.IndexByte(whole, '\n')+1]
	for what, text := range map[string][]byte{
		"a finished sweep":   slices.Concat(begin, whole),
		"beginnings alone":   slices.Concat(begin, begin),
		"a torn line behind": slices.Concat(begin, begin, begin[:20]),
	} {
		writeBytes(t, journal, text)
		run(t, o)
		onlyOnce(t, s, o.Dir)
		if got := digest(t, o.Dir); got != want {
			t.Errorf("%s: digest is %s, want %s", what, got, want)
		}
	}
}

// TestLinkedPartOutlivesARebuild: a part whose file is a link is a part like any
// other. Before, a rebuild of the journal left it out without a notice, and its
// trajectories were then deleted as nobody's.
func TestLinkedPartOutlivesARebuild(t *testing.T) {
	s := enumerated(t, small)
	want := unbroken(t, s)
	for _, table := range Tables {
		for name, damage := range map[string]func(text []byte) []byte{
			"last line":  func(text []byte) []byte { text[len(text)-20] ^= 1; return text },
			"whole file": func([]byte) []byte { return nil },
		} {
			o := options(s, t.TempDir())
			run(t, o)
			path, moved := files(t, o.Dir, table)[0], filepath.Join(t.TempDir(), "moved")
			data := readBytes(t, path)
			removeFiles(t, path)
			writeBytes(t, moved, data)
			if err := os.Symlink(moved, path); err != nil {
				t.Skipf("a link cannot be made here: %v", err)
			}
			journal := filepath.Join(o.Dir, journalName)
			changed := damage(readBytes(t, journal))
			writeBytes(t, journal, changed)
			if status, err := Repair(o.Dir, nil); err != nil || status.Done != s.Copies() {
				t.Errorf("%s, link in %s: %+v, %v", name, table, status, err)
			}
			if got := digest(t, o.Dir); got != want {
				t.Errorf("%s, link in %s: digest is %s, want %s", name, table, got, want)
			}

			// The file is on a disk that is not there now: nothing else of the part may go.
			removeFiles(t, moved)
			writeBytes(t, journal, damage(readBytes(t, journal)))
			before := len(files(t, o.Dir, results.RunsTable)) + len(files(t, o.Dir, results.TrajectoriesTable))
			if name == "last line" {
				_, err := Repair(o.Dir, nil)
				expect(t, err, path, "is a link to a file that is missing")
				if after := len(files(t, o.Dir, results.RunsTable)) + len(files(t, o.Dir, results.TrajectoriesTable)); after != before {
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
	s := enumerated(t, small)
	o := options(s, t.TempDir())
	run(t, o)
	path := files(t, o.Dir, results.RunsTable)[0]
	removeFiles(t, path)
	repair := func(damage func([]byte) []byte) string {
		t.Helper()
		journal := filepath.Join(o.Dir, journalName)
		writeBytes(t, journal, damage(readBytes(t, journal)))
		var notices []string
		if _, err := Repair(o.Dir, func(text string) { notices = append(notices, text) }); err != nil {
			t.Fatal(err)
		}
		return strings.Join(notices, "\n")
	}
	flipped := func(text []byte) []byte { text[len(text)-20] ^= 1; return text }
	if said := repair(flipped); !strings.Contains(said, path+" is missing") || !strings.Contains(said, "16 copies are trained again") {
		t.Errorf("%q is said", said)
	}
	run(t, o)
	onlyOnce(t, s, o.Dir)
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
	if sum := run(t, o); sum.Copies != 0 {
		t.Errorf("%d copies are trained again", sum.Copies)
	}
	onlyOnce(t, s, o.Dir)
}

// TestRebuildKeepsHowLongProcessesTook, which the manifest says too, and a process is
// one whether that is known of it or not. Before, a rebuild lost it, and a merge after
// it listed the process twice.
func TestRebuildKeepsHowLongProcessesTook(t *testing.T) {
	s := enumerated(t, small)
	dir, out := inTwoGoes(t, s), t.TempDir()
	want := journalOf(t, dir).sessions
	if len(want) != 2 || want[0].Seconds == 0 || want[1].Seconds == 0 {
		t.Fatalf("the processes are %+v", want)
	}
	merge(t, out, dir)
	path := filepath.Join(dir, journalName)
	removeFiles(t, path)
	if _, err := Repair(dir, nil); err != nil {
		t.Fatal(err)
	}
	if got := journalOf(t, dir).sessions; !reflect.DeepEqual(got, want) {
		t.Errorf("the processes are %+v, and were %+v", got, want)
	}

	removeFiles(t, path, filepath.Join(dir, results.ManifestName))
	if _, err := Repair(dir, nil); err != nil {
		t.Fatal(err)
	}
	processes := len(journalOf(t, out).sessions)
	merge(t, out, dir)
	if got := len(journalOf(t, out).sessions); got != processes {
		t.Errorf("merged again after a repair there are %d processes, and were %d", got, processes)
	}
}

// TestDamagedJournalsAreAllKept, also on a file system without second names, and the
// journal is never away. Before, a second damage deleted the evidence of the first, and
// a process that was killed in between left no journal at all.
func TestDamagedJournalsAreAllKept(t *testing.T) {
	defer func() { link = os.Link }()
	for name, other := range map[string]func(from, to string) error{
		"links": os.Link,
		"no links": func(from, to string) error {
			return &os.LinkError{Op: "link", Old: from, New: to, Err: errors.ErrUnsupported}
		},
	} {
		link = other
		dir := t.TempDir()
		path := filepath.Join(dir, journalName)
		var want []string
		for number := 1; number <= 3; number++ {
			text := strings.Repeat("damaged\n", number)
			writeBytes(t, path, []byte(text))
			want = append(want, text)
			if err := keepAside(path); err != nil {
				t.Fatal(err)
			}
			for i, text := range want {
				if got := readBytes(t, filepath.Join(dir, damagedName(i+1))); string(got) != text {
					t.Errorf("%s: journal %d is kept as %q, and was %q", name, i+1, got, text)
				}
			}
			if got := readBytes(t, path); string(got) != text {
				t.Errorf("%s: the journal is %q, and was %q", name, got, text)
			}
			// As a process does that was killed before it replaced the journal.
			if err := keepAside(path); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(filepath.Join(dir, damagedName(number+1))); name == "links" && err == nil {
				t.Errorf("journal %d is kept twice", number)
			}
			removeFiles(t, path)
			if name == "no links" {
				removeFiles(t, filepath.Join(dir, damagedName(number+1)))
			}
		}
	}
}
