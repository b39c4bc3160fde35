package store

import (
	"bufio"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"modspec/engine/jsonline"
	"modspec/engine/regularfile"
	"modspec/engine/results"
)

// The journal is a file of lines of package jsonline that only ever grows. A line
// is on the disk (synced) before anything relies on it. A process
// that is killed, or a machine that loses power, while a line is written leaves
// a last line without its end: such a line says nothing and is cut off by the
// next process. Any other line that does not fit its sum means that the file was
// changed by something else: the journal is damaged, and is rebuilt from its other
// lines and from the parts.
const journalName = "journal.jsonl"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// encodeEvent returns an event as a line.
func encodeEvent(e event) ([]byte, error) { return jsonline.Encode(e, nil) }

// decodeEvent reads a line without its newline. The error is a [versionError] if the
// line is as it was written, but holds what this version does not know.
func decodeEvent(line []byte) (event, error) {
	var e event
	err := jsonline.Decode(line, &e, nil)
	var changed *jsonline.ChecksumError
	switch {
	case errors.As(err, &changed):
		return e, fmt.Errorf("was changed after it was written: %w", err)
	case err != nil:
		return e, &versionError{err.Error()}
	}
	return e, nil
}

// A versionError is a journal that is whole, but not of this version's making.
type versionError struct{ what string }

func (e *versionError) Error() string {
	return e.what + "; use the version of modspec that wrote it"
}

// maxLine bounds a line. The longest are those of parts whose copies have no order,
// with some megabytes.
const maxLine = 64 << 20

// A lineError is a line that is not what it must be. Any other error of reading a
// journal, such as one of the disk, says nothing about what the journal holds.
type lineError struct {
	number int
	err    error
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %v", e.number, e.err) }
func (e *lineError) Unwrap() error { return e.err }

// eachLine calls back with the whole lines of a journal, without their newlines. It
// returns how many bytes they are; what follows them is a torn last line. The error is
// a [lineError] where a line is too long or the function called gives one.
func eachLine(from io.Reader, each func(number int, line []byte) error) (whole int64, err error) {
	reader := bufio.NewReaderSize(from, 1<<16)
	var line []byte
	for number := 1; ; {
		piece, err := reader.ReadSlice('\n')
		if line = append(line, piece...); len(line) > maxLine {
			return whole, &lineError{number, fmt.Errorf("it is longer than %d bytes, which no line is", maxLine)}
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF):
			return whole, nil
		case err != nil:
			return whole, err
		}
		if err := each(number, line[:len(line)-1]); err != nil {
			return whole, &lineError{number, err}
		}
		whole += int64(len(line))
		line, number = line[:0], number+1
	}
}

// readEvents applies the lines of a journal to a record. It returns how many
// bytes are whole lines. The error names the line.
func readEvents(from io.Reader, r *record) (whole int64, err error) {
	return eachLine(from, func(_ int, line []byte) error {
		e, err := decodeEvent(line)
		if err != nil {
			return err
		}
		return r.apply(e)
	})
}

// A brokenJournal is a journal that is damaged or missing while the folder holds
// parts, from which it can be rebuilt.
type brokenJournal struct {
	dir  string
	what error
}

func (e *brokenJournal) Error() string {
	return fmt.Sprintf("%s: %v; modspec sweep repair rebuilds it from the parts, and so does the next modspec sweep run",
		filepath.Join(e.dir, journalName), e.what)
}

// readRecord reads the journal of a folder, which it does not change. The record has
// no sweep if there is no journal, or none of its lines is whole.
func readRecord(dir string) (*record, int64, error) {
	path := filepath.Join(dir, journalName)
	f, _, err := regularfile.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &record{}, 0, missing(dir, "is missing")
	}
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	if !begunBySweep(dir, f) {
		return nil, 0, noSweep(fmt.Sprintf("%s is no folder of a sweep: its %s is something else's", dir, journalName))
	}
	return recordFrom(dir, f)
}

// recordFrom is readRecord of the journal's text.
func recordFrom(dir string, text io.Reader) (*record, int64, error) {
	r := &record{}
	whole, err := readEvents(text, r)
	var version *versionError
	var line *lineError
	switch {
	case errors.As(err, &line) && !errors.As(err, &version):
		return nil, 0, &brokenJournal{dir, err}
	case err != nil:
		return nil, 0, fmt.Errorf("%s: %w", filepath.Join(dir, journalName), err)
	case r.sweep == nil:
		return r, whole, missing(dir, "is empty")
	}
	return r, whole, nil
}

// begunBySweep reports whether the journal of a folder may be a sweep's: it begins as
// one, or is empty, or the folder holds a sweep's parts or manifest. Experiments on images
// of earlier versions have a journal of this name too.
func begunBySweep(dir string, journal io.ReaderAt) bool {
	const begin = `{"event":"` + beginEvent + `"`
	head := make([]byte, len(begin))
	n, _ := journal.ReadAt(head, 0)
	if strings.HasPrefix(begin, string(head[:n])) {
		return true
	}
	parts, err := partFiles(dir, results.RunsTable)
	if err != nil || len(parts) > 0 {
		return true
	}
	_, err = results.ReadManifest(filepath.Join(dir, results.ManifestName))
	return err == nil
}

// missing returns an error if a folder without a journal holds parts.
func missing(dir, what string) error {
	names, err := partFiles(dir, results.RunsTable)
	if err == nil && len(names) > 0 {
		err = &brokenJournal{dir, fmt.Errorf("it %s, but the folder holds %s", what, names[0])}
	}
	return err
}

// readJournal reads the journal of a folder, which it does not change. A folder
// that has none gives an error that is fs.ErrNotExist, unless it holds parts.
func readJournal(dir string) (*record, error) {
	r, _, err := readRecord(dir)
	if err == nil && r.sweep == nil {
		err = noSweep(fmt.Sprintf("%s is no folder of a sweep: it has no %s, or an empty one", dir, journalName))
	}
	if err != nil {
		err = FolderError{err}
	}
	return r, err
}

// noSweep says that a folder is not that of a sweep. It is fs.ErrNotExist too.
type noSweep string

func (e noSweep) Error() string      { return string(e) }
func (noSweep) Is(target error) bool { return target == fs.ErrNotExist }

// A FolderError is for a folder that is not what it must be where it is named.
type FolderError struct{ error }

// Unwrap returns what is wrong.
func (e FolderError) Unwrap() error { return e.error }
