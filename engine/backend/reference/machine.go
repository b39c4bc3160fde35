package reference

import (
	"context"

	"modspec/engine/program"
)

// A Machine is one run of a training between two steps.
type Machine struct {
	training *program.Training
	at       program.Place
}

// NewMachine returns a run where it begins. The error is that of
// [program.Run.Check] or [Evaluate].
func NewMachine(t *program.Training, run program.Run) (*Machine, error) {
	return newMachine(context.Background(), t, run)
}

func newMachine(ctx context.Context, t *program.Training, run program.Run) (*Machine, error) {
	if err := run.Check(t); err != nil {
		return nil, err
	}
	if c := run.From; c != nil {
		return &Machine{t, program.Place{Run: run, Step: c.Step, Variables: c.Variables}}, nil
	}
	variables, err := evaluate(ctx, t.Start, program.Place{Run: run, Step: -1})
	if err != nil {
		return nil, err
	}
	return &Machine{t, program.Place{Run: run, Variables: variables}}, nil
}

// Step does one step.
func (m *Machine) Step() error { return m.step(context.Background()) }

func (m *Machine) step(ctx context.Context) error {
	variables, err := evaluate(ctx, m.training.Step, m.at)
	if err != nil {
		return err
	}
	m.at.Variables = variables
	m.at.Step++
	return nil
}

// Observe returns the results of the training's Observe.
func (m *Machine) Observe() ([][]float64, error) { return m.observe(context.Background()) }

func (m *Machine) observe(ctx context.Context) ([][]float64, error) {
	return evaluate(ctx, m.training.Observe, m.at)
}

// Place returns where the run is. Its variables must not be changed.
func (m *Machine) Place() program.Place { return m.at }
