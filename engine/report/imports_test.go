package report

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The report reads results and never trains: of modspec it knows figure and
// results alone.
func TestReportImportsOnlyData(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("found %d files, %v", len(files), err)
	}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			path, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case path == "gonum.org/v1/plot":
				t.Errorf("%s imports %s, whose package variables and axes are not used here", name, path)
			case strings.HasPrefix(path, "modspec/"):
				switch path {
				case "modspec/engine/figure", "modspec/engine/results":
				case "modspec/engine/report":
					if !strings.HasSuffix(name, "_test.go") {
						t.Errorf("%s imports its own package", name)
					}
				default:
					t.Errorf("%s imports %s", name, path)
				}
			}
		}
	}
}
