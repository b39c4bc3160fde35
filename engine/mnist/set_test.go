package mnist_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modspec/engine/mnist"
)

const committed = "../../testdata/mnist"

// files of a small set, by name.
func small(images, labels int) map[string][]byte {
	set := map[string][]byte{}
	for _, part := range []string{"train", "t10k"} {
		pixels := make([]byte, images*mnist.Side*mnist.Side)
		for i := range pixels {
			pixels[i] = byte(i)
		}
		classes := make([]byte, labels)
		for i := range classes {
			classes[i] = byte(i % mnist.Classes)
		}
		set[part+"-images-idx3-ubyte"] = idx(0x803, pixels, images, mnist.Side, mnist.Side)
		set[part+"-labels-idx1-ubyte"] = idx(0x801, classes, labels)
	}
	return set
}

func idx(magic uint32, data []byte, dims ...int) []byte {
	out := binary.BigEndian.AppendUint32(nil, magic)
	for _, d := range dims {
		out = binary.BigEndian.AppendUint32(out, uint32(d))
	}
	return append(out, data...)
}

func write(t *testing.T, folder string, files map[string][]byte) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func zipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The committed files are MNIST: how many digits of each class there are is
// published with it.
func TestTheCommittedFilesAreMNIST(t *testing.T) {
	set, err := mnist.Read(committed)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []struct {
		name string
		part mnist.Part
		want [mnist.Classes]int
	}{
		{"train", set.Train, [...]int{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}},
		{"test", set.Test, [...]int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}},
	} {
		var counts [mnist.Classes]int
		for _, class := range part.part.Labels {
			counts[class]++
		}
		if counts != part.want {
			t.Errorf("%s has %v of each class, want %v", part.name, counts, part.want)
		}
		if part.part.Images.Count != len(part.part.Labels) {
			t.Errorf("%s has %d images and %d labels", part.name, part.part.Images.Count, len(part.part.Labels))
		}
	}
	// The first training digits are 5, 0, 4, 1, 9, and the set's makers moved every
	// digit's centre of mass to the centre of its image, by whole pixels: it lies
	// within one pixel of (14, 14), counted from the corner of the image.
	if got := set.Train.Labels[:5]; !bytes.Equal(got, []byte{5, 0, 4, 1, 9}) {
		t.Errorf("the first training labels are %v", got)
	}
	for i := range 1000 {
		ink, rows, columns := 0.0, 0.0, 0.0
		for at, v := range set.Train.Images.Image(i) {
			ink += float64(v)
			rows += float64(v) * (float64(at/mnist.Side) + 0.5)
			columns += float64(v) * (float64(at%mnist.Side) + 0.5)
		}
		if r, c := rows/ink-14, columns/ink-14; !(r*r <= 1 && c*c <= 1) {
			t.Errorf("image %d has its centre of mass %.2f rows and %.2f columns from the middle", i, r, c)
		}
	}
}

// renamed returns the files of a small set by other names.
func renamed(count int, name func(string) string) map[string][]byte {
	files := map[string][]byte{}
	for from, data := range small(count, count) {
		files[name(from)] = data
	}
	return files
}

// emnist names a file as EMNIST does.
func emnist(set string) func(string) string {
	return func(name string) string { return "emnist-" + set + "-" + strings.Replace(name, "t10k", "test", 1) }
}

// dotted names a file as some programs unpack it.
func dotted(name string) string { return strings.Replace(name, "-idx", ".idx", 1) }

// Of the names under which such sets are published only one was known, and of
// torchvision's folders only MNIST's.
func TestFindKnowsTheNamesOfSets(t *testing.T) {
	same := func(name string) string { return name }
	for _, c := range []struct {
		below string
		name  func(string) string
	}{
		{"", same}, {"raw", same}, {"MNIST/raw", same}, {"FashionMNIST/raw", same}, {"KMNIST/raw", same},
		{"", dotted}, {"MNIST/raw", dotted},
		{"", emnist("digits")}, {"", emnist("mnist")}, {"EMNIST/raw", emnist("digits")}, {"raw", emnist("digits")}, {"gzip", emnist("balanced")},
	} {
		for _, gzipped := range []bool{false, true} {
			folder := t.TempDir()
			files := renamed(3, c.name)
			if gzipped {
				for name, data := range files {
					delete(files, name)
					files[name+".gz"] = zipped(t, data)
				}
			}
			write(t, filepath.Join(folder, c.below), files)
			set, err := mnist.Find(folder)
			if err != nil || set.Train.Images.Count != 3 || set.Folder != filepath.Join(folder, c.below) {
				t.Errorf("%s in %q, gzipped %v: %v", c.name("train-images-idx3-ubyte"), c.below, gzipped, err)
			}
		}
	}
	// torchvision leaves the packed files beside the others.
	folder := t.TempDir()
	write(t, folder, small(2, 2))
	write(t, folder, map[string][]byte{"train-images-idx3-ubyte.gz": []byte("not read"), "t10k-labels-idx1-ubyte.gz": []byte("not read")})
	// Some archives have folders with the names of the files.
	write(t, filepath.Join(folder, "train-images.idx3-ubyte"), nil)
	if _, err := mnist.Find(folder); err != nil {
		t.Errorf("packed and not: %v", err)
	}
	t.Chdir(filepath.Dir(committed))
	if set, err := mnist.Find(""); err != nil || set.Test.Images.Count != 10000 {
		t.Errorf("by itself: %v", err)
	}
	if _, err := mnist.Find(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no images found: looked for train-images-idx3-ubyte") {
		t.Errorf("an empty folder: %v", err)
	}
}

// EMNIST's images are published with rows and columns exchanged; read as they are,
// its digits lie on their sides beside MNIST's.
func TestEMNISTIsTurned(t *testing.T) {
	turned, plain := t.TempDir(), t.TempDir()
	write(t, turned, renamed(2, emnist("mnist")))
	write(t, plain, small(2, 2))
	a, err := mnist.Find(turned)
	if err != nil {
		t.Fatal(err)
	}
	b, err := mnist.Find(plain)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []struct{ a, b mnist.Part }{{a.Train, b.Train}, {a.Test, b.Test}} {
		for i := range 2 {
			for row := range mnist.Side {
				for column := range mnist.Side {
					if got, want := part.a.Images.Image(i)[row*mnist.Side+column], part.b.Images.Image(i)[column*mnist.Side+row]; got != want {
						t.Fatalf("image %d has %d at (%d, %d), want %d", i, got, row, column, want)
					}
				}
			}
		}
	}
}

// Where there are several sets none is taken silently: each is named, and each is
// read when it is named by one of its files.
func TestSeveralSetsAreNamed(t *testing.T) {
	torchvision, archive := t.TempDir(), t.TempDir()
	write(t, filepath.Join(torchvision, "MNIST/raw"), small(2, 2))
	write(t, filepath.Join(torchvision, "FashionMNIST/raw"), small(3, 3))
	write(t, archive, renamed(2, emnist("digits")))
	write(t, archive, renamed(3, emnist("mnist")))
	for folder, files := range map[string][2]string{
		torchvision: {"MNIST/raw/train-images-idx3-ubyte", "FashionMNIST/raw/train-images-idx3-ubyte"},
		archive:     {"emnist-digits-train-images-idx3-ubyte", "emnist-mnist-train-images-idx3-ubyte"},
	} {
		_, err := mnist.Find(folder)
		for i, file := range files {
			path := filepath.Join(folder, file)
			if err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("the error is %v, want one that names %s", err, path)
			}
			if set, err := mnist.Find(path); err != nil || set.Train.Images.Count != 2+i {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
	// Two files that can each be the same part of one set.
	both := t.TempDir()
	write(t, both, small(2, 2))
	write(t, both, map[string][]byte{"train-images.idx3-ubyte": small(3, 3)["train-images-idx3-ubyte"]})
	if _, err := mnist.Find(both); err == nil || !strings.Contains(err.Error(), "train-images-idx3-ubyte and ") || !strings.Contains(err.Error(), "train-images.idx3-ubyte are both there") {
		t.Errorf("two names of one file: %v", err)
	}
}

// What the system says of a folder is told: a folder that could not be looked into
// was said to hold no images.
func TestFoldersThatCannotBeReadSayWhy(t *testing.T) {
	folder := t.TempDir()
	loop := filepath.Join(folder, "loop")
	if err := os.Symlink(loop, loop); err != nil {
		t.Skipf("this system makes no links: %v", err)
	}
	write(t, filepath.Join(folder, "sets"), nil)
	if err := os.Symlink(loop, filepath.Join(folder, "sets", "raw")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "set"), small(2, 2))
	if err := os.Symlink(loop, filepath.Join(folder, "set", "train-images-idx3-ubyte.gz")); err != nil {
		t.Fatal(err)
	}
	write(t, folder, map[string][]byte{"notes.txt": nil})
	for path, want := range map[string]string{
		loop:                                "too many",
		filepath.Join(folder, "sets"):       "too many",
		filepath.Join(folder, "set"):        "too many",
		filepath.Join(folder, "none"):       "no such file",
		filepath.Join(folder, "notes.txt"):  "is no folder",
		filepath.Join(folder, "notes.txt/"): "is no folder",
	} {
		if _, err := mnist.Find(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), folder) {
			t.Errorf("%s: the error is %v, want one with %q", path, err, want)
		}
	}
}

// Every fault is told with the name of the file that has it.
func TestFaultsAreNamed(t *testing.T) {
	const images, labels = "train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
	good := small(4, 4)
	for _, c := range []struct {
		what, file string
		data       []byte
		want       string
	}{
		{"empty", images, nil, "too short to hold images in the IDX format"},
		{"one byte", images, []byte{0}, "too short"},
		{"cut in the header", images, good[images][:10], "it ends within the header of 16 bytes"},
		{"cut in the data", images, good[images][:100], "it ends after 84 of 3136 bytes of images"},
		{"too long", labels, append(bytes.Clone(good[labels]), 0), "it goes on after the 4 bytes of labels"},
		{"labels for images", images, good[labels], "it starts with 0x00000801, but a file of images in the IDX format starts with 0x00000803"},
		{"a text", labels, []byte("these are not labels"), "it starts with 0x74686573"},
		{"no images", images, idx(0x803, nil, 0, 28, 28), "no dimension may be 0"},
		{"too many images", images, idx(0x803, nil, 1<<31, 28, 28), "more than 1073741824 bytes of images"},
		{"as many pixels as are read", images, idx(0x803, nil, 1<<20, 32, 32), "it ends after 0 of 1073741824 bytes"},
		{"one row fewer", images, idx(0x803, nil, 1<<30-1, 1, 1), "it ends after 0 of 1073741823 bytes"},
		{"one row more", images, idx(0x803, nil, 1<<30+1, 1, 1), "more than 1073741824 bytes of images"},
		{"as many labels as are read", labels, idx(0x801, nil, 1<<30), "it ends after 0 of 1073741824 bytes"},
		{"one label more", labels, idx(0x801, nil, 1<<30+1), "more than 1073741824 bytes of labels"},
		{"all bits set", images, idx(0x803, nil, 1<<32-1, 1<<32-1, 1<<32-1), "more than 1073741824 bytes of images"},
		{"other size", images, idx(0x803, make([]byte, 4*27*28), 4, 27, 28), "its images are 27 × 28 pixels, but must be 28 × 28"},
		{"a class too high", labels, idx(0x801, []byte{0, 1, 10, 2}, 4), "label 2 is 10, but must be 0 to 9; of EMNIST"},
		{"fewer labels", labels, idx(0x801, []byte{0, 1, 2}, 3), "holds 3 labels, but "},
		{"gzip cut short", images, zipped(t, good[images])[:60], "it ends "},
		{"gzip of nothing", images, zipped(t, nil), "it ends within the header of 16 bytes"},
		{"gzip header cut", images, []byte{0x1f, 0x8b}, "EOF"},
	} {
		folder := t.TempDir()
		files := small(4, 4)
		files[c.file] = c.data
		write(t, folder, files)
		_, err := mnist.Find(folder)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.file) {
			t.Errorf("%s: the error is %v, want one with %q that names %s", c.what, err, c.want, c.file)
		}
		if errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the file is there, but is said to be missing: %v", c.what, err)
		}
	}
	folder := t.TempDir()
	files := small(4, 4)
	delete(files, labels)
	write(t, folder, files)
	if _, err := mnist.Find(folder); err == nil || !strings.Contains(err.Error(), labels+" is missing") || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := mnist.Find(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no images found") || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder without a set: %v", err)
	}
}

// A gzip whose checksum does not fit its content is corrupt though it has all
// the bytes.
func TestACorruptGzipIsRefused(t *testing.T) {
	folder := t.TempDir()
	files := small(4, 4)
	data := zipped(t, files["train-images-idx3-ubyte"])
	data[len(data)-6] ^= 1 // in the checksum
	delete(files, "train-images-idx3-ubyte")
	files["train-images-idx3-ubyte.gz"] = data
	write(t, folder, files)
	if _, err := mnist.Find(folder); err == nil || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("the error is %v, want one about the checksum", err)
	}
}

func FuzzReadImages(f *testing.F) {
	for _, data := range small(1, 1) {
		f.Add(data)
	}
	f.Add([]byte{0x1f, 0x8b, 8, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "images")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		m, err := mnist.ReadImages(path)
		if err != nil {
			if !strings.Contains(err.Error(), path) {
				t.Errorf("the error %q does not name the file", err)
			}
			return
		}
		if len(m.Pixels) != m.Count*m.Rows*m.Columns || m.Count == 0 {
			t.Errorf("%d pixels for %d images of %d × %d", len(m.Pixels), m.Count, m.Rows, m.Columns)
		}
	})
}
