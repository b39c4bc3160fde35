package sweep

import "modspec/engine/theory"

// What a result takes on disk and while it waits to be written. Parameters repeat
// from row to row and all but vanish under Parquet's dictionaries; measured
// numbers hardly compress, whence eight bytes each and no more.
const (
	// runIDBytes are a copy's id as text and its seed.
	runIDBytes = 48
	// runNumbers are the numbers of a run besides its modes: losses on training
	// and test examples, whole and by block (6), quadrants (4), their times to
	// half (4), systematicity, theory's quadrants and times (8), diverged step.
	runNumbers = 24
	// modeNumbers are the numbers of a run for each mode: strength, time to half,
	// and theory's prediction of both.
	modeNumbers = 4
	// observationNumbers are the numbers of an observation besides modes and
	// step: losses (6), quadrants (4), systematicity.
	observationNumbers = 11
	// observationKeyBytes are an observation's step and copy, which repeat.
	observationKeyBytes = 4
	// waitingFactor is how much more a row takes in memory than on disk, where
	// parameters are written out and slices have headers.
	waitingFactor = 4
)

// runBytes estimates a row of the table of runs.
func (g *GroupPlan) runBytes() float64 {
	return runIDBytes + 8*float64(runNumbers+modeNumbers*g.Modes)
}

// observationBytes estimates what one observation takes in the table of
// trajectories.
func (g *GroupPlan) observationBytes() float64 {
	return observationKeyBytes + 8*float64(observationNumbers+g.Modes)
}

// written is how many rows the table of trajectories has for a copy.
func (g *GroupPlan) written() int {
	if !g.trajectories {
		return 0
	}
	return g.Observations
}

// resultBytes estimates what the results of one copy take in memory.
func (g *GroupPlan) resultBytes() float64 {
	return waitingFactor * (g.runBytes() + float64(g.Observations)*g.observationBytes())
}

// modes counts the modes that are observed, over all modules.
func (m *module) modes() (int, error) {
	here, err := m.arch.At(m.copy.Task.Point)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, module := range here.Modules {
		n += len(theory.Modes(m.copy.Task.Point, module.View()))
	}
	return n, nil
}
