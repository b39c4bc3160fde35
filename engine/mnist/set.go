package mnist

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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
	Folder      string // where it was read from
}

// names are the files of a set as they are published, without ".gz".
var names = [4]string{
	"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
	"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
}

// Read reads a set from a folder that holds its four files, gzipped or not.
func Read(folder string) (*Set, error) {
	var paths [4]string
	for i, name := range names {
		path, err := inFolder(folder, name)
		if err != nil {
			return nil, err
		}
		paths[i] = path
	}
	train, err := readPart(paths[0], paths[1])
	if err != nil {
		return nil, err
	}
	test, err := readPart(paths[2], paths[3])
	if err != nil {
		return nil, err
	}
	return &Set{Train: train, Test: test, Folder: folder}, nil
}

// Find reads the set that a person means by a folder: the folder itself, or what
// torchvision makes of it, MNIST/raw or raw below it. An empty name stands for
// testdata/mnist in this folder or one above it.
func Find(folder string) (*Set, error) {
	var tried []string
	for _, candidate := range candidates(folder) {
		if holdsAny(candidate) {
			return Read(candidate)
		}
		tried = append(tried, candidate)
	}
	return nil, fmt.Errorf("no images found: looked for %s, with or without .gz, in %s; name a folder that holds the four files of MNIST or a set like it",
		names[0], strings.Join(tried, ", "))
}

func candidates(folder string) []string {
	if folder != "" {
		return []string{folder, filepath.Join(folder, "MNIST", "raw"), filepath.Join(folder, "raw")}
	}
	var list []string
	for above := "."; len(list) < 4; above = filepath.Join(above, "..") {
		list = append(list, filepath.Join(above, "testdata", "mnist"))
	}
	return list
}

// holdsAny reports whether a folder holds any file of a set. One that does is the
// one that was meant, even if others are missing.
func holdsAny(folder string) bool {
	for _, name := range names {
		if _, err := inFolder(folder, name); err == nil {
			return true
		}
	}
	return false
}

// inFolder returns the path of a file in a folder, gzipped or not.
func inFolder(folder, name string) (string, error) {
	plain := filepath.Join(folder, name)
	for _, path := range []string{plain, plain + ".gz"} {
		switch info, err := os.Stat(path); {
		case err == nil && !info.IsDir():
			return path, nil
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return "", err
		}
	}
	return "", fmt.Errorf("%s is missing, and so is %s.gz", plain, name)
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
			return p, fmt.Errorf("%s: label %d is %d, but must be 0 to %d", labels, i, class, Classes-1)
		}
	}
	return p, nil
}
