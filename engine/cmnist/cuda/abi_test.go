//go:build gpu

package cuda

import (
	"errors"
	"io/fs"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// camel turns a name of C into the one it has in Go.
func camel(name string) string {
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

var goKinds = map[string]reflect.Kind{
	"int64_t": reflect.Int64, "uint64_t": reflect.Uint64, "double": reflect.Float64, "Address": reflect.Uint64,
}

// The structures have the fields of conv_abi.cuh, by name, in order, each of eight
// bytes and of the same kind.
func TestABI(t *testing.T) {
	text, err := os.ReadFile("../../../kernels/device/conv_abi.cuh")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("there are no kernels of convolutions")
	}
	if err != nil {
		t.Fatal(err)
	}
	plain := regexp.MustCompile(`//[^\n]*`).ReplaceAllString(string(text), "")
	mirrors := map[string]any{"ConvLayer": layerABI{}, "ConvHead": headABI{}}
	declared := regexp.MustCompile(`struct (\w+) \{([^}]*)\};`).FindAllStringSubmatch(plain, -1)
	if len(declared) != len(mirrors) {
		t.Errorf("conv_abi.cuh has %d structures, %d have mirrors", len(declared), len(mirrors))
	}
	for _, s := range declared {
		mirror := mirrors[s[1]]
		if mirror == nil {
			t.Errorf("struct %s has no mirror", s[1])
			continue
		}
		fields := regexp.MustCompile(`(\w+)\s+(\w+);`).FindAllStringSubmatch(s[2], -1)
		of := reflect.TypeOf(mirror)
		if of.NumField() != len(fields) || of.Size() != uintptr(8*len(fields)) || strings.Count(s[2], ";") != len(fields) {
			t.Errorf("struct %s has %d fields of eight bytes, its mirror %d in %d bytes", s[1], strings.Count(s[2], ";"), of.NumField(), of.Size())
			continue
		}
		for i, f := range fields {
			if got := of.Field(i); got.Name != camel(f[2]) || got.Type.Kind() != goKinds[f[1]] || got.Offset != uintptr(8*i) {
				t.Errorf("struct %s, field %d is %s %s, but its mirror has %s %v at %d", s[1], i, f[1], f[2], got.Name, got.Type, got.Offset)
			}
		}
	}
}
