package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"modspec/engine/regularfile"
	"modspec/engine/results"
)

// partName returns the name of a part, which its files share: "part-000001". The
// numbers count up from 1, in the order in which parts were begun.
func partName(number int) string { return fmt.Sprintf("part-%06d", number) }

// partNumber is the inverse of partName.
func partNumber(name string) (int, bool) {
	var number int
	if _, err := fmt.Sscanf(name, "part-%d", &number); err != nil || number < 1 || partName(number) != name {
		return 0, false
	}
	return number, true
}

// partPath returns where a part's file of a table is: each table has a folder of its name
// inside the sweep's.
func partPath(dir, table, name string) string {
	return filepath.Join(dir, table, name+".parquet")
}

// files lists the files of a part: their tables and what the journal knows.
func (p *part) files() []tableFile {
	list := []tableFile{{results.RunsTable, p.Runs}}
	if p.Trajectories != nil {
		list = append(list, tableFile{results.TrajectoriesTable, *p.Trajectories})
	}
	return list
}

type tableFile struct {
	table string
	partFile
}

// verify compares the files of a part with the journal, every byte of them. The
// error names the file and says what to do; it wraps fs.ErrNotExist if a file is
// missing.
func (p *part) verify(dir string) error {
	for _, f := range p.files() {
		path := partPath(dir, f.table, p.Name)
		bytes, sum, err := sumFile(path, f.Bytes)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("%s is missing: %w", path, fs.ErrNotExist)
		case err != nil:
			return err
		case bytes != f.Bytes:
			return damaged(path, fmt.Sprintf("it has %d bytes, but was written with %d", bytes, f.Bytes))
		case sum != f.SHA256:
			return damaged(path, fmt.Sprintf("its SHA-256 is %s, but was %s", sum, f.SHA256))
		}
	}
	return nil
}

// A damagedError is a part file that is no longer what was written.
type damagedError struct{ path, what string }

func (e *damagedError) Error() string {
	return fmt.Sprintf("%s was changed after it was written: %s; bring it back from a copy, or delete it and run the sweep again, which trains its copies anew", e.path, e.what)
}

func damaged(path, what string) error { return &damagedError{path, what} }

// sumFile returns the length and the SHA-256 of a file. If it must have a length that
// it has not, nothing is hashed: a file can be said to be far longer than what is on
// the disk. A negative length is any.
func sumFile(path string, must int64) (bytes int64, sum string, err error) {
	f, bytes, err := regularfile.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, there := os.Lstat(path); there == nil {
			// What it leads to may only be on a disk that is not there now: not missing.
			err = fmt.Errorf("%s is a link to a file that is missing; bring that back, or delete the link and run the sweep again, which trains its copies anew", path)
		}
	}
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	if must >= 0 && bytes != must {
		return bytes, "", nil
	}
	h := sha256.New()
	if bytes, err = io.CopyBuffer(h, f, make([]byte, 1<<20)); err != nil {
		return 0, "", fmt.Errorf("reading %s: %w", path, err)
	}
	return bytes, hex.EncodeToString(h.Sum(nil)), nil
}

// partFiles returns the names of the files in the folder of a table that are called
// as parts are: regular files, and links to such, as those that read a part take them.
func partFiles(dir, table string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(dir, table))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		base, ok := strings.CutSuffix(e.Name(), ".parquet")
		if _, isPart := partNumber(base); !ok || !isPart {
			continue
		}
		info, err := os.Stat(partPath(dir, table, base))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err == nil && info.Mode().IsRegular() {
			names = append(names, base)
		}
	}
	return names, nil
}

// strays returns the files that a process left behind when it was killed: temporary
// ones, and parts in the tables' folders that the journal does not have. Files with
// names that no process of this program gives are not among them.
func strays(dir string, r *record) ([]string, error) {
	known := map[string]bool{}
	for i := range r.parts {
		for _, f := range r.parts[i].files() {
			known[partPath(dir, f.table, r.parts[i].Name)] = true
		}
	}
	var list []string
	for _, table := range Tables {
		names, err := partFiles(dir, table)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if path := partPath(dir, table, name); !known[path] {
				list = append(list, path)
			}
		}
	}
	for _, folder := range slices.Concat(Tables, []string{"."}) {
		entries, err := os.ReadDir(filepath.Join(dir, folder))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			if e.Type().IsRegular() && isLeft(folder, e) {
				list = append(list, filepath.Join(dir, folder, e.Name()))
			}
		}
	}
	return list, nil
}

// quietTime is how long a temporary file that another command may be writing into a
// sweep's folder (a figure, a table as CSV) is left alone.
const quietTime = time.Hour

// isLeft reports whether a file is a temporary one that no process writes any more.
func isLeft(folder string, e fs.DirEntry) bool {
	name := results.TemporaryFor(e.Name())
	switch {
	case name == "":
		return false
	case folder != ".":
		base, ok := strings.CutSuffix(name, ".parquet")
		_, isPart := partNumber(base)
		return ok && isPart
	case name == journalName, name == results.ManifestName:
		return true
	}
	info, err := e.Info()
	return err == nil && time.Since(info.ModTime()) > quietTime
}

// sumWriter counts and hashes what is written through it.
type sumWriter struct {
	to    io.Writer
	hash  hash.Hash
	bytes int64
}

func newSumWriter(to io.Writer) *sumWriter { return &sumWriter{to: to, hash: sha256.New()} }

func (w *sumWriter) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	w.hash.Write(p[:n])
	w.bytes += int64(n)
	return n, err
}

// file returns what the journal will know of what was written.
func (w *sumWriter) file(rows int) partFile {
	return partFile{Bytes: w.bytes, Rows: rows, SHA256: hex.EncodeToString(w.hash.Sum(nil))}
}
