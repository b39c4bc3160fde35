package spec_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"modspec/engine/sweep/space"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/train"
)

func TestDefaults(t *testing.T) {
	s := sweeptest.Enumerate(t, "method: grid\n")
	f := s.File
	if f.Name != "" || f.SkipInvalid || f.RunCap != 0 || f.Precision != "float32" || f.Schedule != (train.Schedule{Every: 10}) {
		t.Errorf("the defaults are %+v", f)
	}
	if f.Seeds.Len() != 1 || f.Seeds.At(0) != 0 {
		t.Errorf("the seeds are %v, want 0 alone", f.Seeds)
	}
	if s.Len() != 1 {
		t.Fatalf("%d points, want 1", s.Len())
	}
	// The defaults of modspec train: the paper's dense setting.
	got := fmt.Sprintf("%+v", sweeptest.Point(s, 0))
	want := "{Bits:3 NX:3 NY:1 KX:3 KY:1 R:1 InputBits:0,1,2 OutputBits:0 Arch:dense Modules: Hidden:50 Depth:1 Rule:gd Gamma:0 Beta:0 LR:0.16 InitScale:0.0002 Steps:300 TrainExamples:8 Batch:8}"
	if got != want {
		t.Errorf("the point is\n%s, want\n%s", got, want)
	}
}

func TestSeeds(t *testing.T) {
	for text, want := range map[string]string{
		"3":                  "[0 1 2]",
		"1e1":                "[0 1 2 3 4 5 6 7 8 9]",
		"[7, 3]":             "[7 3]",
		"{min: 5, max: 7}":   "[5 6 7]",
		"{min: 9, max: 9}":   "[9]",
		"[9007199254740992]": "[9007199254740992]",
		// The next was read as a float64, and trained as the one before.
		"[9007199254740993, 18446744073709551615]":               "[9007199254740993 18446744073709551615]",
		"{min: 18446744073709551614, max: 18446744073709551615}": "[18446744073709551614 18446744073709551615]",
		"\n  - 1\n  - 2":       "[1 2]",
		"{ max: 3 , min: 2 }":  "[2 3]",
		"[0]":                  "[0]",
		"{min: 0, max: 1}":     "[0 1]",
		"  4  # with a remark": "[0 1 2 3]",
	} {
		f := sweeptest.Parse(t, "method: grid\nseeds: "+text+"\n")
		var got []uint64
		for i := range f.Seeds.Len() {
			got = append(got, f.Seeds.At(i))
		}
		if fmt.Sprint(got) != want {
			t.Errorf("seeds: %s gives %v, want %s", text, got, want)
		}
	}
}

// TestTextReadsBack: the canonical text is a sweep file that says the same.
func TestTextReadsBack(t *testing.T) {
	for _, file := range []string{sweeptest.Everything, "method: grid\n", "method: grid\nrecord: ends\nrun_cap: 3\nseeds: {min: 3, max: 9}\n"} {
		f := sweeptest.Parse(t, file)
		again := sweeptest.Parse(t, f.Text())
		if again.Text() != f.Text() {
			t.Errorf("the text\n%s reads back as\n%s", f.Text(), again.Text())
		}
		a, errA := space.Enumerate(t.Context(), f)
		b, errB := space.Enumerate(t.Context(), again)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if a.Fingerprint() != b.Fingerprint() {
			t.Errorf("the text\n%s is another sweep than its file", f.Text())
		}
	}
}

// TestFormDoesNotMatter: order of lines, comments, indentation, line ends and
// the style of YAML change nothing.
func TestFormDoesNotMatter(t *testing.T) {
	a := sweeptest.Parse(t, "method: grid\nseeds: 2\nparameters:\n  kx: {values: [1, 2]}\n  r: {value: 0.5}\n")
	for _, file := range []string{
		"\ufeff# a remark\r\nseeds: 2\r\nparameters:\r\n    r:\r\n        value: 5.0e-1 # half\r\n    kx:\r\n        values:\r\n        - 1\r\n        - 2\r\nmethod: grid\r\n",
		"{method: grid, seeds: 2, parameters: {r: {value: .5}, kx: {values: [1, 2]}}}",
		"---\nmethod: 'grid'\n'seeds': 2\nparameters: {kx: {values: [1, 2]}, r: {value: 0.50}}\n...\n",
	} {
		b := sweeptest.Parse(t, file)
		if a.Text() != b.Text() {
			t.Errorf("%q reads as\n%s, want\n%s", file, b.Text(), a.Text())
		}
	}
}

// TestTextIsWhatChanged: the text of a changed file differs in the changed line.
func TestTextIsWhatChanged(t *testing.T) {
	a := strings.Split(sweeptest.Parse(t, sweeptest.Everything).Text(), "\n")
	b := strings.Split(sweeptest.Parse(t, strings.Replace(sweeptest.Everything, "seeds: [4, 2]", "seeds: [4, 3]", 1)).Text(), "\n")
	var changed []string
	for i := range a {
		if a[i] != b[i] {
			changed = append(changed, a[i]+" → "+b[i])
		}
	}
	if want := []string{"seeds: [4, 2] → seeds: [4, 3]"}; !reflect.DeepEqual(changed, want) {
		t.Errorf("changed are %q, want %q", changed, want)
	}
}
