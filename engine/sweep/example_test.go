package sweep_test

import (
	"context"
	"fmt"

	"modspec/engine/sweep/plan"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/spec"
	"modspec/engine/sweep/sweeptest"
)

// From a sweep file to jobs: read it, find its points, plan, and go through its
// copies.
func Example() {
	file, err := spec.Parse("systematicity.yaml", []byte(`
method: grid
seeds: 10
skip_invalid: true
parameters:
  bits: {values: [2, 3]}
  ny: {min: 0, max: 3}
  arch: {values: [dense, partitioned]}
`), sweeptest.Kinds)
	if err != nil {
		fmt.Println(err)
		return
	}
	space, err := space.Enumerate(context.Background(), file)
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := plan.New(space, plan.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d points (%d of %d left out), %d copies, %.0f network-steps\n", plan.Points, plan.Skipped, plan.Candidates, plan.Copies, plan.NetworkSteps)
	fmt.Println(plan.Groups[0].Shape)
	for chunk, err := range space.Chunks(plan.ChunkCopies) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("a job of %d copies, the first of them %v\n", len(chunk.Job.Runs), chunk.Copies[0].ID)
		break
	}
	// Output:
	// 14 points (2 of 16 left out), 140 copies, 42000 network-steps
	// bits 2, n_x 2, n_y 0, k_x 3, k_y 1: dense 14(4)-50-4, gd, 300 steps
	// a job of 10 copies, the first of them d4ae268b258d7034c3c507361d7da7f3
}
