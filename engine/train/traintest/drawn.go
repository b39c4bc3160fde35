package traintest

import (
	"modspec/engine/backend/reference"
	"modspec/engine/program"
)

// Drawn returns the inputs that a run draws in so many steps, in the form of
// [program.WithTables].
func Drawn(t *program.Training, run program.Run, steps int) (map[string]program.Tensor, error) {
	out := map[string]program.Tensor{}
	for _, p := range []*program.Program{t.Step, t.Observe} {
		inputs := *p
		inputs.Outputs = nil
		for v := range p.Nodes {
			if name := p.Nodes[v].Input; name != "" {
				inputs.Outputs = append(inputs.Outputs, program.Output{Name: name, Value: program.Value(v)})
			}
		}
		// Inputs depend on no variable: those of any step will do.
		m, err := reference.NewMachine(t, run)
		if err != nil {
			return nil, err
		}
		place := m.Place()
		for _, o := range inputs.Outputs {
			out[o.Name] = program.Tensor{Shape: append([]int{steps}, p.Nodes[o.Value].Shape...)}
		}
		for place.Step = range steps {
			values, err := reference.Evaluate(&inputs, place)
			if err != nil {
				return nil, err
			}
			for i, o := range inputs.Outputs {
				x := out[o.Name]
				x.Data = append(x.Data, values[i]...)
				out[o.Name] = x
			}
		}
	}
	return out, nil
}

// Initial returns the initial variables of a run, in the form of
// [program.WithInitial].
func Initial(t *program.Training, run program.Run) (map[string]program.Tensor, error) {
	m, err := reference.NewMachine(t, run)
	if err != nil {
		return nil, err
	}
	out := map[string]program.Tensor{}
	for v, info := range t.Variables {
		out[info.Name] = program.Tensor{Shape: info.Shape, Data: m.Place().Variables[v]}
	}
	return out, nil
}
