package images

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"modspec/engine/cmnist"
	"modspec/engine/mnist"
)

// digestPrefix begins the one form of the parameter data.
const digestPrefix = "sha256:"

// keptCompositions bounds the compositions that are kept for other models: of the whole
// of MNIST one takes about a megabyte.
const keptCompositions = 64

// A library keeps the sets that were read in this process, and the images composed of
// them.
type library struct {
	mutex    sync.Mutex
	byPath   map[string]found // by absolute path
	byDigest map[string]*mnist.Set
	composed map[composition]*cmnist.Data
}

// A found set is in files that have not changed since.
type found struct {
	digest string
	files  [4]fs.FileInfo
	paths  [4]string
}

// unchanged reports whether the files of a set are those that were read.
func (f *found) unchanged() bool {
	for i, path := range f.paths {
		now, err := os.Stat(path)
		if then := f.files[i]; err != nil || !os.SameFile(then, now) || then.Size() != now.Size() || !then.ModTime().Equal(now.ModTime()) {
			return false
		}
	}
	return true
}

var read = library{byPath: map[string]found{}, byDigest: map[string]*mnist.Set{}, composed: map[composition]*cmnist.Data{}}

// A composition is what images are made of.
type composition struct {
	digest string
	cmnist.Composition
	cmnist.Selection
}

// Find reads the digits of a folder, and returns the digest by which a setting may name
// them from then on in this process.
func Find(folder string) (digest string, err error) { return read.find(folder) }

// find returns the digest of the set that a person means by a path or by a digest. A
// digest is that of a set that was read before, or else of the one that is found
// unasked.
func (l *library) find(path string) (string, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if strings.HasPrefix(path, digestPrefix) {
		if l.byDigest[path] != nil {
			return path, nil
		}
		found, err := l.read(defaultSet)
		if err == nil && found != path {
			err = fmt.Errorf("data is %s, but the digits of %s have %s; name the folder of the set that is meant", path, l.byDigest[found].Folder, found)
		}
		return path, err
	}
	return l.read(path)
}

func (l *library) read(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("data: %w", err)
	}
	if f, ok := l.byPath[absolute]; ok && f.unchanged() {
		return f.digest, nil
	}
	from := path
	if path == defaultSet {
		from = ""
	}
	set, err := mnist.Find(from)
	if err != nil {
		return "", fmt.Errorf("data: %w", err)
	}
	f := found{digest: digestOf(set)}
	for i, file := range set.Files {
		if f.paths[i], err = filepath.Abs(file); err == nil {
			f.files[i], err = os.Stat(file)
		}
		if err != nil {
			return "", fmt.Errorf("data: %w", err)
		}
	}
	if l.byDigest[f.digest] == nil { // one copy of equal sets
		l.byDigest[f.digest] = set
	}
	l.byPath[absolute] = f
	return f.digest, nil
}

// digestOf is the SHA-256 of a set's training and then test digits: of each part their
// number, as 8 bytes with the least first, their pixels and their classes.
func digestOf(set *mnist.Set) string {
	h := sha256.New()
	for _, part := range []mnist.Part{set.Train, set.Test} {
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(part.Labels))))
		h.Write(part.Images.Pixels)
		h.Write(part.Labels)
	}
	return fmt.Sprintf("%s%x", digestPrefix, h.Sum(nil))
}

// compose returns the images of a composition, whose set was found.
func (l *library) compose(c composition) (*cmnist.Data, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if d := l.composed[c]; d != nil {
		return d, nil
	}
	d, err := cmnist.Compose(l.byDigest[c.digest], c.Composition, c.Selection)
	if err != nil {
		return nil, err
	}
	if len(l.composed) >= keptCompositions { // models hold what they use
		clear(l.composed)
	}
	l.composed[c] = d
	return d, nil
}

// set returns a set that was found.
func (l *library) set(digest string) *mnist.Set {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.byDigest[digest]
}
