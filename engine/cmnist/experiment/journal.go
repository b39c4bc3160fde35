package experiment

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"modspec/engine/jsonline"
	"modspec/engine/results"
)

// place is which line of the journal is meant.
type place struct {
	arch  string
	run   int
	epoch int
}

// journal is the epochs that were measured.
type journal struct {
	file *os.File
	id   []byte // of the experiment, which every line is bound to
	rows map[place]results.CMNISTEpoch
}

// openJournal reads the journal of an experiment, or begins one. A last line that was
// cut short by the end of the process that wrote it is taken off, and so is a line
// that does not fit its checksum, of which notice is told. A journal without a single
// line that fits is another experiment's, or damaged beyond use, and left alone.
func openJournal(path, id string, notice func(string)) (*journal, error) {
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	j := &journal{id: []byte(id), rows: map[place]results.CMNISTEpoch{}}
	var whole []byte
	lines, damaged := bytes.Split(data, []byte("\n")), 0
	for _, line := range lines[:len(lines)-1] { // behind the last newline there is no whole line
		var row results.CMNISTEpoch
		if err := jsonline.Decode(line, &row, j.id); err != nil {
			damaged++
			continue
		}
		j.add(row)
		whole = append(append(whole, line...), '\n')
	}
	if damaged > 0 && len(j.rows) == 0 {
		return nil, &MismatchError{fmt.Sprintf("%s has no line that belongs to the experiment of %s beside it: it is another's, or damaged; choose another folder, or move the file away and everything is trained again", path, ConfigName)}
	}
	if damaged > 0 {
		notice(fmt.Sprintf("%s: %d of %d lines were changed after they were written; what they held is trained again", path, damaged, len(lines)-1))
	}
	// A new journal is made this way too, so that its name is on the disk.
	if err != nil || len(whole) < len(data) {
		err := disk.writeFile(path, func(w io.Writer) error {
			_, err := w.Write(whole)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	j.file, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	return j, err
}

// add takes in a row; of two for one place the first counts.
func (j *journal) add(row results.CMNISTEpoch) {
	at := place{row.Arch, row.RunIndex, row.Epoch}
	if _, has := j.rows[at]; !has {
		j.rows[at] = row
	}
}

// write appends a line and waits until it is on the disk; one that is there already
// is left alone.
func (j *journal) write(row results.CMNISTEpoch) error {
	if _, has := j.rows[place{row.Arch, row.RunIndex, row.Epoch}]; has {
		return nil
	}
	line, err := jsonline.Encode(row, j.id)
	if err != nil {
		return err
	}
	if err := disk.appendLine(j.file, line); err != nil {
		return err
	}
	j.add(row)
	return nil
}

func (j *journal) close() error { return j.file.Close() }
