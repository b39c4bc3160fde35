package cmnist_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"modspec/engine/cmnist"
	"modspec/engine/yamlfile"
)

func readNetwork(t *testing.T, text string) (cmnist.Network, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "network.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	n, err := cmnist.ReadNetwork(path)
	if err != nil && !strings.Contains(err.Error(), path) {
		t.Errorf("the error %q does not name the file", err)
	}
	return n, err
}

// The paper's split network, written out, is the one that is built in.
func TestReadNetwork(t *testing.T) {
	tower := func(block string) string {
		return "  - writes: " + block + `
    layers:
      - conv: {channels: 16, height: 9, width: 27}
      - relu
      - conv: {channels: 16, height: 7, width: 21}
      - relu
      - conv: {channels: 16, height: 5, width: 15}
      - relu
`
	}
	got, err := readNetwork(t, "name: split\ntowers:\n"+tower("compositional")+tower("non-compositional"))
	if err != nil {
		t.Fatal(err)
	}
	if want := cmnist.Split(3); !reflect.DeepEqual(got, want) {
		t.Errorf("read %v, want %v", got, want)
	}
	got, err = readNetwork(t, "name: x\ntowers:\n  - writes: both\n    layers: [relu, linear: 7]\n")
	if err != nil || got.Towers[0].Layers[1].Linear != 7 || len(got.Towers[0].Layers) != 2 {
		t.Errorf("read %v (%v)", got, err)
	}
}

// layers is the file of a network whose tower has the layers, on line 4 from
// column 13 on.
func layers(text string) string {
	return "name: x\ntowers:\n  - writes: both\n    layers: [" + text + "]\n"
}

// TestBadNetworkFiles: whatever a file says, it is refused by a line that points
// into it. The library's own decoder panicked on tags, took 10.7, 010, 0x10 and "7"
// for sizes, read a second document as if it were not there, called the mark at a
// file's beginning a field, and needed memory with the square of nested brackets.
func TestBadNetworkFiles(t *testing.T) {
	for _, c := range []struct {
		what, text   string
		line, column int
		want         string
	}{
		{"empty", "", 1, 1, "the file is empty; a network file needs a name and towers"},
		{"a list", "- x\n", 1, 1, "this is a list"},
		{"no name", "towers: []\n", 1, 1, "has no name"},
		{"an empty name", "name: ''\ntowers: []\n", 1, 7, "the name is empty"},
		{"a name that colours the terminal", "name: \"\\e[31m\"\n", 1, 7, "control character U+001B"},
		{"unknown key", "name: x\ntowns: []\n", 2, 1, `unknown key "towns": it must be one of name, towers; did you mean "towers"?`},
		{"a key twice", "name: x\nname: y\n", 2, 1, `"name" stands here a second time`},
		{"towers of another kind", "name: x\ntowers: 3\n", 2, 9, "towers is 3, but must be a list"},
		{"a tower of another kind", "name: x\ntowers: [relu]\n", 2, 10, "a tower has the keys writes and layers, but this is relu"},
		{"unknown block", "name: x\ntowers:\n  - writes: bth\n", 3, 13, `unknown block "bth": it must be one of both, compositional, non-compositional; did you mean "both"?`},
		{"no block", "name: x\ntowers:\n  - layers: []\n", 3, 5, "the tower has no writes"},
		{"layers left open", "name: x\ntowers:\n  - writes: both\n    layers:\n", 4, 5, "layers is empty"},
		{"unknown layer", layers("tanh"), 4, 14, "a layer is tanh, but must be relu, conv"},
		{"unknown kind", layers("line: 3"), 4, 14, `did you mean "linear"?`},
		{"relu with a size", layers("relu: 3"), 4, 14, "relu has no sizes"},
		{"unknown size", layers("conv: {channels: 1, height: 2, width: 3, depth: 3}"), 4, 55, `unknown size of conv "depth"`},
		{"a size left out", layers("conv: {channels: 1, height: 2}"), 4, 20, "conv has no width"},
		{"bare conv", layers("conv: 3"), 4, 20, "conv is 3, but must be {channels"},
		{"two kinds", layers("{conv: {channels: 1, height: 2, width: 3}, linear: 3}"), 4, 14, "a layer must be one of"},
		{"no units", layers("linear: 0"), 4, 22, "linear is 0, but must be a whole number from 1 to 268435456"},
		{"units that no machine has", layers("linear: 2000000000"), 4, 22, "linear is 2000000000, but must be a whole number from 1 to 268435456"},
		{"channels that no machine has", layers("conv: {channels: 1e9, height: 2, width: 3}"), 4, 31, "channels is 1e9"},
		{"a fraction", layers("linear: 10.7"), 4, 22, "linear is 10.7, but must be a whole number"},
		{"octal", layers("linear: 010"), 4, 22, "leading zero; write 10"},
		{"hexadecimal", layers("linear: 0x10"), 4, 22, "write 16"},
		{"quotes", layers(`linear: "7"`), 4, 22, `"7" in quotes`},
		{"a list for a size", layers("linear: [7]"), 4, 22, "linear is a list"},
		{"a tag of towers", "name: x\ntowers: !x 3\n", 2, 9, `the tag "!x" is not allowed in a network file`},
		{"a tag of layers", "name: x\ntowers:\n  - layers: !!str relu\n", 3, 13, "the tag"},
		{"an anchor", "name: &a x\n", 1, 7, "anchors"},
		{"a second document", layers("relu") + "---\nname: y\n", 6, 1, "a second document starts here, but a network file is one"},
		{"nested brackets", "name: x\ntowers: " + strings.Repeat("[", 1<<17) + "\n", 2, 17, "nested more than 8 deep"},
		{"a file of another kind", strings.Repeat("name: x\n", 1<<16), 0, 0, "more than 262144 bytes"},
		{"no YAML", "name: [x\n", 1, 7, "the YAML is broken"},
	} {
		t.Run(c.what, func(t *testing.T) {
			_, err := readNetwork(t, c.text)
			var faults yamlfile.Faults
			if !errors.As(err, &faults) {
				t.Fatalf("the error is %v, want faults", err)
			}
			if f := faults[0]; f.Line != c.line || f.Column != c.column || !strings.Contains(f.Message, c.want) {
				t.Errorf("the fault is %v, want %d:%d with %q", f, c.line, c.column, c.want)
			}
		})
	}
	if _, err := cmnist.ReadNetwork(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

// TestNetworkFileMayBeginWithAMark: editors on Windows write one, and its line ends.
func TestNetworkFileMayBeginWithAMark(t *testing.T) {
	text := strings.ReplaceAll("\ufeff"+layers("relu, linear: 1e1"), "\n", "\r\n")
	n, err := readNetwork(t, text)
	if err != nil || n.String() != "x: relu → 10 → both" {
		t.Errorf("the network is %v (%v)", n, err)
	}
}

// FuzzParseNetwork: a file is refused by faults that point into it, or its network
// is one that can be checked. The text must not reach a terminal as it is.
func FuzzParseNetwork(f *testing.F) {
	f.Add(layers("relu, linear: 7"))
	f.Add("name: x\ntowers:\n  - layers:\n      - conv: {channels: 1, height: 2, width: 3}\n")
	f.Add("name: x\ntowers: !x 3\n")
	f.Add("name: \"\\e[31m\"\ntowers:\n  - layers: !!str relu\n---\n")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := cmnist.ParseNetwork("fuzz.yaml", []byte(text))
		if err != nil {
			var faults yamlfile.Faults
			if !errors.As(err, &faults) || len(faults) == 0 {
				t.Fatalf("the error is %v, want faults", err)
			}
			for _, f := range faults {
				if strings.ContainsFunc(f.Message, unicode.IsControl) {
					t.Errorf("%q has the message %q", text, f.Message)
				}
			}
			faults.Report()
			return
		}
		if n.Name == "" || strings.ContainsFunc(n.Name, unicode.IsControl) {
			t.Errorf("%q is called %q", text, n.Name)
		}
		_ = n.Check(cmnist.Paper()) // must not panic, whatever the sizes
	})
}

// The example that the help shows is a network that the paper's images can train.
func TestNetworkFileExample(t *testing.T) {
	n, err := cmnist.ParseNetwork("example.yaml", []byte(cmnist.NetworkFileExample))
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Check(cmnist.Paper()); err != nil {
		t.Error(err)
	}
	if len(n.Towers) != 2 || len(n.Towers[0].Layers) != 3 || n.Towers[0].Layers[2].Linear != 100 {
		t.Errorf("the example is %+v", n)
	}
}
