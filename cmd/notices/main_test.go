package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestNoticesOfABuild: releases were shipped without the terms of what is in them.
// Every module that go says is linked must be there, and fonts, and the page's code.
func TestNoticesOfABuild(t *testing.T) {
	var text bytes.Buffer
	if err := write(&text, "", []string{"linux/amd64", "darwin/arm64"}); err != nil {
		t.Fatal(err)
	}
	linked, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", "modspec/cmd/modspec").Output()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(string(linked)), "\n")
	if len(want) < 10 {
		t.Fatalf("go lists %d modules", len(want))
	}
	for _, title := range append(slices.Compact(want), "modspec", "Go's standard library") {
		if !strings.Contains(text.String(), "\n"+title+"\n===") && !strings.HasPrefix(text.String(), title+"\n===") {
			t.Errorf("there is nothing of %s", title)
		}
	}
	for _, terms := range []string{
		"SIL OPEN FONT LICENSE",     // the Liberation fonts
		"Bigelow & Holmes",          // the Go fonts
		"Apache ECharts", "ZRender", // in the page
		"snappy/LICENSE of github.com/klauspost", // others' code in a module
		"THIRD_PARTY_LICENSES/Cephes-LICENSE of gonum.org/v1/gonum",
		"The Go Authors",
	} {
		if !strings.Contains(text.String(), terms) {
			t.Errorf("there is no %q", terms)
		}
	}
}

// TestAModuleWithoutALicenceIsRefused, wherever other files of it have one.
func TestAModuleWithoutALicenceIsRefused(t *testing.T) {
	dir := t.TempDir()
	put := func(names ...string) {
		for _, name := range names {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte("terms of "+name), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	put("README", "license.go", "a/b/LICENSE", "unused/LICENSE")
	m := &module{Path: "example.com/m", Version: "v1.0.0", Dir: dir, packages: map[string]bool{filepath.Join(dir, "a", "b"): true}}
	if err := m.write(&bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "example.com/m v1.0.0 has no file with a licence") {
		t.Errorf("the error is %v", err)
	}
	put("COPYING.txt", "Notice", "LICENSES/x/one")
	want := []string{"COPYING.txt", "LICENSES/x/one", "Notice", "a/b/LICENSE"}
	if got, err := m.files(); err != nil || !slices.Equal(got, want) {
		t.Errorf("the files are %q, %v; want %q", got, err, want)
	}
	if err := run("", "", []string{"linux"}); err == nil || !strings.Contains(err.Error(), "GOOS/GOARCH") {
		t.Errorf("a platform that is none: %v", err)
	}
}
