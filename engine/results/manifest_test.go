package results

import (
	"os"
	"path/filepath"
	"reflect"
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
	if got, err := ReadManifest(path); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("read back %+v, %v; want %+v", got, err, want)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, text, want string }{
		{"cut short", string(whole[:len(whole)/2]), "cut short"},
		{"another form", strings.Replace(string(whole), `"format": 1`, `"format": 9`, 1), "form is number 9"},
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
}
