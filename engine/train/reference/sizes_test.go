package reference

import (
	"context"
	"errors"
	"strings"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
)

// untold fails its test if it is told anything.
type untold struct{ t *testing.T }

func (u untold) Observe(copy int, _ linear.Observation) error {
	u.t.Errorf("copy %d was observed", copy)
	return nil
}

func (u untold) Finish(copy int, _ linear.Final) error {
	u.t.Errorf("copy %d was finished", copy)
	return nil
}

// A copy whose second moments are too large is refused before any copy is trained,
// also when it is the last.
func TestLargeMomentsAreRefusedAtOnce(t *testing.T) {
	job := &linear.Job{Architecture: network.Dense(2), Steps: 1}
	for _, p := range []dataset.Point{dataset.NewPoint(2, 2, 1, 1, 1, 1), dataset.NewPoint(12, 12, 1, 3, 0, 1)} {
		job.Copies = append(job.Copies, linear.Copy{Task: &linear.Task{Point: p}, InitScale: 0.1})
	}
	err := New(1).Train(context.Background(), job, untold{t})
	if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), "Σ_x would have 12300 × 12300 elements") {
		t.Errorf("the error is %v, want one that names Σ_x and wraps errors.ErrUnsupported", err)
	}
}

// Σ_y counts only where a rule needs it.
func TestManyOutputsNeedNoMomentOfTheirs(t *testing.T) {
	c := linear.Copy{Task: &linear.Task{Point: dataset.NewPoint(12, 12, 3, 0, 3, 1)}}
	if err := fits(&linear.Job{Copies: []linear.Copy{c}}); err != nil {
		t.Errorf("gradient descent: %v", err)
	}
	c.Rule.Gamma = 1
	if err := fits(&linear.Job{Copies: []linear.Copy{c}}); !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), "Σ_y would have") {
		t.Errorf("contrastive Hebbian: the error is %v, want one that names Σ_y", err)
	}
}
