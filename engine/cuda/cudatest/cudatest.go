//go:build gpu

package cudatest

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"modspec/engine/cuda"
)

// NeedDevice skips a test where there is neither a GPU nor the stand-in.
func NeedDevice(t testing.TB) {
	t.Helper()
	if _, err := cuda.DriverVersion(); err != nil {
		t.Skipf("no device: %v (`make test-gpu-emulated` runs this on the stand-in)", err)
	}
}

// Header reads a header of the kernels without its comments. The root is the path from
// the test's folder to that of the module.
func Header(t testing.TB, root, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "kernels/device", name))
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`//[^\n]*`).ReplaceAllString(string(text), "")
}

// GoName is the name in Go of a name in C.
func GoName(name string) string {
	var out strings.Builder
	up := false
	for _, r := range name {
		switch {
		case r == '_':
			up = true
		case up:
			out.WriteRune(unicode.ToUpper(r))
			up = false
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// A Field is a field of a structure of the header.
type Field struct {
	Name, Kind string
	Count      int
}

// Structure reads the fields of a structure, in order.
func Structure(t testing.TB, text, name string, constants map[string]int) []Field {
	t.Helper()
	body := regexp.MustCompile(`struct ` + name + ` \{([^}]*)\};`).FindStringSubmatch(text)
	if body == nil {
		t.Fatalf("the header has no struct %s", name)
	}
	var fields []Field
	for _, line := range strings.Split(body[1], ";") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		m := regexp.MustCompile(`^(\w+)\s+(\w+)(?:\[(\w+)(?:\s*\+\s*(\d+))?\])?$`).FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("struct %s: a field that the test cannot read: %q", name, line)
		}
		f := Field{Name: m[2], Kind: m[1], Count: 1}
		if m[3] != "" {
			base, known := constants[m[3]]
			if !known {
				var err error
				if base, err = strconv.Atoi(m[3]); err != nil {
					t.Fatalf("struct %s: %q: %v", name, line, err)
				}
			}
			more, _ := strconv.Atoi(m[4])
			f.Count = base + more
		}
		fields = append(fields, f)
	}
	return fields
}

// Kinds are the kinds of Go for the types of C.
var Kinds = map[string]reflect.Kind{
	"int64_t": reflect.Int64, "uint64_t": reflect.Uint64, "double": reflect.Float64, "Address": reflect.Uint64,
}
