//go:build gpu

package cuda

import (
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// header reads a header of the kernels without its comments.
func header(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../../kernels/device/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`//[^\n]*`).ReplaceAllString(string(text), "")
}

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

// cField is a field of a structure of the header.
type cField struct {
	name, kind string
	count      int
}

// structure reads the fields of a structure, in order.
func structure(t *testing.T, text, name string, constants map[string]int) []cField {
	t.Helper()
	body := regexp.MustCompile(`struct ` + name + ` \{([^}]*)\};`).FindStringSubmatch(text)
	if body == nil {
		t.Fatalf("abi.h has no struct %s", name)
	}
	var fields []cField
	for _, line := range strings.Split(body[1], ";") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		m := regexp.MustCompile(`^(\w+)\s+(\w+)(?:\[(\w+)(?:\s*\+\s*(\d+))?\])?$`).FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("struct %s: a field that the test cannot read: %q", name, line)
		}
		f := cField{name: m[2], kind: m[1], count: 1}
		if m[3] != "" {
			base, known := constants[m[3]]
			if !known {
				var err error
				if base, err = strconv.Atoi(m[3]); err != nil {
					t.Fatalf("struct %s: %q: %v", name, line, err)
				}
			}
			more, _ := strconv.Atoi(m[4])
			f.count = base + more
		}
		fields = append(fields, f)
	}
	return fields
}

var goKinds = map[string]reflect.Kind{
	"int64_t": reflect.Int64, "uint64_t": reflect.Uint64, "double": reflect.Float64, "Address": reflect.Uint64,
}

// The structures have the fields of abi.h, by name, in order, each of eight bytes
// and of the same kind.
func TestABI(t *testing.T) {
	text := header(t, "abi.h")
	constants := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^#define (\w+) (\d+)\s*$`).FindAllStringSubmatch(text, -1) {
		constants[m[1]], _ = strconv.Atoi(m[2])
	}
	for name, mirror := range map[string]any{"Task": taskABI{}, "Item": itemABI{}, "Launch": launchABI{}} {
		fields := structure(t, text, name, constants)
		of := reflect.TypeOf(mirror)
		if of.NumField() != len(fields) {
			t.Errorf("struct %s has %d fields, its mirror %d", name, len(fields), of.NumField())
			continue
		}
		offset := uintptr(0)
		for i, f := range fields {
			got := of.Field(i)
			kind, count := got.Type.Kind(), 1
			if kind == reflect.Array {
				kind, count = got.Type.Elem().Kind(), got.Type.Len()
			}
			if got.Name != camel(f.name) || kind != goKinds[f.kind] || count != f.count || got.Offset != offset {
				t.Errorf("struct %s, field %d is %s %s[%d] at %d, but its mirror has %s %v[%d] at %d",
					name, i, f.kind, f.name, f.count, offset, got.Name, kind, count, got.Offset)
			}
			offset += uintptr(8 * f.count)
		}
		if of.Size() != offset {
			t.Errorf("struct %s has %d bytes, its mirror %d", name, offset, of.Size())
		}
	}
	want := map[string]int{
		"MAX_LAYERS": maxLayers, "RULE_GAMMA": ruleGamma, "RULE_HEBBIAN": ruleHebbian, "RULE_ANTI": ruleAnti,
	}
	if !reflect.DeepEqual(constants, want) {
		t.Errorf("abi.h defines %v, the mirror %v", constants, want)
	}
}

// A record has its fields where abi.h says.
func TestABIFields(t *testing.T) {
	body := regexp.MustCompile(`enum Field \{([^}]*)\};`).FindStringSubmatch(header(t, "abi.h"))
	if body == nil {
		t.Fatal("abi.h has no enum Field")
	}
	got := map[string]int{}
	for _, m := range regexp.MustCompile(`(\w+) = (\d+)`).FindAllStringSubmatch(body[1], -1) {
		got[m[1]], _ = strconv.Atoi(m[2])
	}
	want := map[string]int{
		"TRAIN_OMEGA": fieldTrainOmega, "TRAIN_GAMMA": fieldTrainGamma, "TEST_OMEGA": fieldTestOmega, "TEST_GAMMA": fieldTestGamma,
		"OMEGA_OMEGA": fieldOmegaOmega, "GAMMA_OMEGA": fieldGammaOmega, "OMEGA_GAMMA": fieldOmegaGamma, "GAMMA_GAMMA": fieldGammaGamma,
		"FIRST_MODE": fieldFirstMode,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("enum Field is %v, its mirror %v", got, want)
	}
}
