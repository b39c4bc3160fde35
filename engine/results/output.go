package results

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// WriteOutput is [WriteFile] for a file that a user names. A link stays, and what it
// points to is replaced; a device or a pipe is written to, and stays what it is.
func WriteOutput(path string, write func(io.Writer) error) error {
	info, err := os.Stat(path)
	switch {
	case err != nil || info.IsDir():
		return WriteFile(path, write) // which says what is wrong, if anything is
	case info.Mode().IsRegular():
		if to, err := filepath.EvalSymlinks(path); err == nil {
			path = to
		}
		return WriteFile(path, write)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	err = write(f)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
