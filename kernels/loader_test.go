package kernels

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// toolchain returns the folder of NVIDIA's headers, absolute. The test is skipped
// where they, or a C compiler, are missing: a plain `go test ./...` needs neither.
func toolchain(t *testing.T) (include string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the loader is for Linux")
	}
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("gcc is not installed")
	}
	include, err := filepath.Abs("../.toolchain/include")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(include, "cuda.h")); err != nil {
		t.Skip("cuda.h is not here: run `make toolchain`")
	}
	return include
}

// run runs a command with additions to the environment; the test ends where it fails.
func run(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	command := exec.Command(name, args...)
	command.Env = append(os.Environ(), env...)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	return string(out)
}

// driver builds a libcuda.so.1 that answers as it is told; it returns what to add
// to the environment for a program to find it, and no other.
func driver(t *testing.T, definitions ...string) []string {
	t.Helper()
	folder := t.TempDir()
	args := append([]string{"-shared", "-fPIC", "-o", filepath.Join(folder, "libcuda.so.1"), "testdata/loader/driver.c"}, definitions...)
	run(t, nil, "gcc", args...)
	return []string{"LD_LIBRARY_PATH=" + folder}
}

// noDriver is an environment in which the dynamic linker finds no libcuda.so.1
// even on a machine that has one: the first it meets is none.
func noDriver(t *testing.T) []string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "libcuda.so.1"), []byte("no library"), 0o666); err != nil {
		t.Fatal(err)
	}
	return []string{"LD_LIBRARY_PATH=" + folder}
}

// States and results, as loader.h and cuda.h number them.
const (
	ready, absent, tooOld, noDevice, failed = 0, 1, 2, 3, 4

	notInitialized, notFound = 3, 500
)

func TestLoader(t *testing.T) {
	include := toolchain(t)
	folder := t.TempDir()
	archive := filepath.Join(folder, "libcuda.a")
	run(t, nil, "loader/archive.sh", include, archive)
	program := filepath.Join(folder, "program")
	run(t, nil, "gcc", "-Wall", "-Wextra", "-I", include, "-I", "loader", "-o", program,
		"testdata/loader/program.c", archive, "-lpthread", "-ldl")

	const launched = "launch 0, missing 500, init 0, init with flags 1\n"
	for _, test := range []struct {
		name string
		env  []string
		want string
	}{
		{"none", noDriver(t), fmt.Sprintf(
			"launch %d, missing %d, init 0, init with flags 1\nstate %d, version 0, result %d, devices 0, reason ",
			notInitialized, notInitialized, absent, notInitialized)},
		{"ready", driver(t), launched +
			fmt.Sprintf("state %d, version 12090, result 0, devices 2, reason \n", ready)},
		{"oldest", driver(t, "-DVERSION=12000"), launched +
			fmt.Sprintf("state %d, version 12000, result 0, devices 2, reason \n", ready)},
		{"too old", driver(t, "-DVERSION=11080"), launched +
			fmt.Sprintf("state %d, version 11080, result 0, devices 2, reason \n", tooOld)},
		{"too old and failing", driver(t, "-DVERSION=11080", "-DINIT=999"), launched +
			fmt.Sprintf("state %d, version 11080, result 999, devices 0, reason \n", tooOld)},
		{"says that it has no device", driver(t, "-DINIT=100"), launched +
			fmt.Sprintf("state %d, version 12090, result 100, devices 0, reason \n", noDevice)},
		{"counts no device", driver(t, "-DDEVICES=0"), launched +
			fmt.Sprintf("state %d, version 12090, result 0, devices 0, reason \n", noDevice)},
		{"fails", driver(t, "-DINIT=804"), launched + fmt.Sprintf(
			"state %d, version 12090, result 804, devices 0, reason forward compatibility was attempted on non supported HW\n", failed)},
		{"fails and cannot say why", driver(t, "-DINIT=999"), launched +
			fmt.Sprintf("state %d, version 12090, result 999, devices 0, reason \n", failed)},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := run(t, test.env, program)
			if test.name == "none" { // what the dynamic linker says is its own
				if reason, ok := strings.CutPrefix(got, test.want); !ok || !strings.Contains(reason, "libcuda.so.1") {
					t.Errorf("got  %q\nwant %q and a reason that names libcuda.so.1", got, test.want)
				}
				return
			}
			if got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}

	t.Run("gorgonia.org/cu", func(t *testing.T) {
		start := filepath.Join(folder, "start")
		loader, err := filepath.Abs("loader")
		if err != nil {
			t.Fatal(err)
		}
		run(t, []string{
			"CGO_ENABLED=1",
			"CGO_CFLAGS=-g -O2 -I" + include + " -I" + loader,
			"CGO_LDFLAGS=-g -O2 -L" + folder,
		}, "go", "build", "-o", start, "./testdata/loader/start")
		for _, test := range []struct {
			env  []string
			want string
		}{
			{noDriver(t), fmt.Sprintf("state %d, version -1, devices 0, error NotInitialized\n", absent)},
			{driver(t), fmt.Sprintf("state %d, version 12090, devices 2, error <nil>\n", ready)},
			{driver(t, "-DINIT=100"), fmt.Sprintf("state %d, version 12090, devices 0, error NotInitialized\n", noDevice)},
		} {
			if got := run(t, test.env, start); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		}
	})
}
