//go:build gpu

package programs

import (
	"modspec/engine/cuda"
	"modspec/engine/program"
)

// Evaluate returns the results of a program at each of several places, side by side: by
// place, then by output. All places have runs with equal numbers of streams and settings,
// and variables of equal sizes. The error is for an index that is no row of its table, or
// one of the device.
func Evaluate(d *cuda.Device, p *program.Program, o Options, at []program.Place) ([][][]float64, error) {
	plan, err := newPlan(p, o, false)
	if err != nil || len(at) == 0 {
		return nil, err
	}
	return evaluate(d, plan, at)
}

// evaluate executes a plan.
func evaluate(d *cuda.Device, of *plan, at []program.Place) (out [][][]float64, err error) {
	s := sizes{settings: len(at[0].Run.Settings), streams: len(at[0].Run.Streams)}
	for _, v := range at[0].Variables {
		s.variables = append(s.variables, len(v))
	}
	err = d.Do(func() error {
		kernels, err := loadKernels(d, of.options, []*plan{of})
		if err != nil {
			return err
		}
		g, err := newGroup(d, kernels, len(at), s, of.options, []*plan{of})
		if err != nil {
			return err
		}
		out, err = g.evaluate(at)
		return first(err, g.close())
	})
	return out, err
}

func (g *group) evaluate(at []program.Place) ([][][]float64, error) {
	if err := g.bringRuns(func(run int) *program.Run { return &at[run].Run }); err != nil {
		return nil, err
	}
	if err := g.bringSteps(func(run int) int { return at[run].Step }); err != nil {
		return nil, err
	}
	for v, to := range g.common.variables {
		if err := g.bring(to, func(run int) []float64 { return at[run].Variables[v] }, "variables"); err != nil {
			return nil, err
		}
	}
	l := g.programs[0]
	if err := g.launch(l); err != nil {
		return nil, err
	}
	places := make([]int, len(at))
	for i := range places {
		places[i] = i
	}
	if err := g.fault(l.memory.plan, func(int) bool { return true }, places, at[0].Step); err != nil {
		return nil, err
	}
	return g.outputs(l)
}
