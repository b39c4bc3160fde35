package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"modspec/engine/regularfile"
)

// ManifestName is the name of a sweep's manifest in its folder.
const ManifestName = "manifest.json"

// maxText bounds the texts that are read whole, manifests and claims, in bytes. A
// claim takes less than a kilobyte, and so does a process or a hundred parts in a
// manifest.
const maxText = 64 << 20

// manifestFormat counts the forms that the manifest has had.
const manifestFormat = 1

// A Manifest says what a folder of tables is: which sweep, how far it has come,
// and what computed it. It is written whole when a process begins to work in
// the folder and when it ends; between the two, the folder's journal knows more.
type Manifest struct {
	Format       int       `json:"format"`
	Name         string    `json:"name"`        // of the sweep
	Fingerprint  string    `json:"fingerprint"` // what is trained and recorded, however the file is written
	Sweep        string    `json:"sweep"`       // the resolved sweep file
	Copies       int       `json:"copies"`      // module copies of the whole sweep
	Done         int       `json:"done"`        // of them, those in the tables
	Diverged     int       `json:"diverged"`    // of those, how many diverged
	NetworkSteps int64     `json:"network_steps"`
	Parts        []string  `json:"parts"`  // names of the files in both tables, without extension
	Tables       []string  `json:"tables"` // "runs", and "trajectories" if it is there
	Backend      string    `json:"backend"`
	Precision    string    `json:"precision"`
	Began        time.Time `json:"began"` // UTC
	// Processes are all that worked in the folder, in their order.
	Processes []Provenance `json:"processes"`
}

// WriteManifest writes m into a sweep's folder, as indented JSON.
func WriteManifest(path string, m Manifest) error {
	m.Format = manifestFormat
	return WriteFile(path, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(m)
	})
}

// ReadManifest reads a manifest. It refuses one that is cut short, has fields
// that it does not know, or was written in another form. The error names the
// file.
func ReadManifest(path string) (Manifest, error) {
	var m Manifest
	data, err := regularfile.Read(path, maxText)
	if err != nil {
		return m, fmt.Errorf("reading the manifest: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("it is empty or cut short; the next run in its folder writes it again")
		}
		return m, fmt.Errorf("reading %s: %w", path, err)
	}
	if m.Format != manifestFormat {
		return m, fmt.Errorf("reading %s: its form is number %d, but this version reads form %d only; use the version of modspec that wrote it", path, m.Format, manifestFormat)
	}
	return m, nil
}
