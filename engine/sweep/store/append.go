package store

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"modspec/engine/lock"
	"modspec/engine/regularfile"
	"modspec/engine/results"
)

// A journal is the journal of a folder, open for writing. Only the process that
// holds the folder's lock may have one; that no other writes it is checked, since
// not every file system locks.
type journal struct {
	dir    string
	lock   *lock.Lock
	file   *os.File // open for appending
	cutter *os.File // the same file, for cutting: Windows cuts none that is open for appending
	size   int64    // of the whole lines
	sum    uint32   // CRC-32C of them
	record *record
	broken error // why nothing can be written any more
}

// A foreignError says that another process works in a folder too.
type foreignError struct{ dir, what string }

func (e *foreignError) Error() string {
	return fmt.Sprintf("%s was changed by something else while this process worked in it: %s; nothing is claimed. Let one process at a time work there (a file system without locks keeps no other out) and run the same command again", e.dir, e.what)
}

// openJournal opens the journal of a folder, or makes it, and cuts off a torn
// last line. A broken one is rebuilt, with a notice.
func openJournal(dir string, held *lock.Lock, notice func(string)) (*journal, error) {
	j := &journal{dir: dir, lock: held}
	var err error
	j.record, j.size, err = readRecord(dir)
	if broken := new(brokenJournal); errors.As(err, &broken) {
		j.record, j.size, err = rebuild(dir, broken, notice)
	}
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, journalName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		// Made this way its name is on the disk too, not only its lines.
		if err := results.CreateFile(path, func(io.Writer) error { return nil }); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
	}
	if j.file, err = os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0); err != nil {
		return nil, err
	}
	if j.cutter, err = os.OpenFile(path, os.O_WRONLY, 0); err != nil {
		j.file.Close()
		return nil, err
	}
	if err = j.cutter.Truncate(j.size); err == nil {
		j.sum, err = j.readSum(j.file)
	}
	if err != nil {
		j.close()
		return nil, err
	}
	return j, nil
}

// readSum returns the CRC-32C of the whole lines.
func (j *journal) readSum(from io.ReaderAt) (uint32, error) {
	h := crc32.New(castagnoli)
	_, err := io.Copy(h, io.NewSectionReader(from, 0, j.size))
	return h.Sum32(), err
}

// alone returns a [foreignError] if the lock or the journal are not what this process
// left, and another error if that cannot be found out or nothing can be written any more.
func (j *journal) alone() error {
	if j.broken != nil {
		return j.broken
	}
	if err := j.lock.Check(); err != nil {
		if taken := new(lock.LostError); errors.As(err, &taken) {
			return &foreignError{j.dir, err.Error()}
		}
		return err
	}
	ours, err := j.file.Stat()
	if err != nil {
		return fmt.Errorf("the journal cannot be written any more: %w", err)
	}
	now, err := os.Stat(filepath.Join(j.dir, journalName))
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the journal cannot be written any more: %w", err)
	case err != nil || !os.SameFile(ours, now):
		return &foreignError{j.dir, journalName + " was removed or replaced"}
	case now.Size() != j.size:
		return &foreignError{j.dir, fmt.Sprintf("%s has %d bytes, but this process left it with %d", journalName, now.Size(), j.size)}
	}
	return nil
}

// confirm returns an error unless the folder holds what this process is about to say
// that it holds: every byte of the journal, read anew, and a file of the right length
// for each part.
func (j *journal) confirm() error {
	if err := j.alone(); err != nil {
		return err
	}
	f, _, err := regularfile.Open(filepath.Join(j.dir, journalName))
	if err != nil {
		return err
	}
	defer f.Close()
	sum, err := j.readSum(f)
	if err != nil {
		return fmt.Errorf("reading the journal: %w", err)
	}
	if sum != j.sum {
		return &foreignError{j.dir, journalName + " says something else than what this process wrote"}
	}
	for i := range j.record.parts {
		p := &j.record.parts[i]
		for _, f := range p.files() {
			err := f.length(partPath(j.dir, f.table, p.Name))
			if changed := new(damagedError); errors.As(err, &changed) || errors.Is(err, fs.ErrNotExist) {
				return &foreignError{j.dir, err.Error()}
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// write appends an event, puts it on the disk, and takes it into the record. When
// it fails, the file is as it was before; if not even that can be done, or the
// journal is not this process's alone, nothing more is written: a line after half a
// line would be lost with it.
func (j *journal) write(e event) error {
	if j.broken = j.alone(); j.broken != nil {
		return j.broken
	}
	e.Time = time.Now().UTC()
	line, err := encodeEvent(e)
	if err != nil {
		return err
	}
	if _, err = j.file.Write(line); err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		if undo := j.cutter.Truncate(j.size); undo != nil {
			j.broken = fmt.Errorf("the journal cannot be written any more: %w", err)
		}
		return fmt.Errorf("writing the journal: %w", err)
	}
	j.size += int64(len(line))
	j.sum = crc32.Update(j.sum, castagnoli, line)
	if err := j.record.apply(e); err != nil {
		return err
	}
	j.broken = j.alone()
	return j.broken
}

func (j *journal) close() error { return errors.Join(j.file.Close(), j.cutter.Close()) }
