package reference_test

import (
	"context"
	"fmt"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/train"
	"modspec/engine/train/reference"
)

// Train the paper's dense network and look at it three times.
func Example() {
	job := &linear.Job{
		Architecture: network.Dense(50),
		Steps:        300,
		Schedule:     train.Schedule{Every: 150},
		Copies: []linear.Copy{{
			Task:         &linear.Task{Point: dataset.NewPoint(3, 3, 1, 3, 1, 1)},
			LearningRate: 0.16,
			Stream:       random.Stream{Seed: 1},
			InitScale:    0.01 / 50,
		}},
	}
	runs, err := linear.Collect(context.Background(), reference.New(0), job)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, o := range runs[0].Trajectory[1:] {
		fmt.Printf("step %d: loss %.4f, systematicity %.3f\n", o.Step, o.Train.Total, o.Systematicity)
	}
	// Output:
	// step 150: loss 0.2870, systematicity 0.727
	// step 300: loss 0.0000, systematicity 0.727
}
