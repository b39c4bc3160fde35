package backendtest

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/train"
)

// A Scenario is a job that a backend should be able to run, made anew for each
// check.
type Scenario struct {
	Name string
	Job  func() *linear.Job
}

// The points of the scenarios. inside asks for a bit that is not given.
var (
	paper    = dataset.NewPoint(3, 3, 1, 3, 1, 1)
	strong   = dataset.NewPoint(3, 3, 2, 1, 1, 2)
	smallest = dataset.NewPoint(1, 1, 1, 1, 1, 1)
	inside   = dataset.Point{Bits: 3, InputBits: []int{0, 2}, OutputBits: []int{1, 2}, KX: 2, KY: 1, R: 1}
)

// architecture reads a list of modules as users write it.
func architecture(text string) network.Architecture {
	a, err := network.ParseModules(text)
	if err != nil {
		panic(err) // a fault in the list below
	}
	return a
}

// build returns a scenario of one copy, changed by change (nil: as it is).
func build(name string, a network.Architecture, p dataset.Point, change func(j *linear.Job, c *linear.Copy)) Scenario {
	return Scenario{name, func() *linear.Job {
		j := &linear.Job{
			Architecture: a, Steps: 40, Schedule: train.Schedule{Every: 7},
			Copies: []linear.Copy{{
				Task: &linear.Task{Point: p}, LearningRate: 0.1,
				Stream: random.Stream{Seed: 2023, Point: 7}, InitScale: 0.2,
			}},
		}
		if change != nil {
			change(j, &j.Copies[0])
		}
		return j
	}}
}

// Scenarios cover every architecture, depth, rule, kind of task, batch and
// schedule, at sizes that fit no vector width, alone and many at once.
func Scenarios() []Scenario {
	list := []Scenario{
		build("shallow", network.Shallow(), paper, nil),
		build("dense", network.Dense(7), paper, nil),
		build("split", network.Split(5), paper, nil),
		build("partitioned", network.Partitioned(3), paper, nil),
		build("overlapping", architecture("both>both:5; omega>omega:4"), strong, nil),
		build("overlapping, one shallow", architecture("both>both:0; omega>both:3; gamma>omega:2"), strong, nil),
		build("two hidden layers", network.Dense(5, 4), paper, steps(60)),
		build("three hidden layers", network.Dense(4, 6, 3), strong, func(j *linear.Job, c *linear.Copy) { c.InitScale = 0.4 }),
		build("depths of several kinds", architecture("both>omega:3x2; gamma>gamma:0; omega>gamma:5"), strong, nil),

		build("one hidden unit", network.Dense(1), paper, nil),
		build("wide", network.Dense(67), strong, nil),
		build("smallest cube", network.Dense(3), smallest, nil),
		build("smallest cube, shallow", network.Shallow(), smallest, nil),
		build("four bits", network.Split(6), dataset.NewPoint(4, 4, 2, 2, 1, 0.5), steps(15)),
		build("bits not given", network.Dense(5), inside, nil),
		build("no compositional blocks", network.Split(4), dataset.NewPoint(3, 0, 0, 1, 1, 2), nil),
		build("no compositional output", network.Split(4), dataset.NewPoint(3, 3, 0, 1, 1, 2), nil),
		build("no non-compositional blocks", network.Dense(4), dataset.NewPoint(3, 3, 2, 0, 0, 1), nil),
		build("no non-compositional output", network.Split(4), dataset.NewPoint(3, 3, 2, 1, 0, 2), nil),
		build("no non-compositional input", network.Partitioned(4), dataset.NewPoint(3, 3, 2, 0, 1, 2), nil),
		build("r of zero", network.Dense(4), dataset.NewPoint(3, 3, 1, 2, 1, 0), nil),

		build("labels of a teacher", network.Dense(5), strong, teacher),
		build("first three examples", network.Dense(5), strong, examples(0, 1, 2)),
		build("three examples out of order, of a teacher", network.Shallow(), strong, both(teacher, examples(6, 0, 5))),
		build("one example", network.Split(3), strong, examples(4)),
		build("all examples by name", network.Dense(3), strong, examples(7, 6, 5, 4, 3, 2, 1, 0)),
		build("batches of three", network.Dense(5), paper, batch(3)),
		build("batches of one", network.Split(4), strong, batch(1)),
		build("batches of all", network.Dense(5), paper, batch(8)),
		build("batches of some examples of a teacher", network.Dense(4, 3), strong, both(teacher, both(examples(5, 1, 2, 7, 0), batch(2)))),
		build("shallow in batches", network.Shallow(), strong, batch(5)),

		build("no steps", network.Dense(5), paper, steps(0)),
		build("one step", network.Dense(5), paper, steps(1)),
		build("no learning", network.Dense(5), paper, func(_ *linear.Job, c *linear.Copy) { c.LearningRate = 0 }),
		build("weights of zero", network.Dense(5), paper, func(_ *linear.Job, c *linear.Copy) { c.InitScale = 0 }),
		build("every step recorded", network.Dense(5), paper, schedule(train.Schedule{Every: 1})),
		build("every last step recorded", network.Dense(5), paper, schedule(train.Schedule{Every: 40})),
		build("recorded by decade", network.Shallow(), paper, schedule(train.Schedule{PerDecade: 5})),
		build("first and last recorded", network.Split(3), paper, schedule(train.Schedule{})),

		build("the paper's dense setting", network.Dense(50), paper, func(j *linear.Job, c *linear.Copy) {
			j.Steps, j.Schedule.Every, c.LearningRate, c.InitScale = 150, 10, 0.16, 0.01/50
		}),
		{"many copies of many points", manyCopies},
	}
	for _, r := range []struct {
		name string
		rule network.Rule
	}{
		{"hebbian", network.Rule{Beta: 0.002}},
		{"anti-hebbian", network.Rule{Beta: -0.002}},
		{"contrastive", network.Rule{Gamma: 0.5}},
		{"predictive coding", network.Rule{Gamma: -0.5}},
		{"contrastive and hebbian", network.Rule{Gamma: 0.3, Beta: 0.001}},
	} {
		ruled := func(_ *linear.Job, c *linear.Copy) {
			c.Rule, c.InitScale, c.LearningRate = r.rule, 0.1, 0.04
		}
		list = append(list,
			build(r.name, network.Dense(6), paper, ruled),
			build(r.name+", split", network.Split(4), strong, ruled),
			build(r.name+", overlapping", architecture("both>both:4; omega>omega:3"), strong, ruled),
			build(r.name+", two hidden layers", network.Dense(5, 4), strong, ruled),
			build(r.name+", batches of three of a teacher", network.Dense(4), strong, both(ruled, both(teacher, batch(3)))),
		)
	}
	return list
}

func both(a, b func(j *linear.Job, c *linear.Copy)) func(j *linear.Job, c *linear.Copy) {
	return func(j *linear.Job, c *linear.Copy) {
		a(j, c)
		b(j, c)
	}
}

func steps(n int) func(j *linear.Job, c *linear.Copy) {
	return func(j *linear.Job, _ *linear.Copy) { j.Steps = n }
}

func schedule(s train.Schedule) func(j *linear.Job, c *linear.Copy) {
	return func(j *linear.Job, _ *linear.Copy) { j.Schedule = s }
}

func examples(which ...int) func(j *linear.Job, c *linear.Copy) {
	return func(_ *linear.Job, c *linear.Copy) { c.Task.Examples = which }
}

func batch(n int) func(j *linear.Job, c *linear.Copy) {
	return func(_ *linear.Job, c *linear.Copy) { c.Task.Batch = n }
}

// teacher gives the labels of a random map.
func teacher(_ *linear.Job, c *linear.Copy) {
	p := c.Task.Point
	t := mat.NewDense(p.Outputs(), p.Inputs(), nil)
	random.Stream{Seed: 5}.Normals(t.RawMatrix().Data, 0)
	t.Scale(0.3, t)
	c.Task.Teacher = t
}

// manyCopies is a job of copies of one shape that differ in everything else:
// r, seed, learning rate, scale, and every third one starts from given weights.
// 37 is a multiple of no vector width.
func manyCopies() *linear.Job {
	j := build("", network.Split(3), paper, nil).Job()
	j.Steps, j.Copies = 30, nil
	for i := range 37 {
		p := dataset.NewPoint(2, 2, 1, 2, 1, 0.25*float64(i%9))
		c := linear.Copy{
			Task: &linear.Task{Point: p}, LearningRate: 0.02 * float64(1+i%5), InitScale: 0.1 * float64(1+i%3),
			Stream: random.Stream{Seed: uint64(i), Point: uint64(i % 9)},
		}
		if i%3 == 0 {
			w, err := network.Initial(j.Architecture, p, random.Stream{Seed: 99, Point: uint64(i)}, 0.3)
			if err != nil {
				panic(fmt.Sprint("weights for the scenario: ", err))
			}
			c.Weights = w
		}
		j.Copies = append(j.Copies, c)
	}
	return j
}
