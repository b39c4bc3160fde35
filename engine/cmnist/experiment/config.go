package experiment

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"modspec/engine/cmnist"
	"modspec/engine/mnist"
	"modspec/engine/results"
)

// Config is all that the numbers of an experiment depend on.
type Config struct {
	Digits       int              `json:"digits"`
	R            float64          `json:"r"`
	Train        int              `json:"train"` // images, those of withheld numbers included
	Test         int              `json:"test"`
	Withhold     int              `json:"withhold"` // of every ten numbers
	Networks     []cmnist.Network `json:"networks"`
	Runs         int              `json:"runs"` // of each network
	Epochs       int              `json:"epochs"`
	Batch        int              `json:"batch"`
	LearningRate float64          `json:"lr"`
	Momentum     float64          `json:"momentum"`
	InitScale    float64          `json:"init_scale"`
	Seed         uint64           `json:"seed"` // of the first run of each network; the next has the next
	Probe        int              `json:"probe"`
	Backend      string           `json:"backend"`
	Data         string           `json:"data"` // SHA-256 of the images and labels
	// Arithmetic is what results.Arithmetic returns; see there.
	Arithmetic string `json:"arithmetic,omitempty"`
}

// DataHash names a set by its content.
func DataHash(set *mnist.Set) string {
	h := sha256.New()
	for _, p := range []mnist.Part{set.Train, set.Test} {
		fmt.Fprintf(h, "%d %d %d\n", p.Images.Count, p.Images.Rows, p.Images.Columns)
		h.Write(p.Images.Pixels)
		h.Write(p.Labels)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// encode returns the configuration as it is stored.
func (c Config) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	err := e.Encode(c)
	return b.Bytes(), err
}

// A ConfigError says what in a configuration there cannot be, and what there can.
type ConfigError struct{ err error }

func (e *ConfigError) Error() string { return e.err.Error() }
func (e *ConfigError) Unwrap() error { return e.err }

// A MismatchError says that a folder holds another experiment than the one asked
// for, or one that was not to be resumed.
type MismatchError struct{ text string }

func (e *MismatchError) Error() string { return e.text }

// claim makes the folder this experiment's, or finds that it is.
func (c Config) claim(path string, resume bool) error {
	c, err := c.underArithmetic(path)
	if err != nil {
		return err
	}
	want, err := c.encode()
	if err != nil {
		return err
	}
	have, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return results.WriteFile(path, func(w io.Writer) error {
			_, err := w.Write(want)
			return err
		})
	case err != nil:
		return err
	case !bytes.Equal(have, want):
		return &MismatchError{fmt.Sprintf("%s is of another experiment: %s; choose another folder, or run what it says", path, difference(have, want))}
	case !resume:
		return &MismatchError{fmt.Sprintf("%s says that this experiment has begun there; add --resume to go on, or choose another folder", path)}
	}
	return nil
}

// difference names the first lines in which two configurations differ.
func difference(have, want []byte) string {
	a, b := strings.Split(string(have), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(a), len(b)) {
		line := func(list []string) string {
			if i >= len(list) {
				return "nothing"
			}
			return strings.Trim(list[i], " ,")
		}
		if line(a) != line(b) {
			return fmt.Sprintf("it has %s where %s is asked for", line(a), line(b))
		}
	}
	return "its text is laid out otherwise"
}
