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
	Paper  string // whose results it is about: surname of the first author and year
	Title  string // what the experiment is about, a few words
	Runs   string // what it runs: datasets, networks, steps, seeds
	Source string // the section or figure of the paper
	Run    func(ctx context.Context, backend linear.Backend) (*Outcome, error)
}

// Jarvis2023 is Jarvis, Klein, Rosman and Saxe, On The Specialization of Neural
// Modules, ICLR 2023.
const Jarvis2023 = "jarvis2023"

// An Outcome is what a study found.
type Outcome struct {
	Claims  []results.Claim
	Figures []figure.Figure
}

// All returns the studies, those of one paper together, in the order of its argument.
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
