package explorer

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/prediction"
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
	p := &serve.Prediction{Steps: steps, Examples: point.Examples(), Inputs: point.Inputs(), Outputs: point.Outputs(), End: unknown()}
	shapes := shapesOf(arch, point)
	p.Weights, p.Work = weights(shapes), work(shapes, n.Parameters.Steps)
	f := prediction.New(point, arch)
	given := !math.IsNaN(start)
	if p.Kind, p.Note = f.Kind(&c, given); p.Kind == results.PredictionNone {
		return p, nil
	}
	strengths, quadrants := f.End()
	p.End = stateOf(f, strengths, quadrants)
	if given {
		if err := theory.CheckStart(start); err != nil {
			return nil, fmt.Errorf("a0: %w", err)
		}
	} else if p.Note == "" {
		p.Note = noCurves(f, arch, p.Weights, len(steps), last(steps))
	}
	if p.Note != "" {
		p.Modes = listModes(f, nil, nil)
		return p, ctx.Err()
	}
	starts, err := startsOf(f, arch, &c, start)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var discrete, continuous prediction.Curves
	if err := f.Follow(&discrete, starts, c.LearningRate, steps, prediction.Discrete); err != nil {
		return nil, err
	}
	p.Discrete = states(f, &discrete)
	if !f.Deep() {
		if err := f.Follow(&continuous, starts, c.LearningRate, steps, prediction.Continuous); err != nil {
			return nil, err
		}
		p.Continuous = states(f, &continuous)
	}
	p.Modes = listModes(f, starts, &discrete)
	return p, ctx.Err()
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

// noCurves returns why a network's curves cannot be followed here from its own weights,
// or "".
func noCurves(f *prediction.Predictor, arch network.Architecture, weights, count, steps int) string {
	own := make([]int, len(arch.Modules)) // directions of each module
	for _, mode := range f.Modes {
		own[mode.Module] += mode.Multiplicity
	}
	directions, work, hidden := 0, 0.0, 0
	for m := range own {
		directions += own[m]
		for _, h := range arch.Modules[m].Hidden {
			hidden = max(hidden, h)
		}
		work += float64(own[m]) * float64(own[m]) * float64(own[m]+hidden)
	}
	if weights > maxWeights || work > maxElements || float64(directions)*float64(steps+count) > maxRecursions {
		return fmt.Sprintf("with %d weights, %d directions and %d steps the curves take too long to compute here", weights, directions, steps)
	}
	return ""
}

// startsOf returns a(0) of every direction: from the copy's own initial weights, or
// the one that is given.
func startsOf(f *prediction.Predictor, arch network.Architecture, c *linear.Copy, start float64) (prediction.Starts, error) {
	if math.IsNaN(start) {
		w, err := network.Initial(arch, c.Task.Point, c.Stream, c.InitScale)
		if err != nil {
			return nil, err
		}
		return f.Starts(nil, w)
	}
	strengths := make([]float64, len(f.Modes))
	for k := range strengths {
		strengths[k] = start
	}
	return prediction.EachMode(strengths), nil
}

// states returns a network's states from its curves.
func states(f *prediction.Predictor, c *prediction.Curves) []results.State {
	list := make([]results.State, len(c.Steps))
	for i, s := range c.Samples() {
		list[i] = stateOf(f, s.Modes, s.Quadrants)
	}
	return list
}

// stateOf returns a network's state from its modes' mean strengths and its quadrants.
func stateOf(f *prediction.Predictor, strengths []float64, q dataset.Quadrants) results.State {
	s := unknown()
	s.Train = results.Losses(f.Losses(strengths))
	for k, mode := range f.Modes {
		s.Modes[mode.Column] = strengths[k]
	}
	s.Quadrants, s.Systematicity = results.Quadrants(q), q.Systematicity()
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

// listModes describes the modes; starts and curves are nil where there are none.
func listModes(f *prediction.Predictor, starts prediction.Starts, curves *prediction.Curves) []serve.Mode {
	list := []serve.Mode{}
	for k, mode := range f.Modes {
		out := serve.Mode{
			Column: fmt.Sprintf("mode_%d", mode.Column+1), Module: mode.Module, Kind: mode.Kind.String(), Multiplicity: mode.Multiplicity,
			SingularValue: results.Number(mode.SingularValue), InputEigenvalue: results.Number(mode.InputEigenvalue),
			Asymptote: results.Number(mode.Asymptote()), Start: results.Number(math.NaN()), HalfTime: results.Number(math.NaN()),
		}
		if curves != nil {
			out.Start = results.Number(stat.Mean(starts[k], nil))
			out.HalfTime = results.Number(theory.HalfStep(curves.Steps, curves.Modes[k], mode.Asymptote()))
		}
		list = append(list, out)
	}
	return list
}
