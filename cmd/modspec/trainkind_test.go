package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"modspec/engine/backend"
	"modspec/engine/backend/reference"
	"modspec/engine/machine"
	"modspec/engine/mnist"
	"modspec/engine/program"
	"modspec/engine/results"
	"modspec/engine/safetensors"
	"modspec/engine/train"
	"modspec/engine/train/traintest"
)

// another is a kind that differs from the toy in its name and in one parameter.
type another struct{ traintest.Toy }

func (another) Name() string { return "another" }
func (another) Parameters() results.Schema {
	schema := slices.Clone(traintest.Toy{}.Parameters())
	schema[schema.Index("classes")].Name = "rule_count"
	return schema
}

// Commands are tested with kinds of their own.
func init() { kinds = append(kinds, traintest.Toy{}, another{}) }

// toySetting is the toy's defaults with some numbers in place of them.
func toySetting(t *testing.T, set map[string]float64) train.Setting {
	t.Helper()
	s, err := train.NewSetting(traintest.Toy{})
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range set {
		s.Set(traintest.Toy{}.Parameters().Index(name), results.Value{Number: v})
	}
	return s
}

// toyModel is the toy with some numbers in place of the defaults.
func toyModel(t *testing.T, set map[string]float64) train.Model {
	t.Helper()
	m, err := traintest.Toy{}.Resolve(toySetting(t, set))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// toyRun is the run that the command trains.
func toyRun(m train.Model, seed uint64) program.Run {
	return m.Run(train.Stream(traintest.Toy{}, m.Parameters(), seed))
}

// directly is what a backend records of one run, as the command prints it.
type directly struct{ rows []map[string]any }

func (*directly) Wanted() bool                { return true }
func (*directly) Finish(int, train.End) error { return nil }
func (d *directly) Observe(_, step int, metrics []float64) error {
	row := map[string]any{"step": float64(step)}
	for i, name := range (traintest.Toy{}).Metrics().Names() {
		row[name] = metrics[i]
		if math.IsNaN(metrics[i]) {
			row[name] = nil
		}
	}
	d.rows = append(d.rows, row)
	return nil
}

// TestTrainKind: the JSON has the whole configuration and, number by number, what a
// backend records of the run with these parameters and this seed; a metric that does
// not exist is null, and a dash in the table.
func TestTrainKind(t *testing.T) {
	args := []string{"train", "toy", "--backend", "reference", "--precision", "float64", "--batch", "1", "--lr", "0.25", "--data-seed", "3", "--seed", "18446744073709551615", "--steps", "12", "--record-every", "5"}
	v := decode(t, append(args, "--json")...)
	m := toyModel(t, map[string]float64{"batch": 1, "lr": 0.25, "data_seed": 3, "steps": 12})
	var want directly
	job := &train.Job{Kind: traintest.Toy{}, Precision: "float64", Steps: 12, Schedule: train.Schedule{Every: 5},
		Runs: []train.Run{{Model: m, Stream: train.Stream(traintest.Toy{}, m.Parameters(), math.MaxUint64)}}}
	if err := backend.New(reference.New(1)).Train(t.Context(), job, &want); err != nil {
		t.Fatal(err)
	}
	rows := v["trajectory"].([]any)
	if len(rows) != len(want.rows) || len(rows) != 4 {
		t.Fatalf("there are %d rows, want the steps 0, 5, 10 and 12", len(rows))
	}
	nulls := 0
	for i := range rows {
		if !reflect.DeepEqual(rows[i], any(want.rows[i])) {
			t.Errorf("row %d is %v, want %v", i, rows[i], want.rows[i])
		}
		if rows[i].(map[string]any)["first_class_loss"] == nil {
			nulls++
		}
	}
	if nulls == 0 || nulls == 4 {
		t.Errorf("%d of 4 rows lack a metric: the test wants both", nulls)
	}
	for key, want := range map[string]any{"kind": "toy", "backend": "reference", "precision": "float64", "version": version(), "seed": float64(math.MaxUint64), "steps": 12.0, "diverged": false} {
		if v[key] != want {
			t.Errorf("%s is %v, want %v", key, v[key], want)
		}
	}
	wantParameters := map[string]any{"hidden": 5.0, "classes": 3.0, "batch": 1.0, "optimizer": "sgd", "momentum": 0.0, "lr": 0.25, "init_scale": 0.5, "data_seed": 3.0, "steps": 12.0}
	if !reflect.DeepEqual(v["parameters"], any(wantParameters)) {
		t.Errorf("the parameters are %v, want %v", v["parameters"], wantParameters)
	}
	stdout := must(t, args...)
	for _, s := range []string{"step  training loss  loss of class 0  norm of the weights", "batch 1, optimizer sgd", "seed 18446744073709551615, reference backend", "–"} {
		if !strings.Contains(stdout, s) {
			t.Errorf("the table lacks %q: %s", s, stdout)
		}
	}
}

// TestTrainKindTable: --metrics chooses columns, and a metric that no recorded step has
// stands there only if it is asked for.
func TestTrainKindTable(t *testing.T) {
	// With seed 1 of the data the only sample of steps 0 and 1 is not of class 0.
	args := []string{"train", "toy", "--batch", "1", "--classes", "64", "--steps", "1", "--data-seed", "1"}
	heading := func(more ...string) string { return strings.Split(must(t, append(args, more...)...), "\n")[2] }
	for _, c := range []struct {
		metrics string
		want    []string
	}{
		{"", []string{"training loss", "norm of the weights"}},
		{"weight_norm", []string{"norm of the weights"}},
		{"first_class_loss,train_loss", []string{"training loss", "loss of class 0"}},
	} {
		var more []string
		if c.metrics != "" {
			more = []string{"--metrics", c.metrics}
		}
		got := strings.Fields(heading(more...))
		if want := strings.Fields("step " + strings.Join(c.want, " ")); !slices.Equal(got, want) {
			t.Errorf("--metrics %q shows %v, want %v", c.metrics, got, want)
		}
	}
	if out := must(t, "train", "toy", "--steps", "100", "--record-every", "1"); !strings.Contains(out, "(31 of 101 recorded steps; --json has all)") {
		t.Errorf("a long table: %s", out)
	}
}

// TestKindWeights: --save-weights writes every variable by name, and --weights takes
// the parameters and the slopes from there, whatever the seeds are.
func TestKindWeights(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.safetensors")
	before := decode(t, "train", "toy", "--optimizer", "adam", "--seed", "5", "--save-weights", path, "--json")
	file, err := safetensors.Read(path, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	names := slices.Sorted(maps.Keys(file.Tensors))
	for _, want := range []string{"hidden.weight", "hidden.bias", "output.weight", "slopes", "hidden.weight.first-moment"} {
		if !slices.Contains(names, want) {
			t.Errorf("the file has %v, without %s", names, want)
		}
	}
	if file.Metadata["kind"] != "toy" || file.Metadata["seed"] != "5" || !strings.Contains(file.Metadata["parameters"], `"optimizer":"adam"`) {
		t.Errorf("the texts are %v", file.Metadata)
	}
	after := decode(t, "train", "toy", "--optimizer", "adam", "--seed", "6", "--data-seed", "9", "--weights", path, "--steps", "0", "--save-weights", path+"2", "--json")
	rows := before["trajectory"].([]any)
	if last, first := rows[len(rows)-1].(map[string]any), after["trajectory"].([]any)[0].(map[string]any); last["weight_norm"] != first["weight_norm"] {
		t.Errorf("weights of the norm %v are read with %v", last["weight_norm"], first["weight_norm"])
	}
	again, err := safetensors.Read(path+"2", 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range file.Tensors {
		if moment := strings.Contains(name, "moment"); reflect.DeepEqual(again.Tensors[name], x) == moment {
			t.Errorf("after no step %s is %v, was %v", name, again.Tensors[name], x)
		}
	}
	if after["weights"] != path {
		t.Errorf("the JSON names the weights %v", after["weights"])
	}
}

// foreign writes a file of float64 tensors as other programs do, without checksum.
func foreign(t *testing.T, path string, tensors map[string]program.Tensor) {
	t.Helper()
	header, body := map[string]any{}, []byte{}
	for name, x := range tensors {
		at := len(body)
		for _, v := range x.Data {
			body = binary.LittleEndian.AppendUint64(body, math.Float64bits(v))
		}
		header[name] = map[string]any{"dtype": "F64", "shape": x.Shape, "data_offsets": []int{at, len(body)}}
	}
	text, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(text)))
	if err := os.WriteFile(path, slices.Concat(out, text, body), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestKindBatches: from another program's files of what would be drawn the command
// prints the same numbers, whatever the seeds are.
func TestKindBatches(t *testing.T) {
	dir := t.TempDir()
	weights, batches := filepath.Join(dir, "w.safetensors"), filepath.Join(dir, "b.safetensors")
	m := toyModel(t, nil)
	training, err := m.Program()
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := traintest.Drawn(training, toyRun(m, 4), m.Steps()+1)
	if err != nil {
		t.Fatal(err)
	}
	foreign(t, batches, drawn)
	initial, err := traintest.Initial(training, toyRun(m, 4))
	if err != nil {
		t.Fatal(err)
	}
	foreign(t, weights, initial)
	want := decode(t, "train", "toy", "--seed", "4", "--json")
	got := decode(t, "train", "toy", "--seed", "77", "--data-seed", "8", "--weights", weights, "--batches", batches, "--json")
	if !reflect.DeepEqual(want["trajectory"], got["trajectory"]) {
		t.Errorf("from files the trajectory is %v, want %v", got["trajectory"], want["trajectory"])
	}
	if got["batches"] != batches {
		t.Errorf("the JSON names the batches %v", got["batches"])
	}
	// One value more is another training.
	drawn["x"].Data[11] += 0.5
	foreign(t, batches, drawn)
	if got := decode(t, "train", "toy", "--weights", weights, "--batches", batches, "--json"); reflect.DeepEqual(want["trajectory"], got["trajectory"]) {
		t.Error("another value of x changes nothing")
	}
}

// TestBadKindInput: each mistake exits with 2, prints nothing on stdout, writes nothing,
// and says in one line what was wrong and what is allowed.
func TestBadKindInput(t *testing.T) {
	dir := t.TempDir()
	m := toyModel(t, nil)
	training, err := m.Program()
	if err != nil {
		t.Fatal(err)
	}
	path := func(name string) string { return filepath.Join(dir, name+".safetensors") }
	tensors := func(name string, spoil func(x map[string]program.Tensor)) {
		x, err := traintest.Initial(training, toyRun(m, 0))
		if strings.HasPrefix(name, "b-") {
			x, err = traintest.Drawn(training, toyRun(m, 0), m.Steps()+1)
		}
		if err != nil {
			t.Fatal(err)
		}
		for key := range x {
			x[key] = program.Tensor{Shape: x[key].Shape, Data: slices.Clone(x[key].Data)}
		}
		spoil(x)
		foreign(t, path(name), x)
	}
	tensors("w-nan", func(x map[string]program.Tensor) { x["hidden.bias"].Data[2] = math.NaN() })
	tensors("w-name", func(x map[string]program.Tensor) { x["hidden.weights"] = x["hidden.weight"] })
	tensors("w-shape", func(x map[string]program.Tensor) {
		x["hidden.weight"] = program.Tensor{Shape: []int{25}, Data: x["hidden.weight"].Data}
	})
	tensors("w-missing", func(x map[string]program.Tensor) { delete(x, "output.weight") })
	tensors("w-large", func(x map[string]program.Tensor) { x["hidden.bias"].Data[3] = -1e300 })
	tensors("b-large", func(x map[string]program.Tensor) { x["x"].Data[1] = 1e39 })
	tensors("b-inf", func(x map[string]program.Tensor) { x["x"].Data[0] = math.Inf(1) })
	tensors("b-short", func(x map[string]program.Tensor) {
		x["c"] = program.Tensor{Shape: []int{20, 4}, Data: x["c"].Data[:80]}
	})
	tensors("b-class", func(x map[string]program.Tensor) { x["c"].Data[9] = 7 })
	tensors("b-missing", func(x map[string]program.Tensor) { delete(x, "x") })
	tensors("b-name", func(x map[string]program.Tensor) { x["z"] = x["x"] })
	ints := `{"hidden.weight":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}`
	for name, text := range map[string]string{
		"ints": string(binary.LittleEndian.AppendUint64(nil, uint64(len(ints)))) + ints + "\x00\x00\x00\x00\x00\x00\x00\x00",
		"torn": "\x40\x00", "text": strings.Repeat("no tensors ", 9), "json": `{"modules":[{"w1":[[1]]}]}`,
	} {
		if err := os.WriteFile(path(name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	saved := filepath.Join(dir, "saved.safetensors")
	there, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		says []string
	}{
		{"train toyy", []string{`unknown kind "toyy": it must be one of`, `did you mean "toy"?`}},
		{"train toy extra", []string{`"extra"`, "no arguments"}},
		{"train toy --rule-count 3", []string{"unknown flag --rule-count of toy", "rule_count is a parameter of the kind another and not of toy", "modspec train toy --help"}},
		{"train another --classes 3", []string{"classes is a parameter of the kind toy and not of another"}},
		{"train --rule-count 3", []string{"rule_count is a parameter of the kind another and not of linear"}},
		{"train toy --hiden 3", []string{"unknown flag --hiden of toy; did you mean --hidden?"}},
		{"train toy --hidden 0", []string{"--hidden is 0, but must be a whole number from 1 to 1024: hidden units"}},
		{"train toy --hidden 2.5", []string{"--hidden is 2.5", "a whole number"}},
		{"train toy --hidden=", []string{"--hidden is empty"}},
		{"train toy --batch many", []string{`--batch is "many"`, "from 1 to 4096, or classes"}},
		{"train toy --optimizer addam", []string{`--optimizer is "addam"`, "one of sgd, adam", `did you mean "adam"? (`}},
		{"train toy --optimizer=", []string{"--optimizer is empty", "one of sgd, adam"}},
		{"train toy --momentum 1", []string{"--momentum is 1, but must be 0 to 0.999"}},
		{"train toy --lr NaN", []string{`--lr is "NaN"`, "finite"}},
		{"train toy --lr=-1", []string{"--lr is -1, but must be 0 to 1e+30"}},
		{"train toy --init-scale 1e-40", []string{"--init-scale is 1e-40, but must be 0 or 1e-30 to 1e+300"}},
		{"train toy --data-seed=-1", []string{"--data-seed is -1", "0 to 9007199254740992"}},
		{"train toy --data-seed 9007199254740993", []string{"--data-seed is 9007199254740993"}},
		{"train toy --steps 100000001", []string{"--steps is 100000001", "0 to 100000000"}},
		{"train toy --steps 100000000 --record-every 1", []string{"records", "record less often"}},
		{"train toy --optimizer adam --momentum 0.5", []string{"adam has a momentum of its own"}},
		{"train toy --seed=-1", []string{"--seed is -1"}},
		{"train toy --record-every 0", []string{"--record-every is 0", "1 or more"}},
		{"train toy --record-every 2 --record-per-decade 2", []string{"give one of them"}},
		{"train toy --backend reference --precision float32", []string{"float64 only"}},
		{"train toy --backend reference --precision float16", []string{"float16"}},
		{"train toy --backend referense", []string{`"referense"`, `"reference"`}},
		{"train toy --backend reference --devices 0", []string{"--devices names GPUs", "--backend cuda"}},
		{"train toy --metrics train_los", []string{`unknown metric "train_los"`, `did you mean "train_loss"?`}},
		{"train toy --metrics=", []string{"--metrics is empty"}},
		{"train toy --weights=", []string{"--weights is empty"}},
		{"train toy --batches=", []string{"--batches is empty"}},
		{"train toy --weights none.safetensors", []string{"cannot read none.safetensors", "no such file"}},
		{"train toy --weights " + dir, []string{dir}},
		{"train toy --weights " + path("torn"), []string{path("torn"), "too short"}},
		{"train toy --weights " + path("text"), []string{path("text"), "no safetensors file"}},
		{"train toy --weights " + path("ints"), []string{path("ints"), `"hidden.weight"`, `"I64"`, "F32 and F64"}},
		{"train toy --weights " + path("w-nan"), []string{path("w-nan"), `"hidden.bias" has the value NaN at [2]`, "finite"}},
		{"train toy --weights " + path("w-large"), []string{path("w-large"), `the variable "hidden.bias" has the value -1e+300 at [3], which is too large for float32; give smaller numbers, or --precision float64`}},
		{"train toy --batches " + path("b-large"), []string{path("b-large"), `the input "x" has the value 1e+39 at [0 0 1], which is too large for float32`}},
		{"train toy --weights " + path("json"), []string{path("json") + " is JSON, but must be safetensors, as --save-weights writes it"}},
		{"train --weights " + path("w-nan"), []string{path("w-nan") + " is safetensors, but must be JSON"}},
		{"train toy --tensorboard /proc/x", []string{"--tensorboard: cannot write into /proc/x"}},
		{"train --tensorboard /proc/x", []string{"--tensorboard: cannot write into /proc/x"}},
		{"help nosuch", []string{`unknown command "nosuch"`}},
		{"help sweep ran", []string{`unknown command of sweep "ran"`, `did you mean "run"?`}},
		{"help version x", []string{`version has no commands below it, but got "x"`}},
		{"completion nosuch", []string{`unknown command of completion "nosuch"`, "bash"}},
		{"train toy --weights " + path("w-name"), []string{path("w-name"), `unknown variable "hidden.weights": the nearest of the `, ` is "hidden.weight"; modspec kinds toy lists them`}},
		{"train toy --weights " + path("w-shape"), []string{path("w-shape"), `"hidden.weight" has the shape [25], but must have [5 5]`}},
		{"train toy --hidden 4 --weights " + path("w-missing"), []string{`"hidden.weight" has the shape [5 5], but must have [4 5]`}},
		{"train toy --weights " + path("w-missing"), []string{path("w-missing"), `the parameter "output.weight" of the shape [1 5] is missing`}},
		{"train toy --batches " + path("b-inf"), []string{path("b-inf"), `the input "x" has the value +Inf at [0 0 0]`}},
		{"train toy --batches " + path("b-short"), []string{path("b-short"), `the input "c" has values for 20 steps, but must have 21, for 20 steps and the observation after the last`}},
		{"train toy --steps 25 --batches " + path("b-missing"), []string{"values for 21 steps, but must have 26"}},
		{"train toy --batches " + path("b-class"), []string{path("b-class"), `the input "c" has the value 7 at [2 1], but must be a whole number of 0 to 2`}},
		{"train toy --batches " + path("b-missing"), []string{path("b-missing"), `the input "x" is missing`}},
		{"train toy --batches " + path("b-name"), []string{path("b-name"), `unknown input "z"`, "modspec kinds toy lists them"}},
		{"train toy --save-weights " + dir, []string{"it is a folder"}},
		{"kinds toyy", []string{`unknown kind "toyy"`, `did you mean "toy"?`}},
		{"kinds toy another", []string{"one name", "toy, another"}},
	} {
		args := strings.Fields(c.args)
		if strings.HasPrefix(c.args, "train ") && !strings.Contains(c.args, "--save-weights") {
			args = append(args, "--save-weights", saved)
		}
		stdout, stderr, code := modspec(t, args...)
		if code != exitBadInput || stdout != "" || strings.Count(stderr, "\n") != 1 {
			t.Errorf("modspec %s: exit %d, %q, %q; want exit 2 and one line", c.args, code, stdout, stderr)
		}
		for _, s := range c.says {
			if !strings.Contains(stderr, s) {
				t.Errorf("modspec %s: the error does not say %q: %s", c.args, s, stderr)
			}
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != len(there) {
		t.Errorf("bad input left files behind: %v", left)
	}
}

// TestKindDiverges: what diverges says at which step and which parameter or file may
// have made it, prints what was recorded, and saves nothing.
func TestKindDiverges(t *testing.T) {
	dir := t.TempDir()
	weights, saved := filepath.Join(dir, "w.safetensors"), filepath.Join(dir, "saved.safetensors")
	m := toyModel(t, nil)
	training, err := m.Program()
	if err != nil {
		t.Fatal(err)
	}
	large, err := traintest.Initial(training, toyRun(m, 0))
	if err != nil {
		t.Fatal(err)
	}
	for i := range large["output.weight"].Data {
		large["output.weight"].Data[i] = 1e300
	}
	foreign(t, weights, large)
	wide := filepath.Join(dir, "b.safetensors")
	batches, err := traintest.Drawn(training, toyRun(m, 0), m.Steps()+1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range batches["x"].Data {
		batches["x"].Data[i] = 1e300
	}
	foreign(t, wide, batches)
	for _, c := range []struct{ args, says string }{
		{"--precision float64 --lr 0 --init-scale 1e300 --batches " + wide, "use a smaller --init-scale than 1e+300 or smaller numbers than those in " + wide},
		{"--optimizer adam --lr 0 --precision float64 --batches " + wide, "smaller numbers than those in " + wide},
		{"--lr 1e30", "a smaller --lr than 1e+30"},
		{"--init-scale 1e300", "a smaller --init-scale than 1e+300"},
		{"--precision float64 --weights " + weights, "smaller weights than those in " + weights},
	} {
		stdout, stderr, code := modspec(t, append([]string{"train", "toy", "--json", "--save-weights", saved}, strings.Fields(c.args)...)...)
		var v map[string]any
		if err := json.Unmarshal([]byte(stdout), &v); err != nil || code != exitDiverged || v["diverged"] != true {
			t.Fatalf("%s: exit %d, %v, %s", c.args, code, err, stdout)
		}
		if want := fmt.Sprintf("training diverged at step %v", v["steps"]); !strings.Contains(stderr, want) || !strings.Contains(stderr, c.says) {
			t.Errorf("%s: %q, want %q and %q", c.args, stderr, want, c.says)
		}
		if want := "; " + saved + " is not written; "; !strings.Contains(stderr, want) || strings.Contains(stderr, "than 0\n") {
			t.Errorf("%s: %q, want %q", c.args, stderr, want)
		}
		if _, err := os.Stat(saved); err == nil {
			t.Errorf("%s: weights that are not finite are saved", c.args)
		}
	}
}

// TestKindThatDoesNotFit: a network that no memory holds is refused before it is
// allocated, on every backend that trains in this memory.
func TestKindThatDoesNotFit(t *testing.T) {
	for backend, need := range map[string]uint64{"cpu": 100 << 30, "reference": 1 << 40} {
		if room, err := machine.Memory(); err != nil || room.Free > need {
			t.Skipf("the memory is unknown, or holds the largest network of a test: %d bytes, %v", room.Free, err)
		}
		stdout, stderr, code := modspec(t, "train", "mixture", "--backend", backend, "--embedding", "4096", "--width", "16384", "--batch", "131000", "--samples", "1024")
		if code != exitBadInput || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "use a smaller network or batch") {
			t.Errorf("%s: exit %d, %q, %q", backend, code, stdout, stderr)
		}
	}
}

// A learning rate of 0 moves no weight, so it is not to blame.
func TestRemedyOfNoLearningRate(t *testing.T) {
	s := toySetting(t, map[string]float64{"lr": 0})
	out := &kindOutput{Steps: 1, Trajectory: []kindRow{{metrics: []float64{1}}}}
	for batches, want := range map[string]string{"": "other parameters", "b": "smaller numbers than those in b"} {
		if got := (&kindFlags{kind: traintest.Toy{}, setting: s, batches: batches}).remedy(out); got != want {
			t.Errorf("with batches %q: use %s, want %s", batches, got, want)
		}
	}
}

// TestKindInterrupted: a cancelled training of any kind exits with 130.
func TestKindInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, errs bytes.Buffer
	if code := run(ctx, []string{"train", "toy", "--steps", "1000000", "--record-every", "1000"}, &out, &errs); code != exitInterrupted {
		t.Errorf("exit %d, %s", code, errs.String())
	}
}

// TestKindTensorBoard: the metrics go to event files, once.
func TestKindTensorBoard(t *testing.T) {
	dir := t.TempDir()
	must(t, "train", "toy", "--tensorboard", dir)
	files, err := filepath.Glob(filepath.Join(dir, simulationRun, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the files are %v (%v)", files, err)
	}
	events, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range (traintest.Toy{}).Metrics().Names() {
		if !bytes.Contains(events, []byte(name)) {
			t.Errorf("the events lack %s", name)
		}
	}
	if _, stderr, code := modspec(t, "train", "toy", "--tensorboard", dir); code != exitBadInput || !strings.Contains(stderr, "event files already") {
		t.Errorf("a second training into the folder: exit %d, %s", code, stderr)
	}
}

// TestKindHelp: the help of a kind's command has its parameters with their units,
// bounds and defaults, in lines of at most 80 characters.
func TestKindHelp(t *testing.T) {
	stdout, _, code := modspec(t, "train", "toy", "--help")
	text := strings.Join(strings.Fields(stdout), " ")
	for _, s := range []string{
		"--hidden int hidden units; a whole number from 1 to 1024 (default 5)",
		"--batch int samples in a step; a whole number from 1 to 4096, or classes (default 4)",
		"--optimizer text optimizer; one of sgd, adam (default sgd)",
		"--init-scale float standard deviation of the initial weights; 0 or 1e-30 to 1e+300 (default 0.5)",
		"--data-seed uint", "--save-weights", "--batches", "Examples: modspec train toy",
	} {
		if code != exitOK || !strings.Contains(text, s) {
			t.Errorf("the help lacks %q: %s", s, stdout)
		}
	}
	for line := range strings.Lines(stdout) {
		if len([]rune(line)) > 81 { // with its end
			t.Errorf("a line of %d characters: %s", len([]rune(line)), line)
		}
	}
	if stdout, _, _ := modspec(t, "train", "--help"); !strings.Contains(stdout, "Train a network of the kind toy") || !strings.Contains(stdout, "--kx int") {
		t.Errorf("the help of train: %s", stdout)
	}
}

// TestKinds: the list names every kind, and what is said of one has every parameter and
// metric of its schema, and the tensors of its files.
func TestKinds(t *testing.T) {
	stdout := must(t, "kinds")
	for _, k := range kinds {
		if !strings.Contains(stdout, k.Name()) || !strings.Contains(stdout, k.Doc()) {
			t.Errorf("the list lacks %s: %s", k.Name(), stdout)
		}
	}
	if stdout := must(t, "kinds", "linear"); strings.Contains(stdout, "e+308") || strings.Count(stdout, "  a finite number  ") != 2 {
		t.Errorf("gamma and beta are any finite numbers, but: %s", stdout)
	}
	if stdout := must(t, "--help"); !strings.Contains(stdout, "mixture") {
		t.Errorf("the help knows linear networks alone: %s", stdout)
	}
	stdout = must(t, "kinds", "toy")
	for _, c := range slices.Concat(traintest.Toy{}.Parameters(), traintest.Toy{}.Metrics()) {
		if !strings.Contains(stdout, c.Name) || !strings.Contains(stdout, c.Doc) {
			t.Errorf("%s is not described: %s", c.Name, stdout)
		}
	}
	for _, s := range []string{"a whole number from 1 to 4096, or classes  samples", "hidden.weight", "5 × 5", "4 × 2", "slopes                               3 (of the task; may be left out)"} {
		if !strings.Contains(stdout, s) {
			t.Errorf("the description lacks %q: %s", s, stdout)
		}
	}
	one := decode(t, "kinds", "toy", "--json")
	var of []string
	for _, p := range one["parameters"].([]any) {
		of = append(of, p.(map[string]any)["name"].(string))
	}
	if want := (traintest.Toy{}).Parameters().Names(); !slices.Equal(of, want) {
		t.Errorf("the parameters are %v, want %v", of, want)
	}
	batch := one["parameters"].([]any)[2].(map[string]any)
	if batch["type"] != "whole" || batch["default"] != "4" || batch["min"] != 1.0 || batch["max"] != 4096.0 || !reflect.DeepEqual(batch["words"], []any{"classes"}) || batch["unit"] != "samples" {
		t.Errorf("batch is %v", batch)
	}
	if want := []any{map[string]any{"name": "c", "shape": []any{4.0}}, map[string]any{"name": "x", "shape": []any{4.0, 2.0}}}; !reflect.DeepEqual(one["inputs"], any(want)) {
		t.Errorf("the inputs are %v, want %v", one["inputs"], want)
	}
	all := decode(t, "kinds", "--json")["kinds"].([]any)
	if len(all) != len(kinds) {
		t.Errorf("there are %d kinds, want %d", len(all), len(kinds))
	}
}

// unresolved is a kind whose settings cannot be resolved.
type unresolved struct {
	traintest.Toy
	err error
}

func (unresolved) Name() string { return "unresolved" }

func (u unresolved) Resolve(train.Setting) (train.Model, error) { return nil, u.err }

// TestKindsWithoutData: a kind whose default data are missing is listed with what is
// missing, and without tensors. Every other error is one of the command.
func TestKindsWithoutData(t *testing.T) {
	known := kinds
	defer func() { kinds = known }()
	_, missing := mnist.Find(t.TempDir())
	kinds = append(slices.Clone(known), unresolved{err: fmt.Errorf("data: %w", missing)})
	for _, line := range strings.Split(must(t, "kinds"), "\n") {
		if strings.Contains(line, "(data: no images found: ") != strings.HasPrefix(line, "unresolved ") {
			t.Errorf("the list has the line %q", line)
		}
	}
	if stdout := must(t, "kinds", "unresolved"); !strings.Contains(stdout, "data that are not here: data: no images found: ") || strings.Contains(stdout, "--weights") {
		t.Errorf("without data: %s", stdout)
	}
	if one := decode(t, "kinds", "unresolved", "--json"); one["missing"] != "data: "+missing.Error() || one["weights"] != nil || one["inputs"] != nil {
		t.Errorf("without data: missing is %v, weights %v, inputs %v", one["missing"], one["weights"], one["inputs"])
	}
	if one := decode(t, "kinds", "toy", "--json"); one["missing"] != nil {
		t.Errorf("of the toy is missing: %v", one["missing"])
	}
	kinds = append(slices.Clone(known), unresolved{err: errors.New("the data are damaged")})
	if stdout, stderr, code := modspec(t, "kinds"); code != exitBadInput || stderr != "modspec: the kind unresolved: the data are damaged\n" {
		t.Errorf("with damaged data: exit %d, %q, %q", code, stdout, stderr)
	}
}

// TestKindCompletion: a shell is offered kinds, and the words of parameters.
func TestKindCompletion(t *testing.T) {
	for line, want := range map[string][]string{
		"train":                    {"toy\tTrain a network of the kind toy", "another\tTrain a network of the kind another"},
		"kinds":                    {"toy", "another"},
		"train toy --optimizer":    {"sgd", "adam"},
		"train toy --batch":        {"classes"},
		"train toy --backend":      {"cpu", "cuda", "reference"},
		"train toy --metrics":      {"train_loss", "weight_norm"},
		"train toy --init-scale 1": nil,
	} {
		stdout, stderr, code := modspec(t, append([]string{"__complete"}, append(strings.Fields(line), "")...)...)
		offered := strings.Split(stdout, "\n")
		for _, w := range want {
			if code != exitOK || !slices.Contains(offered, w) {
				t.Errorf("%s: exit %d, a shell is offered %q, without %q (%s)", line, code, offered, w, stderr)
			}
		}
	}
}

// Every kind's parameters are flags beside those that all kinds have, and its defaults
// are values that its flags take.
func TestKindsFit(t *testing.T) {
	for _, k := range kinds {
		cmd := newTrainKind(k)
		if k.Parameters().Index(train.StepsParameter) < 0 {
			t.Errorf("the kind %s has no parameter %s", k.Name(), train.StepsParameter)
		}
		checkDefaults(t, k, cmd)
	}
}

func checkDefaults(t *testing.T, k train.Kind, cmd *cobra.Command) {
	t.Helper()
	for _, c := range k.Parameters() {
		if flag := cmd.Flags().Lookup(flagName(c.Name)); c.Default != "" {
			if err := flag.Value.Set(c.Default); err != nil {
				t.Errorf("the default of %s in the kind %s: %v", c.Name, k.Name(), err)
			}
		}
	}
}
