package kernels

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tile.cuh and scale.cu are a small source with a header, two precisions and a
// class, shared memory, and an array that no register can hold.
const (
	tileHeader = `#define TILE 32
`
	scaleSource = `#include "tile.cuh"
template <class Real> __device__ void scale(Real *x, int n) {
  __shared__ Real tile[TILE];
  Real kept[40];
  for (int i = 0; i < 40; i++) kept[i * n % 40] = x[i];
  tile[threadIdx.x % TILE] = kept[n];
  __syncthreads();
  x[threadIdx.x] = 2 * tile[n];
}
extern "C" __global__ void scale_t32_f32(float *x, int n) { scale(x, n); }
extern "C" __global__ void scale_t32_f64(double *x, int n) { scale(x, n); }
`
)

// A bench is a folder of sources, with their images beside.
type bench struct {
	t      *testing.T
	folder string
}

func newBench(t *testing.T, files ...string) bench {
	t.Helper()
	toolchain(t)
	if _, err := os.Stat("../.toolchain/nvrtc/libnvrtc.so.12"); err != nil {
		t.Skip("NVRTC is not here: run `make toolchain`")
	}
	b := bench{t, t.TempDir()}
	if err := os.Mkdir(filepath.Join(b.folder, "device"), 0o777); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(files); i += 2 {
		b.write("device/"+files[i], files[i+1])
	}
	return b
}

func (b bench) write(name, text string) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.folder, name), []byte(text), 0o666); err != nil {
		b.t.Fatal(err)
	}
}

func (b bench) read(name string) []byte {
	b.t.Helper()
	data, err := os.ReadFile(filepath.Join(b.folder, name))
	if err != nil {
		b.t.Fatal(err)
	}
	return data
}

// build runs build.py on the bench; it returns what it prints and its exit status.
func (b bench) build(args ...string) (string, int) {
	b.t.Helper()
	python := os.Getenv("PYTHON")
	if python == "" {
		python = "python3"
	}
	args = append([]string{"build.py", "--device", filepath.Join(b.folder, "device"), "--images", filepath.Join(b.folder, "images")}, args...)
	command := exec.Command(python, args...)
	command.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	out, err := command.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		b.t.Skipf("%v", err)
	}
	if strings.Contains(string(out), "is NVRTC ") {
		b.t.Skip(strings.TrimSpace(string(out)))
	}
	return string(out), command.ProcessState.ExitCode()
}

// expect builds and compares the exit status, and that the words are printed.
func (b bench) expect(status int, words []string, args ...string) {
	b.t.Helper()
	out, got := b.build(args...)
	if got != status {
		b.t.Errorf("build.py %q: exit status %d, want %d\n%s", args, got, status, out)
	}
	for _, word := range words {
		if !strings.Contains(out, word) {
			b.t.Errorf("build.py %q does not print %q:\n%s", args, word, out)
		}
	}
}

func TestBuildGivesTheSameEverywhere(t *testing.T) {
	one := newBench(t, "tile.cuh", tileHeader, "scale.cu", scaleSource)
	two := newBench(t, "scale.cu", scaleSource, "tile.cuh", tileHeader, "unused.cuh", "#error not included")
	one.expect(0, []string{"1 of 1 sources built"})
	two.expect(0, []string{"1 of 1 sources built"}, "--jobs", "1")
	paths, err := filepath.Glob(filepath.Join(one.folder, "images", "*"))
	if err != nil || len(paths) != 8 { // six architectures, PTX, manifest
		t.Fatalf("images %q, %v; want 8 files", paths, err)
	}
	for _, path := range paths {
		name := filepath.Join("images", filepath.Base(path))
		if !slices.Equal(one.read(name), two.read(name)) {
			t.Errorf("%s differs between two builds", name)
		}
	}
	one.expect(0, []string{"0 of 1 sources built"})
	one.expect(0, nil, "--check")

	c, err := ParseManifest(one.read("images/manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"scale_t32_f32", "scale_t32_f64"} {
		kernel := c.Sources[0].Kernels[i]
		if kernel.Name != name || kernel.Operation != "scale" || kernel.Precision != name[len(name)-3:] ||
			len(kernel.Parameters) != 1 || kernel.Parameters["t"] != 32 {
			t.Errorf("%+v", kernel)
		}
		size := 4 << i // bytes of a number
		for _, arch := range []string{"sm_80", "sm_86", "sm_89", "sm_90", "sm_100", "sm_120"} {
			r := kernel.Resources[arch]
			if r.Shared != 32*size || r.Stack < 40*size || r.Registers < 1 {
				t.Errorf("%s on %s: %+v; want %d bytes shared and a stack of at least %d", name, arch, r, 32*size, 40*size)
			}
		}
	}
}

func TestCheckFindsWhatDiffers(t *testing.T) {
	b := newBench(t, "tile.cuh", tileHeader, "scale.cu", scaleSource)
	b.expect(1, []string{"manifest.json: missing"}, "--check")
	b.expect(0, nil)

	// Another way to write the same: the code is equal, the source is not.
	b.write("device/tile.cuh", "#define TILE 0x20\n")
	b.expect(1, []string{"scale.cu: the manifest differs in headers\n"}, "--check")
	b.write("device/tile.cuh", "#define TILE 64\n")
	b.expect(1, []string{"scale.cu: the manifest differs in headers, images, kernels\n"}, "--check")
	b.expect(1, []string{"scale.cu: the manifest differs in headers, images, kernels\n"}, "--check", "--arch", "sm_80")
	b.write("device/tile.cuh", tileHeader)
	b.expect(0, nil, "--check")
	b.expect(0, nil, "--check", "--arch", "sm_90", "--arch", "sm_80")

	image := b.read("images/scale.sm_90.cubin.gz")
	b.write("images/scale.sm_90.cubin.gz", string(b.read("images/scale.sm_89.cubin.gz")))
	b.write("images/old.sm_90.cubin.gz", "")
	b.expect(1, []string{"scale.sm_90.cubin.gz: not what scale.cu gives", "old.sm_90.cubin.gz: not in the manifest"}, "--check")
	b.expect(1, []string{"scale.sm_90.cubin.gz: not what scale.cu gives"}, "--check", "--arch", "sm_90")
	b.expect(1, []string{"old.sm_90.cubin.gz: not in the manifest"}, "--check", "--arch", "sm_80")
	b.expect(0, []string{"1 of 1 sources built"})
	if !slices.Equal(b.read("images/scale.sm_90.cubin.gz"), image) {
		t.Error("a broken image is not built anew")
	}
	b.expect(0, nil, "--check")

	b.write("device/another.cu", strings.ReplaceAll(scaleSource, "scale_", "another_"))
	b.expect(1, []string{"another.cu: has no images"}, "--check")
	b.expect(0, []string{"1 of 2 sources built, 2 in the manifest"})
	if err := os.Remove(filepath.Join(b.folder, "device/another.cu")); err != nil {
		t.Fatal(err)
	}
	b.expect(1, []string{"another.cu: has images and no source"}, "--check")
	b.expect(0, []string{"0 of 1 sources built, 1 in the manifest"})
	b.expect(0, nil, "--check")
}

func TestBuildNamesFileAndLine(t *testing.T) {
	b := newBench(t, "tile.cuh", tileHeader, "scale.cu", scaleSource)
	b.expect(0, nil)
	manifest := b.read("images/manifest.json")
	for _, test := range []struct{ name, header, source, want string }{
		{"source", tileHeader, scaleSource + "int f( {\n", "device/scale.cu:12: error: "},
		{"header", "\n#define TILE 32\n__device__ int t = \"\";\n", scaleSource, "device/tile.cuh:3: error: "},
		{"missing header", tileHeader, "#include \"tiles.cuh\"\n", "device/scale.cu:1: catastrophic error: cannot open source file \"tiles.cuh\""},
		{"warning", tileHeader, scaleSource + "__device__ int g(int x) { if (x = 1) return 2; }\n", "device/scale.cu:12: warning "},
		{"ptxas", tileHeader, scaleSource + `extern "C" __global__ void huge_f32(float *x) { __shared__ float s[40000]; s[threadIdx.x] = x[threadIdx.x]; __syncthreads(); x[0] = s[1]; }`,
			"huge_f32"},
		{"no C name", tileHeader, scaleSource + "__global__ void bare_f32() {}\n", `kernel _Z8bare_f32v: must be extern "C"`},
		{"no precision", tileHeader, scaleSource + "extern \"C\" __global__ void bare() {}\n", "kernel bare: must be"},
		{"no kernel", tileHeader, "__device__ int x;\n", "scale.cu: has no kernel"},
	} {
		b.write("device/tile.cuh", test.header)
		b.write("device/scale.cu", test.source)
		out, status := b.build()
		if status != 1 || !strings.Contains(out, test.want) {
			t.Errorf("%s: exit status %d, want 1 and %q in\n%s", test.name, status, test.want, out)
		}
		if !slices.Equal(b.read("images/manifest.json"), manifest) {
			t.Errorf("%s: the images that there were are not kept", test.name)
		}
	}
	b.expect(1, []string{"no nothing.cu in "}, "nothing.cu")
	b.expect(1, []string{"no such compiler"}, "--nvrtc", filepath.Join(b.folder, "none"))
	b.expect(2, []string{"--arch goes with --report"}, "--arch", "sm_90")
	b.expect(2, []string{"--check takes neither"}, "--check", "scale.cu")
	b.expect(2, []string{"--jobs 0: must be at least 1"}, "--jobs", "0")
}
