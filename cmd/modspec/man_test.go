package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// commands returns a command and all those below it that a user sees.
func commands(c *cobra.Command) []*cobra.Command {
	list := []*cobra.Command{c}
	for _, below := range c.Commands() {
		if !below.Hidden && below.Name() != "help" {
			list = append(list, commands(below)...)
		}
	}
	return list
}

// TestMan: every command has a page with its name, its date and each of its flags.
func TestMan(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1700000000")
	dir := filepath.Join(t.TempDir(), "man", "man1")
	if _, stderr, code := modspec(t, "man", dir); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	for _, c := range commands(newRoot()) {
		name := strings.ReplaceAll(c.CommandPath(), " ", "-")
		text, err := os.ReadFile(filepath.Join(dir, name+".1"))
		if err != nil {
			t.Error(err)
			continue
		}
		page := strings.ReplaceAll(string(text), `\-`, "-")
		for _, want := range []string{name, "Nov 2023"} {
			if !strings.Contains(page, want) {
				t.Errorf("%s.1 has no %q", name, want)
			}
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden && !strings.Contains(page, "--"+f.Name) {
				t.Errorf("%s.1 has no --%s", name, f.Name)
			}
		})
	}
	root, err := os.ReadFile(filepath.Join(dir, "modspec.1"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(root), "\n3    training diverged; with cmnist, every run did\n") {
		t.Errorf("the exit codes are not one a line:\n%s", root)
	}
}

// TestManIsWellFormed: groff finds nothing to warn of in any page.
func TestManIsWellFormed(t *testing.T) {
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("groff is not installed")
	}
	dir := t.TempDir()
	if _, stderr, code := modspec(t, "man", dir); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	pages, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil || len(pages) == 0 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	said, err := exec.Command(groff, append([]string{"-k", "-man", "-ww", "-Tutf8", "-z"}, pages...)...).CombinedOutput()
	if err != nil || len(said) > 0 {
		t.Errorf("groff: %v\n%s", err, said)
	}
}

// TestManPagesAreReplaced: a page that is there is replaced by a whole new one, never
// written over in place, so that a full disk cannot leave half of one.
func TestManPagesAreReplaced(t *testing.T) {
	dir := t.TempDir()
	page, old := filepath.Join(dir, "modspec.1"), filepath.Join(dir, "old")
	if err := os.WriteFile(page, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(page, old); err != nil {
		t.Skip("this file system has no second names: ", err)
	}
	must(t, "man", dir)
	if text, err := os.ReadFile(old); err != nil || string(text) != "old" {
		t.Errorf("the file that was there holds %.40q (%v), want what it held", text, err)
	}
	if text, err := os.ReadFile(page); err != nil || !strings.Contains(string(text), "MODSPEC") {
		t.Errorf("the page is %.40q (%v)", text, err)
	}
}

func TestManBadInput(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args  []string
		epoch string
		says  string
	}{
		{[]string{"man"}, "", "one folder"},
		{[]string{"man", "a", "b"}, "", "one folder"},
		{[]string{"man", filepath.Join(file, "x")}, "", "cannot make the folder"},
		{[]string{"man", filepath.Join(t.TempDir(), "x")}, "yesterday", `SOURCE_DATE_EPOCH is "yesterday"`},
	} {
		t.Setenv("SOURCE_DATE_EPOCH", c.epoch)
		stdout, stderr, code := modspec(t, c.args...)
		if code != exitBadInput || stdout != "" || !strings.Contains(stderr, c.says) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%v: exit %d, %q, %q", c.args, code, stdout, stderr)
		}
	}
}
