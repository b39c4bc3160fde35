package results

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestManifestReadsBackAsWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), ManifestName)
	want := Manifest{
		Format: manifestFormat, Name: "a sweep", Fingerprint: "ab", Sweep: "name: a\nr: [1, 2]\n", Copies: 10, Done: 4,
		Diverged: 1, NetworkSteps: 1 << 40, Parts: []string{"part-000001"}, Tables: []string{"runs"}, Backend: "reference",
		Precision: "float64", Began: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		Processes: []Provenance{example().Provenance},
	}
	if err := WriteManifest(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := ReadManifest(path)
	sum := got.Sum
	if got.Sum = ""; err != nil || !reflect.DeepEqual(got, want) || len(sum) != 64 {
		t.Fatalf("read back %+v, %v; want %+v", got, err, want)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, text, want string }{
		{"cut short", string(whole[:len(whole)/2]), "cut short"},
		{"altered", strings.Replace(string(whole), `"copies": 10`, `"copies": 11`, 1), "changed after it was written"},
		{"without its sum", strings.Replace(string(whole), sum, "", 1), "changed after it was written"},
		{"another form", strings.Replace(string(whole), `"format": 2`, `"format": 9`, 1), "form is number 9"},
		{"an unknown field", strings.Replace(string(whole), `"name"`, `"title"`, 1), "title"},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadManifest(path); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error is %v, want one that names the file and says %q", c.name, err, c.want)
		}
	}
	if _, err := ReadManifest(path + ".none"); err == nil {
		t.Error("a missing manifest was read")
	}

	// The first form had no checksum.
	old := strings.Replace(string(whole), `"format": 2`, `"format": 1`, 1)
	old = strings.Replace(old, ",\n  \"sum\": \""+sum+"\"", "", 1)
	if err := os.WriteFile(path, []byte(old), 0o666); err != nil {
		t.Fatal(err)
	}
	if m, err := ReadManifest(path); err != nil || m.Copies != 10 {
		t.Errorf("a manifest of the first form: %+v, %v", m, err)
	}
}

// TestChangedManifestIsNoticed, whichever bit it is. Before, 47 of 80 flipped bits
// were believed.
func TestChangedManifestIsNoticed(t *testing.T) {
	path := filepath.Join(t.TempDir(), ManifestName)
	if err := WriteManifest(path, Manifest{Name: "s", Parts: []string{"part-000001"}, Processes: []Provenance{example().Provenance}}); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		changed := slices.Clone(whole)
		changed[i] ^= 1 << (i % 8)
		if err := os.WriteFile(path, changed, 0o666); err != nil {
			t.Fatal(err)
		}
		if m, err := ReadManifest(path); err == nil {
			t.Fatalf("bit %d of byte %d flipped: %+v", i%8, i, m)
		}
	}
}
