package engine_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "modspec"

// A room is a row of the table of arrows: a package of this module and the
// packages of this module that it may import. A path that ends in "/..." stands
// for the folder and everything below it.
type room struct {
	path string
	may  []string
}

// rooms is the architecture, lowest layer first. A package that is not here
// fails the test: give it a row, below everything that imports it.
//
// Tests are free to import more (a study's test trains on the reference
// backend), but what ships is held to the table.
var rooms = []room{
	{"engine", nil},
	// What users write: numbers, names, files.
	{"engine/number", nil},
	{"engine/names", nil},
	{"engine/printable", nil},
	{"engine/yamlfile", []string{"engine/number", "engine/names", "engine/printable"}},
	{"engine/random", nil},
	{"engine/figure", nil},
	{"engine/regularfile", nil},
	{"engine/results", []string{"engine/regularfile"}},
	{"engine/lock", []string{"engine/regularfile"}},
	{"engine/machine", nil},
	{"engine/safetensors", []string{"engine/regularfile"}},
	{"engine/jsonline", nil},
	{"engine/tensorboard", nil},
	{"engine/mnist", []string{"engine/regularfile"}},
	{"kernels/device/testing", []string{"engine/random"}}, // a generator of expected values
	{"kernels/...", nil},
	// The layer over the driver, which knows of no network.
	{"engine/cuda", []string{"kernels/..."}},
	{"engine/cuda/cudatest", []string{"engine/cuda"}},

	// A network and its training are a program; backends execute programs.
	{"engine/program", []string{"engine/random", "engine/names"}},
	{"engine/program/programtest", []string{"engine/random", "engine/program"}},

	{"engine/dataset", []string{"engine/random"}},
	{"engine/theory", []string{"engine/random", "engine/dataset"}},
	{"engine/theory/rank", []string{"engine/random"}},
	{"engine/network", []string{"engine/number", "engine/names", "engine/random", "engine/dataset"}},

	// A kind knows no backend; a backend knows train and kinds, and no other backend.
	{"engine/train", []string{"engine/number", "engine/names", "engine/random", "engine/program", "engine/results"}},
	{"engine/kind/linear", append([]string{"engine/train", "engine/results", "engine/program"}, mathematics...)},
	{"engine/kind/linear/prediction", append([]string{"engine/kind/linear", "engine/results"}, mathematics...)},
	{"engine/kind/linear/model", append([]string{"engine/number", "engine/program", "engine/results", "engine/kind/linear/prediction"}, aboveTrain...)},
	{"engine/backend", []string{"engine/program", "engine/results", "engine/train"}},
	{"engine/backend/reference", []string{"engine/program", "engine/backend"}},
	{"engine/backend/cuda/programs", []string{"engine/backend", "engine/program", "engine/cuda"}},
	{"engine/kind/mixture", []string{"engine/random", "engine/program", "engine/results", "engine/train"}},
	{"engine/cmnist", []string{"engine/yamlfile", "engine/random", "engine/mnist"}},
	{"engine/kind/images", []string{"engine/number", "engine/mnist", "engine/cmnist", "engine/random", "engine/program", "engine/results", "engine/train"}},
	{"engine/train/traintest", []string{"engine/mnist", "engine/kind/images", "engine/number", "engine/random", "engine/program", "engine/results", "engine/train", "engine/backend", "engine/backend/reference", "engine/kind/mixture"}},
	{"engine/train/backendtest", aboveTrain},
	{"engine/train/reference", aboveTrain},
	{"engine/train/cpu/asm", nil},
	{"engine/backend/cpu/programs", []string{"engine/backend", "engine/random", "engine/program", "engine/train/cpu/asm"}},
	{"engine/train/cpu", append([]string{"engine/train/cpu/asm"}, aboveTrain...)},
	{"engine/train/cuda/large", append([]string{"engine/cuda"}, aboveTrain...)},
	{"engine/train/cuda", append([]string{"engine/cuda", "engine/train/cuda/large", "kernels/..."}, aboveTrain...)},

	// A sweep is handed a backend and never picks one.
	{"engine/sweep/spec", []string{"engine/number", "engine/names", "engine/yamlfile", "engine/random", "engine/results", "engine/train"}},
	{"engine/sweep/space", []string{"engine/number", "engine/random", "engine/results", "engine/train", "engine/sweep/spec"}},
	{"engine/sweep/numberset", nil},
	{"engine/sweep/store", []string{"engine/regularfile", "engine/names", "engine/results", "engine/lock", "engine/jsonline", "engine/train", "engine/sweep/numberset", "engine/sweep/spec", "engine/sweep/space"}},
	{"engine/sweep/checkpoint", []string{"engine/safetensors", "engine/results", "engine/program", "engine/train", "engine/sweep/space", "engine/sweep/store"}},
	{"engine/sweep/runner", []string{"engine/results", "engine/program", "engine/train", "engine/sweep/spec", "engine/sweep/space", "engine/sweep/store", "engine/sweep/checkpoint"}},
	{"engine/sweep/plan", []string{"engine/machine", "engine/program", "engine/train", "engine/sweep/spec", "engine/sweep/space", "engine/sweep/runner"}},
	{"engine/sweep", nil},
	{"engine/sweep/sweeptest", []string{"engine/sweep/space", "engine/sweep/spec", "engine/results", "engine/train", "engine/train/traintest", "engine/yamlfile", "engine/kind/linear/model", "engine/backend", "engine/backend/reference", "engine/train/reference"}},
	{"engine/sweep/runner/runtest", []string{"engine/sweep/runner", "engine/sweep/store", "engine/sweep/sweeptest", "engine/sweep/space", "engine/results", "engine/train"}},
	// cluster spreads a sweep over nodes; it starts other programs and trains nothing.
	{"engine/cluster", []string{"engine/regularfile", "engine/results", "engine/sweep/store", "engine/sweep/space", "engine/number"}},
	{"engine/study", append([]string{"engine/sweep/store", "engine/kind/linear/model", "engine/kind/linear/prediction", "engine/figure", "engine/results", "engine/names"}, aboveTrain...)},

	// Whoever shows results reads them and cannot train.
	// chart makes figures of a table's columns, plot draws figures, report and survey
	// write documents.
	{"engine/plot/colourmap", nil},
	{"engine/plot/contour", nil},
	{"engine/plot/lettering", []string{"engine/figure"}},
	{"engine/plot", []string{"engine/figure", "engine/number", "engine/plot/colourmap", "engine/plot/contour", "engine/plot/lettering", "engine/results"}},
	{"engine/chart", []string{"engine/figure", "engine/number", "engine/names", "engine/plot/lettering", "engine/results"}},
	{"engine/chart/charttest", []string{"engine/results"}},
	{"engine/report", []string{"engine/figure", "engine/number", "engine/plot", "engine/results"}},
	{"engine/report/survey", []string{"engine/chart", "engine/figure", "engine/number", "engine/names", "engine/plot", "engine/report", "engine/results"}},
	{"engine/serve/columns", []string{"engine/regularfile", "engine/results", "engine/number", "engine/names"}},
	{"engine/serve", []string{"engine/regularfile", "engine/results", "engine/serve/columns", "engine/number"}},

	// The explorer answers for one network, by theory and by training; a command
	// hands it to the page, which itself knows neither.
	{"engine/serve/explorer", append([]string{"engine/number", "engine/names", "engine/serve", "engine/results", "engine/kind/linear/model", "engine/kind/linear/prediction"}, aboveTrain...)},

	// Commands choose the backend and wire everything. kernels are not theirs.
	{"cmd/...", anyRoom},
	{"bench/...", anyRoom},
}

var (
	mathematics = []string{"engine/random", "engine/dataset", "engine/theory", "engine/theory/rank", "engine/network"}
	aboveTrain  = append([]string{"engine/train", "engine/kind/linear"}, mathematics...)
	anyRoom     = []string{"engine/...", "cmd/...", "bench/..."}
)

// guests are packages of other modules that only some rooms may import.
var guests = []struct {
	path  string
	only  []string // rooms that may
	tests bool     // whether every room's tests may
	why   string
}{
	{"gorgonia.org/cu", []string{"engine/cuda"}, false, "it links the CUDA driver, which most machines lack"},
	{"gonum.org/v1/plot", []string{"engine/plot/..."}, false, "figures are data, and only one package draws them"},
	{"gorgonia.org/gorgonia", []string{"bench/..."}, true, "it is an oracle for tests and a peer in benchmarks"},
}

// A file is what the checker knows of a Go file.
type file struct {
	name    string // path below the module's root, with slashes
	imports []string
}

func (f file) room() string { return path.Dir(f.name) }
func (f file) test() bool   { return strings.HasSuffix(f.name, "_test.go") }

// matches reports whether a package is what a row's path stands for.
func matches(pattern, pkg string) bool {
	below, folder := strings.CutSuffix(pattern, "/...")
	if !folder {
		return pkg == pattern
	}
	return pkg == below || strings.HasPrefix(pkg, below+"/")
}

func anyMatches(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, pkg) })
}

// violations names every arrow that points the wrong way.
func violations(files []file) []string {
	var found []string
	for _, f := range files {
		row := slices.IndexFunc(rooms, func(r room) bool { return matches(r.path, f.room()) })
		if row < 0 {
			found = append(found, fmt.Sprintf("%s: package %s has no row in the table of rooms: give it a row", f.name, f.room()))
		}
		for _, imported := range f.imports {
			if pkg, ours := strings.CutPrefix(imported, module+"/"); ours {
				if row >= 0 && !f.test() && !anyMatches(rooms[row].may, pkg) {
					found = append(found, fmt.Sprintf("%s: %s may not import %s; it may import %s",
						f.name, f.room(), pkg, allowed(rooms[row].may)))
				}
				continue
			}
			for _, g := range guests {
				if matches(g.path+"/...", imported) && !(g.tests && f.test()) && !anyMatches(g.only, f.room()) {
					found = append(found, fmt.Sprintf("%s: %s may not import %s, because %s; only %s may",
						f.name, f.room(), imported, g.why, strings.Join(g.only, ", ")))
				}
			}
		}
	}
	return found
}

func allowed(may []string) string {
	if len(may) == 0 {
		return "no package of this module"
	}
	return strings.Join(may, ", ")
}

// parse reads the imports of every Go file of the module, whatever its build
// tags. Test data, hidden folders and folders that are modules of their own are
// not part of it.
func parse(root string) ([]file, error) {
	var files []file
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name == root {
				return nil
			}
			base := entry.Name()
			_, ownModule := os.Stat(filepath.Join(name, "go.mod"))
			if base == "testdata" || base[0] == '.' || base[0] == '_' || ownModule == nil {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		below, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		f := file{name: filepath.ToSlash(below)}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return fmt.Errorf("%s: import %s: %w", name, spec.Path.Value, err)
			}
			f.imports = append(f.imports, imported)
		}
		files = append(files, f)
		return nil
	})
	return files, err
}

func TestArrowsPointOneWay(t *testing.T) {
	files, err := parse("..")
	if err != nil {
		t.Fatal(err)
	}
	// An empty walk would pass as well: the walk must at least have met this file.
	if !slices.ContainsFunc(files, func(f file) bool { return f.name == "engine/architecture_test.go" }) {
		t.Fatalf("among %d Go files this test's own is missing: the walk looks in the wrong place", len(files))
	}
	for _, v := range violations(files) {
		t.Error(v)
	}
}

func TestPlantedArrowsAreCaught(t *testing.T) {
	for _, c := range []struct {
		name, imports string
		want          string // part of the message; empty for an arrow that is right
	}{
		{"engine/study/dense.go", "modspec/engine/train", ""},
		{"engine/train/cuda/run.go", "modspec/kernels", ""},
		{"engine/train/cuda/run.go", "modspec/engine/cuda", ""},
		{"engine/cuda/device.go", "gorgonia.org/cu", ""},
		{"cmd/modspec/main.go", "modspec/engine/train/reference", ""},
		{"engine/study/dense_test.go", "modspec/engine/train/reference", ""},
		{"engine/train/reference/net_test.go", "gorgonia.org/gorgonia", ""},
		{"bench/peers/gorgonia.go", "gorgonia.org/gorgonia/x", ""},
		{"engine/dataset/point.go", "gonum.org/v1/gonum/mat", ""},
		{"engine/dataset/point.go", "modspecs/engine/train", ""}, // another module

		{"engine/random/normal.go", "modspec/engine/dataset", "may import no package of this module"},
		{"engine/dataset/point.go", "modspec/engine/theory", "engine/dataset may not import engine/theory"},
		{"engine/theory/modes.go", "modspec/engine/network", "engine/theory may not import engine/network"},
		{"engine/train/job.go", "modspec/engine/train/reference", "engine/train may not import engine/train/reference"},
		{"engine/train/cpu/run.go", "modspec/engine/train/reference", "engine/train/cpu may not import engine/train/reference"},
		{"engine/train/backendtest/all.go", "modspec/engine/train/cpu", "engine/train/backendtest may not import"},
		{"engine/study/dense.go", "modspec/engine/train/reference", "engine/study may not import"},
		{"engine/sweep/runner/run.go", "modspec/engine/train/cpu", "engine/sweep/runner may not import"},
		{"engine/report/plot.go", "modspec/engine/train", "engine/report may not import engine/train"},
		{"engine/report/plot.go", "modspec/engine/study", "engine/report may not import engine/study"},
		{"engine/report/page.go", "gonum.org/v1/plot/vg", "engine/report may not import gonum.org/v1/plot/vg"},
		{"engine/plot/axis.go", "gonum.org/v1/plot", ""},
		{"engine/serve/page.go", "modspec/engine/train", "engine/serve may not import engine/train"},
		{"engine/results/claim.go", "modspec/cmd/modspec", "engine/results may not import"},
		{"engine/train/cpu/run.go", "modspec/kernels", "engine/train/cpu may not import kernels"},
		{"cmd/modspec/main.go", "modspec/kernels", "cmd/modspec may not import kernels"},
		{"cmd/modspec/main.go", "gorgonia.org/cu", "may not import gorgonia.org/cu"},
		{"engine/train/cuda/run.go", "gorgonia.org/cu", "may not import gorgonia.org/cu"},
		{"engine/cuda/device.go", "modspec/engine/train", "engine/cuda may not import engine/train"},
		{"engine/train/cpu/run_test.go", "gorgonia.org/cu/dnn", "may not import gorgonia.org/cu/dnn"},
		{"engine/train/reference/net.go", "gorgonia.org/gorgonia", "may not import gorgonia.org/gorgonia"},
		{"engine/common/strings.go", "fmt", "package engine/common has no row"},
		{"engine/train/cpu/lanes/add.go", "fmt", "package engine/train/cpu/lanes has no row"},
		{"tools/draw.go", "fmt", "package tools has no row"},
		{"main.go", "fmt", "has no row"},
	} {
		found := violations([]file{{name: c.name, imports: []string{c.imports}}})
		switch {
		case c.want == "" && len(found) > 0:
			t.Errorf("%s importing %s is right, but the checker says: %s", c.name, c.imports, found)
		case c.want != "" && (len(found) != 1 || !strings.Contains(found[0], c.want)):
			t.Errorf("%s importing %s: the checker says %q, want one message with %q", c.name, c.imports, found, c.want)
		}
	}
}

// TestRowsPointDown keeps the table itself in order: every package that a row
// may import stands in a row above it, so no pair of rows can form a circle.
// Only rows that may import anything at all are exempt.
func TestRowsPointDown(t *testing.T) {
	for i, r := range rooms {
		if slices.Equal(r.may, anyRoom) {
			continue
		}
		for _, may := range r.may {
			if !slices.ContainsFunc(rooms[:i], func(above room) bool { return above.path == may }) {
				t.Errorf("row %s may import %s, which is in no row above it", r.path, may)
			}
		}
	}
}
