package train

import (
	"modspec/engine/random"
	"modspec/engine/results"
)

// A Tracked model is one of a [Summarizer]: it makes the summary of a run from what is
// recorded of it, whatever backend trains its program.
type Tracked interface {
	Model
	// Track returns a tracker for a run that is recorded at the given steps.
	Track(stream random.Stream, steps []int) (Tracker, error)
}

// A Tracker follows one run.
type Tracker interface {
	// Observe takes in the metrics at the next recorded step.
	Observe(step int, metrics []float64)
	// Summary returns the values of the kind's [Summarizer.Summary] of a run that has
	// ended. It is the last call.
	Summary(diverged bool) ([]results.Value, error)
}
