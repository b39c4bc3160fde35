package columns

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"modspec/engine/results"
)

// naiveCell is a cell as a loop over rows has it.
type naiveCell struct {
	values, a, b     []float64 // the copies' own values; numerators and denominators
	copies, diverged int
	theory           []float64
}

// numberOf and textOf read a row without any of the package's means.
func numberOf(t testing.TB, row *results.Run, column string) float64 {
	f, err := linearRuns.Field(column)
	if err != nil {
		t.Fatal(err)
	}
	return f.Number(rowOf(t, row))
}

func textOf(t testing.TB, row *results.Run, column string) string {
	f, err := linearRuns.Field(column)
	if err != nil {
		t.Fatal(err)
	}
	return f.Text(rowOf(t, row))
}

// naive gathers rows by the texts of x, y and facet.
func naive(t testing.TB, rows []results.Run, q *Question, let func(*results.Run) bool) (map[string]*naiveCell, int) {
	cells, matched := map[string]*naiveCell{}, 0
	for i := range rows {
		row := &rows[i]
		if !let(row) {
			continue
		}
		matched++
		key := textOf(t, row, q.X.Column)
		for _, c := range []string{q.Y.Column, q.Facet} {
			key += "|"
			if c != "" {
				key += textOf(t, row, c)
			}
		}
		c := cells[key]
		if c == nil {
			c = &naiveCell{}
			cells[key] = c
		}
		c.copies++
		if row.DivergedStep >= 0 {
			c.diverged++
		}
		if q.Theory {
			if p := numberOf(t, row, "pred_"+q.Value); !math.IsNaN(p) {
				c.theory = append(c.theory, p)
			}
		}
		v, over := numberOf(t, row, q.Value), 1.0
		if q.Over != "" {
			over = numberOf(t, row, q.Over)
		}
		if math.IsNaN(v / over) {
			continue
		}
		c.values, c.a, c.b = append(c.values, v/over), append(c.a, v), append(c.b, over)
	}
	return cells, matched
}

func sum(list []float64) float64 {
	s := 0.0
	for _, v := range list {
		s += v
	}
	return s
}

func naiveStat(c *naiveCell, s Stat) float64 {
	n := float64(len(c.values))
	sorted := slices.Sorted(slices.Values(c.values))
	switch {
	case s == Count:
		return n
	case s == ShareDiverged:
		return float64(c.diverged) / float64(c.copies)
	case n == 0:
		return math.NaN()
	case s == Mean:
		return sum(c.a) / sum(c.b)
	case s == Min:
		return sorted[0]
	case s == Max:
		return sorted[len(sorted)-1]
	case s == Median:
		return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
	}
	mean, squares := sum(c.values)/n, 0.0
	for _, v := range c.values {
		squares += (v - mean) * (v - mean)
	}
	return math.Sqrt(squares / (n - 1))
}

// nearly compares two sums of n numbers, in different order, of which none has more
// than the given size: each partial sum is rounded once, by at most u times its
// size ≤ n·size, so a sum of n is off by n·u·n·size, and two sums by twice that. A
// variance has three roundings more for each number.
func nearly(got, want float64, n int, size float64) bool {
	if math.IsNaN(want) || math.IsNaN(got) {
		return math.IsNaN(want) && math.IsNaN(got)
	}
	const u = 0x1p-53
	k := float64(n + 4)
	return math.Abs(got-want) <= 8*k*u*k*math.Max(size, 1)
}

func TestDiagramIsThatOfALoopOverRows(t *testing.T) {
	dir := t.TempDir()
	// 1001 rows in parts of 137: parts, batches and cells end in different places.
	rows := writeFolder(t, dir, 1001, 137, true)
	table := NewStore(1<<24, 2).Table(openRoot(t, dir), "")
	everything := func(*results.Run) bool { return true }
	for _, c := range []struct {
		name  string
		q     Question
		where []string
		let   func(*results.Run) bool
	}{
		{"plane", Question{Table: linearRuns, X: Axis{Column: "kx"}, Y: Axis{Column: "ky"}, Value: "train_loss", Theory: true}, nil, everything},
		{"curves", Question{Table: linearRuns, X: Axis{Column: "kx"}, Value: "systematicity", Facet: "ky"}, nil, everything},
		{"names", Question{Table: linearRuns, X: Axis{Column: "arch"}, Y: Axis{Column: "seed"}, Value: "train_loss"}, nil, everything},
		{"ratio", Question{Table: linearRuns, X: Axis{Column: "kx"}, Value: "t_half_1", Over: "pred_t_half_1"}, nil, everything},
		{"one of two seeds, and more", Question{Table: linearRuns, X: Axis{Column: "kx"}, Y: Axis{Column: "ky"}, Value: "train_loss"},
			[]string{"seed=3", "seed=7", "kx>=4", "kx!=11"},
			func(r *results.Run) bool { return (r.Seed == 3 || r.Seed == 7) && r.KX >= 4 && r.KX != 11 }},
		{"raw numbers", Question{Table: linearRuns, X: Axis{Column: "kx"}, Value: "train_loss", Facet: "arch"},
			[]string{"train_loss>0", "train_loss<=1.5", "diverged_step="},
			func(r *results.Run) bool { return r.Train.Total > 0 && r.Train.Total <= 1.5 && r.DivergedStep < 0 }},
		{"those that diverged", Question{Table: linearRuns, X: Axis{Column: "kx"}, Value: "diverged_step"}, []string{"diverged_step!="},
			func(r *results.Run) bool { return r.DivergedStep >= 0 }},
		{"two ids", Question{Table: linearRuns, X: Axis{Column: "kx"}, Value: "train_loss"}, []string{"id=" + rows[5].ID, "id=" + rows[999].ID},
			func(r *results.Run) bool { return r.ID == rows[5].ID || r.ID == rows[999].ID }},
		{"nothing", Question{Table: linearRuns, X: Axis{Column: "kx"}, Y: Axis{Column: "ky"}, Value: "train_loss", Facet: "arch"}, []string{"arch=none"},
			func(*results.Run) bool { return false }},
	} {
		for _, stat := range Stats {
			c.q.Stat, c.q.Filter = stat, filterOf(t, c.where...)
			if err := c.q.Check(); err != nil {
				t.Fatal(err)
			}
			view := viewFor(t, table, c.q.Columns())
			d, err := view.Diagram(ctx, &c.q)
			if err != nil {
				t.Fatal(err)
			}
			want, matched := naive(t, rows, &c.q, c.let)
			if d.Matched != matched || d.LeftOut != 0 {
				t.Errorf("%s: %d rows match and %d are left out, want %d and none", c.name, d.Matched, d.LeftOut, matched)
			}
			compareCells(t, fmt.Sprint(c.name, ", ", stat), d, &c.q, want)
		}
	}
}

func compareCells(t *testing.T, name string, d *Diagram, q *Question, want map[string]*naiveCell) {
	t.Helper()
	count := 0
	for _, f := range d.Facets {
		for _, cell := range f.Cells {
			count++
			key := d.X.Values[cell.X].Text + "|"
			if q.Y.Column != "" {
				key += d.Y.Values[cell.Y].Text
			}
			key += "|" + f.Value.Text
			w := want[key]
			if w == nil {
				t.Fatalf("%s: the cell %s has no rows", name, key)
			}
			size := 0.0
			for i := range w.values {
				size = math.Max(size, math.Max(math.Abs(w.a[i]), math.Abs(w.values[i])))
			}
			stat := naiveStat(w, q.Stat)
			if q.Over != "" && q.Stat == Mean {
				// The ratio of two sums: relative to the lower one, of which the error is
				// as large.
				size *= (1 + math.Abs(stat)) / math.Min(1, math.Abs(sum(w.b)))
			}
			if cell.Copies != w.copies || cell.Count != len(w.values) || cell.Diverged != w.diverged || !nearly(cell.Value, stat, len(w.values), size*size) {
				t.Errorf("%s: the cell %s is %+v, want %v of %d copies, %d with a value, %d diverged", name, key, cell, stat, w.copies, len(w.values), w.diverged)
			}
			if q.Y.Column == "" {
				sorted := slices.Sorted(slices.Values(w.values))
				if low, high := Quantile(sorted, 0.05), Quantile(sorted, 0.95); !nearly(cell.Low, low, 1, size) || !nearly(cell.High, high, 1, size) {
					t.Errorf("%s: the cell %s is from %v to %v, want %v to %v", name, key, cell.Low, cell.High, low, high)
				}
			}
			if q.Theory && !nearly(cell.Theory, sum(w.theory)/float64(len(w.theory)), len(w.theory), 10) {
				t.Errorf("%s: the cell %s has the theory %v, want the mean of %v", name, key, cell.Theory, w.theory)
			}
		}
	}
	if count != len(want) {
		t.Errorf("%s: there are %d cells, want %d", name, count, len(want))
	}
}

func TestPlacesAscend(t *testing.T) {
	dir := t.TempDir()
	writeFolder(t, dir, 5000, 999, false)
	table := NewStore(1<<24, 2).Table(openRoot(t, dir), "")
	q := Question{Table: linearRuns, X: Axis{Column: "kx"}, Y: Axis{Column: "r"}, Value: "train_loss", Stat: Mean, Facet: "ky"}
	d, err := viewFor(t, table, q.Columns()).Diagram(ctx, &q)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 { // as numbers: 2 before 10
		if d.X.Values[i].Number != float64(i) {
			t.Errorf("place %d along kx is %v", i, d.X.Values[i])
		}
	}
	for i := range 20 {
		if d.Facets[i].Value.Number != float64(i) {
			t.Errorf("panel %d is of ky = %v", i, d.Facets[i].Value)
		}
	}
}

// TestBins compares bins with a loop over their edges.
func TestBins(t *testing.T) {
	dir := t.TempDir()
	rows := writeFolder(t, dir, 3000, 500, true)
	table := NewStore(1<<24, 2).Table(openRoot(t, dir), "")
	for _, c := range []struct {
		axis Axis
		bins int
	}{
		{Axis{Column: "lr"}, 32}, // more than 64 values: bins by themselves
		{Axis{Column: "lr", Bins: 7}, 7},
		{Axis{Column: "lr", Bins: 256, Log: true}, 256},
		{Axis{Column: "kx", Bins: 3}, 3},                    // values of a dictionary
		{Axis{Column: "train_loss", Bins: 5}, 5},            // missing numbers have no place
		{Axis{Column: "train_loss", Bins: 5, Log: true}, 5}, // nor have negative ones
	} {
		q := Question{Table: linearRuns, X: c.axis, Value: "copy", Stat: Count}
		if err := q.Check(); err != nil {
			t.Fatal(err)
		}
		d, err := viewFor(t, table, q.Columns()).Diagram(ctx, &q)
		if err != nil {
			t.Fatal(err)
		}
		if len(d.X.Edges) != c.bins+1 || !slices.IsSorted(d.X.Edges) {
			t.Fatalf("%+v: the edges are %v, want %d that ascend", c.axis, d.X.Edges, c.bins+1)
		}
		want, leftOut := make([]int, c.bins), 0
		low, high := math.Inf(1), math.Inf(-1)
		for i := range rows {
			v := numberOf(t, &rows[i], c.axis.Column)
			if math.IsNaN(v) || c.axis.Log && v <= 0 {
				leftOut++
				continue
			}
			low, high = min(low, v), max(high, v)
			for b := range c.bins {
				if v >= d.X.Edges[b] && (v < d.X.Edges[b+1] || b == c.bins-1 && v == d.X.Edges[b+1]) {
					want[b]++
				}
			}
		}
		if d.X.Edges[0] != low || d.X.Edges[c.bins] != high || d.LeftOut != leftOut {
			t.Errorf("%+v: from %v to %v with %d left out, want %v to %v with %d", c.axis, d.X.Edges[0], d.X.Edges[c.bins], d.LeftOut, low, high, leftOut)
		}
		got := make([]int, c.bins)
		for _, cell := range d.Facets[0].Cells {
			got[cell.X] = cell.Copies
		}
		if !slices.Equal(got, want) {
			t.Errorf("%+v: the bins hold %v, want %v", c.axis, got, want)
		}
		if c.axis.Log { // even in the logarithm, to a rounding of exp and log for each edge
			step := math.Log(high/low) / float64(c.bins)
			for b := range c.bins {
				if got := math.Log(d.X.Edges[b+1] / d.X.Edges[b]); math.Abs(got-step) > 16*0x1p-52*(1+math.Abs(math.Log(low))) {
					t.Errorf("%+v: bin %d is %v wide in the logarithm, want %v", c.axis, b, got, step)
				}
			}
		}
	}
}

func TestQuestionsThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		q    Question
		want string
	}{
		{Question{Table: linearRuns, X: Axis{Column: "no"}, Value: "train_loss", Stat: Mean}, `no column "no"`},
		{Question{Table: linearRuns, X: Axis{Column: "id"}, Value: "train_loss", Stat: Mean}, "names every copy"},
		{Question{Table: linearRuns, X: Axis{Column: "kx"}, Value: "arch", Stat: Mean}, "holds texts"},
		{Question{Table: linearRuns, X: Axis{Column: "kx"}, Value: "train_loss", Over: "rule", Stat: Mean}, "holds texts"},
		{Question{Table: linearRuns, X: Axis{Column: "kx"}, Value: "train_loss", Stat: "mode"}, "must be one of"},
		{Question{Table: linearRuns, X: Axis{Column: "kx"}, Value: "train_loss", Stat: Mean, Facet: "train_loss"}, "must be by a parameter"},
		{Question{Table: linearRuns, X: Axis{Column: "kx", Bins: 1}, Value: "train_loss", Stat: Mean}, "2 to 256"},
		{Question{Table: linearRuns, X: Axis{Column: "kx"}, Y: Axis{Column: "r", Bins: 257}, Value: "train_loss", Stat: Mean}, "2 to 256"},
		{Question{Table: linearRuns, Value: "train_loss", Stat: Mean}, "no column"},
	} {
		if err := c.q.Check(); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v: the error is %v, want one line with %q", c.q, err, c.want)
		}
	}
}

func TestDiagramsThatAreTooLarge(t *testing.T) {
	dir := t.TempDir()
	writeFolder(t, dir, 20_000, 20_000, false)
	table := NewStore(1<<24, 2).Table(openRoot(t, dir), "")
	for _, q := range []Question{
		{X: Axis{Column: "lr", Bins: 256}, Y: Axis{Column: "train_loss", Bins: 256}, Value: "copy", Stat: Mean, Facet: "arch"},
		{X: Axis{Column: "kx"}, Value: "copy", Stat: Mean, Facet: "lr"}, // a parameter of 20,000 values
	} {
		_, err := viewFor(t, table, q.Columns()).Diagram(ctx, &q)
		var limit *LimitError
		if !errors.As(err, &limit) {
			t.Errorf("%+v: the error is %v, want a LimitError", q, err)
		}
	}
}

func TestQuantile(t *testing.T) {
	for _, c := range []struct {
		list []float64
		q    float64
		want float64
	}{
		{nil, 0.5, math.NaN()},
		{[]float64{3}, 0, 3}, {[]float64{3}, 1, 3}, {[]float64{3}, 0.37, 3},
		{[]float64{1, 2}, 0.5, 1.5}, {[]float64{1, 2}, 0, 1}, {[]float64{1, 2}, 1, 2},
		{[]float64{0, 10, 20, 30, 40}, 0.25, 10}, {[]float64{0, 10, 20, 30, 40}, 0.375, 15},
		{[]float64{1, math.Inf(1)}, 0, 1},
	} {
		// The numbers are small dyadic ones, so nothing is rounded.
		if got := Quantile(c.list, c.q); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("the %v-quantile of %v is %v, want %v", c.q, c.list, got, c.want)
		}
	}
}
