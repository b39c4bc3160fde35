package mnist

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
)

// Side is the height and the width of an image of the sets that are read here.
const Side = 28

// Classes is the number of classes of the sets that are read here.
const Classes = 10

// Part is the training or the test part of a set: images and the class of each,
// 0 to 9.
type Part struct {
	Images *Images
	Labels []byte
}

// Set is a whole set.
type Set struct {
	Train, Test Part
	Folder      string    // where it was read from
	Files       [4]string // that it was read from: training images and classes, then those for tests
}

// Read reads the set that a folder holds: four files by the names under which such
// sets are published, gzipped or not. These are train-images-idx3-ubyte and its
// like, with a dot in place of the last dash but one or not, and EMNIST's
// emnist-digits-train-images-idx3-ubyte and its like. A folder that holds several
// sets is refused.
func Read(folder string) (*Set, error) {
	found, err := look(folder)
	if err != nil {
		return nil, err
	}
	return choose(found, folder)
}

// Find reads the set that a person means by a path: a folder that holds one, a
// folder with such a folder below it, as torchvision and EMNIST's archive lay them
// out, or one of the set's files, where a folder holds several sets. An empty path
// stands for testdata/mnist in this folder or one above it. Where there is no set, or a
// file of it is missing, the error wraps [fs.ErrNotExist].
func Find(path string) (*Set, error) {
	if path == "" {
		return findAbove()
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("cannot look for images: %w", err)
	}
	if !info.IsDir() {
		return findFile(path)
	}
	// Files in the folder itself are meant, whatever else lies below it.
	found, err := look(path)
	if err != nil {
		return nil, err
	}
	tried := []string{path}
	if len(found) == 0 {
		for _, below := range layouts {
			folder := filepath.Join(path, below)
			sets, err := look(folder)
			if err != nil && !absent(err) {
				return nil, err
			}
			found, tried = append(found, sets...), append(tried, folder)
		}
	}
	return choose(found, tried...)
}

// layouts are where sets lie below the folder that is named: torchvision's folders,
// and that of EMNIST's archive.
var layouts = []string{"raw", "MNIST/raw", "FashionMNIST/raw", "KMNIST/raw", "EMNIST/raw", "gzip"}

func findAbove() (*Set, error) {
	var tried []string
	for above := "."; len(tried) < 4; above = filepath.Join(above, "..") {
		folder := filepath.Join(above, "testdata", "mnist")
		found, err := look(folder)
		if err != nil && !absent(err) {
			return nil, err
		}
		if len(found) > 0 {
			return choose(found)
		}
		tried = append(tried, folder)
	}
	return choose(nil, tried...)
}

// findFile reads the set that a file belongs to.
func findFile(path string) (*Set, error) {
	parts := fileName.FindStringSubmatch(filepath.Base(path))
	if parts == nil {
		return nil, fmt.Errorf("%s is no folder, and not named as the files of such a set are (%s); name a folder that holds one", path, example)
	}
	found, err := look(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	return choose(slices.DeleteFunc(found, func(f *files) bool { return f.set != parts[1] }), path)
}

// missing is the error for a set, or a file of one, that is not there.
type missing string

func (m missing) Error() string { return string(m) }

// Unwrap has errors.Is take it for [fs.ErrNotExist].
func (missing) Unwrap() error { return fs.ErrNotExist }

// absent reports whether the system says that a folder is not there.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// example is the name that messages show.
const example = "train-images-idx3-ubyte"

// fileName takes a file's name apart: the set where it is one of EMNIST's, the part,
// what is in it, and whether it is gzipped. Unpackers write a dot for a dash.
var fileName = regexp.MustCompile(`^(emnist-(?:byclass|bymerge|balanced|letters|digits|mnist)-)?(train|t10k|test)-(?:(images)[-.]idx3|labels[-.]idx1)-ubyte(\.gz)?$`)

// The files of a set, in the order in which they are read.
const (
	trainImages = iota
	trainLabels
	testImages
	testLabels
)

// files are a set's, in one folder. A path is empty where there is none.
type files struct {
	folder string
	set    string // what EMNIST's names begin with; empty for other sets
	paths  [4]string
}

// look returns the sets of which a folder holds any file, in the order of their
// names.
func look(folder string) ([]*files, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("cannot look for images: %w", err)
	}
	var found []*files
	for _, entry := range entries { // sorted by name, so that x comes before x.gz
		parts := fileName.FindStringSubmatch(entry.Name())
		if parts == nil {
			continue
		}
		path := filepath.Join(folder, entry.Name())
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue // a link to a file that is not there
		case err != nil:
			return nil, fmt.Errorf("cannot look for images: %w", err)
		case info.IsDir():
			continue // some unpackers make a folder of that name around the file
		}
		i := slices.IndexFunc(found, func(f *files) bool { return f.set == parts[1] })
		if i < 0 {
			i, found = len(found), append(found, &files{folder: folder, set: parts[1]})
		}
		which := trainLabels
		if parts[2] != "train" {
			which = testLabels
		}
		if parts[3] != "" {
			which-- // images
		}
		switch have := &found[i].paths[which]; {
		case *have == "":
			*have = path
		case *have+".gz" != path: // both are there after torchvision's download
			return nil, fmt.Errorf("%s and %s are both there; keep the one that is meant", *have, path)
		}
	}
	return found, nil
}

// choose reads the one set that was found where a person looked.
func choose(found []*files, tried ...string) (*Set, error) {
	switch len(found) {
	case 0:
		return nil, missing(fmt.Sprintf("no images found: looked for %s and its like, with or without .gz, in %s; name a folder that holds the four files of MNIST or a set like it",
			example, strings.Join(tried, ", ")))
	case 1:
		return found[0].read()
	}
	var names []string
	for _, f := range found {
		names = append(names, f.any())
	}
	return nil, fmt.Errorf("there are several sets of images: %s; name the one that is meant by the path of one of its files", strings.Join(names, ", "))
}

// any returns the path of one of the files.
func (f *files) any() string { return cmp.Or(f.paths[:]...) }

func (f *files) read() (*Set, error) {
	for which, path := range f.paths {
		if path == "" {
			name := [...]string{"train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"}[which]
			if f.set != "" {
				name = strings.Replace(name, "t10k", "test", 1)
			}
			none := filepath.Join(f.folder, f.set+name+"-ubyte")
			return nil, missing(fmt.Sprintf("%s is missing, and so is %s.gz", none, none))
		}
	}
	train, err := readPart(f.paths[trainImages], f.paths[trainLabels])
	if err != nil {
		return nil, err
	}
	test, err := readPart(f.paths[testImages], f.paths[testLabels])
	if err != nil {
		return nil, err
	}
	if f.set != "" {
		train.Images.transpose()
		test.Images.transpose()
	}
	return &Set{Train: train, Test: test, Folder: f.folder, Files: f.paths}, nil
}

func readPart(images, labels string) (Part, error) {
	var p Part
	var err error
	if p.Images, err = ReadImages(images); err != nil {
		return p, err
	}
	if p.Images.Rows != Side || p.Images.Columns != Side {
		return p, fmt.Errorf("%s: its images are %d × %d pixels, but must be %d × %d", images, p.Images.Rows, p.Images.Columns, Side, Side)
	}
	if p.Labels, err = ReadLabels(labels); err != nil {
		return p, err
	}
	if len(p.Labels) != p.Images.Count {
		return p, fmt.Errorf("%s holds %d labels, but %s holds %d images", labels, len(p.Labels), images, p.Images.Count)
	}
	for i, class := range p.Labels {
		if class >= Classes {
			return p, fmt.Errorf("%s: label %d is %d, but must be 0 to %d; of EMNIST, the sets digits and mnist have these", labels, i, class, Classes-1)
		}
	}
	return p, nil
}
