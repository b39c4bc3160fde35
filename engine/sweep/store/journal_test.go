package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"modspec/engine/lock"
	"modspec/engine/sweep/numberset"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/sweeptest"
)

// someJournal is a journal with every kind of event.
func someJournal(t testing.TB) []byte {
	t.Helper()
	p := sweeptest.Provenance("out")
	one := part{Name: partName(1), Copies: []numberset.Stretch{{First: 0, Last: 3, Stride: 1}}, IDs: "ab", Rows: 4, Runs: partFile{10, 4, "cd"}, Trajectories: &partFile{20, 9, "ef"}}
	two := one
	two.Name, two.Copies, two.Rows, two.Runs.Rows = partName(2), []numberset.Stretch{{First: 5, Last: 9, Stride: 2}}, 3, 3
	var text []byte
	for _, e := range []event{
		{Event: beginEvent, Format: journalFormat, Sweep: &Sweep{Name: "s", Text: "a\nb\n", Copies: 12, Trajectories: true}, Shard: &space.Shard{}, Provenance: &p},
		{Event: partEvent, Part: &one},
		{Event: failEvent, Copies: []numberset.Stretch{{First: 4, Last: 4, Stride: 1}}, Reason: "no \"room\""},
		{Event: interruptEvent, Reason: "signal", Seconds: 1.5},
		{Event: resumeEvent, Shard: &space.Shard{Index: 1, Count: 2}, Provenance: &p},
		{Event: partEvent, Part: &two},
		{Event: dropEvent, Name: partName(1), Reason: "missing"},
		{Event: doneEvent},
	} {
		e.Time = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		line, err := encodeEvent(e)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, line...)
	}
	return text
}

func TestJournalReadsBack(t *testing.T) {
	r := &record{}
	text := someJournal(t)
	if whole, err := readEvents(bytes.NewReader(text), r); err != nil || whole != int64(len(text)) {
		t.Fatalf("%d of %d bytes are read, %v", whole, len(text), err)
	}
	if len(r.parts) != 1 || r.parts[0].Name != partName(2) || !reflect.DeepEqual(r.done.Sorted(), []int{5, 7, 9}) ||
		r.lastPart != 2 || len(r.sessions) != 2 || r.shards[1] != (space.Shard{Index: 1, Count: 2}) || r.last.Event != doneEvent || r.failures != 0 || r.sessions[0].Seconds != 1.5 || r.sessions[1].Seconds != 0 {
		t.Errorf("the record is %+v", r)
	}
}

// TestJournalTornAnywhere: cut after any byte, a journal says what its whole lines
// say, and a process goes on after them.
func TestJournalTornAnywhere(t *testing.T) {
	text := someJournal(t)
	dir := t.TempDir()
	path := filepath.Join(dir, journalName)
	for n := range len(text) + 1 {
		want := bytes.LastIndexByte(text[:n], '\n') + 1
		full, torn := &record{}, &record{}
		if _, err := readEvents(bytes.NewReader(text[:want]), full); err != nil {
			t.Fatal(err)
		}
		whole, err := readEvents(bytes.NewReader(text[:n]), torn)
		if err != nil || whole != int64(want) || !reflect.DeepEqual(full, torn) {
			t.Fatalf("cut at byte %d: %d whole bytes, %v; want %d", n, whole, err, want)
		}
		if n%16 != 0 { // files take longer
			continue
		}
		if err := os.WriteFile(path, text[:n], 0o666); err != nil {
			t.Fatal(err)
		}
		j, err := opened(t, dir)
		if err != nil {
			t.Fatalf("cut at byte %d: %v", n, err)
		}
		if want > 0 {
			if err := j.write(event{Event: interruptEvent}); err != nil {
				t.Fatalf("cut at byte %d: writing: %v", n, err)
			}
		}
		j.close()
		j.lock.Release()
		data, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(data[:want], text[:want]) {
			t.Fatalf("cut at byte %d: the whole lines were changed", n)
		}
		if _, err := readEvents(bytes.NewReader(data), &record{}); err != nil {
			t.Fatalf("cut at byte %d: after writing: %v", n, err)
		}
	}
}

// TestChangedJournalIsAnError that names file and line, whichever byte it is: a
// bit flipped in a whole line is never taken for a torn one.
func TestChangedJournalIsAnError(t *testing.T) {
	text := someJournal(t)
	dir := t.TempDir()
	path := filepath.Join(dir, journalName)
	for n := range text {
		changed := bytes.Clone(text)
		changed[n] ^= 1 << (n % 8)
		whole, err := readEvents(bytes.NewReader(changed), &record{})
		last := n == len(text)-1 // its newline is what makes the last line whole
		if err == nil && !last {
			t.Fatalf("byte %d flipped, and %d of %d bytes read without an error", n, whole, len(text))
		}
		if line := fmt.Sprintf("line %d", bytes.Count(text[:n], []byte("\n"))+1); err != nil && !strings.Contains(err.Error(), line) {
			t.Fatalf("byte %d flipped: %v, want an error that names %s", n, err, line)
		}
	}
	changed := bytes.Clone(text)
	changed[len(text)/2] ^= 1
	if err := os.WriteFile(path, changed, 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := readJournal(dir)
	sweeptest.Expect(t, err, path, "line ", "changed after it was written", "modspec sweep repair")
	if data, _ := os.ReadFile(path); !bytes.Equal(data, changed) {
		t.Error("a damaged journal was written to")
	}
}

// opened locks a folder and opens its journal, until the test ends.
func opened(t testing.TB, dir string) (*journal, error) {
	held, err := lock.Folder(dir)
	if err != nil {
		return nil, err
	}
	j, err := openJournal(dir, held, func(text string) { t.Log(text) })
	if err != nil {
		held.Release()
		return nil, err
	}
	t.Cleanup(func() { j.close(); held.Release() })
	return j, nil
}

// TestJournalsThatNoProgramWrites have right checksums and wrong content.
func TestJournalsThatNoProgramWrites(t *testing.T) {
	p := sweeptest.Provenance("out")
	begin := event{Event: beginEvent, Format: journalFormat, Sweep: &Sweep{Copies: 10}, Shard: &space.Shard{}, Provenance: &p}
	good := part{Name: partName(1), Copies: []numberset.Stretch{{First: 0, Last: 3, Stride: 1}}, Rows: 4, Runs: partFile{Rows: 4}}
	with := func(change func(*part)) event {
		q := good
		change(&q)
		return event{Event: partEvent, Part: &q}
	}
	for want, events := range map[string][]event{
		"first event":         {{Event: doneEvent}},
		"form is number 9":    {{Event: beginEvent, Format: 9, Sweep: begin.Sweep, Shard: &space.Shard{}, Provenance: &p}},
		"lacks the sweep":     {{Event: beginEvent, Format: journalFormat}},
		"has -1 copies":       {{Event: beginEvent, Format: journalFormat, Sweep: &Sweep{Copies: -1}, Shard: &space.Shard{}, Provenance: &p}},
		"unknown":             {begin, {Event: "dance"}},
		"lacks its shard":     {begin, {Event: resumeEvent}},
		"lacks the part":      {begin, {Event: partEvent}},
		"not like":            {begin, with(func(p *part) { p.Name = "../x" })},
		"has copy 11":         {begin, with(func(p *part) { p.Copies = []numberset.Stretch{{First: 8, Last: 11, Stride: 1}} })},
		"4 rows for 2 copies": {begin, with(func(p *part) { p.Copies = []numberset.Stretch{{First: 0, Last: 3, Stride: 3}} })},
		"trajectories":        {begin, with(func(p *part) { p.Trajectories = &partFile{} })},
		"is there twice":      {begin, with(func(*part) {}), with(func(p *part) { p.Copies = []numberset.Stretch{{First: 4, Last: 7, Stride: 1}} })},
		"an earlier part":     {begin, with(func(*part) {}), with(func(p *part) { p.Name = partName(2) })},
		"is not there":        {begin, {Event: dropEvent, Name: partName(1)}},
	} {
		var text []byte
		for _, e := range events {
			line, err := encodeEvent(e)
			if err != nil {
				t.Fatal(err)
			}
			text = append(text, line...)
		}
		_, err := readEvents(bytes.NewReader(text), &record{})
		sweeptest.Expect(t, err, want, fmt.Sprintf("line %d", len(events)))
	}
}

// TestJournalIsClosedAfterAnErrorItCannotUndo, and the folder is as good as it was.
func TestJournalIsClosedAfterAnErrorItCannotUndo(t *testing.T) {
	dir := filled(t)
	j, err := opened(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	path := j.file.Name()
	j.close()
	if j.file, err = os.Open(path); err != nil { // every write fails now, and so does every repair
		t.Fatal(err)
	}
	first := j.write(event{Event: interruptEvent})
	second := j.write(event{Event: interruptEvent})
	sweeptest.Expect(t, first, "writing the journal")
	sweeptest.Expect(t, second, "cannot be written any more")
	j.lock.Release()
	if j, err = opened(t, dir); err == nil {
		err = j.write(event{Event: interruptEvent})
	}
	if err != nil {
		t.Errorf("the folder is of no use any more: %v", err)
	}
}

// TestUnreadableJournalIsNotADamagedOne: an error of the disk says nothing about what
// the journal holds. Before, a single one had a good journal replaced.
func TestUnreadableJournalIsNotADamagedOne(t *testing.T) {
	text := someJournal(t)
	for _, n := range []int{0, 10, len(text) / 2, len(text)} {
		failing := func() io.Reader {
			return io.MultiReader(bytes.NewReader(text[:n]), iotest.ErrReader(syscall.EIO))
		}
		_, _, err := recordFrom("dir", failing())
		if broken := new(brokenJournal); !errors.Is(err, syscall.EIO) || errors.As(err, &broken) {
			t.Errorf("after %d bytes: %v, want %v alone", n, err, syscall.EIO)
		}
		if err := new(rebuilding).salvage(failing()); !errors.Is(err, syscall.EIO) {
			t.Errorf("after %d bytes a rebuild finds %v, want %v", n, err, syscall.EIO)
		}
	}
}
