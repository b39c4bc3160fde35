package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"modspec/engine/kind/linear"
	"modspec/engine/results"
	"modspec/engine/sweep/store"
)

// TestNumberFlagsReadAsFilesDo: --seed 010 trained seed 8, and --steps 0100 made 64
// steps. Every flag of every command that holds a number refuses what a sweep file
// refuses; one of another type is new here and goes through package number.
func TestNumberFlagsReadAsFilesDo(t *testing.T) {
	numbers := 0
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			switch kind := f.Value.Type(); kind {
			case "bool", "string", "stringSlice", "stringArray", "text":
				return
			case "int", "uint64", "float64", "intSlice":
			default:
				t.Errorf("%s --%s is of the type %s, which this test does not know", c.CommandPath(), f.Name, kind)
			}
			numbers++
			for text, want := range map[string]string{"010": "write 10", "0x10": "write 16", "1_000": "write 1000", "NaN": "number", "": "empty", `"7"`: "number", "7 ": "number"} {
				if f.Value.Type() == "intSlice" && text == "7 " {
					continue // blanks may stand around commas
				}
				if err := f.Value.Set(text); err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s --%s %q: the error is %v, want %q", c.CommandPath(), f.Name, text, err, want)
				}
			}
			if p, ok := f.Value.(*parameterFlag); ok && (p.column.Type == results.Real || p.column.Type == results.Whole) && (p.column.Min > 10 || p.column.Max < 10) {
				return // 10 is no value of it
			}
			if err := f.Value.Set("1e1"); err != nil || f.Value.String() != "10" {
				t.Errorf("%s --%s 1e1 is %s (%v), want 10", c.CommandPath(), f.Name, f.Value, err)
			}
		})
		for _, below := range c.Commands() {
			visit(below)
		}
	}
	visit(newRoot())
	if numbers < 40 {
		t.Errorf("only %d flags hold numbers: the walk is not over all commands", numbers)
	}
}

// TestWhereComparesNumbers: --where lr=1e-5 compared texts and found nothing, since
// the table's text is 1e-05, and of two conditions on one column the first was
// forgotten.
func TestWhereComparesNumbers(t *testing.T) {
	run := results.Run{Seed: 9007199254740993, Parameters: results.Parameters{LR: 1e-5, KX: 3, Arch: "dense"}}
	table := results.NewRunsTable("linear", linear.Parameters, linear.Summary)
	row := table.NewRow()
	fields, err := results.Bind(table, &run)
	if err != nil {
		t.Fatal(err)
	}
	fields.Put(row)
	for _, c := range []struct {
		where string
		meets bool
	}{
		{"lr=1e-5", true}, {"lr=0.00001", true}, {"lr=1e-05", true}, {"lr=1e-6", false}, {"lr<1e-4", true}, {"lr!=1e-5", false},
		{"kx=3.0", true}, {"seed=9007199254740993", true}, {"seed=9007199254740992", false}, {"arch=dense", true}, {"arch=split", false},
		{"kx=2 kx=3", true}, {"kx=3 arch=split", false},
	} {
		f, err := readWhere(table, strings.Fields(c.where))
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Meets(row); got != c.meets {
			t.Errorf("--where %s takes the row: %t, want %t", c.where, got, c.meets)
		}
	}
	for text, want := range map[string]string{"lr": "COLUMN OP VALUE", "lr=1e-400": "nearer to 0", "kx=010": "write 10", "lrr=1": `did you mean "lr"?`} {
		if _, err := readWhere(table, []string{text}); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "--where") {
			t.Errorf("--where %s: the error is %v, want %q", text, err, want)
		}
	}
}

// TestArrayIsReadAsNumbers: seq -w writes 008.
func TestArrayIsReadAsNumbers(t *testing.T) {
	for text, want := range map[string]string{"8": "", "64%16": "", "008": "write 8", "64%016": "write 16", "0": "from 1", "8%": "empty", "x": `"x"`} {
		_, _, err := parseArray(text)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("--array %s: the error is %v, want %q", text, err, want)
		}
	}
}

// TestNothingMovesTheCursor: a text from a file or folder reaches the terminal
// without its control characters.
func TestNothingMovesTheCursor(t *testing.T) {
	const hostile = "a\x1b[2J\u009b31m\u202eb"
	dir := filepath.Join(t.TempDir(), hostile)
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "x.yaml")
	if err := os.WriteFile(file, []byte("method: gird\n# \u009b31m\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	printStatus(&out, store.Status{Name: hostile, State: hostile, Process: hostile, Reason: hostile, Backend: hostile, Problems: []string{hostile}})
	for _, args := range [][]string{{"sweep", "plan", file}, {"sweep", "status", dir}, {"report", dir}, {"cmnist", "--out", t.TempDir(), "--arch", file}, {hostile}, {"train", "--seed", hostile}} {
		stdout, stderr, code := modspec(t, args...)
		if code != exitBadInput {
			t.Errorf("modspec %q: exit %d", args, code)
		}
		out.WriteString(stdout + stderr)
	}
	out.WriteString(errorText(errors.New(hostile)))
	for _, r := range []rune{0x1b, 0x9b, 0x202e} {
		if at := slices.Index([]rune(out.String()), r); at >= 0 {
			t.Errorf("the terminal is given %U: %q", r, string([]rune(out.String())[max(0, at-80):at+10]))
		}
	}
}
