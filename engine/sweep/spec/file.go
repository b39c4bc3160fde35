package spec

import (
	"math/big"
	"strings"

	"modspec/engine/results"
	"modspec/engine/train"
	"modspec/engine/yamlfile"
)

// Method says how a sweep goes through its parameters.
type Method string

// The methods.
const (
	Grid   Method = "grid"   // every combination
	Random Method = "random" // RunCap independent draws
)

// The limits of a sweep. A file that asks for more is refused with the number
// that it asks for; nothing of that size is ever made.
const (
	// MaxPoints bounds the combinations of a grid or the draws of a random sweep,
	// before any is left out: it bounds the time to look at each (seconds) and
	// the index of those that stay (8 bytes each).
	MaxPoints = 1 << 22
	// MaxCopies bounds points × seeds. At the speed a graphics processor
	// reaches on the smallest networks that many take hours, and a set of their
	// numbers takes half a gigabyte.
	MaxCopies = 1 << 32
)

// A File is a sweep file that has been read and checked as far as its values go
// each by itself. Which combinations of them exist is found by package space.
type File struct {
	Kind         train.Kind
	Name         string
	Method       Method
	RunCap       int    // random: draws; grid: at most so many points, 0 for all
	SamplingSeed uint64 // of the draws of a random sweep
	SkipInvalid  bool   // leave out combinations that cannot be trained instead of refusing the file
	Seeds        Seeds
	Schedule     train.Schedule
	Precision    string // float32 or float64

	schema   results.Schema // of the kind's parameters
	defaults train.Setting
	choices  []*choice // by parameter; nil where the file does not give it
	axes     []axis
	source   *yamlfile.Source
	at       *yamlfile.Node // where the parameters stand, for faults of combinations
}

// precisions are the precisions a sweep can ask for.
var precisions = []string{"float32", "float64"}

// The defaults of the keys that are no parameters of modspec train, or that it
// has none for. The schedule is that of modspec train.
const (
	defaultPrecision = "float32"
	defaultEvery     = 10
)

// fileKind is what messages call a sweep file.
const fileKind yamlfile.Kind = "sweep file"

// Read reads a sweep file from disk; see [Parse]. One larger than
// [yamlfile.MaxBytes] is refused without reading on.
func Read(path string, kinds []train.Kind) (*File, error) {
	y, err := fileKind.Read(path)
	if err != nil {
		return nil, err
	}
	return readTree(y, kinds)
}

// Parse reads a sweep file of one of some kinds; name is what its faults call it. The
// form of the file is in the package's documentation.
//
// The error is of type [yamlfile.Faults] and lists all that is wrong, each with
// line, column, and the nearest valid name where something near exists. Parse uses
// time and memory in proportion to the file, whatever it says: numbers of
// points are computed, not counted.
func Parse(name string, data []byte, kinds []train.Kind) (*File, error) {
	y, err := fileKind.Parse(name, data)
	if err != nil {
		return nil, err
	}
	return readTree(y, kinds)
}

func readTree(y *yamlfile.Reader, kinds []train.Kind) (*File, error) {
	r := &reader{Reader: y, file: &File{source: y.Source}, kinds: kinds}
	r.readFile()
	if r.Good() {
		r.checkSizes()
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return r.file, nil
}

// Gives reports whether the file says anything of parameter p.
func (f *File) Gives(p int) bool { return f.choices[p] != nil }

// Refuse returns a fault of the combinations that the file's parameters form.
func (f *File) Refuse(message string) error {
	return yamlfile.Faults{f.source.FaultAt(f.at, message)}
}

// RefuseParameter returns a fault of parameter p, which the file gives: "NAME message".
func (f *File) RefuseParameter(p int, message string) error {
	return yamlfile.Faults{f.source.FaultAt(f.choices[p].at, f.schema[p].Name+" "+message)}
}

// checkSizes refuses more points or copies than the limits. The product is of
// whole numbers without bound, so the message has the true one.
func (r *reader) checkSizes() {
	f := r.file
	points := big.NewInt(1)
	if f.Method == Random {
		points.SetInt64(int64(f.RunCap))
	} else {
		for _, a := range f.axes {
			points.Mul(points, big.NewInt(int64(a.count(f))))
		}
	}
	if points.Cmp(big.NewInt(MaxPoints)) > 0 {
		way := "name fewer values"
		if f.Method == Grid {
			way += ", or draw from them with method: random and a run_cap"
		}
		r.Fault(f.at, "the sweep has %s points, more than the %s that one file may have; %s", thousands(points), thousands(big.NewInt(MaxPoints)), way)
		return
	}
	if f.RunCap > 0 && points.Cmp(big.NewInt(int64(f.RunCap))) > 0 {
		points.SetInt64(int64(f.RunCap))
	}
	copies := new(big.Int).Mul(points, big.NewInt(int64(f.Seeds.Len())))
	if copies.Cmp(big.NewInt(MaxCopies)) > 0 {
		r.Fault(f.at, "the sweep has %s copies (%s points × %s seeds), more than the %s that one file may have; name fewer values or seeds",
			thousands(copies), thousands(points), thousands(big.NewInt(int64(f.Seeds.Len()))), thousands(big.NewInt(MaxCopies)))
	}
}

// thousands writes a number with commas between groups of three digits.
func thousands(n *big.Int) string {
	digits := n.String()
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// reader reads a file's tree.
type reader struct {
	*yamlfile.Reader
	file  *File
	kinds []train.Kind
	top   []string // the keys that may stand at the top of the file
}
