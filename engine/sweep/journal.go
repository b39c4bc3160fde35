package sweep

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"modspec/engine/results"
)

// The journal is a file of one JSON object a line that only ever grows. A line
// is on the disk (synced) before anything relies on it, and ends with a checksum
// of itself:
//
//	{"event":"part",…,"sum":"1a2b3c4d"}
//
// The sum is the CRC-32C of the line without it, {"event":"part",…}. A process
// that is killed, or a machine that loses power, while a line is written leaves
// a last line without its end: such a line says nothing and is cut off by the
// next process. Any other line that does not fit its sum means that the file was
// changed by something else, and is an error.
const journalName = "journal.jsonl"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sumLength is the length of ,"sum":"1a2b3c4d"}.
const sumLength = len(`,"sum":"1a2b3c4d"}`)

// encodeEvent returns an event as a line.
func encodeEvent(e event) ([]byte, error) {
	line, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	sum := crc32.Checksum(line, castagnoli)
	line = line[:len(line)-1]
	return fmt.Appendf(line, ",\"sum\":\"%08x\"}\n", sum), nil
}

// decodeEvent reads a line without its newline.
func decodeEvent(line []byte) (event, error) {
	var e event
	body := len(line) - sumLength
	if body < 1 {
		return e, errors.New("it has no checksum")
	}
	content := append(line[:body:body], '}')
	want := fmt.Sprintf(",\"sum\":\"%08x\"}", crc32.Checksum(content, castagnoli))
	if string(line[body:]) != want {
		return e, fmt.Errorf("it ends in %q, but its content has %q", line[body:], want)
	}
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	return e, d.Decode(&e)
}

// readEvents applies the lines of a journal to a record. It returns how many
// bytes are whole lines; what follows them is a torn last line. The error names
// the line.
func readEvents(data []byte, r *record) (whole int, err error) {
	for number := 1; ; number++ {
		length := bytes.IndexByte(data[whole:], '\n')
		if length < 0 {
			return whole, nil
		}
		e, err := decodeEvent(data[whole : whole+length])
		if err != nil {
			return whole, fmt.Errorf("line %d was changed after it was written: %w; restore the file from a copy", number, err)
		}
		if err := r.apply(e); err != nil {
			return whole, fmt.Errorf("line %d: %w", number, err)
		}
		whole += length + 1
	}
}

// readJournal reads the journal of a folder, which it does not change. A folder
// that has none gives an error that wraps fs.ErrNotExist.
func readJournal(dir string) (*record, error) {
	path := filepath.Join(dir, journalName)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is no folder of a sweep: it has no %s: %w", dir, journalName, fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	r := &record{}
	if _, err := readEvents(data, r); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if r.sweep == nil {
		return nil, fmt.Errorf("%s is no folder of a sweep: its %s is empty: %w", dir, journalName, fs.ErrNotExist)
	}
	return r, nil
}

// A journal is the journal of a folder, open for writing. Only the process that
// holds the folder's lock may have one.
type journal struct {
	file   *os.File
	size   int64 // of the whole lines
	record *record
	broken error // why nothing can be written any more
}

// openJournal opens the journal of a folder, or makes it, and cuts off a torn
// last line.
func openJournal(dir string) (*journal, error) {
	path := filepath.Join(dir, journalName)
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	j := &journal{record: &record{}}
	whole, err := readEvents(data, j.record)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	j.size = int64(whole)
	if data == nil {
		// Made this way its name is on the disk too, not only its lines.
		if err := results.WriteFile(path, func(io.Writer) error { return nil }); err != nil {
			return nil, err
		}
	}
	if j.file, err = os.OpenFile(path, os.O_WRONLY, 0); err != nil {
		return nil, err
	}
	if err := j.cut(); err != nil {
		j.file.Close()
		return nil, err
	}
	return j, nil
}

// cut makes the file end after its whole lines.
func (j *journal) cut() error {
	if err := j.file.Truncate(j.size); err != nil {
		return err
	}
	_, err := j.file.Seek(j.size, 0)
	return err
}

// write appends an event, puts it on the disk, and takes it into the record. When
// it fails, the file is as it was before; if not even that can be done, nothing
// more is written, for a line after half a line would be lost with it.
func (j *journal) write(e event) error {
	if j.broken != nil {
		return j.broken
	}
	e.Time = time.Now().UTC()
	line, err := encodeEvent(e)
	if err != nil {
		return err
	}
	_, err = j.file.Write(line)
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		if undo := j.cut(); undo != nil {
			j.broken = fmt.Errorf("the journal cannot be written any more: %w", err)
		}
		return fmt.Errorf("writing the journal: %w", err)
	}
	j.size += int64(len(line))
	return j.record.apply(e)
}

func (j *journal) close() error { return j.file.Close() }
