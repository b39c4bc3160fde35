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
	"path/filepath"
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

// stored is a configuration as it is stored.
type stored struct {
	Config
	SHA256 string `json:"sha256"` // of the text without this line
}

// encode returns the configuration as it is stored, and its SHA-256, by which the
// experiment is known.
func (c Config) encode() (text []byte, id string, err error) {
	plain, err := indented(c)
	if err != nil {
		return nil, "", err
	}
	sum := sha256.Sum256(plain)
	id = hex.EncodeToString(sum[:])
	text, err = indented(stored{c, id})
	return text, id, err
}

func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// maxConfig bounds config.json, in bytes. Its networks are of YAML files, which have a
// page of text each.
const maxConfig = 64 << 20

// ReadConfig returns the configuration of the experiment in a folder. Where there is
// none the error wraps [fs.ErrNotExist]; a [MismatchError] says that it was changed
// after it was written.
func ReadConfig(dir string) (Config, error) {
	path := filepath.Join(dir, ConfigName)
	text, err := readFile(path, maxConfig)
	if err != nil {
		return Config{}, err
	}
	// Encoding it again tells every change, also one that means the same.
	var s stored
	err = json.Unmarshal(text, &s)
	if err == nil {
		if plain, err := indented(s.Config); err == nil && bytes.Equal(plain, text) {
			return Config{}, &MismatchError{fmt.Sprintf("%s was written by an older version of modspec, whose experiments this one cannot go on with; go on with that version, or choose another folder", path)}
		}
		var again []byte
		if again, _, err = s.encode(); err == nil && !bytes.Equal(again, text) {
			err = errors.New("it does not fit its checksum")
		}
	}
	if err != nil {
		return Config{}, &MismatchError{fmt.Sprintf("%s is not as it was written (%v); restore it from a copy, or choose another folder", path, err)}
	}
	return s.Config, nil
}

// A ConfigError says what in a configuration there cannot be, and what there can.
type ConfigError struct{ err error }

func (e *ConfigError) Error() string { return e.err.Error() }
func (e *ConfigError) Unwrap() error { return e.err }

// A MismatchError says that a folder holds another experiment than the one asked
// for, one that was not to be resumed, or one whose files do not say which it is.
type MismatchError struct{ text string }

func (e *MismatchError) Error() string { return e.text }

// begun reports whether a folder holds this experiment. One that holds another, or
// this one where it is not to be resumed, is an error.
func (c Config) begun(dir string, resume bool) (bool, error) {
	begun, err := ReadConfig(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if left := remains(dir); left != "" {
			return false, &MismatchError{fmt.Sprintf("%s holds %s, but no %s that says of which experiment; restore it from a copy, or choose another folder", dir, left, ConfigName)}
		}
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if other := results.OtherArithmetic(dir, begun.Arithmetic, c.Arithmetic); other != "" {
		return false, &MismatchError{other}
	}
	if err := begun.Agree(dir, c); err != nil {
		return false, err
	}
	if !resume {
		return false, &MismatchError{fmt.Sprintf("%s says that this experiment has begun there; add --resume to go on, or choose another folder", filepath.Join(dir, ConfigName))}
	}
	return true, nil
}

// store makes a folder this experiment's.
func (c Config) store(dir string) error {
	text, _, err := c.encode()
	if err != nil {
		return err
	}
	return disk.writeFile(filepath.Join(dir, ConfigName), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// Agree returns a [MismatchError] that names the first difference between the
// experiment that a folder holds and the one that is asked for.
func (c Config) Agree(dir string, asked Config) error {
	have, _, err := c.encode()
	if err != nil {
		return err
	}
	want, _, err := asked.encode()
	if err != nil || bytes.Equal(have, want) {
		return err
	}
	advice := "choose another folder, or run what it says"
	asked.Data = c.Data
	if same, _, err := asked.encode(); err == nil && bytes.Equal(have, same) {
		advice = "name the folder of its images with --data, or choose another folder for the results"
	}
	return &MismatchError{fmt.Sprintf("%s is of another experiment: %s; %s", filepath.Join(dir, ConfigName), difference(have, want), advice)}
}

// remains names a file that an experiment left in a folder, other than its
// configuration and its lock; "" if there is none.
func remains(dir string) string {
	for _, pattern := range []string{JournalName, TableName, checkpointsDir + "/*.safetensors", weightsDir + "/*.safetensors"} {
		// Relative to the folder, whose own name may hold what is special in a pattern.
		if found, _ := fs.Glob(os.DirFS(dir), pattern); len(found) > 0 {
			return found[0]
		}
	}
	return ""
}

// difference names the first line in which two configurations differ.
func difference(have, want []byte) string {
	a, b := strings.Split(string(have), "\n"), strings.Split(string(want), "\n")
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	line := func(list []string) string {
		if at >= len(list) {
			return "nothing"
		}
		return strings.Trim(list[at], " ,")
	}
	return fmt.Sprintf("it has %s where %s is asked for", line(a), line(b))
}
