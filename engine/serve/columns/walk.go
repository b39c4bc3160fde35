package columns

import (
	"fmt"
	"math"
	"slices"
)

// A walk gathers the rows of a diagram.
type walk struct {
	q                   *Question
	lay                 *layout
	value, over, theory *Column
	diverged            *Column
	cells               []gathered
	leftOut             int
	x, y, facet         []int32 // places of a batch's rows
	keep                bool    // whether values themselves are needed
	places              []int32 // of the values kept
	values              []float64
}

func newWalk(v *View, q *Question, l *layout, matched int) *walk {
	panels := 1
	if l.facet != nil {
		panels = l.facets.Len()
	}
	w := &walk{q: q, lay: l, value: v.Column(q.Value), diverged: v.Column(DivergedColumn)}
	w.cells = make([]gathered, l.width*l.height*panels)
	w.x, w.y, w.facet = make([]int32, batchRows), make([]int32, batchRows), make([]int32, batchRows)
	if q.Over != "" {
		w.over = v.Column(q.Over)
	}
	if name := q.theory(); name != "" {
		w.theory = v.Column(name)
	}
	if w.keep = q.Stat == Median || l.y == nil; w.keep {
		room := min(matched, maxGathered)
		w.places, w.values = make([]int32, 0, room), make([]float64, 0, room)
	}
	return w
}

func (w *walk) add(part int, rows []int32) error {
	w.lay.x.fill(w.x, part, rows)
	if w.lay.y != nil {
		w.lay.y.fill(w.y, part, rows)
	}
	if w.lay.facet != nil {
		w.lay.facet.fill(w.facet, part, rows)
	}
	for n, i := range rows {
		x, y, panel := w.x[n], w.y[n], w.facet[n]
		if x < 0 || y < 0 || panel < 0 {
			w.leftOut++
			continue
		}
		place := (int(panel)*w.lay.height+int(y))*w.lay.width + int(x)
		row := Row{part, int(i)}
		cell := &w.cells[place]
		cell.copies++
		if !math.IsNaN(w.diverged.Value(row)) {
			cell.diverged++
		}
		if w.theory != nil {
			cell.addTheory(w.theory.Value(row))
		}
		value, over := w.value.Value(row), 1.0
		if w.over != nil {
			over = w.over.Value(row)
		}
		if !cell.add(value, over) || !w.keep {
			continue
		}
		if len(w.values) == maxGathered {
			return &LimitError{fmt.Sprintf("more than %d copies have a value, too many to bring together for quantiles; choose some by where, or another stat", maxGathered)}
		}
		w.places, w.values = append(w.places, int32(place)), append(w.values, value/over)
	}
	return nil
}

// finish turns what was gathered into cells.
func (w *walk) finish(d *Diagram, l *layout) {
	var sorted [][]float64
	if w.keep {
		sorted = byCell(w.places, w.values, w.cells)
	}
	panels := []Entry{{}}
	if l.facet != nil {
		panels = l.facets.Values
	}
	for p, value := range panels {
		facet := Facet{Value: value}
		for place := p * l.height * l.width; place < (p+1)*l.height*l.width; place++ {
			g := &w.cells[place]
			if g.copies == 0 {
				continue
			}
			cell := Cell{
				X: place % l.width, Y: place / l.width % l.height,
				Copies: g.copies, Count: g.count, Diverged: g.diverged,
				Low: math.NaN(), High: math.NaN(), Theory: g.theory / float64(g.theories),
			}
			var own []float64
			if sorted != nil {
				own = sorted[place]
			}
			cell.Value = g.stat(w.q.Stat, w.over != nil, own)
			if l.y == nil {
				cell.Low, cell.High = Quantile(own, 0.05), Quantile(own, 0.95)
			}
			facet.Cells = append(facet.Cells, cell)
		}
		d.Facets = append(d.Facets, facet)
	}
}

// byCell brings the values of each cell together, ascending.
func byCell(places []int32, values []float64, cells []gathered) [][]float64 {
	together := make([]float64, len(values))
	next := make([]int, len(cells))
	at := 0
	for i := range cells {
		next[i] = at
		at += cells[i].count
	}
	for n, place := range places {
		together[next[place]] = values[n]
		next[place]++
	}
	out := make([][]float64, len(cells))
	for i := range cells {
		out[i] = together[next[i]-cells[i].count : next[i]]
		slices.Sort(out[i])
	}
	return out
}
