package results

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
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

// manifestFormat counts the forms that the manifest has had. The first had no
// checksum.
const manifestFormat = 2

// A Manifest says what a folder of tables is: which sweep, how far it has come, and
// what computed it. It is written whole when a process begins to work in the folder and
// when it ends; between the two, the folder's journal is more recent. It is for people
// and for programs that do not read the journal.
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
	// Sum is the SHA-256 of the file without this field.
	Sum string `json:"sum,omitempty"`
}

// WriteManifest writes m into a sweep's folder, as indented JSON with a checksum,
// unless that is what is there.
func WriteManifest(path string, m Manifest) error {
	text, err := m.encode()
	if err != nil {
		return err
	}
	if there, err := regularfile.Read(path, maxText); err == nil && bytes.Equal(there, text) {
		return nil
	}
	return WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// encode returns the manifest as it stands in a file of the newest form.
func (m Manifest) encode() ([]byte, error) {
	m.Format, m.Sum = manifestFormat, ""
	text, err := m.indented()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	m.Sum = hex.EncodeToString(sum[:])
	return m.indented()
}

func (m Manifest) indented() ([]byte, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(m)
	return text.Bytes(), err
}

// ReadManifest reads a manifest. It refuses one that is cut short, was changed after
// it was written, has fields that it does not know, or was written in another form.
// The error names the file. Only the oldest form has no checksum by which a change
// is noticed.
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
			err = errors.New("it is empty or cut short")
		}
		return m, fmt.Errorf("reading %s: %w; the next run in its folder writes it again", path, err)
	}
	switch {
	case m.Format == 1 && m.Sum == "":
		return m, nil
	case m.Format != manifestFormat:
		return m, fmt.Errorf("reading %s: its form is number %d, but this version reads forms 1 to %d only; use the version of modspec that wrote it", path, m.Format, manifestFormat)
	}
	if text, err := m.encode(); err != nil || !bytes.Equal(data, text) {
		return m, fmt.Errorf("reading %s: it was changed after it was written; the next run in its folder writes it again", path)
	}
	return m, nil
}
