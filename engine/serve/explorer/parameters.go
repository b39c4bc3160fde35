package explorer

import (
	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/model"
	"modspec/engine/network"
	"modspec/engine/results"
	"modspec/engine/serve"
	"modspec/engine/train"
)

// build returns the architecture and the copy of a network.
func build(n serve.Network) (network.Architecture, linear.Copy, error) {
	values := valuesOf(n.Parameters)
	m, err := model.Build(values)
	if err != nil {
		return network.Architecture{}, linear.Copy{}, err
	}
	return m.Architecture(), m.Copy(train.Stream(model.Kind, values, n.Seed)), nil
}

// valuesOf returns parameters in the order of the kind's.
func valuesOf(p results.Parameters) []results.Value {
	number := func(v float64) results.Value { return results.Value{Number: v} }
	whole := func(v int) results.Value { return number(float64(v)) }
	text := func(v string) results.Value { return results.Value{Text: v} }
	return []results.Value{
		whole(p.Bits), whole(p.NX), whole(p.NY), whole(p.KX), whole(p.KY), number(p.R), text(p.InputBits), text(p.OutputBits),
		text(p.Arch), text(p.Modules), whole(p.Hidden), whole(p.Depth), text(p.Rule), number(p.Gamma), number(p.Beta),
		number(p.LR), number(p.InitScale), whole(p.Steps), whole(p.TrainExamples), whole(p.Batch),
	}
}

// parametersOf is the inverse of valuesOf.
func parametersOf(v []results.Value) results.Parameters {
	whole := func(i int) int { return int(v[i].Number) }
	return results.Parameters{
		Bits: whole(0), NX: whole(1), NY: whole(2), KX: whole(3), KY: whole(4), R: v[5].Number, InputBits: v[6].Text, OutputBits: v[7].Text,
		Arch: v[8].Text, Modules: v[9].Text, Hidden: whole(10), Depth: whole(11), Rule: v[12].Text, Gamma: v[13].Number, Beta: v[14].Number,
		LR: v[15].Number, InitScale: v[16].Number, Steps: whole(17), TrainExamples: whole(18), Batch: whole(19), Precision: precision,
	}
}
