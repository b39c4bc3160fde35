package columns

import (
	"fmt"
	"math"
	"modspec/engine/number"
	"slices"
	"strings"
)

// A Stat is what the copies of a cell are brought down to.
type Stat string

// The statistics. Of a ratio of two columns, the mean is the ratio of their means
// over the copies that have both; the others are of the copies' own ratios.
const (
	Mean          Stat = "mean"
	Median        Stat = "median"
	Min           Stat = "min"
	Max           Stat = "max"
	SD            Stat = "sd"       // standard deviation with n − 1; NaN of one copy
	Count         Stat = "count"    // copies with a value
	ShareDiverged Stat = "diverged" // of the copies of the cell
)

// Stats are all of them.
var Stats = []Stat{Mean, Median, Min, Max, SD, Count, ShareDiverged}

func (s Stat) check() error {
	if slices.Contains(Stats, s) {
		return nil
	}
	names := make([]string, len(Stats))
	for i, n := range Stats {
		names[i] = string(n)
	}
	return fmt.Errorf("the stat is %s, but must be one of %s", number.Quote(string(s)), strings.Join(names, ", "))
}

// gathered is what is summed up of the copies of a cell.
type gathered struct {
	copies, count, diverged int
	theories                int
	value, over             float64 // sums
	mean, squares           float64 // of the copies' own values, by Welford's update
	low, high               float64
	theory                  float64
}

// add takes in a copy's value, and reports whether it has one. A ratio exists
// where both numbers do and the lower one is not 0.
func (g *gathered) add(value, over float64) bool {
	own := value / over
	if math.IsNaN(own) || math.IsInf(own, 0) {
		return false
	}
	g.count++
	g.value += value
	g.over += over
	delta := own - g.mean
	g.mean += delta / float64(g.count)
	g.squares += delta * (own - g.mean)
	if g.count == 1 {
		g.low, g.high = own, own
	}
	g.low, g.high = min(g.low, own), max(g.high, own)
	return true
}

func (g *gathered) addTheory(v float64) {
	if !math.IsNaN(v) {
		g.theory += v
		g.theories++
	}
}

// stat returns a statistic; ascending are the copies' own values where the
// statistic needs them.
func (g *gathered) stat(s Stat, ratio bool, ascending []float64) float64 {
	switch {
	case s == Count:
		return float64(g.count)
	case s == ShareDiverged:
		return float64(g.diverged) / float64(g.copies)
	case g.count == 0:
		return math.NaN()
	}
	switch s {
	case Median:
		return Quantile(ascending, 0.5)
	case Min:
		return g.low
	case Max:
		return g.high
	case SD:
		return math.Sqrt(g.squares / float64(g.count-1))
	}
	if ratio {
		return g.value / g.over
	}
	return g.value / float64(g.count)
}
