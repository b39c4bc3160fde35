//go:build gpu

package kernels

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// TestEmbeddedImages compares what the program carries with the files that it was
// built from, read another way.
func TestEmbeddedImages(t *testing.T) {
	embedded, err := Manifest()
	if err != nil {
		t.Fatal(err)
	}
	if len(embedded.Sources) == 0 {
		t.Fatal("no device images are embedded")
	}
	for _, source := range embedded.Sources {
		for _, file := range source.Images {
			device, ptx, err := architecture(file.Arch)
			if err != nil {
				t.Fatal(err)
			}
			if ptx {
				device = Capability{99, 0}
			}
			image, err := Image(source.Name, device)
			if err != nil {
				t.Fatal(err)
			}
			if image.Name != file.Name {
				t.Errorf("a device of %v gets %s, want %s", device, image.Name, file.Name)
			}
			want := readImage(t, file.Name)
			if ptx {
				want = append(want, 0)
			}
			if !bytes.Equal(image.Code, want) {
				t.Errorf("%s: not what the file holds", file.Name)
			}
		}
	}
	if _, err := Image("product of nothing.cu", Capability{9, 0}); err == nil {
		t.Error("a source that is not there has an image")
	}
	if _, err := Image(embedded.Sources[0].Name, Capability{7, 0}); err == nil {
		t.Error("a device that is too old has an image")
	}
}

func TestKernelsAreThoseOfTheManifest(t *testing.T) {
	kernels, err := Kernels()
	if err != nil {
		t.Fatal(err)
	}
	byName := func(a, b Kernel) int { return strings.Compare(a.Name, b.Name) }
	if !slices.IsSortedFunc(kernels, byName) {
		t.Error("not sorted by name")
	}
	want := 0
	for _, source := range readManifest(t).Sources {
		want += len(source.Kernels)
		for _, kernel := range source.Kernels {
			if i, found := slices.BinarySearchFunc(kernels, kernel, byName); !found || kernels[i].Source != source.Name {
				t.Errorf("%s of %s is not listed", kernel.Name, source.Name)
			}
		}
	}
	if len(kernels) != want {
		t.Errorf("%d kernels, want %d", len(kernels), want)
	}
}
