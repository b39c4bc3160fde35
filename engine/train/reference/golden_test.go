package reference_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/train"
	"modspec/engine/train/reference"
)

// goldenCase is a case of training.json; see the README beside that file.
type goldenCase struct {
	Name  string
	Point struct {
		Bits       int
		InputRows  []int `json:"input_rows"`
		OutputRows []int `json:"output_rows"`
		KX         int   `json:"k_x"`
		KY         int   `json:"k_y"`
		R          float64
	}
	LearningRate  float64 `json:"learning_rate"`
	Beta, Gamma   float64
	Steps         int
	TrainExamples []int `json:"train_examples"`
	Modules       []struct {
		Reads, Writes  []string
		Hidden         []int
		Initial, Final [][][]float64
	}
	Records []map[string]float64
	Map     [][]float64
	// Rounding is the most that rounding may carry a result, relative to the largest
	// number of its group, in units of u.
	Rounding float64
}

func (c goldenCase) point() dataset.Point {
	return dataset.Point{
		Bits: c.Point.Bits, InputBits: c.Point.InputRows, OutputBits: c.Point.OutputRows,
		KX: c.Point.KX, KY: c.Point.KY, R: c.Point.R,
	}
}

// job returns the case as a job recorded every tenth step.
func (c goldenCase) job(t *testing.T) *linear.Job {
	t.Helper()
	blocks := map[string]dataset.Blocks{
		"omega_x": dataset.Omega, "gamma_x": dataset.Gamma, "omega_y": dataset.Omega, "gamma_y": dataset.Gamma,
	}
	arch, start := network.Architecture{Name: c.Name}, &network.Weights{}
	for _, m := range c.Modules {
		module := network.Module{Hidden: m.Hidden}
		for _, b := range m.Reads {
			module.Reads |= blocks[b]
		}
		for _, b := range m.Writes {
			module.Writes |= blocks[b]
		}
		arch.Modules = append(arch.Modules, module)
		var layers []*mat.Dense
		for _, l := range m.Initial {
			layers = append(layers, dense(l))
		}
		start.Modules = append(start.Modules, layers)
	}
	task := &linear.Task{Point: c.point(), Examples: c.TrainExamples}
	return &linear.Job{
		Architecture: arch, Steps: c.Steps, Schedule: train.Schedule{Every: 10},
		Copies: []linear.Copy{{
			Task: task, Rule: network.Rule{Beta: c.Beta, Gamma: c.Gamma},
			LearningRate: c.LearningRate, Weights: start,
		}},
	}
}

func dense(rows [][]float64) *mat.Dense {
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, row := range rows {
		m.SetRow(i, row)
	}
	return m
}

// compareGroup compares numbers that are judged by the largest of them.
func compareGroup(t *testing.T, name string, got, want []float64, bound float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: there are %d numbers, want %d", name, len(got), len(want))
	}
	largest := 0.0
	for _, v := range want {
		largest = math.Max(largest, math.Abs(v))
	}
	for i := range want {
		if d := math.Abs(got[i] - want[i]); !(d <= bound*largest) {
			t.Errorf("%s: number %d is %v, want %v: off by %.3g, but rounding explains %.3g at most", name, i, got[i], want[i], d, bound*largest)
		}
	}
}

func flat(m *mat.Dense) []float64 { return mat.DenseCopyOf(m).RawMatrix().Data }

// Trainings of the independent program, from its own initial weights.
func TestGoldenTrainings(t *testing.T) {
	data, err := os.ReadFile("../../../testdata/golden/training.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []goldenCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatal("the file has no cases")
	}
	for _, c := range cases {
		for _, b := range []linear.Backend{reference.New(1), programBackend{}} {
			t.Run(c.Name+"/"+b.Name(), func(t *testing.T) { c.train(t, b) })
		}
	}
}

func (c goldenCase) train(t *testing.T, b linear.Backend) {
	job := c.job(t)
	runs, err := linear.Collect(context.Background(), b, job)
	if err != nil {
		t.Fatal(err)
	}
	run, bound := runs[0], 2*c.Rounding*unitRoundoff
	if run.Final.Diverged || run.Final.Step != c.Steps {
		t.Fatalf("it ended as %+v, want %d steps", run.Final, c.Steps)
	}
	for m, module := range c.Modules {
		for l, want := range module.Final {
			compareGroup(t, "final weights", flat(run.Final.Weights.Modules[m][l]), flat(dense(want)), bound)
		}
	}
	compareGroup(t, "map", flat(run.Final.Weights.Map(job.Architecture, c.point())), flat(dense(c.Map)), bound)
	c.compareRecords(t, run.Trajectory, bound)
}

// compareRecords compares what was recorded: all losses are one group, all
// quadrants another.
func (c goldenCase) compareRecords(t *testing.T, got []linear.Observation, bound float64) {
	t.Helper()
	if len(got) != len(c.Records) {
		t.Fatalf("there are %d records, want %d", len(got), len(c.Records))
	}
	var losses, quadrants [2][]float64 // got, want
	for i, want := range c.Records {
		o := got[i]
		if float64(o.Step) != want["step"] {
			t.Errorf("record %d is of step %d, want %v", i, o.Step, want["step"])
		}
		losses[0] = append(losses[0], o.Train.Total, o.Train.Omega, o.Train.Gamma)
		losses[1] = append(losses[1], want["loss"], want["loss_omega"], want["loss_gamma"])
		if test, ok := want["test_loss"]; ok {
			losses[0] = append(losses[0], o.Test.Total, o.Test.Omega, o.Test.Gamma)
			losses[1] = append(losses[1], test, want["test_loss_omega"], want["test_loss_gamma"])
		} else if !math.IsNaN(o.Test.Total) {
			t.Errorf("record %d has a test loss of %v without test examples", i, o.Test.Total)
		}
		q := o.Quadrants
		quadrants[0] = append(quadrants[0], q.OmegaOmega, q.GammaOmega, q.OmegaGamma, q.GammaGamma)
		quadrants[1] = append(quadrants[1], want["omega_x_to_omega_y"], want["gamma_x_to_omega_y"], want["omega_x_to_gamma_y"], want["gamma_x_to_gamma_y"])
	}
	compareGroup(t, "losses", losses[0], losses[1], bound)
	compareGroup(t, "quadrants", quadrants[0], quadrants[1], bound)
}
