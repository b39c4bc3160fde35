package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"modspec/engine/regularfile"
	"modspec/engine/results"
	"modspec/engine/sweep/space"
)

// damagedName returns what a journal is called after it was rebuilt: the first of a
// folder journal.jsonl.damaged, the second journal.jsonl.damaged.2, and so on.
func damagedName(number int) string {
	if number == 1 {
		return journalName + ".damaged"
	}
	return fmt.Sprintf("%s.damaged.%d", journalName, number)
}

// link is os.Link, but for tests of file systems that give no second names.
var link = os.Link

// A rebuilding is a journal that is made anew from what is left of the old one, the
// footers and rows of the parts, and the manifest.
type rebuilding struct {
	dir    string
	old    []event // whose checksums are right
	parts  []string
	footer map[string]event // of parts
	record *record
	text   bytes.Buffer
	notes  []string
}

// rebuild makes a new journal in place of a broken one, which stays beside it under
// another name. It has what the remaining lines, the parts and the manifest contain: the
// copies, the sweep and the processes that trained them. A part
// that cannot be read is an error, and changes nothing. Without parts and without
// anything that says what the sweep was, the new journal is empty.
func rebuild(dir string, broken *brokenJournal, notice func(string)) (*record, int64, error) {
	b := &rebuilding{dir: dir, record: &record{}, footer: map[string]event{}}
	if err := b.all(); err != nil {
		return nil, 0, fmt.Errorf("%s: %w; it cannot be rebuilt: %w", filepath.Join(dir, journalName), broken.what, err)
	}
	if err := b.replace(); err != nil {
		return nil, 0, err
	}
	for _, note := range b.notes {
		notice(note)
	}
	notice(fmt.Sprintf("%s: %v; it is rebuilt from the folder's %d parts, with %d copies", filepath.Join(dir, journalName), broken.what, len(b.record.parts), b.record.done.Len()))
	return b.record, int64(b.text.Len()), nil
}

func (b *rebuilding) all() error {
	var err error
	if b.parts, err = partFiles(b.dir, results.RunsTable); err != nil {
		return err
	}
	if err := b.salvageFile(); err != nil {
		return err
	}
	for _, name := range b.parts {
		e, ok, err := readFooter(b.dir, name)
		if err != nil && !b.lists(name) {
			return err
		}
		if ok {
			b.footer[name] = e
		}
	}
	sessions := b.sessions()
	if len(sessions) == 0 {
		if len(b.parts) > 0 {
			return fmt.Errorf("neither its lines, nor the parts, nor %s say what the sweep is; bring one of them back from a copy", results.ManifestName)
		}
		return nil
	}
	if err := b.take(sessions[0]); err != nil {
		return err
	}
	rest := sessions[1:]
	var gone []event
	for _, e := range b.old {
		for len(rest) > 0 && rest[0].Time.Before(e.Time) {
			if err := b.take(rest[0]); err != nil {
				return err
			}
			rest = rest[1:]
		}
		switch {
		case e.Event == beginEvent, e.Event == resumeEvent:
		case e.Event == partEvent && b.without(e.Part):
			gone = append(gone, e)
		default:
			b.take(e) // what does not go with the rest is left out
		}
	}
	for _, e := range rest {
		if err := b.take(e); err != nil {
			return err
		}
	}
	if err := b.unlisted(); err != nil {
		return err
	}
	// A part without one of its files is entered too, for checkParts to drop with a
	// notice. It comes last: that it was dropped before may be in a line that is lost,
	// and then another part can have its copies, with which it does not go.
	for _, e := range gone {
		if !slices.ContainsFunc(b.old, func(d event) bool { return d.Event == dropEvent && d.Name == e.Part.Name }) {
			b.take(e)
		}
	}
	return nil
}

// without reports whether a file of a part is missing.
func (b *rebuilding) without(p *part) bool {
	return slices.ContainsFunc(p.files(), func(f tableFile) bool {
		_, err := os.Lstat(partPath(b.dir, f.table, p.Name))
		return errors.Is(err, fs.ErrNotExist)
	})
}

// salvageFile reads the lines of the old journal that are whole.
func (b *rebuilding) salvageFile() error {
	f, _, err := regularfile.Open(filepath.Join(b.dir, journalName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	return b.salvage(f)
}

func (b *rebuilding) salvage(text io.Reader) error {
	_, err := eachLine(text, func(_ int, line []byte) error {
		e, err := decodeEvent(line)
		if version := new(versionError); errors.As(err, &version) {
			return err
		}
		if err == nil && (e.Event != partEvent || e.Part != nil) {
			b.old = append(b.old, e)
		}
		return nil
	})
	var line *lineError
	if version := new(versionError); errors.As(err, &line) && !errors.As(err, &version) {
		return nil // a line without end, and what comes after it
	}
	return err
}

// lists reports whether the old journal has a part or dropped it.
func (b *rebuilding) lists(name string) bool {
	return slices.ContainsFunc(b.old, func(e event) bool {
		return e.Event == dropEvent && e.Name == name || e.Event == partEvent && e.Part.Name == name
	})
}

// sessions returns the processes that worked in the folder as far as they are
// known, in their order; the first event is "begin".
func (b *rebuilding) sessions() []event {
	var list []event
	var sweep *Sweep
	add := func(e event) {
		if e.Shard == nil || e.Provenance == nil {
			return
		}
		if sweep == nil {
			sweep = e.Sweep
		}
		p := *e.Provenance
		for i := range list {
			if known := list[i].Provenance; sameProcess(known, &p) {
				if known.Seconds == 0 { // what was written before the process ended
					known.Seconds = p.Seconds
				}
				return
			}
		}
		list = append(list, event{Event: resumeEvent, Time: e.Time, Shard: e.Shard, Provenance: &p})
	}
	for _, e := range b.old {
		if e.Event == beginEvent || e.Event == resumeEvent {
			add(e)
		}
	}
	for _, name := range b.parts {
		if e, ok := b.footer[name]; ok {
			add(e)
		}
	}
	if m, err := results.ReadManifest(filepath.Join(b.dir, results.ManifestName)); err == nil && (sweep == nil || m.Fingerprint == sweep.Fingerprint) {
		said := Sweep{m.Name, m.Fingerprint, m.Sweep, m.Copies, m.Precision, m.Backend, slices.Contains(m.Tables, results.TrajectoriesTable)}
		for _, p := range m.Processes {
			at := p.Started
			if len(list) == 0 {
				at = m.Began
			}
			add(event{Time: at, Sweep: &said, Shard: &space.Shard{}, Provenance: &p})
		}
	}
	if sweep == nil {
		return nil
	}
	slices.SortStableFunc(list, func(a, b event) int { return a.Time.Compare(b.Time) })
	list[0].Event, list[0].Format, list[0].Sweep = beginEvent, journalFormat, sweep
	return list
}

// sameProcess compares processes by all but how long they took, which only their
// ends decide.
func sameProcess(a, b *results.Provenance) bool {
	x, y := *a, *b
	x.Seconds, y.Seconds = 0, 0
	return reflect.DeepEqual(x, y)
}

// unlisted enters the parts that the old journal does not list.
func (b *rebuilding) unlisted() error {
	for _, name := range b.parts {
		if b.lists(name) {
			continue
		}
		p, _, err := readPart(b.dir, name, b.record.sweep)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			b.notes = append(b.notes, fmt.Sprintf("%s is without its other file; its copies are trained again", name))
			continue
		case err != nil:
			return err
		case b.record.done.Meets(p.Copies):
			b.notes = append(b.notes, fmt.Sprintf("%s has copies that another part has too; what it has beside them is trained again", name))
			continue
		}
		at := b.footer[name].Time
		if at.IsZero() {
			at = time.Now().UTC()
		}
		if err := b.take(event{Event: partEvent, Time: at, Part: &p}); err != nil {
			return err
		}
	}
	return nil
}

// take appends an event, unless it cannot follow the ones before it.
func (b *rebuilding) take(e event) error {
	line, err := encodeEvent(e)
	if err != nil {
		return err
	}
	if err := b.record.apply(e); err != nil {
		return err
	}
	b.text.Write(line)
	return nil
}

// replace puts the new journal in the old one's place, which is never empty meanwhile:
// a process that is killed here leaves the old journal for the next to rebuild.
func (b *rebuilding) replace() error {
	path := filepath.Join(b.dir, journalName)
	if err := keepAside(path); err != nil {
		return err
	}
	return results.WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(b.text.Bytes())
		return err
	})
}

// keepAside gives a damaged journal a second name, or copies it where that cannot be.
// Earlier ones stay.
func keepAside(path string) error {
	old, _, err := regularfile.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer old.Close()
	info, err := old.Stat()
	if err != nil {
		return err
	}
	for number := 1; ; number++ {
		aside := filepath.Join(filepath.Dir(path), damagedName(number))
		err := link(path, aside)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			err = results.CreateFile(aside, func(w io.Writer) error {
				_, err := io.Copy(w, io.NewSectionReader(old, 0, info.Size()))
				return err
			})
		}
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
		// A process that was killed before it put the new journal in place left this name.
		if there, err := os.Stat(aside); err == nil && os.SameFile(there, info) {
			return nil
		}
	}
}
