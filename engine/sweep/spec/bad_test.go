package spec_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modspec/engine/sweep/spec"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/yamlfile"
)

// bad are files that no sweep can be, with the place and the words of the first
// fault. Each begins on line 1.
var bad = []struct {
	what, file   string
	line, column int
	words        []string
}{
	{"an empty file", "", 1, 1, []string{"empty", "method: grid"}},
	{"only a comment", "# nothing\n", 1, 1, []string{"empty"}},
	{"a word", "grid\n", 1, 1, []string{"but this is grid"}},
	{"a list", "- method: grid\n", 1, 1, []string{"but this is a list"}},
	{"no method", "seeds: 3\n", 1, 1, []string{"method is missing", "method: grid"}},
	{"a misspelt method", "method: gird\n", 1, 9, []string{`"gird"`, `did you mean "grid"?`}},
	{"a method of another tool", "method: bayes\n", 1, 9, []string{`"bayes"`, "grid, random"}},
	{"a misspelt key", "method: grid\nprecison: float32\n", 2, 1, []string{`"precison"`, `did you mean "precision"?`}},
	{"a key with a dash", "method: random\nrun-cap: 3\n", 1, 1, []string{"needs a run_cap"}},
	{"seed for seeds", "method: grid\nseed: 3\n", 2, 1, []string{`did you mean "seeds"?`}},
	{"a parameter at the top, misspelt", "method: grid\ninit-scale: 3\n", 2, 1, []string{`"init-scale"`, "did you mean the parameter init_scale?", "parameters:"}},
	{"another program's name at the top", "method: grid\nlearning_rate: 3\n", 2, 1, []string{"called lr here", "parameters:"}},
	{"seed for seeds among parameters", "method: grid\nparameters:\n  seed: {value: 3}\n", 3, 3, []string{`"seed"`, "did you mean seeds?", "top of the file"}},
	{"a key that is nothing like one", "method: grid\ncommand: python\n", 2, 1, []string{`"command"`, "must be one of name, method"}},
	{"a parameter at the top", "method: grid\nkx: {value: 1}\n", 2, 1, []string{"kx is a parameter", "parameters:"}},
	{"a key of the top among parameters", "method: grid\nparameters:\n  precision: {value: float64}\n", 3, 3, []string{"stands at the top of the file"}},
	{"a misspelt parameter", "method: grid\nparameters:\n  kz: {value: 3}\n", 3, 3, []string{`"kz"`, `did you mean "kx"?`}},
	{"a flag's spelling", "method: grid\nparameters:\n  init-scale: {value: 3}\n", 3, 3, []string{`did you mean "init_scale"?`}},
	{"another program's name", "method: grid\nparameters:\n  learning_rate: {value: 3}\n", 3, 3, []string{`"learning_rate"`, "called lr here"}},
	{"a misspelt key of a parameter", "method: grid\nparameters:\n  kx:\n    vales: [1]\n", 4, 5, []string{`"vales"`, `did you mean "values"?`}},
	{"a key twice", "method: grid\nseeds: 3\nseeds: 4\n", 3, 1, []string{`"seeds"`, "a second time", "line 2"}},
	{"a parameter twice", "method: grid\nparameters:\n  kx: {value: 1}\n  kx: {value: 2}\n", 4, 3, []string{`"kx"`, "line 3"}},
	{"a bare value", "method: grid\nparameters:\n  kx: 3\n", 3, 7, []string{"kx is 3", "kx: {value: 3}"}},
	{"a bare list", "method: grid\nparameters:\n  kx: [1, 2]\n", 3, 7, []string{"kx is a list", "{values: […]}"}},
	{"nothing behind a parameter", "method: grid\nparameters:\n  kx:\n", 3, 3, []string{"kx is empty", "{value: …}"}},
	{"an empty mapping", "method: grid\nparameters:\n  kx: {}\n", 3, 7, []string{"kx has no value"}},
	{"an empty list", "method: grid\nparameters:\n  kx: {values: []}\n", 3, 16, []string{"empty list"}},
	{"a hole in a list", "method: grid\nparameters:\n  kx:\n    values:\n      - 1\n      -\n", 6, 9, []string{"empty value"}},
	{"value and values", "method: grid\nparameters:\n  kx: {value: 1, values: [2]}\n", 3, 3, []string{"more than one of value, values"}},
	{"values and max", "method: grid\nparameters:\n  kx: {values: [2], max: 3}\n", 3, 3, []string{"more than one of"}},
	{"min without max", "method: grid\nparameters:\n  kx: {min: 1}\n", 3, 3, []string{"needs both min and max"}},
	{"max below min", "method: grid\nparameters:\n  kx: {min: 3, max: 1}\n", 3, 21, []string{"max of kx is 1", "above min = 3"}},
	{"a value twice", "method: grid\nparameters:\n  kx: {values: [1, 2, 1]}\n", 3, 23, []string{"kx=1", "a second time", "line 3, column 17"}},
	{"one value in two spellings", "method: grid\nparameters:\n  r: {values: [0, -0.0]}\n", 3, 19, []string{"r=0", "a second time"}},
	{"a word for a number", "method: grid\nparameters:\n  kx: {value: three}\n", 3, 15, []string{`kx is "three"`, "a whole number from 0 to 1024"}},
	{"a number in quotes", "method: grid\nparameters:\n  kx: {value: \"3\"}\n", 3, 15, []string{`"3" in quotes`}},
	{"a list for a number", "method: grid\nparameters:\n  kx: {value: [3]}\n", 3, 15, []string{"kx is a list", "number"}},
	{"a number with a fraction", "method: grid\nparameters:\n  kx: {value: 1.5}\n", 3, 15, []string{"kx is 1.5", "whole number"}},
	{"NaN", "method: grid\nparameters:\n  r: {value: .nan}\n", 3, 14, []string{"finite number"}},
	{"infinity", "method: grid\nparameters:\n  lr: {value: .inf}\n", 3, 15, []string{"finite number"}},
	{"overflow", "method: grid\nparameters:\n  lr: {value: 1e999}\n", 3, 15, []string{"1e999", "largest number"}},
	{"a word for a real number", "method: grid\nparameters:\n  lr: {value: fast}\n", 3, 15, []string{`lr is "fast"`, "a finite number such as"}},
	{"an octal number", "method: grid\nparameters:\n  kx: {value: 010}\n", 3, 15, []string{`kx is "010"`, "leading zero; write 10"}},
	{"an octal count", "method: grid\nparameters:\n  batch: {value: 010}\n", 3, 18, []string{`batch is "010"`, "write 10"}},
	{"an octal row", "method: grid\nparameters:\n  input_bits: {value: [0, 01]}\n", 3, 23, []string{`"01"`, "write 1"}},
	{"an octal width", "method: grid\nparameters:\n  modules: {value: \"both>both:050\"}\n", 3, 20, []string{`"050"`, "write 50"}},
	{"a hexadecimal number", "method: grid\nseeds: 0x10\n", 2, 8, []string{`seeds is "0x10"`, "not decimal; write 16"}},
	{"an underscore", "method: grid\nsteps: 1_000\n", 2, 8, []string{"steps", "underscore; write 1000"}},
	{"underflow", "method: grid\nparameters:\n  lr: {value: 1e-400}\n", 3, 15, []string{"lr is 1e-400", "nearer to 0"}},
	{"a fraction that a float64 has no room for", "method: grid\nparameters:\n  kx: {value: 3.0000000000000000001}\n", 3, 15, []string{"whole number"}},
	{"a whole end that a float64 has no room for", "method: grid\nparameters:\n  lr: {min: 0, max: 9007199254740993, distribution: int_uniform}\n", 3, 21, []string{"max of lr is 9007199254740993", "to 9007199254740992"}},
	{"a yes", "method: grid\nparameters:\n  kx: {value: yes}\n", 3, 15, []string{`"yes"`}},
	{"bits out of range", "method: grid\nparameters:\n  bits: {values: [3, 13]}\n", 3, 22, []string{"bits is 13", "1 to 12"}},
	{"a negative count", "method: grid\nparameters:\n  kx: {value: -1}\n", 3, 15, []string{"kx is -1", "0 to 1024"}},
	{"an r too small to square", "method: grid\nparameters:\n  r: {value: 1e-40}\n", 3, 14, []string{"r is 1e-40", "1e-30"}},
	{"an initial scale too large", "method: grid\nparameters:\n  init_scale: {value: 1.1e30}\n", 3, 23, []string{"init_scale is 1.1e+30", "0 or 1e-30 to 1e+30"}},
	{"an initial scale too small", "method: grid\nparameters:\n  init_scale: {value: 0.9e-30}\n", 3, 23, []string{"init_scale is 9e-31", "0 or 1e-30 to 1e+30"}},
	{"a negative learning rate", "method: grid\nparameters:\n  lr: {value: -0.1}\n", 3, 15, []string{"lr is -0.1", "≥ 0"}},
	{"all where there is none", "method: grid\nparameters:\n  kx: {value: all}\n", 3, 15, []string{`kx is "all"`}},
	{"a misspelt architecture", "method: grid\nparameters:\n  arch: {values: [dense, spilt]}\n", 3, 26, []string{`"spilt"`, `did you mean "split"?`}},
	{"a misspelt rule", "method: grid\nparameters:\n  rule: {value: hebian}\n", 3, 17, []string{`did you mean "hebbian"?`}},
	{"min and max of names", "method: grid\nparameters:\n  arch: {min: dense, max: split}\n", 3, 10, []string{"arch is no number"}},
	{"a broken module", "method: grid\nparameters:\n  modules: {value: \"both>omga\"}\n", 3, 20, []string{"modules", `did you mean "omega"?`}},
	{"modules without quotes", "method: grid\nparameters:\n  modules: {values: [both>omega:50]}\n", 3, 22, []string{"put it in quotes"}},
	{"rows that descend", "method: grid\nparameters:\n  input_bits: {value: [2, 0]}\n", 3, 23, []string{"input_bits", "ascending"}},
	{"rows that are words", "method: grid\nparameters:\n  input_bits: {value: first}\n", 3, 23, []string{`a row of Ω is "first"`, "0 to 11"}},
	{"arch and modules", "method: grid\nparameters:\n  arch: {value: dense}\n  modules: {value: both>both}\n", 4, 3, []string{"arch and modules"}},
	{"ny and output_bits", "method: grid\nparameters:\n  ny: {value: 1}\n  output_bits: {value: [1]}\n", 3, 3, []string{"output_bits and ny both say"}},
	{"steps twice", "method: grid\nsteps: 3\nparameters:\n  steps: {value: 4}\n", 2, 1, []string{"steps stands at the top of the file and under parameters"}},
	{"parameters that are a list", "method: grid\nparameters: [kx]\n", 2, 13, []string{"parameters is a list"}},
	{"an unknown distribution", "method: random\nrun_cap: 3\nparameters:\n  r: {min: 1, max: 2, distribution: normal}\n", 4, 37, []string{`"normal"`, "uniform, log_uniform_values, int_uniform, categorical"}},
	{"a distribution of logarithms", "method: random\nrun_cap: 3\nparameters:\n  r: {min: 1, max: 2, distribution: log_uniform}\n", 4, 37, []string{"use log_uniform_values", "the values themselves"}},
	{"the logarithm of 0", "method: random\nrun_cap: 3\nparameters:\n  r: {min: 0, max: 2, distribution: log_uniform_values}\n", 4, 12, []string{"min of r is 0", "above 0"}},
	{"a uniform whole number", "method: random\nrun_cap: 3\nparameters:\n  kx: {min: 0, max: 2, distribution: uniform}\n", 4, 38, []string{"kx is a whole number", "int_uniform"}},
	{"a categorical range", "method: random\nrun_cap: 3\nparameters:\n  kx: {min: 0, max: 2, distribution: categorical}\n", 4, 38, []string{"needs values"}},
	{"a spread list", "method: random\nrun_cap: 3\nparameters:\n  kx: {values: [1, 2], distribution: uniform}\n", 4, 38, []string{"values are categorical"}},
	{"a spread value", "method: random\nrun_cap: 3\nparameters:\n  kx: {value: 1, distribution: uniform}\n", 4, 18, []string{"nothing to distribute"}},
	{"int_uniform between fractions", "method: grid\nparameters:\n  r: {min: 0.5, max: 2, distribution: int_uniform}\n", 3, 12, []string{"min of r is 0.5", "whole numbers"}},
	{"a range in a grid", "method: grid\nparameters:\n  r: {min: 0.5, max: 2}\n", 3, 3, []string{"a grid cannot step through", "method: random"}},
	{"random without run_cap", "method: random\nparameters:\n  r: {min: 0.5, max: 2}\n", 1, 1, []string{"needs a run_cap"}},
	{"run_cap of 0", "method: random\nrun_cap: 0\n", 2, 10, []string{"run_cap is 0", "from 1 to"}},
	{"a sampling seed in a grid", "method: grid\nsampling_seed: 3\n", 2, 1, []string{"method: random alone", "seeds"}},
	{"skip_invalid: yes", "method: grid\nskip_invalid: yes\n", 2, 15, []string{"skip_invalid is yes", "true or false"}},
	{"no seeds", "method: grid\nseeds: 0\n", 2, 8, []string{"seeds is 0", "from 1 to"}},
	{"a seed beyond 64 bits", "method: grid\nseeds: [18446744073709551616]\n", 2, 9, []string{"seeds is 18446744073709551616", "to 18446744073709551615"}},
	{"every seed there is", "method: grid\nseeds: {min: 0, max: 18446744073709551615}\n", 2, 22, []string{"18446744073709551616 seeds"}},
	{"an empty list of seeds", "method: grid\nseeds: []\n", 2, 8, []string{"empty list", "seeds: 10"}},
	{"a seed twice", "method: grid\nseeds: [1, 2, 1]\n", 2, 15, []string{"the seed 1", "a second time"}},
	{"a negative seed", "method: grid\nseeds: [-1]\n", 2, 9, []string{"seeds is -1", "0 to"}},
	{"seeds with a misspelt end", "method: grid\nseeds: {min: 1, mx: 3}\n", 2, 8, []string{"needs both min and max"}},
	{"seeds backwards", "method: grid\nseeds: {min: 3, max: 1}\n", 2, 22, []string{"max is 1", "at least min = 3"}},
	{"a bare record", "method: grid\nrecord: 10\n", 2, 9, []string{"record is 10", "record: {every: 10}"}},
	{"record every 0", "method: grid\nrecord: {every: 0}\n", 2, 17, []string{"every is 0"}},
	{"record by both", "method: grid\nrecord: {every: 1, log: 2}\n", 2, 20, []string{"both every and log"}},
	{"record by neither", "method: grid\nrecord: {}\n", 2, 9, []string{"record is empty"}},
	{"a misspelt record", "method: grid\nrecord: {evry: 1}\n", 2, 10, []string{`did you mean "every"?`}},
	{"a precision of a GPU", "method: grid\nprecision: float16\n", 2, 12, []string{`"float16"`, `did you mean "float32"?`}},
	{"a name that colours the terminal", "method: grid\nname: \"a\\e[31mb\"\n", 2, 7, []string{`"a\x1b[31mb"`, "control character U+001B"}},
	{"a name of two lines", "method: grid\nname: \"a\\nb\"\n", 2, 7, []string{`"a\nb"`, "control character U+000A"}},
	{"a name of two lines as they are", "method: grid\nname: |\n  a\n  b\n", 2, 7, []string{"control character U+000A"}},
	{"a name that turns the writing", "method: grid\nname: \"a\\u202eb\"\n", 2, 7, []string{`"a\u202eb"`, "U+202E"}},
	{"a key that colours the terminal", "method: grid\n\"se\\e[31m\": 3\n", 2, 1, []string{"control character U+001B"}},
	{"a direction of writing", "method: grid\n# \u202e\n", 2, 3, []string{"control character U+202E"}},
	{"a long name", "method: grid\nname: " + strings.Repeat("x", 101) + "\n", 2, 7, []string{"more than 100 characters"}},
	{"zip of a word", "method: grid\nzip: bits\n", 2, 6, []string{"list of lists"}},
	{"zip of a flat list", "method: grid\nzip: [bits, lr]\n", 2, 7, []string{"list of lists"}},
	{"zip of one", "method: grid\nzip: [[bits]]\nparameters:\n  bits: {values: [1, 2]}\n", 2, 7, []string{"at least two"}},
	{"zip of an unknown parameter", "method: grid\nzip: [[bits, rl]]\nparameters:\n  bits: {values: [1, 2]}\n", 2, 14, []string{`"rl"`, "must be one of"}},
	{"zip of one that is not given", "method: grid\nzip: [[bits, lr]]\nparameters:\n  bits: {values: [1, 2]}\n", 2, 14, []string{"lr is zipped, but not given"}},
	{"zip of one value", "method: grid\nzip: [[bits, lr]]\nparameters:\n  bits: {values: [1, 2]}\n  lr: {value: 1}\n", 2, 14, []string{"lr is zipped, so it needs values"}},
	{"zip of two lengths", "method: grid\nzip: [[bits, lr]]\nparameters:\n  bits: {values: [1, 2]}\n  lr: {values: [1, 2, 3]}\n", 2, 14, []string{"lr has 3 values", "bits", "has 2"}},
	{"zip of a shorter list", "method: grid\nzip: [[bits, lr]]\nparameters:\n  bits: {values: [1, 2]}\n  lr: {values: [1]}\n", 2, 14, []string{"lr has 1 values", "bits", "has 2"}},
	{"zip of a longer third", "method: grid\nzip: [[bits, kx, lr]]\nparameters:\n  bits: {values: [1, 2]}\n  kx: {values: [1, 2]}\n  lr: {values: [1, 2, 3]}\n", 2, 18, []string{"lr has 3 values", "bits", "has 2"}},
	{"zip of one twice", "method: grid\nzip: [[bits, lr], [kx, lr]]\nparameters:\n  bits: {values: [1, 2]}\n  lr: {values: [1, 2]}\n  kx: {values: [1, 2]}\n", 2, 24, []string{"lr is zipped twice"}},
	{"a zipped row twice", "method: grid\nzip: [[kx, ky]]\nparameters:\n  kx: {values: [1, 2, 1]}\n  ky: {values: [1, 1, 1]}\n", 4, 23, []string{"kx=1 ky=1", "a second time"}},

	{"a tab before a key", "method: grid\nparameters:\n\tkx: {value: 1}\n", 3, 1, []string{"tab"}},
	{"a tab after spaces", "method: grid\nparameters:\n  \tkx: {value: 1}\n", 3, 3, []string{"tab"}},
	{"an open bracket", "method: grid\nseeds: [1, 2\n", 2, 8, []string{"the YAML is broken"}},
	{"an open quote", "method: \"grid\n", 1, 9, []string{"the YAML is broken"}},
	{"a colon too many", "method: grid: random\n", 1, 9, []string{"the YAML is broken"}},
	{"a line out of its indent", "method: grid\n   seeds: 3\n", 1, 9, []string{"the YAML is broken"}},
	{"an anchor", "method: &m grid\n", 1, 9, []string{"anchors"}},
	{"an alias", "method: *m\n", 1, 9, []string{"aliases"}},
	{"a merge key", "method: grid\n<<: {seeds: 3}\n", 2, 1, []string{"merge keys"}},
	{"a tag", "method: !!str grid\n", 1, 9, []string{"tag"}},
	{"a question mark", "? method\n: grid\n", 1, 1, []string{"question mark"}},
	{"a directive", "%YAML 1.2\n---\nmethod: grid\n", 1, 1, []string{"directives"}},
	{"a second document", "method: grid\n---\nmethod: random\n", 3, 1, []string{"second document"}},
	{"many documents", strings.Repeat("---\na\n", 40000), 4, 1, []string{"second document"}},
	{"deep lists", "method: grid\nseeds: " + strings.Repeat("[", 50000) + "\n", 2, 16, []string{"nested more than 8 deep"}},
	{"deep dashes", strings.Repeat("- ", 50000) + "1\n", 1, 17, []string{"nested more than 8 deep"}},
	{"deep mappings", "method: grid\nname:\n" + indented(60), 10, 9, []string{"nested more than 8 deep"}},
	{"not UTF-8", "method: grid\nname: \xff\n", 2, 7, []string{"0xff", "UTF-8"}},
	{"a byte of nothing", "method: grid\nname: a\x00b\n", 2, 8, []string{"control character U+0000"}},
	{"a file of another kind", strings.Repeat("method: grid\n", 30000), 0, 0, []string{"262144 bytes"}},

	{"a billion points", "method: grid\nparameters:\n  kx: {min: 0, max: 999}\n  ky: {min: 1, max: 1000}\n  hidden: {min: 1, max: 1000}\n", 2, 1, []string{"1,000,000,000 points", "4,194,304"}},
	{"more points than an integer has", "method: grid\nparameters:\n" + "  kx: {min: 0, max: 1000}\n  ky: {min: 0, max: 1000}\n  hidden: {min: 1, max: 1000000}\n  steps: {min: 1, max: 100000000}\n", 2, 1, []string{"100,200,100,000,000,000,000 points"}},
	{"a billion draws", "method: random\nrun_cap: 1000000000\nparameters:\n  r: {min: 1, max: 2}\n", 3, 1, []string{"1,000,000,000 points"}},
	{"a billion whole numbers", "method: grid\nparameters:\n  r: {min: 1, max: 1000000000, distribution: int_uniform}\n", 3, 3, []string{"1000000000 whole numbers"}},
	{"too many copies", "method: grid\nseeds: 4000000000\nparameters:\n  kx: {values: [1, 2]}\n", 3, 1, []string{"8,000,000,000 copies", "2 points × 4,000,000,000 seeds"}},
	{"too many seeds", "method: grid\nseeds: {min: 0, max: 9000000000}\n", 2, 22, []string{"9000000001 seeds"}},
}

// indented is a chain of mappings, each in the one before.
func indented(depth int) string {
	var b strings.Builder
	for i := range depth {
		fmt.Fprintf(&b, "%sa:\n", strings.Repeat(" ", i+1))
	}
	return b.String()
}

func TestBadFiles(t *testing.T) {
	for _, b := range bad {
		t.Run(b.what, func(t *testing.T) {
			_, err := spec.Parse("bad.yaml", []byte(b.file), sweeptest.Kinds)
			var faults yamlfile.Faults
			if !errors.As(err, &faults) {
				t.Fatalf("the error is %v, want faults", err)
			}
			f := faults[0]
			if f.Line != b.line || f.Column != b.column {
				t.Errorf("at %d:%d, want %d:%d: %s", f.Line, f.Column, b.line, b.column, f.Message)
			}
			for _, w := range b.words {
				if !strings.Contains(f.Message, w) {
					t.Errorf("the message lacks %q: %s", w, f.Message)
				}
			}
			if strings.ContainsAny(f.Error(), "\n\t") || len(f.Message) > 500 {
				t.Errorf("the message is not one short line: %q", f.Error())
			}
			if len(faults) > 20 {
				t.Errorf("%d faults; a user reads fewer", len(faults))
			}
		})
	}
}

// TestFaultsAreAllReported: a user mends everything in one go.
func TestFaultsAreAllReported(t *testing.T) {
	_, err := spec.Parse("sweeps/mine.yaml", []byte("method: gird\nparameters:\n  kz: {value: 3}\n  kx: {values: [1, x, 99999]}\nseed: 3\n"), sweeptest.Kinds)
	faults, ok := err.(yamlfile.Faults)
	if !ok {
		t.Fatalf("the error is %v", err)
	}
	var places []string
	for _, f := range faults {
		places = append(places, fmt.Sprintf("%d:%d", f.Line, f.Column))
	}
	if got, want := strings.Join(places, " "), "1:9 3:3 4:20 4:23 5:1"; got != want {
		t.Errorf("faults at %s, want %s", got, want)
	}
	if want := `sweeps/mine.yaml:1:9: unknown method "gird": it must be one of grid, random; did you mean "grid"? (and 4 more)`; err.Error() != want {
		t.Errorf("the error is %q, want %q", err, want)
	}
	want := "3 |   kz: {value: 3}\n  |   ^\n"
	if got := faults[1].Excerpt(); got != want {
		t.Errorf("the excerpt is\n%s, want\n%s", got, want)
	}
	if report := faults.Report(); !strings.Contains(report, want) || strings.Count(report, "^") != 5 {
		t.Errorf("the report is\n%s", report)
	}
}

// TestOneFaultForOneSlip: a distribution that is not known, or an end that is
// missing, used to be followed by a fault of the range "()" from 0 to 0 that nobody
// wrote; and "metric" suggested "method".
func TestOneFaultForOneSlip(t *testing.T) {
	for _, file := range []string{
		"method: grid\nparameters:\n  r: {min: 0.5, max: 2, distribution: normal}\n",
		"method: grid\nparameters:\n  r: {min: 0.5, distribution: uniform}\n",
		"method: grid\nparameters:\n  r: {min: 0.5, max: 0.25}\n",
		"method: grid\nmetric: {name: loss}\n",
	} {
		_, err := spec.Parse("slip.yaml", []byte(file), sweeptest.Kinds)
		faults, ok := err.(yamlfile.Faults)
		if !ok || len(faults) != 1 || strings.Contains(faults[0].Message, "did you mean") {
			t.Errorf("%q has the faults %v, want one without a suggestion", file, err)
		}
	}
}

// TestExcerptOfLongLine: the caret stays below its column, in a piece of the
// line that a terminal shows.
func TestExcerptOfLongLine(t *testing.T) {
	file := "method: grid\nparameters:\n  kx: {values: [" + strings.Repeat("1, ", 200) + "oh, " + strings.Repeat("2, ", 200) + "3]}\n"
	_, err := spec.Parse("long.yaml", []byte(file), sweeptest.Kinds)
	excerpt := err.(yamlfile.Faults)[0].Excerpt()
	lines := strings.Split(excerpt, "\n")
	if at := strings.Index(lines[1], "^"); len(lines[0]) > 110 || !strings.HasPrefix(lines[0][at:], "oh") {
		t.Errorf("the caret is not below the value:\n%s", excerpt)
	}
}

func TestRead(t *testing.T) {
	folder := t.TempDir()
	if _, err := spec.Read(filepath.Join(folder, "none.yaml"), sweeptest.Kinds); err == nil || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	path := filepath.Join(folder, "large.yaml")
	if err := os.WriteFile(path, make([]byte, yamlfile.MaxBytes+1), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := spec.Read(path, sweeptest.Kinds); err == nil || !strings.Contains(err.Error(), "262144 bytes") {
		t.Errorf("a file that is too large: %v", err)
	}
}
