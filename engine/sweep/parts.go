package sweep

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"modspec/engine/regularfile"
)

// The folders of a sweep's two tables, inside the sweep's own.
const (
	runsFolder         = "runs"
	trajectoriesFolder = "trajectories"
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

// partPath returns where a part's file of a table is.
func partPath(dir, table, name string) string {
	return filepath.Join(dir, table, name+".parquet")
}

// files lists the files of a part: their tables and what the journal knows.
func (p *part) files() []tableFile {
	list := []tableFile{{runsFolder, p.Runs}}
	if p.Trajectories != nil {
		list = append(list, tableFile{trajectoriesFolder, *p.Trajectories})
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
		bytes, sum, err := sumFile(path)
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

func sumFile(path string) (bytes int64, sum string, err error) {
	f, _, err := regularfile.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	h := sha256.New()
	if bytes, err = io.CopyBuffer(h, f, make([]byte, 1<<20)); err != nil {
		return 0, "", fmt.Errorf("reading %s: %w", path, err)
	}
	return bytes, hex.EncodeToString(h.Sum(nil)), nil
}

// strays returns the files in the tables' folders that a process left behind
// when it was killed: temporary ones, and parts that the journal does not have.
// Files with names that no process of this program gives are not among them.
func strays(dir string, r *record) ([]string, error) {
	known := map[string]bool{}
	for i := range r.parts {
		for _, f := range r.parts[i].files() {
			known[partPath(dir, f.table, r.parts[i].Name)] = true
		}
	}
	var list []string
	for _, table := range []string{runsFolder, trajectoriesFolder} {
		entries, err := os.ReadDir(filepath.Join(dir, table))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			path := filepath.Join(dir, table, e.Name())
			if e.Type().IsRegular() && isPartFile(e.Name()) && !known[path] {
				list = append(list, path)
			}
		}
	}
	return list, nil
}

// isPartFile reports whether a name is a part's file or one on its way to it,
// which has a dot before and a mark after the name.
func isPartFile(name string) bool {
	if rest, ok := strings.CutSuffix(name, ".tmp"); ok {
		rest = strings.TrimPrefix(rest, ".")
		name = rest[:max(0, strings.LastIndexByte(rest, '.'))]
	}
	base, ok := strings.CutSuffix(name, ".parquet")
	if !ok {
		return false
	}
	_, ok = partNumber(base)
	return ok
}

// sumWriter counts and hashes what is written through it.
type sumWriter struct {
	to   io.Writer
	hash interface {
		io.Writer
		Sum([]byte) []byte
	}
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
