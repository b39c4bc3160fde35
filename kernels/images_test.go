package kernels

import (
	"bytes"
	"compress/gzip"
	"debug/elf"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestImagesAreWhatTheManifestSays reads every image by means that the build has
// no part in: Go's reader of ELF files for machine code, the text for PTX.
func TestImagesAreWhatTheManifestSays(t *testing.T) {
	named := map[string]bool{"manifest.json": true}
	for _, source := range readManifest(t).Sources {
		var kernels []string
		for _, kernel := range source.Kernels {
			kernels = append(kernels, kernel.Name)
		}
		slices.Sort(kernels)
		for _, file := range source.Images {
			named[file.Name] = true
			code := readImage(t, file.Name)
			if len(code) != file.Bytes || digest(code) != file.SHA256 {
				t.Errorf("%s: %d bytes of SHA-256 %s, and the manifest says %d of %s",
					file.Name, len(code), digest(code), file.Bytes, file.SHA256)
			}
			arch, ptx, err := architecture(file.Arch)
			if err != nil {
				t.Fatal(err)
			}
			number := arch.Major*10 + arch.Minor
			gotNumber, gotKernels := 0, []string(nil)
			if ptx {
				gotNumber, gotKernels = readPTX(t, code)
			} else {
				gotNumber, gotKernels = readCubin(t, code)
			}
			if gotNumber != number {
				t.Errorf("%s: it is for %d, and the manifest says %d", file.Name, gotNumber, number)
			}
			if !slices.Equal(gotKernels, kernels) {
				t.Errorf("%s: it has the kernels %q, and the manifest says %q", file.Name, gotKernels, kernels)
			}
		}
	}
	paths, err := filepath.Glob("images/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if !named[filepath.Base(path)] {
			t.Errorf("%s: not in the manifest", path)
		}
	}
}

// TestEveryKernelIsReported holds the compiler's report against what a thread can
// have at all.
func TestEveryKernelIsReported(t *testing.T) {
	names := map[string]string{}
	for _, source := range readManifest(t).Sources {
		if len(source.Kernels) == 0 {
			t.Errorf("%s: has no kernel", source.Name)
		}
		for _, kernel := range source.Kernels {
			if other, twice := names[kernel.Name]; twice {
				t.Errorf("kernel %s: in %s and in %s", kernel.Name, other, source.Name)
			}
			names[kernel.Name] = source.Name
			if kernel.Source != source.Name {
				t.Errorf("kernel %s: of %q, want %q", kernel.Name, kernel.Source, source.Name)
			}
			for _, file := range source.Images {
				if file.PTX() {
					continue
				}
				r, reported := kernel.Resources[file.Arch]
				// 255 registers are the most that an instruction can name; static shared
				// memory is 48 KiB at most; spilled registers are on the stack.
				if !reported || r.Registers < 1 || r.Registers > 255 || r.Shared < 0 || r.Shared > 48<<10 ||
					r.SpillStores > 0 && r.Stack == 0 {
					t.Errorf("kernel %s on %s: reported %v, %+v", kernel.Name, file.Arch, reported, r)
				}
			}
		}
	}
}

func readImage(t *testing.T, name string) []byte {
	t.Helper()
	packed, err := os.Open(filepath.Join("images", name))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	reader, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	// Builds at another time give the same file.
	if !reader.ModTime.IsZero() || reader.Name != "" {
		t.Errorf("%s: stamped with time %v and name %q", name, reader.ModTime, reader.Name)
	}
	code, err := io.ReadAll(reader)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return code
}

// readCubin returns the architecture and the kernels of machine code: a kernel's
// instructions are in a section of its own, .text.NAME.
func readCubin(t *testing.T, code []byte) (arch int, kernels []string) {
	t.Helper()
	// The version of the format, 1, stands in the header twice; in the second place
	// NVIDIA writes that of its toolkit, which the reader would refuse.
	standard := bytes.Clone(code)
	copy(standard[20:24], []byte{byte(elf.EV_CURRENT), 0, 0, 0})
	file, err := elf.NewFile(bytes.NewReader(standard))
	if err != nil {
		t.Fatal(err)
	}
	const cuda = 190 // EM_CUDA
	if file.Machine != cuda {
		t.Errorf("machine %v, want CUDA's, %d", file.Machine, cuda)
	}
	for _, section := range file.Sections {
		if name, text := strings.CutPrefix(section.Name, ".text."); text {
			kernels = append(kernels, name)
		}
	}
	slices.Sort(kernels)
	// The flags' lowest byte has the architecture up to version 7 of this ABI, the
	// next one since.
	flags := int(code[48]) | int(code[49])<<8
	if file.ABIVersion < 8 {
		return flags & 0xff, kernels
	}
	return flags >> 8, kernels
}

func readPTX(t *testing.T, text []byte) (arch int, kernels []string) {
	t.Helper()
	target := regexp.MustCompile(`(?m)^\.target sm_(\d+)$`).FindSubmatch(text)
	if target == nil {
		t.Fatal("PTX without a target")
	}
	for _, digit := range target[1] {
		arch = arch*10 + int(digit-'0')
	}
	for _, entry := range regexp.MustCompile(`(?m)^\.visible \.entry (\w+)\(`).FindAllSubmatch(text, -1) {
		kernels = append(kernels, string(entry[1]))
	}
	slices.Sort(kernels)
	return arch, kernels
}
