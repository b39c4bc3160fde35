package main

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// modspec runs a command line as a user would and returns what it printed and
// its exit code.
func modspec(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(context.Background(), args, &out, &errs)
	return out.String(), errs.String(), code
}

// decode runs a command line that must succeed and reads its JSON.
func decode(t *testing.T, args ...string) map[string]any {
	t.Helper()
	stdout, stderr, code := modspec(t, args...)
	if code != exitOK {
		t.Fatalf("modspec %v: exit %d, %s", args, code, stderr)
	}
	var v map[string]any
	if err := json.Unmarshal([]byte(stdout), &v); err != nil {
		t.Fatalf("modspec %v printed no JSON: %v", args, err)
	}
	return v
}

// TestBadInput: each mistake exits with 2, prints nothing on stdout and one line
// on stderr that names what was wrong and what is allowed.
func TestBadInput(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	weights := filepath.Join(folder, "weights.json")
	torn := filepath.Join(folder, "torn.json")
	for path, text := range map[string]string{
		file: "", weights: `{"modules":[{"w1":[[1,2],[3,4]],"w2":[[1,2]]}]}`, torn: `{"modules":[{"w1":[[1,`,
	} {
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args string
		says []string
	}{
		{"theory --bits 40", []string{"bits is 40", "1 to 12"}},
		{"theory --bits 0", []string{"bits is 0", "1 to 12"}},
		{"theory --ny 4", []string{"n_y is 4", "at most"}},
		{"theory --nx 2 --ny 3", []string{"n_y is 3", "n_x = 2"}},
		{"theory --nx 2000000000", []string{"n_x", "at most bits = 3"}},
		{"theory --nx=-1", []string{"--nx is -1", "0 or more"}},
		{"theory --kx=-1", []string{"k_x is -1", "0 to"}},
		{"theory --r NaN", []string{`--r is "NaN"`, "finite"}},
		{"theory --r=-1", []string{"r is -1", "≥ 0"}},
		{"theory --bits three", []string{"three", "--bits"}},
		{"theory --nx 0 --ny 0 --kx 0", []string{"input is empty", "at least 1"}},
		{"theory --output-bits 0,x", []string{`"x"`, "--output-bits"}},
		{"theory --output-bits 7", []string{"row 7", "0 to 2"}},
		{"theory --output-bits 1,0 --ny 2", []string{"[1 0]", "ascending"}},
		{"theory --output-bits 1,2 --ny 1", []string{"2 rows", "--ny is 1"}},
		{"theory --arch dens", []string{`"dens"`, `did you mean "dense"?`}},
		{"theory --arch dense --lr NaN", []string{`--lr is "NaN"`, "finite"}},
		{"theory --arch dense --a0=-1", []string{"--a0", "strength is -1", "0 or 1e-100 to 1e+100"}},
		{"theory --arch dense --steps=-1", []string{"--steps is -1", "0 to"}},
		{"theory --arch dense --record-every 0", []string{"--record-every is 0", "1 or more"}},
		{"theory --arch dense --steps 20000000 --record-every 1", []string{"records", "record less often"}},
		{"theory --arch dense --time discreet", []string{`"discreet"`, `"discrete"`}},
		{"theory --arch dense --depth 2", []string{"--a0"}},
		{"theory --arch dense --depth 2 --a0 1e-6", []string{"2 hidden layers", "discrete"}},
		{"theory --modules both>omega;both>omega", []string{"add up", "no closed form"}},
		{"theory --lr 0.1", []string{"--lr", "--arch"}},
		{"theory extra", []string{`"extra"`, "no arguments"}},
		{"theory --btis 3", []string{"--btis", "--bits"}},
		{"train --lr=-0.1", []string{"-0.1", "≥ 0"}},
		{"train --lr NaN", []string{"NaN", "finite"}},
		{"train --init-scale=-1", []string{"--init-scale", "scale is -1", "0 or 1e-30 to 1e+30"}},
		{"train --init-scale 1e200", []string{"--init-scale", "scale is 1e+200", "0 or 1e-30 to 1e+30"}},
		{"train --init-scale 1e-200", []string{"scale is 1e-200", "0 or 1e-30 to 1e+30"}},
		{"theory --arch dense --init-scale 1e308", []string{"--init-scale", "scale is 1e+308", "0 or 1e-30 to 1e+30"}},
		{"theory --arch dense --a0 1e308", []string{"--a0", "1e+308", "0 or 1e-100 to 1e+100"}},
		{"train --steps=-1", []string{"--steps is -1"}},
		{"train --hidden 0", []string{"--hidden is 0", "1 to"}},
		{"train --depth 0", []string{"--depth is 0", "--arch shallow"}},
		{"train --arch shallow --depth 2", []string{"--depth is 2", "no hidden layer"}},
		{"train --arch shallow --hidden 7", []string{"--hidden is 7", "no hidden layer"}},
		{"train --seed=-1", []string{"--seed is -1", "whole number from 0"}},
		{"train --lr fast", []string{"--lr", `"fast"`, "a finite number"}},
		{"train --devices GPU-1234", []string{`--devices names one that is "GPU-1234"`, "whole number from 0", "GPUs"}},
		{"train --devices 0,01", []string{"write 1"}},
		{"train --input-bits 0,01", []string{"--input-bits", "write 1"}},
		{"train --modules both>both:050", []string{"--modules", "write 50"}},
		{"train --save-weights " + folder, []string{"it is a folder"}},
		{"train --save-weights=", []string{"--save-weights is empty"}},
		{"train --weights=", []string{"--weights is empty"}},
		{"train --bits 12", []string{"reference backend cannot train", "12300 × 12300", "GiB", "cpu backend"}},
		{"train --bits 12 --kx 1024 --hidden 1 --batch 1 --steps 1", []string{"learned map", "GiB", "fewer bits"}},
		{"train --arch shalow", []string{`"shalow"`, `"shallow"`}},
		{"train --arch shallow --rule hebbian", []string{"hidden layer"}},
		{"train --rule hebian", []string{`"hebian"`, `"hebbian"`}},
		{"train --rule gd --gamma 1", []string{"--gamma is 1", "has no gamma"}},
		{"train --rule hebbian --beta=-1", []string{"--beta is -1", "> 0"}},
		{"train --rule anti-hebbian --beta NaN", []string{`--beta is "NaN"`, "finite"}},
		{"train --batch 9", []string{"batch is 9", "8 training examples"}},
		{"train --batch 0", []string{"--batch is 0", "1 or more"}},
		{"train --train-examples 9", []string{"--train-examples", "9", "1 to P = 8"}},
		{"train --record-every 5 --record-per-decade 5", []string{"give one of them"}},
		{"train --backend referense", []string{`"referense"`, `"reference"`}},
		{"train --modules both>delta", []string{`"delta"`, "omega, gamma, both"}},
		{"train --modules both>omega:-3", []string{"-3", "1 to"}},
		{"train --arch dense --modules both>both", []string{"give one of them"}},
		{"train --weights " + weights, []string{weights, "w1", "2 × 2", "50 × 27"}},
		{"train --weights " + torn, []string{torn, "JSON"}},
		{"train --weights " + file + ".none", []string{"no such file"}},
		{"train --save-weights " + filepath.Join(file, "w.json"), []string{"cannot write", "w.json"}},
		{"reproduce --only dense-dynamic", []string{`"dense-dynamic"`, `did you mean "dense-dynamics"?`}},
		{"reproduce --out " + filepath.Join(file, "out"), []string{"cannot make the folder"}},
		{"reproduce --only full-rank --data nowhere --out " + filepath.Join(folder, "out"), []string{"--data is for studies of images", "--all"}},
		{"reproduce --only cmnist --data nowhere --out " + filepath.Join(folder, "out"), []string{"sweep cmnist", "nowhere", "(--data)"}},
		{"reproduce --backend quda", []string{`"quda"`, `did you mean "cuda"?`}},
		{"reprodce", []string{`"reprodce"`, `"reproduce"`}},
	} {
		stdout, stderr, code := modspec(t, strings.Fields(c.args)...)
		if code != exitBadInput {
			t.Errorf("modspec %s: exit %d, want %d", c.args, code, exitBadInput)
		}
		if stdout != "" {
			t.Errorf("modspec %s: printed %q besides the error", c.args, stdout)
		}
		if strings.Count(stderr, "\n") != 1 {
			t.Errorf("modspec %s: the error is not one line: %q", c.args, stderr)
		}
		for _, s := range c.says {
			if !strings.Contains(stderr, s) {
				t.Errorf("modspec %s: the error does not say %q: %s", c.args, s, stderr)
			}
		}
	}
	left, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 3 {
		t.Errorf("bad input left files behind: %v", left)
	}
}

// TestTheoryOfThePaper compares the JSON with the paper's formulas
// written out by hand for the paper's dataset: P = 8, k_x r² = 3, k_y r² = 1.
func TestTheoryOfThePaper(t *testing.T) {
	v := decode(t, "theory", "--bits", "3", "--ny", "1", "--kx", "3", "--ky", "1", "--r", "1", "--json")
	want := map[string][][2]float64{
		"singular_values":   {{math.Sqrt(11*9) / 8, 1}, {math.Sqrt(11) / 8, 2}, {math.Sqrt(3) / 8, 5}},
		"input_eigenvalues": {{11. / 8, 3}, {3. / 8, 5}},
		"asymptote":         {{math.Sqrt(9. / 11), 1}, {math.Sqrt(1. / 3), 5}, {math.Sqrt(1. / 11), 2}},
	}
	for key, levels := range want {
		got := v[key].([]any)
		if len(got) != len(levels) {
			t.Fatalf("%s has %d levels, want %d", key, len(got), len(levels))
		}
		for i, l := range levels {
			level := got[i].(map[string]any)
			near(t, key, level["value"].(float64), l[0])
			if level["multiplicity"].(float64) != l[1] {
				t.Errorf("%s: multiplicity %v, want %v", key, level["multiplicity"], l[1])
			}
		}
	}
	cx, cy := 8./11, 8./9
	a1, a2, a3 := 9./11, 1./11, 1./3 // squared asymptotes
	q := v["quadrants"].(map[string]any)
	near(t, "omega_omega", q["omega_omega"].(float64), cx*cy*a1)
	near(t, "gamma_omega", q["gamma_omega"].(float64), (1-cx)*cy*a1)
	near(t, "omega_gamma", q["omega_gamma"].(float64), cx*(1-cy)*a1+2*cx*a2)
	near(t, "gamma_gamma", q["gamma_gamma"].(float64), (1-cx)*(1-cy)*a1+2*(1-cx)*a2+5*a3)
	near(t, "systematicity", v["systematicity"].(float64), 8./11)
}

// near allows 32 roundings of 2⁻⁵³, more than the operations that lead to any of
// the values compared here on either side.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 32*0x1p-53*math.Abs(want)) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// TestTheoryTrajectory: rows are as asked, and the strengths are the
// closed form in continuous time.
func TestTheoryTrajectory(t *testing.T) {
	v := decode(t, "theory", "--arch", "dense", "--lr", "0.16", "--a0", "8e-7", "--steps", "120", "--record-every", "50", "--json")
	rows := v["trajectory"].([]any)
	lambda, delta := math.Sqrt(99)/8, 11./8
	for i, step := range []float64{0, 50, 100, 120} {
		row := rows[i].(map[string]any)
		if row["step"] != step {
			t.Errorf("row %d is step %v, want %v", i, row["step"], step)
		}
		x := 2 * 0.16 * lambda * step
		want := lambda / delta / (1 - (1-lambda/(delta*8e-7))*math.Exp(-x))
		got := row["modes"].([]any)[0].(float64)
		// e^{−x} carries x's rounding, so up to x·2⁻⁵³ relative; the formula as
		// written loses up to s·2⁻⁵³/s more.
		if math.Abs(got-want) > (x+32)*0x1p-53*want {
			t.Errorf("step %v: mode 1 is %v, want %v", step, got, want)
		}
	}
	if len(rows) != 4 {
		t.Errorf("there are %d rows, want 4", len(rows))
	}
}

// TestTrainOutput checks the shape of train's JSON for each architecture and
// that the recorded quadrants are those of the final map.
func TestTrainOutput(t *testing.T) {
	for _, arch := range []string{"dense", "shallow", "split", "partitioned"} {
		v := decode(t, "train", "--arch", arch, "--steps", "25", "--record-every", "10", "--init-scale", "0.1", "--json")
		rows := v["trajectory"].([]any)
		if len(rows) != 4 {
			t.Fatalf("%s: %d rows, want steps 0, 10, 20 and 25", arch, len(rows))
		}
		last := rows[3].(map[string]any)
		if last["step"] != 25.0 {
			t.Errorf("%s: the last row is step %v", arch, last["step"])
		}
		for _, key := range []string{"loss", "loss_omega", "loss_gamma", "quadrants", "modes", "systematicity"} {
			if _, ok := last[key]; !ok {
				t.Errorf("%s: a row lacks %q", arch, key)
			}
		}
		if got, want := last["loss"].(float64), last["loss_omega"].(float64)+last["loss_gamma"].(float64); got != want {
			t.Errorf("%s: loss %v is not the sum of its blocks %v", arch, got, want)
		}
		final := v["final_map"].([]any)
		if len(final) != 9 || len(final[0].([]any)) != 27 {
			t.Fatalf("%s: final_map is not 9 × 27", arch)
		}
		oo := 0.0
		for _, x := range final[0].([]any)[:3] {
			oo += x.(float64) * x.(float64)
		}
		near(t, arch+" omega_omega", last["quadrants"].(map[string]any)["omega_omega"].(float64), oo)
		if _, ok := v["prediction"]; !ok {
			t.Errorf("%s: there is no prediction", arch)
		}
	}
}

// TestWeightsFiles: training 10 + 10 steps through a file ends where 20 steps end,
// to the last bit.
func TestWeightsFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.json")
	for _, arch := range []string{"dense", "shallow", "split"} {
		common := []string{"train", "--arch", arch, "--init-scale", "0.1", "--json"}
		decode(t, append(common, "--steps", "10", "--save-weights", path)...)
		halves := decode(t, append(common, "--steps", "10", "--weights", path)...)
		whole := decode(t, append(common, "--steps", "20")...)
		a, _ := json.Marshal(halves["final_map"])
		b, _ := json.Marshal(whole["final_map"])
		if !bytes.Equal(a, b) {
			t.Errorf("%s: 10 + 10 steps through a weights file differ from 20", arch)
		}
	}
}

// TestDivergence: a copy that diverges says at which step, shows what was
// recorded, and exits with 3.
func TestDivergence(t *testing.T) {
	stdout, stderr, code := modspec(t, "train", "--lr", "50", "--init-scale", "0.1", "--json")
	if code != exitDiverged || !strings.Contains(stderr, "diverged at step") {
		t.Errorf("exit %d, %q", code, stderr)
	}
	var v map[string]any
	if err := json.Unmarshal([]byte(stdout), &v); err != nil {
		t.Fatal(err)
	}
	if v["diverged"] != true || v["final_map"] != nil {
		t.Errorf("diverged is %v and final_map %v", v["diverged"], v["final_map"])
	}
}

// TestTheoryDiverges: at a learning rate that is too large discrete theory ends
// where it stops being finite, and train still shows what it measured.
func TestTheoryDiverges(t *testing.T) {
	stdout, stderr, code := modspec(t, "theory", "--arch", "dense", "--lr", "5", "--time", "discrete", "--json")
	if code != exitDiverged || !strings.Contains(stderr, "no longer finite at step") || !json.Valid([]byte(stdout)) {
		t.Errorf("theory: exit %d, %q, valid JSON %v", code, stderr, json.Valid([]byte(stdout)))
	}
	stdout, _, code = modspec(t, "train", "--lr", "8", "--record-every", "1", "--steps", "400", "--json")
	if code != exitDiverged || !json.Valid([]byte(stdout)) {
		t.Errorf("train: exit %d, valid JSON %v", code, json.Valid([]byte(stdout)))
	}
}

// TestUndefinedNumbers: where a quantity does not exist JSON has null, not NaN.
func TestUndefinedNumbers(t *testing.T) {
	v := decode(t, "theory", "--ny", "0", "--json")
	if s, ok := v["systematicity"]; !ok || s != nil {
		t.Errorf("systematicity without Ω_y is %v, want null", s)
	}
	v = decode(t, "train", "--ny", "0", "--steps", "1", "--json")
	if s := v["trajectory"].([]any)[1].(map[string]any)["systematicity"]; s != nil {
		t.Errorf("measured systematicity without Ω_y is %v, want null", s)
	}
}

// TestHelp: every command has help with an example.
func TestHelp(t *testing.T) {
	for _, c := range []string{"theory", "train", "reproduce"} {
		stdout, _, code := modspec(t, c, "--help")
		if code != exitOK || !strings.Contains(stdout, "Examples:\n  modspec "+c) {
			t.Errorf("%s --help: exit %d, or no example", c, code)
		}
		for _, line := range strings.Split(stdout, "\n") {
			if len([]rune(line)) > 80 {
				t.Errorf("%s --help: a line of %d characters: %s", c, len([]rune(line)), line)
			}
		}
	}
}

// TestInterrupt: a cancelled run exits with 130.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, errs bytes.Buffer
	if code := run(ctx, []string{"train", "--steps", "1000000"}, &out, &errs); code != exitInterrupted {
		t.Errorf("exit %d, %s", code, errs.String())
	}
}

// FuzzRows: the parser of row lists never panics, and what it accepts is what
// was written.
func FuzzRows(f *testing.F) {
	for _, s := range []string{"", "0", "0,2", " 1 , 2 ", "x", ",", "-1", "99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := parseRows(text)
		if err == nil && strings.TrimSpace(text) != "" && len(rows) != strings.Count(text, ",")+1 {
			t.Errorf("%q gave %v", text, rows)
		}
	})
}
