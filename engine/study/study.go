package study

import (
	"context"

	"modspec/engine/figure"
	"modspec/engine/kind/linear"
	"modspec/engine/names"
	"modspec/engine/results"
)

// A Study is one experiment.
type Study struct {
	ID     string // lower case with dashes; prefixes the ids of its claims
	Title  string // what the experiment is about, a few words
	Runs   string // what it runs: datasets, networks, steps, seeds
	Source string // the section or figure of the paper
	Run    func(ctx context.Context, backend linear.Backend) (*Outcome, error)
}

// An Outcome is what a study found.
type Outcome struct {
	Claims  []results.Claim
	Figures []figure.Figure
}

// All returns the studies in the order of the paper's argument.
func All() []Study {
	return []Study{
		spectrum,
		denseDynamics,
		shallowDynamics,
		denseQuadrants,
		splitDynamics,
		systematicity,
		generalisation,
		learningRules,
		fullRank,
		motivatingExample,
		relativeProgress,
		iteratedLearning,
	}
}

// ByID returns the study with the given id. The error for an unknown id tells
// the nearest known one.
func ByID(id string) (Study, error) {
	var ids []string
	for _, s := range All() {
		if s.ID == id {
			return s, nil
		}
		ids = append(ids, s.ID)
	}
	return Study{}, names.Unknown("study", id, ids)
}
