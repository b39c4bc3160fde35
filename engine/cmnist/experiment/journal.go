package experiment

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"modspec/engine/jsonline"
	"modspec/engine/regularfile"
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
	size int64  // of the file, in bytes
	id   []byte // of the experiment, which every line is bound to
	rows map[place]results.CMNISTEpoch
}

// maxJournal bounds the journal of so many runs of so many epochs, in bytes. No line
// has more than 4 KiB: a name of 255 bytes, of which JSON makes 1530 at most, and 39
// numbers of up to 24 characters with their names. The bound is twice that, for lines
// that are there twice or damaged. The file is read whole, so no more than 4 GiB are
// read, the lines of millions of epochs.
func maxJournal(runs, epochs int) int64 {
	const line, most = 2 * 4096, 4 << 30
	if int64(epochs) < most/line/int64(runs) {
		return (int64(epochs) + 1) * int64(runs) * line
	}
	return most
}

// openJournal reads the journal of an experiment, or begins one. A last line that was
// cut short by the end of the process that wrote it is taken off, and so is a line
// that does not fit its checksum, of which notice is told. A journal without a single
// line that fits is another experiment's, or damaged beyond use, and left alone.
func openJournal(path, id string, most int64, notice func(string)) (*journal, error) {
	data, err := readFile(path, most)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	j := &journal{id: []byte(id), rows: map[place]results.CMNISTEpoch{}}
	var whole []byte
	lines, damaged := 0, 0
	for line := range bytes.Lines(data) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break // it was cut short
		}
		lines++
		var row results.CMNISTEpoch
		if err := jsonline.Decode(line[:len(line)-1], &row, j.id); err != nil {
			damaged++
			continue
		}
		j.add(row)
		whole = append(whole, line...)
	}
	if damaged > 0 && len(j.rows) == 0 {
		return nil, &MismatchError{fmt.Sprintf("%s has no line that belongs to the experiment of %s beside it: it is another's, or damaged; choose another folder, or move the file away and everything is trained again", path, ConfigName)}
	}
	if damaged > 0 {
		notice(fmt.Sprintf("%s: %d of %d lines were changed after they were written; what they held is trained again", path, damaged, lines))
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
	if j.file, _, err = regularfile.Append(path); err != nil {
		return nil, refused(err)
	}
	j.size = int64(len(whole))
	return j, nil
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
	j.size += int64(len(line))
	j.add(row)
	return nil
}

// check returns an error if the journal is not the file that this process opened, or
// has not the size that it left it with.
func (j *journal) check() error {
	held, err := j.file.Stat()
	if err != nil {
		return err
	}
	if now, err := os.Stat(j.file.Name()); err != nil || !os.SameFile(held, now) {
		return fmt.Errorf("%s was removed or replaced", j.file.Name())
	}
	if held.Size() != j.size {
		return fmt.Errorf("%s has %d bytes, but this process left it with %d", j.file.Name(), held.Size(), j.size)
	}
	return nil
}

func (j *journal) close() error { return j.file.Close() }
