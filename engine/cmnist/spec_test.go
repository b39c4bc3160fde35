package cmnist_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"modspec/engine/cmnist"
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

func TestReadNetworkNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ what, text, want string }{
		{"empty", "", "it is empty"},
		{"no name", "towers: []\n", "has no name"},
		{"unknown key", "name: x\ntowns: []\n", "unknown field \"towns\""},
		{"unknown layer", "name: x\ntowers:\n  - writes: both\n    layers: [tanh]\n", `a layer is "tanh", but must be relu`},
		{"unknown size", "name: x\ntowers:\n  - writes: both\n    layers:\n      - conv: {channels: 1, height: 2, depth: 3}\n", "depth"},
		{"two kinds", "name: x\ntowers:\n  - writes: both\n    layers:\n      - {conv: {channels: 1, height: 2, width: 3}, linear: 3}\n", "one of them"},
		{"no units", "name: x\ntowers:\n  - writes: both\n    layers: [linear: 0]\n", "has 0 units"},
		{"no YAML", "name: [x\n", "network.yaml"},
	} {
		if _, err := readNetwork(t, c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want one with %q", c.what, err, c.want)
		}
	}
	if _, err := cmnist.ReadNetwork(filepath.Join(t.TempDir(), "none.yaml")); !os.IsNotExist(err) {
		t.Errorf("a missing file: %v", err)
	}
}

func FuzzReadNetwork(f *testing.F) {
	f.Add("name: x\ntowers:\n  - writes: both\n    layers: [relu, linear: 7]\n")
	f.Add("name: x\ntowers:\n  - layers:\n      - conv: {channels: 1, height: 2, width: 3}\n")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := readNetwork(t, text)
		if err != nil {
			return
		}
		_ = n.Check(cmnist.Paper()) // must not panic, whatever the sizes
	})
}
