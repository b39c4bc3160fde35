package main

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"modspec/engine/train/cuda"
)

// The doctor finds what this very program runs on, and a GPU is never needed.
func TestDoctor(t *testing.T) {
	stdout, stderr, code := modspec(t, "doctor", "--json", "--dir", filepath.Join(t.TempDir(), "still", "to", "be", "made"))
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	var list []finding
	if err := json.Unmarshal([]byte(stdout), &list); err != nil {
		t.Fatal(err)
	}
	found := map[string]finding{}
	for _, f := range list {
		found[f.Name] = f
	}
	for _, name := range []string{"modspec", "processor", "cpu kernels", "memory", "disk", "GPU driver"} {
		f, ok := found[name]
		if !ok || f.Value == "" {
			t.Errorf("%s: %+v", name, f)
		}
		if strings.HasPrefix(name, "GPU") && f.Needed {
			t.Errorf("%s is said to be needed", name)
		}
	}
}

func TestGPUFindings(t *testing.T) {
	report := cuda.Report{Driver: "12.9", Devices: []cuda.DeviceReport{
		{Number: 0, Name: "NVIDIA H200", Capability: "9.0", Memory: 141 << 30, Image: "sm_90"},
		{Number: 1, Name: "NVIDIA K80", Capability: "3.7", Problem: errors.New("too old; use another")},
	}}
	list := gpuFindings(report)
	if len(list) != 3 || list[0].Value != "supports CUDA 12.9" || list[0].Problem != "" {
		t.Fatalf("found %+v", list)
	}
	if list[1].Name != "GPU 0" || !strings.Contains(list[1].Value, "H200") || !strings.Contains(list[1].Value, "sm_90") || list[1].Problem != "" {
		t.Errorf("found %+v", list[1])
	}
	if list[2].Problem != "too old; use another" || strings.Contains(list[2].Value, "too old") {
		t.Errorf("found %+v", list[2])
	}
	none := gpuFindings(cuda.Report{Problem: errors.New("no driver; install it")})
	if len(none) != 1 || none[0].Value != "none" || none[0].Problem == "" || none[0].Needed {
		t.Errorf("without a driver: %+v", none)
	}
	var out strings.Builder
	printFindings(&out, append(list, none...))
	for i, line := range strings.Split(out.String(), "\n") {
		if len([]rune(line)) > 80 {
			t.Errorf("line %d is wider than a terminal: %q", i+1, line)
		}
	}
}
