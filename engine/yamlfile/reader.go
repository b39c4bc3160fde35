// Package yamlfile reads the YAML files that users write: sweep files and files of
// networks. It turns one into a tree that knows where everything stands, and
// collects what is wrong with it as faults that point there.
//
// It takes the plain part of YAML: one document of mappings, lists and scalars, in
// any style. Tags, anchors and directives are refused, and so is what takes more
// time or memory than the size of the file: deep nesting, and files that no one
// wrote by hand.
package yamlfile

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"modspec/engine/names"
	"modspec/engine/number"
)

// A Kind is a kind of file as messages call it, such as "sweep file".
type Kind string

// MaxBytes bounds a file. A list of a thousand learning rates is 20 kB; what is
// larger was not written by hand.
const MaxBytes = 1 << 18

// Read reads a file from disk; see [Kind.Parse]. A file larger than [MaxBytes] is
// refused without reading on.
func (k Kind) Read(path string) (*Reader, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the %s: %w", k, err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("cannot read the %s: %w", k, err)
	}
	return k.Parse(path, data)
}

// Parse reads the text of a file, which faults call by name, into a tree. The
// error is of type [Faults].
func (k Kind) Parse(name string, data []byte) (*Reader, error) {
	s := &Source{name: name, kind: k}
	if len(data) > MaxBytes {
		return nil, Faults{s.fault(0, 0, fmt.Sprintf("the file has more than %d bytes; a %s is a page of text", MaxBytes, k))}
	}
	text := strings.TrimPrefix(string(data), "\ufeff") // the mark that YAML allows a file to begin with
	s.lines = strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	root, fault := s.tree()
	if fault != nil {
		return nil, Faults{*fault}
	}
	return &Reader{Source: s, Root: root}, nil
}

// A Source is the text of a file, which faults are made from.
type Source struct {
	name  string
	kind  Kind
	lines []string
}

// FaultAt returns a fault at a node; at nil, at the file's beginning.
func (s *Source) FaultAt(at *Node, message string) Fault {
	if at == nil {
		return s.fault(1, 1, message)
	}
	return s.fault(at.Line, at.Column, message)
}

func (s *Source) fault(line, column int, message string) Fault {
	f := Fault{File: s.name, Line: line, Column: column, Message: message}
	if line >= 1 && line <= len(s.lines) {
		f.Source = s.lines[line-1]
	}
	return f
}

// A Reader is a file's tree with what is found wrong in it, so that a user mends
// everything in one go.
type Reader struct {
	*Source
	Root   *Node
	faults Faults
}

// maxFaults is how many faults of one file are reported: past that they mostly
// follow from the first.
const maxFaults = 20

// Fault notes that something is wrong at a node.
func (r *Reader) Fault(at *Node, format string, args ...any) {
	if len(r.faults) < maxFaults {
		r.faults = append(r.faults, r.FaultAt(at, fmt.Sprintf(format, args...)))
	}
}

// Good reports whether nothing was found wrong yet.
func (r *Reader) Good() bool { return len(r.faults) == 0 }

// Err returns what was found wrong, of type [Faults] in the order of the file, or
// nil.
func (r *Reader) Err() error {
	if r.Good() {
		return nil
	}
	slices.SortStableFunc(r.faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r.faults
}

// Unknown notes a name that is none of the known ones, with the nearest.
func (r *Reader) Unknown(at *Node, what string, known []string) {
	r.Fault(at, "%v", names.Unknown(what, Shorten(at.Text), known))
}

// Keys returns the entries of a mapping by name, after refusing keys that are
// unknown or stand there twice. known may explain a key better than a list of
// the names that are; it may be nil.
func (r *Reader) Keys(n *Node, what string, list []string, known func(*Node) bool) map[string]Entry {
	found := map[string]Entry{}
	for _, e := range n.Entries {
		name := e.Key.Text
		if first, twice := found[name]; twice {
			r.Fault(e.Key, "%s stands here a second time; the first is on line %d", number.Quote(name), first.Key.Line)
			continue
		}
		if !slices.Contains(list, name) {
			if known == nil || !known(e.Key) {
				r.Unknown(e.Key, what, list)
			}
			continue
		}
		found[name] = e
	}
	return found
}

// Word returns the text of an entry's scalar, or false after a fault.
func (r *Reader) Word(e Entry) (string, bool) {
	if e.Value.Kind != Scalar {
		r.Fault(e.Value, "%s is %s, but must be a word", e.Key.Text, e.Value.Describe())
		return "", false
	}
	return e.Value.Text, true
}

// Whole reads the whole number of a node, from low to high. Its error follows the
// number's name, as those of package number do.
func Whole[T int | int64 | uint64](n *Node, low, high T) (T, error) {
	text, err := n.Number()
	if err != nil {
		return 0, err
	}
	return number.Whole(text, low, high)
}

// Real reads the real number of a node. Its error follows the number's name, as
// those of package number do.
func (n *Node) Real() (float64, error) {
	text, err := n.Number()
	if err != nil {
		return 0, err
	}
	return number.Real(text)
}

// Number returns the text of a node that can be a number. Its error follows the
// number's name.
func (n *Node) Number() (string, error) {
	switch {
	case n.Kind != Scalar:
		return "", fmt.Errorf("is %s, but must be a number", n.Describe())
	case n.Quoted:
		return "", fmt.Errorf("is %s in quotes, but must be a number; leave the quotes out", number.Quote(n.Text))
	}
	return n.Text, nil
}

// Describe says what a node is, in words for people.
func (n *Node) Describe() string {
	switch n.Kind {
	case List:
		return "a list"
	case Mapping:
		return "a mapping of keys"
	case Empty:
		return "empty"
	}
	if n.Quoted {
		return "the text " + number.Quote(n.Text)
	}
	return Shorten(n.Text)
}

// Shorten cuts a text from a file before it goes into a message.
func Shorten(text string) string {
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return text
}
