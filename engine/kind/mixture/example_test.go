package mixture_test

import (
	"fmt"

	"modspec/engine/kind/mixture"
	"modspec/engine/results"
	"modspec/engine/train"
)

// The weights of a network with three modules whose gate depends on the rule alone.
func ExampleKind_Resolve() {
	var kind mixture.Kind
	values := []results.Value{
		{Text: "modular-op"}, {Text: "regression"},
		{Number: 3},                   // rules
		{Text: "rules"},               // modules
		{Number: 4},                   // embedding
		{Text: "auto"},                // width
		{Number: 64}, {Number: 0.001}, // batch, lr
		{Text: "adam"}, {Number: 5000}, // optimizer, steps
		{Number: 0}, {Number: 64}, // data_seed, samples
	}
	model, err := kind.Resolve(train.Setting{Values: values, Given: make([]bool, len(values))})
	if err != nil {
		fmt.Println(err)
		return
	}
	training, err := model.Program()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range training.Variables {
		if v.Trained {
			fmt.Println(v.Name, v.Shape)
		}
	}
	// Output:
	// digit.1.weight [4 1]
	// digit.1.bias [4]
	// digit.2.weight [4 4]
	// digit.2.bias [4]
	// rule.1.weight [4 3]
	// rule.1.bias [4]
	// rule.2.weight [4 4]
	// rule.2.bias [4]
	// core.1.weight [15 12]
	// core.1.bias [15]
	// core.2.weight [16 15]
	// core.2.bias [3 16]
	// gate.weight [3 4]
	// gate.bias [3]
	// decoder.1.weight [4 16]
	// decoder.1.bias [4]
	// decoder.2.weight [1 4]
	// decoder.2.bias [1]
}
