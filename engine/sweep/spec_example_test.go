package sweep_test

import (
	"context"
	"fmt"

	"modspec/engine/sweep"
	"modspec/engine/yamlfile"
)

// From a sweep file to jobs: read it, find its points, plan, and go through its
// copies.
func Example() {
	file, err := sweep.Parse("systematicity.yaml", []byte(`
method: grid
seeds: 10
skip_invalid: true
parameters:
  bits: {values: [2, 3]}
  ny: {min: 0, max: 3}
  arch: {values: [dense, partitioned]}
`), kinds)
	if err != nil {
		fmt.Println(err)
		return
	}
	space, err := sweep.Enumerate(context.Background(), file)
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := sweep.NewPlan(space, sweep.Options{})
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

// A misspelt name is reported where it stands.
func ExampleParse_fault() {
	_, err := sweep.Parse("mine.yaml", []byte("method: grid\nparameters:\n  learning_rate: {value: 0.1}\n  init-scale: {value: 0.01}\n"), kinds)
	fmt.Println(err.(yamlfile.Faults)[1])
	fmt.Print(err.(yamlfile.Faults)[1].Excerpt())
	// Output:
	// mine.yaml:4:3: unknown parameter "init-scale": it must be one of bits, nx, ny, kx, ky, r, input_bits, output_bits, arch, modules, hidden, depth, rule, gamma, beta, lr, init_scale, steps, train_examples, batch; did you mean "init_scale"?
	// 4 |   init-scale: {value: 0.01}
	//   |   ^
}
