package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestDeclared(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"one", "CUresult cuInit(unsigned int Flags);", []string{"cuInit"}},
		{"result on a line of its own", "CUresult\ncuLinkCreate_v2(unsigned int n, CUjit_option *o,\n void **v);", []string{"cuLinkCreate_v2"}},
		{"attributes", `__attribute__((deprecated("use another; (this) is old"))) CUresult cuOld(void);extern CUresult cuNew(void);`,
			[]string{"cuOld", "cuNew"}},
		{"types of functions", "typedef CUresult (*PFN)(int); typedef void (*CUhostFn)(void *userData); CUresult cuLaunchHostFunc(CUhostFn fn, void (*f)(CUresult cuCode));",
			[]string{"cuLaunchHostFunc"}},
		{"a function of the header's own", "static inline CUresult cuGet_ptsz(const char *s) {\n if (s) { s++; }\n return cuGet_v2(s);\n}\nCUresult cuNext(void);",
			[]string{"cuNext"}},
		{"types and constants", "typedef struct CUctx_st *CUcontext; enum cuE { cuA = 1 }; struct { int cuB; } x;", nil},
		{"nothing", "", nil},
	} {
		got, err := declared(test.text)
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, %v; want %q", test.name, got, err, test.want)
		}
	}
}

func TestDeclaredRefusesOtherResults(t *testing.T) {
	_, err := declared("CUresult cuInit(unsigned); const char *cuName(int code);")
	if err == nil || !strings.Contains(err.Error(), `cuName returns "const char *"`) {
		t.Errorf("%v", err)
	}
}

// header writes a cuda.h that maps names as NVIDIA's does.
func header(t *testing.T, text string) string {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("gcc is not installed")
	}
	name := filepath.Join(t.TempDir(), "cuda.h")
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestEntriesAreTheDriversNames(t *testing.T) {
	got, err := entries("gcc", header(t, `
typedef int CUresult;
#define cuMemAlloc cuMemAlloc_v2
#ifdef CUDA_API_PER_THREAD_DEFAULT_STREAM
#define cuLaunchKernel cuLaunchKernel_ptsz
#endif
CUresult cuInit(unsigned int flags);
CUresult cuDriverGetVersion(int *version);
CUresult cuDeviceGetCount(int *count);
CUresult cuMemAlloc(unsigned long long *pointer, unsigned long bytes);
CUresult cuLaunchKernel(void *function);
`))
	want := []string{"cuDeviceGetCount", "cuDriverGetVersion", "cuInit", "cuLaunchKernel", "cuLaunchKernel_ptsz", "cuMemAlloc_v2"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}

func TestEntriesRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "cuInit is not declared",
		`#include "not-there.h"`:      "not-there.h",
		"#error unsupported compiler": "unsupported compiler",
	} {
		if _, err := entries("gcc", header(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want an error with %q", text, err, want)
		}
	}
	if _, err := entries("no-such-compiler", header(t, "")); err == nil || !strings.Contains(err.Error(), "no-such-compiler") {
		t.Errorf("%v", err)
	}
}
