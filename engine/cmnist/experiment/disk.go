package experiment

import (
	"errors"
	"io"
	"os"

	"modspec/engine/results"
)

// disk is every way in which a session changes its folder. Tests put others in their
// place, to end a session before, in and after each change as a kill does.
var disk = struct {
	writeFile  func(path string, write func(io.Writer) error) error
	appendLine func(f *os.File, line []byte) error
	remove     func(path string) error
	mkdir      func(path string, mode os.FileMode) error
}{
	results.WriteFile, appendLine, os.Remove, os.MkdirAll,
}

// appendLine writes a line at the end of a file and waits until it is on the disk.
func appendLine(f *os.File, line []byte) error {
	_, err := f.Write(line)
	return errors.Join(err, f.Sync())
}
