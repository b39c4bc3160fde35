package spec_test

import (
	"fmt"

	"modspec/engine/sweep/spec"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/yamlfile"
)

// A misspelt name is reported where it stands.
func ExampleParse_fault() {
	_, err := spec.Parse("mine.yaml", []byte("method: grid\nparameters:\n  learning_rate: {value: 0.1}\n  init-scale: {value: 0.01}\n"), sweeptest.Kinds)
	fmt.Println(err.(yamlfile.Faults)[1])
	fmt.Print(err.(yamlfile.Faults)[1].Excerpt())
	// Output:
	// mine.yaml:4:3: unknown parameter "init-scale": it must be one of bits, nx, ny, kx, ky, r, input_bits, output_bits, arch, modules, hidden, depth, rule, gamma, beta, lr, init_scale, steps, train_examples, batch; did you mean "init_scale"?
	// 4 |   init-scale: {value: 0.01}
	//   |   ^
}
