package study

import (
	"context"
	"embed"
	"fmt"

	"modspec/engine/figure"
	"modspec/engine/kind/linear"
	"modspec/engine/names"
	"modspec/engine/results"
)

// A Study is one experiment: sweeps, and a judge over their tables.
type Study struct {
	ID     string  // lower case with dashes; prefixes the ids of its claims
	Paper  string  // whose results it is about: surname of the first author and year
	Title  string  // what the experiment is about, a few words
	Runs   string  // what it runs: datasets, networks, steps, seeds
	Source string  // the section or figure of the paper
	Sweeps []Sweep // what is trained for it
	// Full is the study at the paper's size, where it is too long to be run unasked;
	// nil: the study is of that size.
	Full *Study
	// Judge is asked by [Study.Decide], so its evidence has a run of every sweep.
	Judge func(ctx context.Context, e Evidence) (*Outcome, error)
}

// A Sweep is a sweep file that studies need. Studies may share one.
type Sweep struct {
	Name string // lower case with dashes, one for one text: of the sweep's folder, and of its table
	Text string // the file, in the form of package sweep/spec
}

// Evidence is what a judge decides on.
type Evidence struct {
	Tables map[string]*Table // of the study's sweeps, by name
	// Linear trains in float64 what no sweep file can say: networks whose labels are
	// the answers of other networks, or whose final weights are asked for.
	Linear linear.Backend
}

// Decide judges the evidence. The error is for a sweep of the study of which there is no
// run, a run that theory cannot be asked about, or the context's.
func (s Study) Decide(ctx context.Context, e Evidence) (*Outcome, error) {
	for _, named := range s.Sweeps {
		if t := e.Tables[named.Name]; t == nil || len(t.Runs) == 0 {
			return nil, fmt.Errorf("there is no run of the sweep %s, which %s is about", named.Name, s.ID)
		}
	}
	return s.Judge(ctx, e)
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
		imageMNIST,
		iteratedLearning,
	}
}

// ByID returns the study with the given id. The error for an unknown id names
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

//go:embed sweeps/*.yaml
var files embed.FS

// file returns the sweep of a file in the folder sweeps, without its ending. A file
// that is not there gives a text that no sweep has, and so an error where it is read.
func file(name string) Sweep {
	text, err := files.ReadFile("sweeps/" + name + ".yaml")
	if err != nil {
		return Sweep{Name: name, Text: fmt.Sprintf("# %v\n", err)}
	}
	return Sweep{Name: name, Text: string(text)}
}

// The paper's networks of its dynamics figures, which several studies look at.
var (
	denseSweep   = file("dense")
	splitSweep   = file("split")
	shallowSweep = file("shallow")
)
