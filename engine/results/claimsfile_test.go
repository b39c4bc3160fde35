package results

import (
	"bytes"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func example() ClaimsFile {
	return ClaimsFile{
		Provenance: Provenance{
			Version: "v1", Commit: Unknown, Tree: Unknown, GoVersion: "go1.26", Platform: "linux/amd64",
			CPU: "some <CPU> & more", CPUs: 2, Backend: "reference", Precision: "float64",
			Command: "modspec reproduce", Started: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Seconds: 12.5,
		},
		Claims: []Claim{
			NewClaim("dense/modes", "mode ends at λ/δ", 1.2345678901234567e-12, AtMost, 1e-9, "§3", "largest deviation"),
			NewClaim("dense/half", "t½ is late", 3, Above, 5, "eq. 4", ""),
		},
	}
}

func TestClaimsReadBackAsWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "claims.json")
	withStudies := example()
	withStudies.Studies = []Study{{ID: "dense", Title: "On λ/δ", Runs: "one network", Source: "§3", Seconds: 1.5,
		Figures: []FigureText{{"dense-modes", "Modes", "a < b", "Panel 1."}}}}
	for _, want := range []ClaimsFile{example(), withStudies, {Claims: []Claim{}}} {
		if err := WriteClaims(path, want); err != nil {
			t.Fatal(err)
		}
		got, err := ReadClaims(path)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("read back %+v, %v; want %+v", got, err, want)
		}
	}
	if got := example().Holding(); got != 1 {
		t.Errorf("%d claims hold, want 1", got)
	}
}

func TestStudiesThatDoNotBelongAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		studies []Study
		want    string
	}{
		"claim of none": {[]Study{{ID: "split"}}, `the claim "dense/modes" belongs to none of the studies`},
		"twice":         {[]Study{{ID: "dense"}, {ID: "dense"}}, `study 2 has the id "dense", but must have one of its own`},
		"a path":        {[]Study{{ID: "../dense"}}, `study 1 has the id "../dense"`},
		"figure's path": {[]Study{{ID: "dense", Figures: []FigureText{{Name: "a/b"}}}}, `study "dense" has a figure "a/b"`},
		"figure twice":  {[]Study{{ID: "dense", Figures: []FigureText{{Name: "a"}, {Name: "a"}}}}, `study "dense" has a figure "a"`},
	} {
		file := example()
		file.Studies = c.studies
		if err := WriteClaims(filepath.Join(t.TempDir(), "claims.json"), file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestClaimsAreReadableJSON(t *testing.T) {
	var b bytes.Buffer
	if err := encodeClaims(&b, example()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\n      \"relation\": \"<=\",\n", `"measured": 1.2345678901234567e-12`, `some <CPU> & more`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the file lacks %s:\n%s", want, b.String())
		}
	}
	b.Reset()
	if err := encodeClaims(&b, ClaimsFile{}); err != nil || !strings.Contains(b.String(), `"claims": []`) {
		t.Errorf("no claims are written as %s, %v", b.String(), err)
	}
}

func TestWhatIsNotFiniteIsNullAndFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "claims.json")
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for _, relation := range []Relation{AtMost, AtLeast, Below, Above} {
			claim := NewClaim("a/b", "t", v, relation, 0, "s", "")
			if claim.Pass {
				t.Errorf("%g %s 0 passes", v, relation)
			}
			if err := WriteClaims(path, ClaimsFile{Claims: []Claim{claim}}); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(path)
			if err != nil || !strings.Contains(string(data), `"measured": null`) {
				t.Fatalf("%g is written as %s, %v", v, data, err)
			}
			got, err := ReadClaims(path)
			if err != nil || !math.IsNaN(float64(got.Claims[0].Measured)) {
				t.Fatalf("%g is read back as %+v, %v", v, got, err)
			}
		}
	}
}

// A file that was cut anywhere must be an error, never a shorter list.
func TestReadClaimsRefusesATornFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "claims.json")
	if err := WriteClaims(path, example()); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	torn := filepath.Join(folder, "torn.json")
	for n := range len(whole) - 1 { // the last byte is a newline
		if err := os.WriteFile(torn, whole[:n], 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := ReadClaims(torn)
		if err == nil || !strings.Contains(err.Error(), torn) || !strings.Contains(err.Error(), "cut short") {
			t.Fatalf("%d of %d bytes: error is %v, want one that names the file and says it is cut short", n, len(whole), err)
		}
	}
}

func TestReadClaimsNamesTheFault(t *testing.T) {
	var b bytes.Buffer
	if err := encodeClaims(&b, example()); err != nil {
		t.Fatal(err)
	}
	whole := b.String()
	path := filepath.Join(t.TempDir(), "claims.json")
	for _, c := range []struct {
		name, old, new string
		want           []string // parts of the error
	}{
		{"unknown relation", `"<="`, `"=="`, []string{"dense/modes", `relation "=="`}},
		{"false pass", `"pass": false`, `"pass": true`, []string{"claim 2", "dense/half", "marked as pass", "measured 3", "> 5"}},
		{"false fail", `"pass": true`, `"pass": false`, []string{"claim 1", "dense/modes", "marked as fail"}},
		{"pass without a number", `"measured": 1.2345678901234567e-12`, `"measured": null`, []string{"dense/modes", "measured null"}},
		{"missing number", `"measured": 3,`, ``, []string{"dense/half", `"measured" is missing`}},
		{"missing verdict", `"pass": false,`, ``, []string{"dense/half", `"pass" is missing`}},
		{"no id", `"dense/modes"`, `""`, []string{"claim 1", "no id"}},
		{"same id", `"dense/modes"`, `"dense/half"`, []string{"claim 2", "another claim"}},
		{"unknown field", `"pass": true`, `"passed": true`, []string{"claim 1", "passed"}},
		{"number as text", `"measured": 3`, `"measured": "3"`, []string{"dense/half"}},
		{"more after the end", "\n}\n", "\n}\n{}", []string{"more follows"}},
		{"no claims", `"claims"`, `"claim"`, []string{"claim"}},
		{"not an object", whole, `[]`, []string{"array"}},
		{"null", whole, `null`, []string{"provenance"}},
		{"no provenance", whole, `{"claims":[]}`, []string{"provenance"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			damaged := strings.Replace(whole, c.old, c.new, 1)
			if damaged == whole {
				t.Fatalf("%q is not in the file", c.old)
			}
			if err := os.WriteFile(path, []byte(damaged), 0o666); err != nil {
				t.Fatal(err)
			}
			_, err := ReadClaims(path)
			for _, want := range append(c.want, path) {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error is %v, want one that says %q", err, want)
				}
			}
		})
	}
	if _, err := ReadClaims(path + ".none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error for a missing file is %v", err)
	}
}

func TestWriteClaimsRefusesWhatCannotBeReadBack(t *testing.T) {
	folder := t.TempDir()
	wrong := example()
	wrong.Claims[1].Pass = true
	err := WriteClaims(filepath.Join(folder, "claims.json"), wrong)
	if err == nil || !strings.Contains(err.Error(), "dense/half") {
		t.Errorf("error is %v, want one that names the claim", err)
	}
	only(t, folder)
}

func TestNewClaimDecides(t *testing.T) {
	for _, c := range []struct {
		measured float64
		relation Relation
		pass     bool
	}{
		{1, AtMost, true}, {1, AtLeast, true}, {1, Below, false}, {1, Above, false},
		{0.5, AtMost, true}, {0.5, AtLeast, false}, {0.5, Below, true}, {0.5, Above, false},
		{2, AtMost, false}, {2, AtLeast, true}, {2, Below, false}, {2, Above, true},
		{1, "=", false},
	} {
		if got := NewClaim("i", "t", c.measured, c.relation, 1, "s", ""); got.Pass != c.pass {
			t.Errorf("%g %s 1: pass is %v, want %v", c.measured, c.relation, got.Pass, c.pass)
		}
	}
	if NewClaim("i", "t", 1, AtMost, math.Inf(1), "s", "").Pass {
		t.Error("a claim with an infinite threshold passes")
	}
}

// FuzzReadClaims checks that no file makes decoding panic, and that whatever it
// accepts is written and read back the same.
func FuzzReadClaims(f *testing.F) {
	var b bytes.Buffer
	if err := encodeClaims(&b, example()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"provenance":{},"claims":[]}`))
	f.Add([]byte(`{"provenance":{"started":"2026-03-01T12:00:00+23:59","seconds":null},"claims":[{"id":"a","title":"","pass":false,"measured":null,"relation":"<","threshold":-0,"source":""}]}`))
	f.Add([]byte(`{"claims":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := decodeClaims(data)
		if err != nil {
			return
		}
		var written, again bytes.Buffer
		if err := encodeClaims(&written, first); err != nil {
			t.Fatalf("accepted %q, but cannot write it: %v", data, err)
		}
		second, err := decodeClaims(written.Bytes())
		if err != nil {
			t.Fatalf("accepted %q, but not its own copy %s: %v", data, written.Bytes(), err)
		}
		if err := encodeClaims(&again, second); err != nil || !bytes.Equal(written.Bytes(), again.Bytes()) {
			t.Fatalf("%q changes when it is written again: %s, then %s (%v)", data, written.Bytes(), again.Bytes(), err)
		}
	})
}
