package serve

import (
	"context"
	"math"
	"time"

	"modspec/engine/results"
	"modspec/engine/serve/columns"
)

// theoryTime bounds the time of theory in a request: copies and groups beyond it have
// no theory.
const theoryTime = 3 * time.Second

// theoryCopies is how many copies' initial weights theory starts from: its
// spread over seeds is small beside that of the simulation.
const theoryCopies = 8

// theoryOf returns the prediction for a group, from the initial weights of some of its
// copies.
func (s *Server) theoryOf(ctx context.Context, until time.Time, v *columns.View, g *columns.Group, p point, steps []int) (*groupTheory, error) {
	out := &groupTheory{Kind: results.PredictionNone, End: map[string]results.Number{}, Note: "this server was started without theory"}
	if s.options.Networks == nil || len(steps) == 0 {
		return out, nil
	}
	parameters, known := p.parameters()
	if !known {
		out.Note = "there is no theory of networks of this kind here"
		return out, nil
	}
	var rows []columns.Row
	for _, i := range thinned(len(g.Rows), theoryCopies) {
		rows = append(rows, g.Rows[i])
	}
	seeds, err := exactSeeds(ctx, v, rows)
	if err != nil {
		return nil, err
	}
	var curves []map[string]numbers
	for _, seed := range seeds {
		if time.Now().After(until) {
			break
		}
		prediction, err := s.options.Networks.Predict(ctx, Network{parameters, seed}, steps, math.NaN())
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil { // for example of a table that another version wrote: the curves are shown without theory
			out.Note = oneLine(err.Error())
			return out, nil
		}
		out.Kind, out.Note, out.End = prediction.Kind, prediction.Note, everyValueOf(prediction.End)
		if prediction.Discrete == nil {
			return out, nil
		}
		curves = append(curves, curvesOf(prediction.Discrete))
	}
	if curves == nil {
		out.Note = "theory of the groups before took too long; ask for this one alone"
		return out, nil
	}
	out.Copies, out.Median = len(curves), map[string]numbers{}
	for name := range curves[0] {
		var same [][]float64
		for _, c := range curves {
			same = append(same, c[name])
		}
		b, _ := bandOf(same, len(steps))
		out.Median[name] = b.Median
	}
	return out, nil
}
