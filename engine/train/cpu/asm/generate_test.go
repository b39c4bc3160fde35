package asm

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestGenerated runs the generator again and compares what it writes with the
// files here. It runs in a copy of its folder, so that the command that it stamps
// on its output is the same.
func TestGenerated(t *testing.T) {
	if testing.Short() {
		t.Skip("compiling the generator takes seconds")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command to run the generator with")
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "gen"), os.DirFS("gen")); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) ([]byte, error) {
		cmd := exec.Command("go", args...)
		cmd.Dir = filepath.Join(dir, "gen")
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		return cmd.CombinedOutput()
	}
	if out, err := run("mod", "download"); err != nil {
		t.Skipf("the generator's modules cannot be had: %v\n%s", err, out)
	}
	for _, set := range []string{"avx512", "avx2"} {
		if out, err := run("run", ".", "-set", set, "-out", "../"+set+"_amd64.s", "-stubs", "../"+set+"_amd64.go", "-pkg", "asm"); err != nil {
			t.Fatalf("the generator fails: %v\n%s", err, out)
		}
		for _, name := range []string{set + "_amd64.s", set + "_amd64.go"} {
			want, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s is not what the generator writes; run go generate ./engine/train/cpu/asm", name)
			}
		}
	}
}
