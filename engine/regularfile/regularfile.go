// Package regularfile opens files that others may have put in a folder of results:
// regular files only, and whole into memory only up to a size.
package regularfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// An Error is a file that cannot be what it should be, whatever it contains: no
// regular file, or larger than any of its kind.
type Error struct{ text string }

func (e *Error) Error() string { return e.text }

// Open opens a file for reading and returns its size in bytes.
// Anything but a regular file, or a link to one, is refused with a [Error]:
// a FIFO or a device could block the reader, and has no size.
func Open(path string) (*os.File, int64, error) {
	return open(path, os.O_RDONLY, os.Stat, os.OpenFile)
}

// Append opens a file that is there for writing at its end, as [Open] does for reading.
func Append(path string) (*os.File, int64, error) {
	return open(path, os.O_WRONLY|os.O_APPEND, os.Stat, os.OpenFile)
}

// Check returns an [Error] if there is something at path, and it is no regular file.
func Check(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return nil // opening it gives the error
	}
	return regular(path, info)
}

// OpenIn is [Open] for a file below a root, which links cannot leave.
func OpenIn(root *os.Root, name string) (*os.File, int64, error) {
	return open(name, os.O_RDONLY, root.Stat, root.OpenFile)
}

func open(name string, flag int, stat func(string) (fs.FileInfo, error), openFile func(string, int, fs.FileMode) (*os.File, error)) (*os.File, int64, error) {
	// To open a device can already act on it, so it is looked at before. It is
	// looked at again once it is open, because another can have taken its place;
	// that one is opened without waiting, where the system can.
	info, err := stat(name)
	if err != nil {
		return nil, 0, err
	}
	if err := regular(name, info); err != nil {
		return nil, 0, err
	}
	f, err := openFile(name, flag|withoutWaiting, 0)
	if err != nil {
		return nil, 0, err
	}
	if info, err = f.Stat(); err == nil {
		err = regular(name, info)
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

func regular(name string, info fs.FileInfo) error {
	kind := ""
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		kind = "folder"
	case mode&fs.ModeNamedPipe != 0:
		kind = "FIFO"
	case mode&fs.ModeSocket != 0:
		kind = "socket"
	case mode&fs.ModeDevice != 0:
		kind = "device"
	default:
		kind = "file of another kind"
	}
	return &Error{fmt.Sprintf("%s is a %s, but must be a regular file", name, kind)}
}

// Read returns the content of a file of at most so many bytes, opened as
// [Open] does. A larger one is refused with a [Error] before it is read.
func Read(path string, most int64) ([]byte, error) {
	f, size, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return read(f, path, size, most)
}

// ReadIn is [Read] for a file below a root.
func ReadIn(root *os.Root, name string, most int64) ([]byte, error) {
	f, size, err := OpenIn(root, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return read(f, name, size, most)
}

func read(f *os.File, name string, size, most int64) ([]byte, error) {
	if size > most {
		return nil, &Error{fmt.Sprintf("%s has %d bytes, but may have at most %d", name, size, most)}
	}
	data := make([]byte, size)
	n, err := io.ReadFull(f, data) // what is appended meanwhile is left for the next reader
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil // it was truncated meanwhile; reading the content gives the error
	}
	return data[:n], err
}
