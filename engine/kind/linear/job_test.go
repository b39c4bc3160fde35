package linear_test

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/train"
)

var paper = dataset.NewPoint(3, 3, 1, 3, 1, 1)

// goodJob is a job that passes Check, for tests to spoil.
func goodJob() *linear.Job {
	return &linear.Job{
		Architecture: network.Dense(5), Steps: 10, Schedule: train.Schedule{Every: 2},
		Copies: []linear.Copy{{Task: &linear.Task{Point: paper}, LearningRate: 0.1, InitScale: 0.01}},
	}
}

func TestJobCheckNamesWhatIsWrong(t *testing.T) {
	if err := goodJob().Check(); err != nil {
		t.Fatal(err)
	}
	task := func(change func(*linear.Task)) func(*linear.Job) {
		return func(j *linear.Job) { change(j.Copies[0].Task) }
	}
	second := func(j *linear.Job) *linear.Copy {
		j.Copies = append(j.Copies, j.Copies[0])
		return &j.Copies[1]
	}
	for _, c := range []struct {
		name  string
		spoil func(j *linear.Job)
		want  string
	}{
		{"steps", func(j *linear.Job) { j.Steps = -1 }, "the number of steps is -1, but must be 0 or more"},
		{"schedule", func(j *linear.Job) { j.Schedule.PerDecade = 1 }, "both every 2 steps and 1 per decade"},
		{"too many records", func(j *linear.Job) { j.Steps, j.Schedule.Every = 1<<40, 1 }, "about 1.1e+12 records in 1099511627776 steps, but may have at most 1048576; record less often"},
		{"too dense a schedule", func(j *linear.Job) { j.Steps, j.Schedule = math.MaxInt, train.Schedule{PerDecade: 1 << 30} }, "about 2.04e+10 records"},
		{"schedule past all steps", func(j *linear.Job) { j.Schedule = train.Schedule{PerDecade: math.MaxInt} }, "about 9.22e+18 records in 10 steps"},
		{"no copies", func(j *linear.Job) { j.Copies = nil }, "the job has no copies to train"},
		{"no task", func(j *linear.Job) { j.Copies[0].Task = nil }, "there is no task to learn"},
		{"point", task(func(l *linear.Task) { l.Point.KX = -1 }), "k_x is -1"},
		{"no training examples", task(func(l *linear.Task) { l.Examples = []int{} }), "the set of examples is empty"},
		{"example", task(func(l *linear.Task) { l.Examples = []int{0, 8} }), "example 8 does not exist"},
		{"example twice", task(func(l *linear.Task) { l.Examples = []int{3, 3} }), "example 3 is named twice"},
		{"batch", task(func(l *linear.Task) { l.Batch = -1 }), "the batch is -1 examples, but must be 1 to the 8 training examples"},
		{"large batch", task(func(l *linear.Task) { l.Batch, l.Examples = 4, []int{0, 1, 2} }), "the batch is 4 examples, but must be 1 to the 3 training examples"},
		{"teacher", task(func(l *linear.Task) { l.Teacher = mat.NewDense(27, 9, nil) }), "the teacher is 27 × 9, but must be n_out × n_in = 9 × 27"},
		{"NaN teacher", task(func(l *linear.Task) {
			l.Teacher = mat.NewDense(9, 27, nil)
			l.Teacher.Set(8, 3, math.NaN())
		}), "the teacher holds NaN at output 8, input 3, but must be finite"},
		{"architecture", func(j *linear.Job) { j.Architecture = network.Dense(0) }, "hidden layer of 0 units"},
		{"no module left", func(j *linear.Job) {
			j.Architecture, j.Copies[0].Task.Point = network.Partitioned(4), dataset.NewPoint(3, 3, 0, 0, 1, 1)
		}, "no module of the partitioned architecture"},
		{"size", func(j *linear.Job) { j.Copies[0].Task.Point = dataset.NewPoint(12, 12, 1, 1024, 1, 1) }, "the learned map would have 4097 × 4194316 elements"},
		{"large layer", func(j *linear.Job) {
			j.Architecture, j.Copies[0].Task.Point = network.Dense(1<<20), dataset.NewPoint(7, 7, 1, 1, 1, 1)
		}, "layer 1 of module 1 would have 1048576 × 135 weights, more than the 134217728"},
		{"large product", func(j *linear.Job) {
			j.Architecture, j.Copies[0].Task.Point = network.Dense(1, 1<<20), dataset.NewPoint(7, 7, 1, 1, 1, 1)
		}, "the product of the first 2 layers of module 1 would have 1048576 × 135 elements"},
		{"rule", func(j *linear.Job) { j.Architecture, j.Copies[0].Rule.Beta = network.Shallow(), 1 }, "changes weights through a hidden layer"},
		{"rule strength", func(j *linear.Job) { j.Copies[0].Rule.Gamma = math.Inf(1) }, "gamma is +Inf"},
		{"NaN rate", func(j *linear.Job) { j.Copies[0].LearningRate = math.NaN() }, "the learning rate is NaN, but must be a finite number ≥ 0"},
		{"negative rate", func(j *linear.Job) { j.Copies[0].LearningRate = -0.1 }, "the learning rate is -0.1"},
		{"infinite rate", func(j *linear.Job) { j.Copies[0].LearningRate = math.Inf(1) }, "the learning rate is +Inf"},
		{"scale", func(j *linear.Job) { j.Copies[0].InitScale = math.NaN() }, "the initial scale is NaN, but must be 0 or 1e-30 to 1e+30"},
		{"negative scale", func(j *linear.Job) { j.Copies[0].InitScale = -1 }, "the initial scale is -1"},
		{"weights", func(j *linear.Job) { j.Copies[0].Weights = &network.Weights{} }, "there are weights for 0 modules"},
		{"second copy", func(j *linear.Job) { second(j).LearningRate = -1 }, "copy 1: the learning rate is -1"},
		{"second copy's scale", func(j *linear.Job) { second(j).InitScale = -2 }, "copy 1: the initial scale is -2"},
	} {
		j := goodJob()
		c.spoil(j)
		if err := j.Check(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want one with %q", c.name, err, c.want)
		}
	}
}

func TestJobCheckAcceptsTheEdges(t *testing.T) {
	for name, change := range map[string]func(j *linear.Job){
		"no steps":        func(j *linear.Job) { j.Steps = 0 },
		"very many steps": func(j *linear.Job) { j.Steps, j.Schedule = math.MaxInt, train.Schedule{} },
		"no learning":     func(j *linear.Job) { j.Copies[0].LearningRate = 0 },
		"zero weights":    func(j *linear.Job) { j.Copies[0].InitScale = 0 },
		"one example":     func(j *linear.Job) { j.Copies[0].Task.Examples = []int{7} },
		"batch of all":    func(j *linear.Job) { j.Copies[0].Task.Batch = 8 },
		"batch of one":    func(j *linear.Job) { j.Copies[0].Task.Batch = 1 },
		"different points": func(j *linear.Job) {
			j.Copies = append(j.Copies, linear.Copy{Task: &linear.Task{Point: dataset.NewPoint(1, 0, 0, 1, 1, 2)}})
		},
		"scale not in use": func(j *linear.Job) { j.Copies[0].Weights, j.Copies[0].InitScale = start(j), math.NaN() },
		"dropped module": func(j *linear.Job) {
			j.Architecture, j.Copies[0].Task.Point = network.Split(4), dataset.NewPoint(3, 3, 0, 1, 1, 1)
		},
	} {
		j := goodJob()
		change(j)
		if err := j.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// start returns the weights that copy 0 of a good job starts from.
func start(j *linear.Job) *network.Weights {
	_, w, err := j.Start(0)
	if err != nil {
		panic(err)
	}
	return w
}

// Start gives the architecture as it is at the copy's own point, and weights that
// are the caller's own: drawn from the copy's stream, or a clone of the given.
func TestStartIsTheCallers(t *testing.T) {
	j := goodJob()
	j.Architecture = network.Split(4)
	j.Copies[0].Stream = random.Stream{Seed: 3, Point: 4}
	j.Copies = append(j.Copies, linear.Copy{Task: &linear.Task{Point: dataset.NewPoint(3, 3, 0, 1, 1, 1)}, InitScale: 1})
	for i, modules := range []int{2, 1} {
		here, w, err := j.Start(i)
		if err != nil {
			t.Fatal(err)
		}
		if len(here.Modules) != modules || len(w.Modules) != modules {
			t.Errorf("copy %d starts with %d modules and weights for %d, want %d", i, len(here.Modules), len(w.Modules), modules)
		}
	}
	here, drawn, _ := j.Start(0)
	want, err := network.Initial(here, paper, random.Stream{Seed: 3, Point: 4}, 0.01)
	if err != nil {
		t.Fatal(err)
	}
	if !mat.Equal(drawn.Modules[1][0], want.Modules[1][0]) {
		t.Error("the weights are not those of network.Initial")
	}
	j.Copies[0].Weights = want
	_, given, _ := j.Start(0)
	given.Modules[0][0].Set(0, 0, 99)
	if want.Modules[0][0].At(0, 0) == 99 {
		t.Error("changing the initial weights changed the copy's own")
	}
}
