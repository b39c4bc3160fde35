package experiment

import (
	"errors"
	"path/filepath"

	"modspec/engine/lock"
	"modspec/engine/regularfile"
)

// regular returns an error if something other than a file has the name of one that is
// read or written, before anything is trained.
func (s *session) regular() error {
	files := []string{lock.Name, ConfigName, JournalName}
	for _, m := range s.members {
		files = append(files, filepath.Join(checkpointsDir, m.file()), filepath.Join(weightsDir, m.file()))
	}
	for _, name := range files {
		if err := regularfile.Check(filepath.Join(s.o.Dir, name)); err != nil {
			return refused(err)
		}
	}
	return nil
}

// readFile returns the content of a file of at most so many bytes.
func readFile(path string, most int64) ([]byte, error) {
	data, err := regularfile.Read(path, most)
	return data, refused(err)
}

// refused makes a [MismatchError] of one that says that a file cannot be the
// experiment's.
func refused(err error) error {
	if irregular := (*regularfile.Error)(nil); errors.As(err, &irregular) {
		return &MismatchError{irregular.Error() + "; choose another folder"}
	}
	return err
}
