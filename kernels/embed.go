//go:build gpu

package kernels

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

//go:embed images
var images embed.FS

var manifest = sync.OnceValues(func() (Contents, error) {
	text, err := images.ReadFile("images/manifest.json")
	if err != nil {
		return Contents{}, fmt.Errorf("kernels: the program has no device images: %w", err)
	}
	return ParseManifest(text)
})

// Manifest returns what the program's device images are of. The caller must not
// change it.
func Manifest() (Contents, error) { return manifest() }

// Kernels returns all kernels of the program's device images, by name.
func Kernels() ([]Kernel, error) {
	c, err := manifest()
	if err != nil {
		return nil, err
	}
	var kernels []Kernel
	for _, source := range c.Sources {
		kernels = append(kernels, source.Kernels...)
	}
	slices.SortFunc(kernels, func(a, b Kernel) int { return strings.Compare(a.Name, b.Name) })
	return kernels, nil
}

// DeviceImage is an image as cuModuleLoadData takes it.
type DeviceImage struct {
	File
	Code []byte // a cubin, or PTX with the zero that ends a text in C
}

// Image returns the image of a source, fused.cu say, that a device runs; Choose
// says which. Its error names the device and what the program has images for.
func Image(source string, device Capability) (DeviceImage, error) {
	c, err := manifest()
	if err != nil {
		return DeviceImage{}, err
	}
	file, err := c.Choose(source, device)
	if err != nil {
		return DeviceImage{}, err
	}
	code, err := unpack(file)
	if err != nil {
		return DeviceImage{}, fmt.Errorf("kernels: the program's image %s is broken: %w", file.Name, err)
	}
	if file.PTX() {
		code = append(code, 0)
	}
	return DeviceImage{file, code}, nil
}

// unpack returns an embedded image. Its checksum is gzip's affair.
func unpack(file File) ([]byte, error) {
	packed, err := images.ReadFile("images/" + file.Name)
	if err != nil {
		return nil, err
	}
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	code, err := io.ReadAll(reader)
	if err == nil && len(code) != file.Bytes {
		err = fmt.Errorf("it has %d bytes, and the manifest says %d", len(code), file.Bytes)
	}
	return code, err
}
