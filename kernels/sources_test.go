package kernels

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestImagesAreOfTheseSources fails where a kernel was changed and its images
// were not built anew. That the images are what the compiler gives is another
// question, which `make kernels-check` answers.
func TestImagesAreOfTheseSources(t *testing.T) {
	for _, difference := range differences(t, "device", readManifest(t)) {
		t.Errorf("%s; run `make kernels`", difference)
	}
}

// differences compares the digests in a manifest with the files of a folder.
func differences(t *testing.T, folder string, c Contents) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.cu"))
	if err != nil {
		t.Fatal(err)
	}
	without := map[string]bool{}
	for _, path := range paths {
		without[filepath.Base(path)] = true
	}
	var found []string
	compare := func(of, name, want string) {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			found = append(found, fmt.Sprintf("the images of %s are of %s, which is not there: %v", of, name, err))
			return
		}
		if digest(text) != want {
			found = append(found, fmt.Sprintf("the images of %s are of another %s", of, name))
		}
	}
	for _, source := range c.Sources {
		delete(without, source.Name)
		compare(source.Name, source.Name, source.SHA256)
		for _, header := range slices.Sorted(maps.Keys(source.Headers)) {
			compare(source.Name, header, source.Headers[header])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(without)) {
		found = append(found, name+" has no images")
	}
	return found
}

func TestPlantedDifferencesAreFound(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("product.cu", "product")
	write("tile.cuh", "tile")
	c := Contents{Sources: []Source{{
		Name:    "product.cu",
		SHA256:  digest([]byte("product")),
		Headers: map[string]string{"tile.cuh": digest([]byte("tile"))},
	}}}
	expect := func(want ...string) {
		t.Helper()
		if got := differences(t, folder, c); !slices.Equal(got, want) {
			t.Errorf("found %q, want %q", got, want)
		}
	}
	expect()
	write("tile.cuh", "tile!")
	expect("the images of product.cu are of another tile.cuh")
	write("tile.cuh", "tile")
	write("norm.cu", "norm")
	write("product.cu", "")
	expect("the images of product.cu are of another product.cu", "norm.cu has no images")
}

func readManifest(t *testing.T) Contents {
	t.Helper()
	text, err := os.ReadFile("images/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseManifest(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
