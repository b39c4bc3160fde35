package experiment

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"modspec/engine/results"
)

// member is one run of the experiment.
type member struct {
	arch string
	run  int
	seed uint64
}

func (m member) file() string { return fmt.Sprintf("%s-%d.safetensors", m.arch, m.run) }

// networkNames are the names that the networks of an experiment have so far. Files
// are named by them, so each is held to what a file's name can be before anything is
// trained.
type networkNames []string

func (list *networkNames) add(name string, runs int) error {
	notAllowed := func(r rune) bool { return unicode.IsControl(r) || r == '/' }
	last := member{arch: name, run: runs - 1}.file()
	switch {
	case name == "" || name[0] == '.' || filepath.Base(name) != name || strings.ContainsFunc(name, notAllowed) || !utf8.ValidString(name):
		return fmt.Errorf("a network is named %q, but its name must be one that a file can have: no dot at its front, no slash, no control character", name)
	case len(last) > results.LongestName:
		return fmt.Errorf("a network's name has %d bytes, but may have at most %d, so that files can be named by it: %q", len(name), results.LongestName-len(last)+len(name), name)
	}
	for _, other := range *list {
		// Some file systems take names that differ in case for one.
		if strings.EqualFold(other, name) {
			return fmt.Errorf("two networks are named %q and %q, but their files are told apart by their names, without regard to case", other, name)
		}
	}
	*list = append(*list, name)
	return nil
}
