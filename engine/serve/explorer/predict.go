package explorer

import (
	"context"
	"fmt"
	"math"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/results"
	"modspec/engine/serve"
	"modspec/engine/theory"
)

// Predict implements serve.Networks.
func (e *Explorer) Predict(ctx context.Context, n serve.Network, steps []int, start float64) (*serve.Prediction, error) {
	arch, c, err := build(n)
	if err != nil {
		return nil, err
	}
	point := c.Task.Point
	if arch, err = arch.At(point); err != nil {
		return nil, err
	}
	p := &serve.Prediction{Kind: results.PredictionNone, Steps: steps, Examples: point.Examples(), Inputs: point.Inputs(), Outputs: point.Outputs(), End: unknown()}
	shapes := shapesOf(arch, point)
	p.Weights, p.Work = weights(shapes), work(shapes, n.Parameters.Steps)
	if p.Note = nothingToSay(arch, &c); p.Note != "" {
		return p, nil
	}
	f := newForecast(point, arch)
	p.End = f.end()
	p.Kind = results.PredictionDiscrete
	ownStarts := math.IsNaN(start)
	if !ownStarts {
		if err := theory.CheckStart(start); err != nil {
			return nil, fmt.Errorf("a0: %w", err)
		}
	}
	if ownStarts {
		p.Note = f.noCurves(&c, p.Weights, len(steps), last(steps))
		if deep(arch) || batched(&c) {
			p.Kind = results.PredictionAsymptote
		}
	} else if batched(&c) {
		p.Kind, p.Note = results.PredictionAsymptote, batchNote
	}
	if p.Note != "" {
		p.Modes = f.listModes(nil, nil)
		return p, ctx.Err()
	}
	modules, err := f.starts(&c, start)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if p.Discrete, err = f.curves(modules, c.LearningRate, steps, theory.Discrete); err != nil {
		return nil, err
	}
	if !deep(arch) {
		if p.Continuous, err = f.curves(modules, c.LearningRate, steps, theory.Continuous); err != nil {
			return nil, err
		}
	}
	p.Modes = f.listModes(modules, p)
	return p, ctx.Err()
}

const batchNote = "batches are random, so only where learning ends is known"

// nothingToSay returns why theory knows nothing of a network, or "".
func nothingToSay(arch network.Architecture, c *linear.Copy) string {
	switch {
	case c.Rule != (network.Rule{}):
		return "theory knows gradient descent only, not other learning rules"
	case c.Task.TrainCount() < c.Task.Point.Examples():
		return "theory knows training on all examples only"
	case arch.Overlaps():
		return "two modules write the same outputs and share one error, for which theory has no closed form"
	}
	return ""
}

func batched(c *linear.Copy) bool { return c.Task.Batch != 0 && c.Task.Batch < c.Task.TrainCount() }

// deep reports whether a module has two or more hidden layers.
func deep(arch network.Architecture) bool {
	for _, m := range arch.Modules {
		if len(m.Hidden) > 1 {
			return true
		}
	}
	return false
}

func last(steps []int) int {
	if len(steps) == 0 {
		return 0
	}
	return steps[len(steps)-1]
}

func shapesOf(arch network.Architecture, p dataset.Point) [][]int {
	var shapes [][]int
	for _, m := range arch.Modules {
		shapes = append(shapes, m.Shape(p))
	}
	return shapes
}

// A forecast is theory of one network.
type forecast struct {
	point dataset.Point
	arch  network.Architecture
	modes [][]theory.Mode // by module
	rest  results.Losses  // what the network can never lose
}

func newForecast(p dataset.Point, arch network.Architecture) *forecast {
	f := &forecast{point: p, arch: arch}
	var views []theory.View
	for _, m := range arch.Modules {
		views = append(views, m.View())
		f.modes = append(f.modes, theory.Modes(p, m.View()))
	}
	f.rest.Omega, f.rest.Gamma = theory.Unlearned(p, views)
	return f
}

// noCurves returns why a network's curves cannot be followed from its own
// weights, or "".
func (f *forecast) noCurves(c *linear.Copy, weights, count, steps int) string {
	if deep(f.arch) {
		return "two or more hidden layers have no parameter-free start; only where learning ends is known, unless a(0) is given"
	}
	if batched(c) {
		return batchNote
	}
	directions, work, hidden := 0, 0.0, 0
	for m, modes := range f.modes {
		own := 0
		for _, mode := range modes {
			own += mode.Multiplicity
		}
		directions += own
		for _, h := range f.arch.Modules[m].Hidden {
			hidden = max(hidden, h)
		}
		work += float64(own) * float64(own) * float64(own+hidden)
	}
	if weights > maxWeights || work > maxElements || float64(directions)*float64(steps+count) > maxRecursions {
		return fmt.Sprintf("with %d weights, %d directions and %d steps the curves take too long to compute here", weights, directions, steps)
	}
	return ""
}

// starts returns a(0) of every direction: from the copy's own starting weights, or
// the one that is given.
func (f *forecast) starts(c *linear.Copy, start float64) ([]theory.ModuleTheory, error) {
	var w *network.Weights
	var err error
	if math.IsNaN(start) {
		if w, err = network.Initial(f.arch, f.point, c.Stream, c.InitScale); err != nil {
			return nil, err
		}
	}
	var modules []theory.ModuleTheory
	for m, module := range f.arch.Modules {
		mt := theory.ModuleTheory{View: module.View(), Hidden: len(module.Hidden)}
		if w == nil {
			for range f.modes[m] {
				mt.Starts = append(mt.Starts, []float64{start})
			}
		} else if mt.Starts, err = network.DirectionStarts(f.point, module, w.Modules[m]); err != nil {
			return nil, err
		}
		modules = append(modules, mt)
	}
	return modules, nil
}

// curves follows a network through the steps.
func (f *forecast) curves(modules []theory.ModuleTheory, eta float64, steps []int, time theory.Time) ([]results.State, error) {
	samples, err := theory.Trajectory(f.point, modules, eta, steps, time)
	if err != nil {
		return nil, err
	}
	states := make([]results.State, len(samples))
	for i, s := range samples {
		states[i] = f.state(s.Modes, s.Quadrants)
	}
	return states, nil
}

// end returns where learning ends.
func (f *forecast) end() results.State {
	var strengths []float64
	var q dataset.Quadrants
	for m, modes := range f.modes {
		for _, mode := range modes {
			strengths = append(strengths, mode.Asymptote())
		}
		q = q.Add(theory.FinalQuadrants(f.point, f.arch.Modules[m].View()))
	}
	return f.state(strengths, q)
}

// state returns a network's state from its modes' mean strengths, module by
// module, and its quadrants. A mode's direction of Y has power μ_y and its
// answer a²·μ_x, so it costs ½ (√μ_y − a√μ_x)²/P = ½ δ (λ/δ − a)², shared between
// the output blocks as u is; what no mode can learn stays.
func (f *forecast) state(strengths []float64, q dataset.Quadrants) results.State {
	s := unknown()
	s.Train = f.rest
	i := 0
	for _, modes := range f.modes {
		for _, mode := range modes {
			a := strengths[i]
			i++
			s.Modes[mode.Kind-theory.Asked] = a
			gap := mode.Asymptote() - a
			loss := float64(mode.Multiplicity) * mode.InputEigenvalue * gap * gap / 2
			s.Train.Omega += loss * mode.OutputShare
			s.Train.Gamma += loss * (1 - mode.OutputShare)
		}
	}
	s.Train.Total = s.Train.Omega + s.Train.Gamma
	s.Quadrants = results.Quadrants(q)
	s.Systematicity = q.Systematicity()
	return s
}

// unknown is the state of which nothing is known.
func unknown() results.State {
	nan := math.NaN()
	losses := results.Losses{Total: nan, Omega: nan, Gamma: nan}
	return results.State{
		Train: losses, Test: losses, Systematicity: nan, Modes: results.Kinds{nan, nan, nan, nan},
		Quadrants: results.Quadrants{OmegaOmega: nan, GammaOmega: nan, OmegaGamma: nan, GammaGamma: nan},
	}
}

// listModes describes the modes; modules and p are nil where there are no curves.
func (f *forecast) listModes(modules []theory.ModuleTheory, p *serve.Prediction) []serve.Mode {
	list := []serve.Mode{}
	for m, modes := range f.modes {
		for k, mode := range modes {
			column := int(mode.Kind - theory.Asked)
			out := serve.Mode{
				Column: fmt.Sprintf("mode_%d", column+1), Module: m, Kind: mode.Kind.String(), Multiplicity: mode.Multiplicity,
				SingularValue: results.Number(mode.SingularValue), InputEigenvalue: results.Number(mode.InputEigenvalue),
				Asymptote: results.Number(mode.Asymptote()), Start: results.Number(math.NaN()), HalfTime: results.Number(math.NaN()),
			}
			if modules != nil {
				out.Start = results.Number(mean(modules[m].Starts[k]))
				strengths := make([]float64, len(p.Discrete))
				for i := range strengths {
					strengths[i] = p.Discrete[i].Modes[column]
				}
				out.HalfTime = results.Number(theory.HalfStep(p.Steps, strengths, mode.Asymptote()))
			}
			list = append(list, out)
		}
	}
	return list
}

func mean(list []float64) float64 {
	sum := 0.0
	for _, v := range list {
		sum += v / float64(len(list))
	}
	return sum
}
