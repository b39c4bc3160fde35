package plan

// What a result takes on disk and while it waits to be written. Parameters repeat
// from row to row and take almost nothing under Parquet's dictionaries; measured
// numbers hardly compress, so they count eight bytes each.
const (
	// runIDBytes are a copy's id as text and its seed.
	runIDBytes = 48
	// observationKeyBytes are an observation's step and copy, which repeat.
	observationKeyBytes = 4
	// waitingFactor is how much more a row takes in memory than on disk, where
	// parameters are written out and slices have headers.
	waitingFactor = 4
)

// runBytes estimates a row of the table of runs.
func (g *Group) runBytes() float64 {
	_, numbers := g.model.Numbers()
	return runIDBytes + 8*float64(numbers)
}

// observationBytes estimates what one observation takes in the table of
// trajectories.
func (g *Group) observationBytes() float64 {
	numbers, _ := g.model.Numbers()
	return observationKeyBytes + 8*float64(numbers)
}

// written is how many rows the table of trajectories has for a copy.
func (g *Group) written() int {
	if !g.trajectories {
		return 0
	}
	return g.Observations
}

// resultBytes estimates what the results of one copy take in memory.
func (g *Group) resultBytes() float64 {
	return waitingFactor * (g.runBytes() + float64(g.Observations)*g.observationBytes())
}
