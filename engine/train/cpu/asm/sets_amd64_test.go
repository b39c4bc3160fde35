//go:build !noasm

package asm

import (
	"slices"
	"testing"

	"golang.org/x/sys/cpu"
)

// TestVectorKernelsComeFirst: a processor that has vector registers computes in them,
// in the widest.
func TestVectorKernelsComeFirst(t *testing.T) {
	want := []string{"go"}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		want = slices.Insert(want, 0, "avx2")
	}
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL {
		want = slices.Insert(want, 0, "avx512")
	}
	checkSets(t, want, Sets[float32]())
	checkSets(t, want, Sets[float64]())
}

func checkSets[F Float](t *testing.T, want []string, sets []*Kernels[F]) {
	var got []string
	for _, k := range sets {
		got = append(got, k.Set)
		if plain := k.Set == "go"; plain != (k.raw == nil) {
			t.Errorf("%s has assembly: %v", k.Set, k.raw != nil)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the sets are %v, want %v", got, want)
	}
}
