//go:build gpu

package cuda

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// someShape is a random shape of a module.
func someShape(rng *rand.Rand) shape {
	s := shape{layers: 1 + rng.IntN(4), rule: int64(rng.IntN(6)), reduced: true, modes: int64(rng.IntN(4))}
	for l := range s.layers + 1 {
		s.widths[l] = 1 + rng.Int64N(70)
	}
	if rng.IntN(4) == 0 {
		s.widths[0] = 500 + rng.Int64N(100)
	}
	s.coords = 1 + rng.Int64N(s.widths[0])
	return s
}

// The host's formulas are those of the kernels: a compiler that reads the kernels'
// headers agrees with their values at random shapes.
func TestLayout(t *testing.T) {
	compiler, err := exec.LookPath("g++")
	if err != nil {
		t.Skip("g++ is not installed")
	}
	var text strings.Builder
	text.WriteString("#include \"simt.cuh\"\n#include \"init.cu\"\n")
	rng := rand.New(rand.NewPCG(3, 4))
	for n := range 200 {
		s := someShape(rng)
		fmt.Fprintf(&text, "constexpr int64_t w%d[] = {%s};\n", n, strings.Trim(strings.Join(strings.Fields(fmt.Sprint(s.widths)), ", "), "[]"))
		check := func(formula string, value int64) {
			fmt.Fprintf(&text, "static_assert(%s == %d);\n", formula, value)
		}
		check(fmt.Sprintf("state_offset(w%d, %d, %d)", n, s.coords, s.layers), s.stateReals())
		check(fmt.Sprintf("scratch_reals(w%d, %d, %d)", n, s.layers, s.coords), s.scratchReals())
		check(fmt.Sprintf("init_shared_bytes(%d, %d)", s.widths[0], s.coords), s.startShared())
		if s.layers > 1 {
			check(fmt.Sprintf("shared_layout(w%d, %d, %d, %d).reals", n, s.layers, s.coords, s.rule), s.sharedReals())
		}
	}
	file := filepath.Join(t.TempDir(), "layout.cpp")
	if err := os.WriteFile(file, []byte(text.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(compiler, "-std=c++17", "-fsyntax-only", "-fconstexpr-ops-limit=100000000", "-w",
		"-I", "../../../kernels/device", "-I", "../../../kernels/standin", file)
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
