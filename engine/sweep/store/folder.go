package store

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"modspec/engine/lock"
	"modspec/engine/results"
	"modspec/engine/sweep/numberset"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/spec"
)

// Options say which folder is opened, and for what.
type Options struct {
	Dir        string // made if it does not exist; one sweep has one folder to itself
	Sweep      Sweep
	Shard      space.Shard        // which of its copies this process is to bring; the zero Shard is all
	Provenance results.Provenance // of this process
	// Copy returns the copy of a number, with which those that the folder holds already
	// are compared. If it is nil they are not.
	Copy func(number int) space.Identity
	// Notice is called with what a user should know and no error says.
	Notice func(text string)
}

// A Folder is a sweep's folder, locked for this process.
type Folder struct {
	dir    string
	lock   *lock.Lock
	self   event // what the footers of parts say of the sweep and this process
	notice func(string)

	mu      sync.Mutex // guards the journal
	journal *journal
}

// Open locks a folder and makes sure that what it holds is what its
// journal says and belongs to this sweep. After it, the tables' folders hold
// whole parts of the journal and nothing else of ours.
func Open(o Options) (*Folder, error) {
	// A folder of something else is not touched.
	if _, _, err := readRecord(o.Dir); errors.Is(err, fs.ErrNotExist) {
		return nil, FolderError{fmt.Errorf("%w; choose another folder", err)}
	}
	for _, table := range Tables {
		if table == results.TrajectoriesTable && !o.Sweep.Trajectories {
			continue
		}
		if err := os.MkdirAll(filepath.Join(o.Dir, table), 0o777); err != nil {
			err = fmt.Errorf("cannot make the folder %s: %w; choose one that can be written to", filepath.Join(o.Dir, table), unwrapPath(err))
			if !errors.Is(err, syscall.ENOSPC) {
				err = FolderError{err}
			}
			return nil, err
		}
	}
	f, err := lockFolder(o.Dir, o.Notice)
	if err != nil {
		return nil, err
	}
	f.self = event{Time: time.Now().UTC(), Format: journalFormat, Sweep: &o.Sweep, Shard: &o.Shard, Provenance: &o.Provenance}
	if err := f.prepare(&o); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// lockFolder locks a folder and opens its journal.
func lockFolder(dir string, notice func(string)) (*Folder, error) {
	held, err := lock.Folder(dir)
	if err != nil {
		return nil, err
	}
	f := &Folder{dir: dir, lock: held, notice: notice}
	if f.journal, err = openJournal(dir, held, notice); err != nil {
		held.Release()
		return nil, fmt.Errorf("opening the journal: %w", err)
	}
	return f, nil
}

// unwrapPath takes the path off an error, where the text has it already.
func unwrapPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// Close closes the journal and releases the lock.
func (f *Folder) Close() error {
	return errors.Join(f.journal.close(), f.lock.Release())
}

// write appends an event to the journal.
func (f *Folder) write(e event) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.journal.write(e)
}

// foreign notes an error that says that another process works in the folder too, and
// returns the first such, or nil if there is none.
func (f *Folder) foreign(err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.note(err)
}

func (f *Folder) note(err error) error {
	var e *foreignError
	if errors.As(f.journal.broken, &e) {
		return e
	}
	if errors.As(err, &e) {
		f.journal.broken = e
		return e
	}
	return nil
}

// Lost returns the error that says that another process works in the folder too, or
// nil if none was noticed.
func (f *Folder) Lost() error { return f.foreign(nil) }

// Alone is [Folder.Lost] after a look at the lock and the journal. It returns an error too where
// that look fails: then nothing may be taken for this process's own.
func (f *Folder) Alone() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.journal.alone()
	return cmp.Or(f.note(err), err)
}

// Confirm returns an error unless the folder holds what this process says.
func (f *Folder) Confirm() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.journal.broken = f.journal.confirm()
	return f.journal.broken
}

// prepare begins the journal, or checks what is there.
func (f *Folder) prepare(o *Options) error {
	r := f.journal.record
	if r.sweep == nil {
		left, err := strays(f.dir, r)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(left, func(path string) bool { return !strings.HasSuffix(path, ".tmp") }); i >= 0 {
			return fmt.Errorf("%s holds %s, but no journal that says what it is; bring %s back, or choose another folder", f.dir, left[i], journalName)
		}
		if err := f.write(event{Event: beginEvent, Format: journalFormat, Sweep: &o.Sweep, Shard: &o.Shard, Provenance: &o.Provenance}); err != nil {
			return err
		}
		return f.sweepUp()
	}
	if err := sameSweep(f.dir, r, &o.Sweep, &o.Provenance); err != nil {
		return err
	}
	if err := f.tidy(); err != nil {
		return err
	}
	if o.Copy == nil {
		return nil // Merge compares the copies itself
	}
	if err := sameCopies(r, o.Copy); err != nil {
		return err
	}
	if r.finished(o.Shard) {
		return nil
	}
	return f.write(event{Event: resumeEvent, Shard: &o.Shard, Provenance: &o.Provenance})
}

// tidy brings journal and tables together: after it, the tables' folders hold the
// parts of the journal and nothing else of ours.
func (f *Folder) tidy() error {
	if err := f.checkParts(); err != nil {
		return err
	}
	if err := f.adopt(); err != nil {
		return err
	}
	return f.sweepUp()
}

// An OtherSweepError says why a folder is not for the sweep that [Open] was asked
// for. Nothing in the folder was changed, but for a broken journal, which was rebuilt.
type OtherSweepError struct{ reason string }

func (e *OtherSweepError) Error() string { return e.reason }

// sameSweep refuses to go on in a folder of another sweep, or with another
// arithmetic.
func sameSweep(dir string, r *record, now *Sweep, by *results.Provenance) error {
	reason := otherwise(dir, r, now)
	if reason == "" {
		reason = results.OtherArithmetic(dir, r.sessions[0].ArithmeticName(), by.ArithmeticName())
	}
	if reason != "" {
		return &OtherSweepError{reason}
	}
	return nil
}

// otherwise returns how a folder's sweep differs from the one asked for, or "".
func otherwise(dir string, r *record, now *Sweep) string {
	then := r.sweep
	switch {
	case spec.KindOf(then.Text) != spec.KindOf(now.Text):
		return fmt.Sprintf("%s is a sweep of the kind %s, and not of %s; choose another folder", dir, spec.KindOf(then.Text), spec.KindOf(now.Text))
	case then.Fingerprint != now.Fingerprint && then.Text == now.Text:
		return fmt.Sprintf("%s was begun by version %s, to which the same sweep file means other copies than to this one; use that version, or choose another folder", dir, r.sessions[0].Version)
	case then.Fingerprint != now.Fingerprint:
		return fmt.Sprintf("%s holds another sweep; bring the file back to what it was, or choose another folder for the changed one. The difference (-: %s, +: the file now):\n%s", dir, dir, difference(then.Text, now.Text))
	case then.Copies != now.Copies:
		return fmt.Sprintf("%s is for %d copies, but the sweep has %d now; choose another folder", dir, then.Copies, now.Copies)
	case then.Backend != now.Backend:
		return fmt.Sprintf("%s holds results of the %s backend, from which those of %s differ in the last bits; use --backend %s, or choose another folder", dir, then.Backend, now.Backend, then.Backend)
	case then.Precision != now.Precision:
		return fmt.Sprintf("%s holds results in %s, not %s; choose another folder", dir, then.Precision, now.Precision)
	case then.Trajectories != now.Trajectories:
		return fmt.Sprintf("%s was begun %s trajectories; go on %s them, or choose another folder", dir, withOrWithout(then.Trajectories), withOrWithout(then.Trajectories))
	}
	return ""
}

func withOrWithout(b bool) string {
	if b {
		return "with"
	}
	return "without"
}

// checkParts compares every part with the journal. A part of which a file is
// missing is dropped, so that its copies are trained again; one that was changed
// is an error, because only its owner can tell what it should be.
func (f *Folder) checkParts() error {
	var wrong []error
	for _, p := range slices.Clone(f.journal.record.parts) {
		err := p.verify(f.dir)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			f.notice(fmt.Sprintf("%v; its %d copies are trained again", err, p.Rows))
			if err := f.write(event{Event: dropEvent, Name: p.Name, Reason: "a file of it is missing"}); err != nil {
				return err
			}
		case err != nil:
			wrong = append(wrong, err)
		}
	}
	return errors.Join(wrong...)
}

// adopt enters parts that are whole, by what their footers say, but not in the
// journal: a process was killed before it entered them, or their lines are lost.
func (f *Folder) adopt() error {
	r := f.journal.record
	names, err := partFiles(f.dir, results.RunsTable)
	if err != nil {
		return err
	}
	for _, name := range names {
		if slices.ContainsFunc(r.parts, func(p part) bool { return p.Name == name }) {
			continue
		}
		p, proven, err := readPart(f.dir, name, r.sweep)
		if err != nil || !proven || r.done.Meets(p.Copies) {
			continue
		}
		if err := f.write(event{Event: partEvent, Part: &p}); err != nil {
			return err
		}
		f.notice(fmt.Sprintf("%s was whole, but not in the journal; its %d copies are kept", name, p.Rows))
	}
	return nil
}

// sweepUp removes what a killed process left. Readers of the folder would count the
// copies of a part that the journal lacks twice.
func (f *Folder) sweepUp() error {
	list, err := strays(f.dir, f.journal.record)
	if err != nil {
		return err
	}
	for _, path := range list {
		if err := f.Alone(); err != nil {
			return err // another process may be writing it
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("cannot remove %s, which an earlier process did not finish: %w", path, unwrapPath(err))
		}
		f.notice(fmt.Sprintf("%s was not finished by an earlier process and is removed%s", path, trainedAgain(f.dir, path)))
	}
	return nil
}

func trainedAgain(dir, path string) string {
	if filepath.Dir(path) == filepath.Clean(dir) {
		return ""
	}
	return "; its copies are trained again"
}

// sameCopies checks that copies have the numbers under which the parts hold them: the ids
// of each part's numbers must hash to what its journal entry says.
func sameCopies(r *record, copyOf func(int) space.Identity) error {
	for i := range r.parts {
		var numbers numberset.Set
		numbers.AddAll(r.parts[i].Copies)
		sum := sha256.New()
		for _, n := range numbers.Sorted() {
			id := copyOf(n).ID
			sum.Write(id[:])
		}
		if hex.EncodeToString(sum.Sum(nil)) != r.parts[i].IDs {
			return fmt.Errorf("%s holds other copies than the sweep has under their numbers now; use version %s of modspec, which began the folder, or choose another folder", r.parts[i].Name, r.sessions[0].Version)
		}
	}
	return nil
}

// WriteManifest writes the manifest from the journal, unless it is there already.
func (f *Folder) WriteManifest() error {
	if err := f.Alone(); err != nil {
		return err
	}
	return results.WriteManifest(filepath.Join(f.dir, results.ManifestName), f.journal.record.manifest())
}

// Dir returns where the folder is.
func (f *Folder) Dir() string { return f.dir }

// Notice reports what a user should know and no error says.
func (f *Folder) Notice(text string) { f.notice(text) }

// Has reports whether the folder holds a copy.
func (f *Folder) Has(number int) bool { return f.journal.record.done.Has(number) }

// Copies returns the numbers of the copies that the folder holds now.
func (f *Folder) Copies() numberset.Set { return f.journal.record.done.Clone() }

// Done returns how many copies of a shard the folder holds.
func (f *Folder) Done(s space.Shard) int { return f.journal.record.doneOf(s) }

// Finished reports whether the folder holds every copy of a shard.
func (f *Folder) Finished(s space.Shard) bool { return f.journal.record.finished(s) }

// Totals returns the network-steps of all copies that the folder holds, and how many of
// them diverged.
func (f *Folder) Totals() (networkSteps int64, diverged int) { return f.journal.record.totals() }

// Fail notes that a job of copies could not be run.
func (f *Folder) Fail(numbers []int, reason error) error {
	return f.write(event{Event: failEvent, Copies: numberset.Stretches(numbers), Reason: reason.Error()})
}

// End notes how this process ended, after so many seconds of training and writing: with
// all that it was to bring, or else for what reason. It writes the manifest too.
func (f *Folder) End(reason string, seconds float64) error {
	e := event{Event: doneEvent, Seconds: results.Number(seconds)}
	if reason != "" {
		e.Event, e.Reason = interruptEvent, reason
	}
	return errors.Join(f.write(e), f.WriteManifest())
}
