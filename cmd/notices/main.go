// Notices writes the licences of everything that a build of modspec contains: of
// modspec, of Go's own library, of every module with a package in the build, of fonts,
// and of what the page of modspec serve has bundled. It fails if one is not found.
//
//	go run ./cmd/notices [-tags TAGS] [-o FILE] GOOS/GOARCH...
//
// It reads what go list names, for each of the platforms, from the module cache.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"modspec/engine/results"
)

func main() {
	tags := flag.String("tags", "", "build tags, as go build takes them")
	out := flag.String("o", "", "file to write (default standard output)")
	flag.Parse()
	if err := run(*tags, *out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "notices:", err)
		os.Exit(1)
	}
}

func run(tags, out string, platforms []string) error {
	if len(platforms) == 0 {
		return errors.New("name the platforms to build for, such as linux/amd64")
	}
	var text bytes.Buffer
	if err := write(&text, tags, platforms); err != nil {
		return err
	}
	if out == "" {
		_, err := os.Stdout.Write(text.Bytes())
		return err
	}
	return results.WriteFile(out, func(w io.Writer) error {
		_, err := w.Write(text.Bytes())
		return err
	})
}

// A module is one with packages in the build.
type module struct {
	Path, Version, Dir string
	Main               bool
	packages           map[string]bool // their folders
}

// further are files with terms whose names or places do not say so, by module and
// relative to its folder.
var further = map[string][]string{
	"golang.org/x/image": {"font/gofont/ttfs/README"},            // of the Go fonts
	"modspec":            {"engine/serve/web/dist/licences.txt"}, // of what the page has bundled
}

// licence is how files and folders with licences are called.
var licence = regexp.MustCompile(`(?i)^(licen[cs]es?|copying|notice|patents|third_party_licenses)([.-].*)?$`)

// write writes the licences of what a build for each of the platforms contains.
func write(w io.Writer, tags string, platforms []string) error {
	list := map[string]*module{}
	for _, platform := range platforms {
		if err := addBuild(list, tags, platform); err != nil {
			return err
		}
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("go env GOROOT: %w", err)
	}
	library := &module{Path: "Go's standard library", Dir: strings.TrimSpace(string(root))}
	order := []*module{library}
	for _, path := range slices.Sorted(maps.Keys(list)) {
		if m := list[path]; m.Main {
			order = slices.Insert(order, 0, m)
		} else {
			order = append(order, m)
		}
	}
	for _, m := range order {
		if err := m.write(w); err != nil {
			return err
		}
	}
	return nil
}

// addBuild adds the modules of a build for one platform.
func addBuild(to map[string]*module, tags, platform string) error {
	system, processor, ok := strings.Cut(platform, "/")
	if !ok {
		return fmt.Errorf("%q is no platform; name one as GOOS/GOARCH, such as linux/amd64", platform)
	}
	list := exec.Command("go", "list", "-deps", "-tags", tags, "-json=Dir,Module", "modspec/cmd/modspec")
	list.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+processor)
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		return fmt.Errorf("go list for %s: %w", platform, err)
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Dir    string
			Module *module
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("go list for %s: %w", platform, err)
		}
		if p.Module == nil { // of Go's own library
			continue
		}
		m := to[p.Module.Path]
		if m == nil {
			m = p.Module
			m.packages = map[string]bool{}
			to[m.Path] = m
		}
		m.packages[p.Dir] = true
	}
}

// write writes a module's licences. The error says that there are none.
func (m *module) write(w io.Writer) error {
	files, err := m.files()
	if err != nil {
		return err
	}
	title := strings.TrimSpace(m.Path + " " + m.Version)
	fmt.Fprintf(w, "%s\n%s\n", title, strings.Repeat("=", len(title)))
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join(m.Dir, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "\n%s of %s:\n\n%s\n", filepath.ToSlash(name), m.Path, bytes.TrimSpace(text))
	}
	_, err = fmt.Fprintf(w, "\n\n")
	return err
}

// files returns the names of a module's licences, relative to its folder: those of the
// folder itself, of which there has to be one, then of folders from there to the
// packages in the build, which others' code in a module has, then further ones.
func (m *module) files() ([]string, error) {
	folders := map[string]bool{".": true}
	for dir := range m.packages {
		for at, err := filepath.Rel(m.Dir, dir); at != "."; at = filepath.Dir(at) {
			if err != nil || !filepath.IsLocal(at) {
				return nil, fmt.Errorf("the package in %s is not in its module's folder %s", dir, m.Dir)
			}
			folders[at] = true
		}
	}
	var files []string
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		here, err := licences(m.Dir, folder)
		if err != nil {
			return nil, err
		}
		if folder == "." && len(here) == 0 {
			return nil, fmt.Errorf("%s %s has no file with a licence in %s: it must not be shipped without", m.Path, m.Version, m.Dir)
		}
		files = append(files, here...)
	}
	return append(files, further[m.Path]...), nil
}

// licences returns the names, relative to root, of files with licences in one of its
// folders, and of all files in a folder there that is called so.
func licences(root, folder string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(root, folder))
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		name := filepath.Join(folder, e.Name())
		switch {
		case !licence.MatchString(e.Name()) || filepath.Ext(name) == ".go":
		case e.IsDir():
			err := filepath.WalkDir(filepath.Join(root, name), func(path string, e fs.DirEntry, err error) error {
				if err != nil || e.IsDir() {
					return err
				}
				inside, err := filepath.Rel(root, path)
				files = append(files, inside)
				return err
			})
			if err != nil {
				return nil, err
			}
		default:
			files = append(files, name)
		}
	}
	return files, nil
}
