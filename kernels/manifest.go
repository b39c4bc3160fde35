package kernels

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Contents is what images/manifest.json says: what the images are of, and what
// is in them.
type Contents struct {
	Compiler string   `json:"compiler"` // with its version
	Options  []string `json:"options"`
	Sources  []Source `json:"sources"` // by name
}

// Source is one file of device/ and what was made of it.
type Source struct {
	Name    string            `json:"source"` // of the file, without a folder
	SHA256  string            `json:"sha256"`
	Headers map[string]string `json:"headers"` // name to SHA-256 of every file that it includes, directly or not
	Images  []File            `json:"images"`
	Kernels []Kernel          `json:"kernels"`
}

// File is one image in images/, compressed with gzip.
type File struct {
	Arch   string `json:"arch"` // sm_90: machine code; compute_80: PTX
	Name   string `json:"file"`
	Bytes  int    `json:"bytes"` // of the image itself, as its SHA256
	SHA256 string `json:"sha256"`
}

// Kernel is one kernel of a source, by its name <operation>_<class>_<precision>,
// where kernels that are not compiled for several sizes have no class.
type Kernel struct {
	Name       string               `json:"name"`
	Source     string               `json:"-"` // name of its source
	Operation  string               `json:"operation"`
	Parameters map[string]int       `json:"parameters"` // its class: l8u7 is l = 8, u = 7
	Precision  string               `json:"precision"`  // f32, f64 or tf32
	Resources  map[string]Resources `json:"resources"`  // by architecture, sm_90
}

// Resources is what the compiler says that a kernel takes.
type Resources struct {
	Registers   int `json:"registers"`    // a thread
	Shared      int `json:"shared"`       // static shared memory of a block, bytes
	Stack       int `json:"stack"`        // local memory of a thread, bytes: what no register holds
	SpillStores int `json:"spill_stores"` // of it, bytes stored for want of registers
	SpillLoads  int `json:"spill_loads"`  // and loaded again
}

// ParseManifest reads the text of a manifest. A field that it does not know is an
// error: the manifest then is of another version of modspec than the program.
func ParseManifest(text []byte) (Contents, error) {
	var c Contents
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return Contents{}, fmt.Errorf("kernels: the manifest of the device images is broken: %w", err)
	}
	for _, source := range c.Sources {
		for i := range source.Kernels {
			source.Kernels[i].Source = source.Name
		}
	}
	return c, nil
}
