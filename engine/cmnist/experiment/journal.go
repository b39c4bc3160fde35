package experiment

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"modspec/engine/results"
)

// place is which line of the journal is meant.
type place struct {
	arch  string
	run   int
	epoch int
}

func placeOf(e *results.CMNISTEpoch) place { return place{e.Arch, e.RunIndex, e.Epoch} }

// journal is the epochs that were measured, in the order of their lines.
type journal struct {
	file *os.File
	rows []results.CMNISTEpoch
	has  map[place]bool
}

// openJournal reads a journal, or begins one. A last line that was cut short by the
// end of the process that wrote it is taken off.
func openJournal(path string) (*journal, error) {
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	j := &journal{has: map[place]bool{}}
	whole := bytes.LastIndexByte(data, '\n') + 1
	for number, line := range bytes.Split(data[:whole], []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		var row results.CMNISTEpoch
		if err := json.Unmarshal(line, &row); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w; remove the line and what follows it, and it will be measured again", path, number+1, err)
		}
		j.add(row)
	}
	if j.file, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666); err != nil {
		return nil, err
	}
	if err := errors.Join(j.file.Truncate(int64(whole)), seekEnd(j.file)); err != nil {
		return nil, errors.Join(err, j.file.Close())
	}
	return j, nil
}

func seekEnd(f *os.File) error {
	_, err := f.Seek(0, 2)
	return err
}

func (j *journal) add(row results.CMNISTEpoch) {
	if !j.has[placeOf(&row)] {
		j.has[placeOf(&row)] = true
		j.rows = append(j.rows, row)
	}
}

// write appends a line and waits until it is on the disk; one that is there already
// is left alone.
func (j *journal) write(row results.CMNISTEpoch) error {
	if j.has[placeOf(&row)] {
		return nil
	}
	line, err := json.Marshal(row)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return err
	}
	j.add(row)
	return j.file.Sync()
}

func (j *journal) close() error { return j.file.Close() }
