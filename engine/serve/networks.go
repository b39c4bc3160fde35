package serve

import (
	"context"

	"modspec/engine/results"
)

// Networks computes theory and trains networks. The caller of [New] provides it, so
// that this package does not depend on either.
type Networks interface {
	// Controls returns what the explorer's controls allow.
	Controls() Controls
	// Resolve returns the network that settings name: parameters by their names, as
	// people write them; what is not given, or empty, has its default. The error
	// names what is not allowed, in one line.
	Resolve(settings map[string]string) (Network, error)
	// Steps returns the steps at which a network is recorded so that there are at
	// most so many points, ascending from 0.
	Steps(n Network, points int) []int
	// Predict returns the prediction for a network at ascending steps. Its modes start
	// from the network's own weights, or, if start is not NaN, from that strength, as
	// [Prediction] says. A network without a prediction is no error.
	Predict(ctx context.Context, n Network, steps []int, start float64) (*Prediction, error)
	// Train trains a network and calls observe with its state at each of Steps. It ends
	// early with the first error of observe or of the context.
	Train(ctx context.Context, n Network, points int, observe func(step int, s results.State) error) (Ending, error)
}

// A Network is one module copy: what it is, and its seed.
type Network struct {
	Parameters results.Parameters
	Seed       uint64
}

// Controls are what the explorer's controls allow: an answer of the API.
type Controls struct {
	Defaults   map[string]any        `json:"defaults"`
	Limits     map[string][2]float64 `json:"limits"`
	Arch       []string              `json:"arch"`
	Rule       []string              `json:"rule"`
	MaxWork    float64               `json:"max_work"` // multiply-adds of a training
	MaxSeconds float64               `json:"max_seconds"`
	MaxRunning int                   `json:"max_running"`
}

// A Prediction is the theory of a network.
type Prediction struct {
	Kind string // one of results.PredictionDiscrete and its kin
	Note string // why there are no curves, in one line; "" where there are

	Examples, Inputs, Outputs, Weights int
	Work                               float64 // multiply-adds to train it

	Modes []Mode
	End   results.State // where learning ends; NaN where that is unknown

	Steps []int
	// Discrete follows gradient descent step by step, Continuous is the paper's
	// closed form. Each is nil where theory has none; with a start of its own,
	// Discrete is there for any number of hidden layers.
	Discrete, Continuous []results.State
}

// A Mode is a mode of one of a network's modules: an answer of the API.
type Mode struct {
	Column          string         `json:"column"` // of its strength
	Module          int            `json:"module"`
	Kind            string         `json:"kind"`
	Multiplicity    int            `json:"multiplicity"`
	SingularValue   results.Number `json:"singular_value"`
	InputEigenvalue results.Number `json:"input_eigenvalue"`
	Asymptote       results.Number `json:"asymptote"`
	Start           results.Number `json:"start"`     // a(0), the mean over its directions
	HalfTime        results.Number `json:"half_time"` // of the discrete curve
}

// An Ending is how a training ended.
type Ending struct {
	Step     int
	Diverged bool
}
