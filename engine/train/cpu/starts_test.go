package cpu

import (
	"context"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
)

// startChecker compares the initial weights that it is told with those that the
// job says, bit for bit.
type startChecker struct {
	t    *testing.T
	job  *linear.Job
	told []int // how often, by copy
	seen []bool
}

func (c *startChecker) Start(i int, w *network.Weights) error {
	c.told[i]++
	if c.seen[i] {
		c.t.Errorf("copy %d: its start is told after something else", i)
	}
	_, want, err := c.job.Start(i)
	if err != nil {
		return err
	}
	for m := range want.Modules {
		for l := range want.Modules[m] {
			if !mat.Equal(w.Modules[m][l], want.Modules[m][l]) {
				c.t.Errorf("copy %d, module %d, layer %d: the start that is told is not the job's", i, m+1, l+1)
			}
		}
	}
	return nil
}

func (c *startChecker) Observe(i int, _ linear.Observation) error { c.seen[i] = true; return nil }
func (c *startChecker) Finish(i int, _ linear.Final) error        { c.seen[i] = true; return nil }

// TestStartsAreTold: every copy's initial weights are told once, first, and to the
// last bit, in both precisions, drawn or given, in full vectors and in part of one.
func TestStartsAreTold(t *testing.T) {
	for _, precision := range []Precision{Float32, Float64} {
		for _, arch := range []network.Architecture{network.Dense(5), network.Split(3), network.Shallow(), network.Dense(4, 3)} {
			job := &linear.Job{Architecture: arch, Steps: 2}
			for i := range 19 {
				p := dataset.NewPoint(2, 2, 1, 1, 1, 1+float64(i%3))
				c := linear.Copy{Task: &linear.Task{Point: p}, LearningRate: 0.1, InitScale: 0.1,
					Stream: random.Stream{Seed: uint64(i), Point: 7}}
				if i == 4 { // one with weights of its own
					here, err := arch.At(p)
					if err != nil {
						t.Fatal(err)
					}
					if c.Weights, err = network.Initial(here, p, random.Stream{Seed: 99}, 0.3); err != nil {
						t.Fatal(err)
					}
				}
				job.Copies = append(job.Copies, c)
			}
			b, err := New(Options{Precision: precision, Threads: 2})
			if err != nil {
				t.Fatal(err)
			}
			c := &startChecker{t: t, job: job, told: make([]int, len(job.Copies)), seen: make([]bool, len(job.Copies))}
			if err := b.Train(context.Background(), job, c); err != nil {
				t.Fatal(err)
			}
			for i, n := range c.told {
				if n != 1 {
					t.Errorf("%s, copy %d: its start is told %d times", arch.Name, i, n)
				}
			}
		}
	}
}
