//go:build gpu

package large

import (
	"reflect"
	"regexp"
	"strconv"
	"testing"

	"modspec/engine/cuda/cudatest"
)

// The structures have the fields of large_abi.cuh, by name, in order, each of eight
// bytes or a matrix.
func TestABI(t *testing.T) {
	text := cudatest.Header(t, "../../../..", "large_abi.cuh")
	mirrors := map[string]any{
		"Matrix": matrixABI{}, "Product": productABI{}, "Decision": decisionABI{}, "Gather": gatherABI{}, "Outlook": outlookABI{},
		"Projection": projectionABI{}, "View": viewABI{}, "Observation": observationABI{},
	}
	declared := regexp.MustCompile(`struct (\w+) \{`).FindAllStringSubmatch(text, -1)
	if len(declared) != len(mirrors) {
		t.Errorf("large_abi.cuh has %d structures, %d have mirrors", len(declared), len(mirrors))
	}
	for name, mirror := range mirrors {
		fields := cudatest.Structure(t, text, name, nil)
		of := reflect.TypeOf(mirror)
		if of.NumField() != len(fields) {
			t.Errorf("struct %s has %d fields, its mirror %d", name, len(fields), of.NumField())
			continue
		}
		offset := uintptr(0)
		for i, f := range fields {
			got := of.Field(i)
			right := got.Type.Kind() == cudatest.Kinds[f.Kind]
			if f.Kind == "Matrix" {
				right = got.Type == reflect.TypeOf(matrixABI{})
			}
			if got.Name != cudatest.GoName(f.Name) || !right || got.Offset != offset {
				t.Errorf("struct %s, field %d is %s %s at %d, but its mirror has %s %v at %d", name, i, f.Kind, f.Name, offset, got.Name, got.Type, got.Offset)
			}
			offset += got.Type.Size()
		}
		if of.Size() != offset {
			t.Errorf("struct %s has %d bytes, its mirror %d", name, offset, of.Size())
		}
	}
}

// A record has its sums, and a matrix its kinds, where large_abi.cuh says.
func TestABIConstants(t *testing.T) {
	got := map[string]int{}
	for _, body := range regexp.MustCompile(`enum \w+ \{([^}]*)\};`).FindAllStringSubmatch(cudatest.Header(t, "../../../..", "large_abi.cuh"), -1) {
		for _, m := range regexp.MustCompile(`(\w+) = (\d+)`).FindAllStringSubmatch(body[1], -1) {
			got[m[1]], _ = strconv.Atoi(m[2])
		}
	}
	want := map[string]int{
		"OF_COPY": ofCopy, "OF_SLOT": ofSlot, "OF_TASK": ofTask,
		"SUM_TRAIN_OMEGA": sumTrainOmega, "SUM_TRAIN_GAMMA": sumTrainGamma, "SUM_TEST_OMEGA": sumTestOmega, "SUM_TEST_GAMMA": sumTestGamma,
		"SUM_OMEGA_OMEGA": sumOmegaOmega, "SUM_GAMMA_OMEGA": sumGammaOmega, "SUM_OMEGA_GAMMA": sumOmegaGamma, "SUM_GAMMA_GAMMA": sumGammaGamma,
		"FIRST_PROJECTION": firstProjection,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("large_abi.cuh has %v, the mirror %v", got, want)
	}
}
