package train_test

import (
	"math"
	"testing"

	"modspec/engine/program"
	"modspec/engine/train"
	"modspec/engine/train/traintest"
)

// TestCheckpointsAreChecked: a job is refused if a run of it cannot begin where it is to.
func TestCheckpointsAreChecked(t *testing.T) {
	c := traintest.Toys()[0]
	m, err := c.Model(c.Settings[0])
	if err != nil {
		t.Fatal(err)
	}
	training, err := m.Program()
	if err != nil {
		t.Fatal(err)
	}
	metrics := len(c.Kind.Metrics())
	// job has a good checkpoint of step 12 for its second run.
	job := func() *train.Job {
		from := &train.Checkpoint{Checkpoint: program.Checkpoint{Step: 12}, Observed: [][]float64{make([]float64, metrics), make([]float64, metrics), make([]float64, metrics)}}
		for _, v := range training.Variables {
			from.Variables = append(from.Variables, make([]float64, program.Size(v.Shape)))
		}
		return &train.Job{Kind: c.Kind, Precision: "float32", Steps: 20, Schedule: train.Schedule{Every: 5},
			Runs: []train.Run{{Model: m}, {Model: m, From: from}}}
	}
	if err := job().Check(); err != nil {
		t.Fatal(err)
	}
	unseen := job()
	unseen.Runs[1].From.Observed = nil
	if err := unseen.Check(); err != nil {
		t.Errorf("without observations: %v", err)
	}
	name := training.Variables[0].Name
	for want, spoil := range map[string]func(f *train.Checkpoint){
		"run 1: the checkpoint is of step 21, but the job has 20":                                                  func(f *train.Checkpoint) { f.Step = 21 },
		"run 1: the checkpoint is of step -1, but must be of 0 or more":                                            func(f *train.Checkpoint) { f.Step = -1 },
		"run 1: the checkpoint has 6 variables, but the training has 7":                                            func(f *train.Checkpoint) { f.Variables = f.Variables[1:] },
		`run 1: the variable "` + name + `" of the checkpoint has 0 elements, but the shape [5 5] has 25`:          func(f *train.Checkpoint) { f.Variables[0] = nil },
		`run 1: the variable "` + name + `" of the checkpoint has the value NaN at [1 2], but must be finite`:      func(f *train.Checkpoint) { f.Variables[0][7] = math.NaN() },
		`run 1: the variable "` + name + `" of the checkpoint has the value 0.1, which is no number of float32`:    func(f *train.Checkpoint) { f.Variables[0][7] = 0.1 },
		`run 1: the variable "` + name + `" of the checkpoint has the value 1e+300, which is no number of float32`: func(f *train.Checkpoint) { f.Variables[0][7] = 1e300 },
		"run 1: the checkpoint has 3 observations, but 2 recorded steps come before step 10":                       func(f *train.Checkpoint) { f.Step = 10 },
		"run 1: observation 2 of the checkpoint has 1 metrics, but the kind toy has 3":                             func(f *train.Checkpoint) { f.Observed[2] = f.Observed[2][:1] },
	} {
		j := job()
		spoil(j.Runs[1].From)
		if err := j.Check(); err == nil || err.Error() != want {
			t.Errorf("the error is %v, want %q", err, want)
		}
	}
	double := job()
	double.Precision = "float64"
	double.Runs[1].From.Variables[0][7] = 0.1
	if err := double.Check(); err != nil {
		t.Errorf("in float64: %v", err)
	}
}
