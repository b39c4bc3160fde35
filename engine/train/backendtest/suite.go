// Package backendtest is the suite that every backend has to pass. It holds a backend
// against expectations of its own: literal loops over the examples in float64
// ([oracle]), theory, and the contracts of [linear.Backend] and [linear.Recorder].
//
// Tolerances are not chosen; they follow from the unit roundoff of the backend's
// arithmetic, the lengths of the sums in a step, and how training amplifies a small
// disturbance, which the suite measures on its own loops; see [expectation].
package backendtest

import (
	"errors"
	"math"
	"testing"

	"modspec/engine/kind/linear"
)

// A Tolerance says what can be asked of a backend.
type Tolerance struct {
	// Roundoff is the unit roundoff u of the arithmetic that carries the weights:
	// no operation has a larger relative error.
	Roundoff float64
	// Largest is the largest number that the arithmetic can represent.
	Largest float64
	// Partial says that the backend may refuse jobs by an error that wraps
	// errors.ErrUnsupported; those checks are skipped.
	Partial bool
}

// The tolerances of the two usual precisions, for backends that run every job.
var (
	Float64 = Tolerance{Roundoff: 0x1p-53, Largest: math.MaxFloat64}
	Float32 = Tolerance{Roundoff: 0x1p-24, Largest: math.MaxFloat32}
)

// A check is one thing that is asked of a backend. It returns what is wrong.
type check struct {
	name string
	run  func(b linear.Backend, tol Tolerance) error
}

// Run puts a backend through the suite. Every check opens a backend of its own
// and closes it.
func Run(t *testing.T, name string, open func() (linear.Backend, error), tol Tolerance) {
	t.Run(name, func(t *testing.T) {
		for _, c := range checks() {
			t.Run(c.name, func(t *testing.T) {
				b, err := open()
				if err != nil {
					t.Fatal(err)
				}
				err = c.run(b, tol)
				if closing := b.Close(); closing != nil {
					t.Errorf("closing the backend: %v", closing)
				}
				if tol.Partial && errors.Is(err, errors.ErrUnsupported) {
					t.Skip(err)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
	})
}

// checks lists the whole suite.
func checks() []check {
	list := []check{
		{"name", checkName},
		{"bad jobs", checkBadJobs},
		{"given weights", checkGivenWeights},
		{"recorder errors", checkRecorderErrors},
		{"cancelled before", checkCancelledBefore},
		{"cancelled within", checkCancelledWithin},
		{"same twice", checkSameTwice},
		{"copies are independent", checkIndependence},
		{"divergence", checkDivergence},
		{"divergence of a shallow network", checkShallowDivergence},
		{"labels that are not finite", checkInfiniteLabels},
	}
	for _, s := range Scenarios() {
		list = append(list,
			check{"one step/" + s.Name, func(b linear.Backend, tol Tolerance) error { return checkOneStep(b, s.Job(), tol) }},
			check{"training/" + s.Name, func(b linear.Backend, tol Tolerance) error { return checkTraining(b, s.Job(), tol) }},
		)
	}
	for _, s := range alignedScenarios() {
		list = append(list, check{"theory/" + s.Name, func(b linear.Backend, tol Tolerance) error { return checkTheory(b, s.Job(), tol) }})
	}
	return list
}

func checkName(b linear.Backend, _ Tolerance) error {
	if b.Name() == "" {
		return errors.New("the backend has no name for a user to choose it by")
	}
	return nil
}
