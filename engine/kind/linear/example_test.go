package linear_test

import (
	"fmt"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/train"
)

func ExampleSchedule() {
	fmt.Println(train.Schedule{Every: 40}.Steps(100))
	fmt.Println(train.Schedule{PerDecade: 3}.Steps(100))
	fmt.Println(train.Schedule{}.Steps(100))
	// Output:
	// [0 40 80 100]
	// [0 1 2 5 10 22 46 100]
	// [0 100]
}

// Every backend checks a job before it starts and says what is wrong with it.
func ExampleJob_Check() {
	job := linear.Job{
		Architecture: network.Dense(50), Steps: 10,
		Copies: []linear.Copy{{
			Task:         &linear.Task{Point: dataset.NewPoint(3, 3, 1, 3, 1, 1), Batch: 9},
			LearningRate: 0.16,
		}},
	}
	fmt.Println(job.Check())
	// Output:
	// the batch is 9 examples, but must be 1 to the 8 training examples
}
