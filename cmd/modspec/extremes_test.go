package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDivergedNamesItsCause: what diverges names the flag that made it. All of these
// advised a smaller --lr, or ended in theory's overflow.
func TestDivergedNamesItsCause(t *testing.T) {
	weights := filepath.Join(t.TempDir(), "large.json")
	if err := os.WriteFile(weights, []byte(`{"modules":[{"w1":[[1e200,1e200]],"w2":[[1e200],[1e200]]}]}`), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, at, blamed string }{
		{"train --init-scale 1e30", "step 1", "a smaller --init-scale than 1e+30"},
		{"train --init-scale 1e10 --depth 16", "step 0", "a smaller --init-scale than 1e+10"},
		{"train --init-scale 1e20 --backend cpu --precision float32", "step 0", "a smaller --init-scale than 1e+20"},
		{"train --init-scale 10", "step", "a smaller --init-scale than 10"},
		{"train --init-scale 0.1 --lr 50", "step", "a smaller --lr than 50"},
		{"train --lr 1e308", "step 1", "a smaller --lr than 1e+308"},
		{"train --arch shallow --init-scale 1e10 --lr 50", "step", "a smaller --lr than 50"},
		{"train --rule hebbian --beta 1e308", "step 1", "a smaller --lr than 0.16 or a --beta nearer to 0 than 1e+308"},
		{"train --bits 1 --nx 0 --ny 0 --kx 1 --ky 1 --hidden 1 --weights " + weights, "step 0", "smaller weights than those in " + weights},
		{"theory --arch dense --time discrete --init-scale 1e30", "step 10", "a smaller --init-scale than 1e+30"},
		{"theory --arch dense --time discrete --a0 1e100", "step 10", "a smaller --a0 than 1e+100"},
		{"theory --arch dense --time discrete --lr 5", "step", "a smaller --lr than 5"},
		{"theory --arch shallow --time discrete --a0 1e100 --lr 1e308", "step 10", "a smaller --lr than 1e+308"},
	} {
		_, stderr, code := modspec(t, strings.Fields(c.args)...)
		if code != exitDiverged || !strings.Contains(stderr, c.at) || !strings.HasSuffix(stderr, "; use "+c.blamed+"\n") {
			t.Errorf("modspec %s: exit %d, %s", c.args, code, stderr)
		}
	}
}

// TestPredictionIsMissing: initial weights that theory's numbers cannot hold are trained
// all the same, and the reason stands where the prediction would.
func TestPredictionIsMissing(t *testing.T) {
	weights := filepath.Join(t.TempDir(), "uneven.json")
	// Their product is finite, the square of the first layer is not.
	if err := os.WriteFile(weights, []byte(`{"modules":[{"w1":[[1e200,1e200]],"w2":[[1e-200],[1e-200]]}]}`), 0o666); err != nil {
		t.Fatal(err)
	}
	v := decode(t, "train", "--bits", "1", "--nx", "0", "--ny", "0", "--kx", "1", "--ky", "1", "--hidden", "1", "--lr", "0", "--weights", weights, "--json")
	reason, _ := v["prediction_missing"].(string)
	if _, there := v["prediction"]; there || !strings.Contains(reason, "squares") || len(v["trajectory"].([]any)) != 31 {
		t.Errorf("prediction there: %v, reason %q, %d rows", there, reason, len(v["trajectory"].([]any)))
	}
	stdout, _, code := modspec(t, "train", "--bits", "1", "--nx", "0", "--ny", "0", "--kx", "1", "--ky", "1", "--hidden", "1", "--lr", "0", "--weights", weights)
	if code != exitOK || !strings.Contains(stdout, "prediction is missing: "+reason) {
		t.Errorf("exit %d, %s", code, stdout)
	}
}

// TestNoOutputSignal: a dataset whose labels are all 0 is a dataset, with no mode to
// learn; train panicked on it.
func TestNoOutputSignal(t *testing.T) {
	for _, point := range []string{"--ny 0 --r 0", "--nx 0 --ny 0 --r 0"} {
		for _, command := range []string{"theory", "theory --arch dense", "theory --arch split --time discrete", "train", "train --arch split", "train --arch shallow", "train --backend cpu", "train --backend cpu --precision float32"} {
			args := strings.Fields(command + " " + point + " --json")
			v := decode(t, args...)
			if modes, _ := v["modes"].([]any); len(modes) != 0 {
				t.Errorf("modspec %s: modes %v", strings.Join(args, " "), modes)
			}
			if args[0] == "train" {
				if last := v["prediction"].([]any)[30].(map[string]any); last["step"] != 300.0 || len(last["modes"].([]any)) != 0 {
					t.Errorf("modspec %s: the prediction ends with %v", strings.Join(args, " "), last)
				}
			}
		}
	}
	file := writeSweep(t, "name: silent\nmethod: grid\nseeds: 2\nsteps: 20\nrecord: {every: 10}\nparameters:\n  arch: {values: [dense, shallow, split]}\n  ny: {value: 0}\n  r: {value: 0}\n  init_scale: {values: [0, 1e-30, 0.1]}\n")
	dir := filepath.Join(t.TempDir(), "out")
	if _, stderr, code := modspec(t, "sweep", "run", file, "--out", dir); code != exitOK {
		t.Fatalf("sweep run: exit %d, %s", code, stderr)
	}
	if s := decode(t, "sweep", "status", dir, "--json"); s["done"] != 18.0 || s["failed"] != 0.0 || s["diverged"] != 0.0 {
		t.Errorf("status %v", s)
	}
}

// TestHalfARatio: a plot of half a ratio, which panicked, is refused, as are conditions
// without a column.
func TestHalfARatio(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "small")
	must(t, "sweep", "run", writeSweep(t, smallSweep), "--out", dir)
	for _, c := range []struct{ flags, says string }{
		{"--value /", `--value is "/"`}, {"--value systematicity/", "a column, or two as a/b"}, {"--value /systematicity", "a column, or two as a/b"},
		{"--value train_loss/test_loss/seed", "a column, or two as a/b"}, {"--value systematicity --where =1", "COLUMN OP VALUE"},
	} {
		_, stderr, code := modspec(t, append([]string{"sweep", "plot", dir, "--x", "r", "--out", filepath.Join(dir, "p.svg")}, strings.Fields(c.flags)...)...)
		if code != exitBadInput || !strings.Contains(stderr, c.says) {
			t.Errorf("%s: exit %d, %s", c.flags, code, stderr)
		}
	}
}

// TestPrintable: names of files reach the terminal without what it would obey.
func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"σ is 1e-30 · 日本\nsecond": "σ is 1e-30 · 日本\nsecond", "\x1b[2J": `\x1b[2J`, "a\x00\r\tb": `a\x00\r\tb`, "\xff\u009b": `\xff\u009b`, "\u202eexe": `\u202eexe`, `"\`: `"\`,
	} {
		if got := errorText(errors.New(text)); got != want {
			t.Errorf("%q is printed as %q, want %q", text, got, want)
		}
	}
	_, stderr, code := modspec(t, "sweep", "status", "\x1b[2J")
	if code == exitOK || strings.ContainsRune(stderr, 0x1b) || !strings.Contains(stderr, `\x1b[2J`) {
		t.Errorf("exit %d, %q", code, stderr)
	}
}
