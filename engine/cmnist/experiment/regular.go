package experiment

import (
	"fmt"
	"os"
	"path/filepath"

	"modspec/engine/lock"
)

// regular returns an error if something else than a file has the name of one that is
// read: to open a pipe would wait for someone to write to it, whatever signals come.
func (s *session) regular() error {
	files := []string{lock.Name, ConfigName, JournalName}
	for _, m := range s.members {
		files = append(files, filepath.Join(checkpointsDir, m.file()), filepath.Join(weightsDir, m.file()))
	}
	for _, name := range files {
		path := filepath.Join(s.o.Dir, name)
		if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
			return &MismatchError{fmt.Sprintf("%s is a folder, a pipe or a device, but must be a regular file; choose another folder", path)}
		}
	}
	return nil
}
