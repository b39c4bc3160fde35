package store

import (
	"errors"
	"fmt"
	"io/fs"
)

// Repair brings a folder in order without training, as [Open] would: a broken
// journal is rebuilt from the parts, a part that is whole but not in the journal is
// entered, one of which a file is missing is dropped, the manifest is written, and
// what a killed process left is removed. It refuses a folder that another process
// works in. The error names a part that was changed after it was written: only its
// owner can tell what it should be.
func Repair(dir string, notice func(string)) (Status, error) {
	// A folder that is no sweep's gets no lock either.
	if r, _, err := readRecord(dir); errors.Is(err, fs.ErrNotExist) {
		return Status{}, err
	} else if err == nil && r.sweep == nil {
		return Status{}, noSweep(fmt.Sprintf("%s is no folder of a sweep: it has no %s with anything in it, and no parts", dir, journalName))
	}
	if notice == nil {
		notice = func(string) {}
	}
	f, err := lockFolder(dir, notice)
	if err != nil {
		return Status{}, err
	}
	if f.journal.record.sweep == nil {
		err = fmt.Errorf("%s: its journal is damaged, and it holds no parts; run the sweep again, which begins anew", dir)
	} else if err = f.tidy(); err == nil {
		if err = f.WriteManifest(); err == nil {
			err = f.Confirm()
		}
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return Status{}, err
	}
	return ReadStatus(dir)
}
