//go:build gpu

package cuda

import (
	"reflect"
	"regexp"
	"strconv"
	"testing"

	"modspec/engine/cuda/cudatest"
)

// The structures have the fields of abi.h, by name, in order, each of eight bytes
// and of the same kind.
func TestABI(t *testing.T) {
	text := cudatest.Header(t, "../../..", "abi.h")
	constants := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^#define (\w+) (\d+)\s*$`).FindAllStringSubmatch(text, -1) {
		constants[m[1]], _ = strconv.Atoi(m[2])
	}
	for name, mirror := range map[string]any{"Task": taskABI{}, "Item": itemABI{}, "Launch": launchABI{}} {
		fields := cudatest.Structure(t, text, name, constants)
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
			if got.Name != cudatest.GoName(f.Name) || kind != cudatest.Kinds[f.Kind] || count != f.Count || got.Offset != offset {
				t.Errorf("struct %s, field %d is %s %s[%d] at %d, but its mirror has %s %v[%d] at %d",
					name, i, f.Kind, f.Name, f.Count, offset, got.Name, kind, count, got.Offset)
			}
			offset += uintptr(8 * f.Count)
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
	body := regexp.MustCompile(`enum Field \{([^}]*)\};`).FindStringSubmatch(cudatest.Header(t, "../../..", "abi.h"))
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
