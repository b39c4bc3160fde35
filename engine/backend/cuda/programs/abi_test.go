//go:build gpu

package programs

import (
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// camel turns a name of C into the one it has in Go.
func camel(name string) string {
	var out strings.Builder
	up := false
	for i, r := range name {
		switch {
		case r == '_':
			up = true
		case up:
			out.WriteRune(unicode.ToUpper(r))
			up = false
		case i == 0:
			out.WriteRune(unicode.ToLower(r))
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// codeNames are the codes of instructions, in the order of enum ProgramCode.
var codeNames = []string{
	"GIVEN", "LOAD", "MOVE", "AFFINE", "RELU", "SQRT", "EXP", "LOG", "TANH", "SIGMOID", "SOFTPLUS", "ERF", "SIN", "COS",
	"ADD", "SUBTRACT", "MULTIPLY", "DIVIDE", "MAXIMUM", "LESS", "ATAN2", "SELECT",
}

// The structures have the fields of program_abi.cuh, by name, in order, each of eight
// bytes or whole structures and lists of such, and of the same kind; and what is counted
// has the same numbers.
func TestABI(t *testing.T) {
	text, err := os.ReadFile("../../../../kernels/device/program_abi.cuh")
	if err != nil {
		t.Fatal(err)
	}
	plain := regexp.MustCompile(`//[^\n]*`).ReplaceAllString(string(text), "")
	for name, want := range map[string]int{"MAX_AXES": maxAxes, "MAX_SLOTS": maxSlots} {
		found := regexp.MustCompile(`#define ` + name + ` (\d+)`).FindStringSubmatch(plain)
		if found == nil || found[1] != strconv.Itoa(want) {
			t.Errorf("%s is %v, want %d", name, found, want)
		}
	}
	enums := map[string][]string{}
	for _, e := range regexp.MustCompile(`enum (\w+) \{([^}]*)\}`).FindAllStringSubmatch(plain, -1) {
		enums[e[1]] = strings.FieldsFunc(e[2], func(r rune) bool { return unicode.IsSpace(r) || r == ',' })
	}
	for i, name := range enums["ProgramCode"] {
		if i >= len(codeNames) || name != "CODE_"+codeNames[i] {
			t.Errorf("code %d is %s, which Go does not have there", i, name)
		}
	}
	for op, code := range codes {
		if name := "CODE_" + strings.ToUpper(op.String()); enums["ProgramCode"][code] != name {
			t.Errorf("%s has code %d, which is %s", op, code, enums["ProgramCode"][code])
		}
	}
	for name, want := range map[string][]int{
		"ProgramRowKind":  {rowSoftmax, rowLogSoftmax, rowTop},
		"ProgramDrawKind": {drawNormal, drawUniform, drawWhole, drawBatch},
	} {
		for i, v := range want {
			if v != i || len(enums[name]) != len(want) {
				t.Errorf("%s has %v, Go %v", name, enums[name], want)
			}
		}
	}
	if got := strings.Join(enums["ProgramSource"], " "); got != "SOURCE_ACCUMULATOR = MAX_SLOTS SOURCE_A SOURCE_B SOURCE_NONE" ||
		sourceAccumulator != maxSlots || sourceA != maxSlots+1 || sourceB != maxSlots+2 || sourceNone != maxSlots+3 {
		t.Errorf("the sources are %q", got)
	}

	mirrors := map[string]reflect.Type{}
	for _, m := range []any{programInstruction{}, programOperand{}, programChain{}, programDigits{}, programSteps{}, programSide{},
		programProduct{}, programSum{}, programRows{}, programGather{}, programWatch{}, programDraw{}} {
		of := reflect.TypeOf(m)
		mirrors[of.Name()] = of
	}
	declared := regexp.MustCompile(`struct (\w+) \{([^}]*)\};`).FindAllStringSubmatch(plain, -1)
	if len(declared) != len(mirrors) {
		t.Errorf("program_abi.cuh has %d structures, %d have mirrors", len(declared), len(mirrors))
	}
	plainTypes := map[string]reflect.Type{"int64_t": reflect.TypeFor[int64](), "double": reflect.TypeFor[float64](), "Address": reflect.TypeFor[uint64]()}
	for _, s := range declared {
		of := mirrors[camel(s[1])]
		if of == nil {
			t.Errorf("struct %s has no mirror", s[1])
			continue
		}
		fields := regexp.MustCompile(`(\w+)\s+(\w+)(\[MAX_AXES\])?;`).FindAllStringSubmatch(s[2], -1)
		if of.NumField() != len(fields) || strings.Count(s[2], ";") != len(fields) {
			t.Errorf("struct %s has %d fields, its mirror %d", s[1], strings.Count(s[2], ";"), of.NumField())
			continue
		}
		for i, f := range fields {
			want := plainTypes[f[1]]
			if want == nil {
				want = mirrors[camel(f[1])]
			}
			if f[3] != "" {
				want = reflect.ArrayOf(maxAxes, want)
			}
			if got := of.Field(i); got.Name != camel(f[2]) || got.Type != want || got.Type.Size()%8 != 0 {
				t.Errorf("struct %s, field %d is %s %s%s, but its mirror has %s %v", s[1], i, f[1], f[2], f[3], got.Name, got.Type)
			}
		}
	}
}
