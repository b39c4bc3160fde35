package train

import (
	"fmt"

	"modspec/engine/program"
	"modspec/engine/random"
	"modspec/engine/results"
)

// A Kind is a family of networks with its data and its metrics.
type Kind interface {
	// Name is how sweep files and commands call the kind.
	Name() string
	// Doc says in one line what the networks are.
	Doc() string
	// Parameters are what decides a run but for its seed and precision. One of
	// them is [StepsParameter]. The order is that of a grid and of random draws,
	// so a new parameter goes to the end.
	Parameters() results.Schema
	// Metrics are what is recorded of a run.
	Metrics() results.Schema
	// Resolve returns the model of a setting, a pointer, or an error that names the
	// first combination of values that does not exist. Each value by itself is in its
	// parameter's domain.
	Resolve(Setting) (Model, error)
}

// CheckKind returns an error that names the first thing in a kind's declaration that
// no table could hold or no command could read: two columns of one name, also one of
// those that every table has, a default outside its domain, no [StepsParameter].
func CheckKind(k Kind) error {
	parameters := k.Parameters()
	for _, t := range []*results.Table{
		results.NewRunsTable(k.Name(), parameters, SummaryOf(k)),
		results.NewTrajectoriesTable(k.Name(), k.Metrics()),
	} {
		if err := t.Check(); err != nil {
			return fmt.Errorf("the kind %s, table %s: %w", k.Name(), t.Name, err)
		}
	}
	for _, c := range k.Metrics() {
		if !c.Numeric() {
			return fmt.Errorf("the kind %s: the metric %s is a text, but must be a number", k.Name(), c.Name)
		}
	}
	if i := parameters.Index(StepsParameter); i < 0 || parameters[i].Type != results.Whole {
		return fmt.Errorf("the kind %s has no parameter %s of whole numbers", k.Name(), StepsParameter)
	}
	_, err := NewSetting(k)
	return err
}

// A Setting is what was asked for: a value for each parameter, in the order of
// [Kind.Parameters], the default where none was given.
type Setting struct {
	Values []results.Value
	Given  []bool // whether a value was given
}

// A Model is a network with its training, of one setting.
type Model interface {
	// Parameters are the values of the setting in their one form, without words
	// that stand for numbers: equal networks have equal values. A parameter that
	// has no meaning for the network has its default, or 0.
	Parameters() []results.Value
	// Steps is the number of updates.
	Steps() int
	// Shape is equal for models that share a program and a number of steps. Their
	// runs can be trained side by side.
	Shape() string
	// Program returns the training.
	Program() (*program.Training, error)
	// Run returns the random numbers and settings of a run. The stream is the run's
	// own, from its seed and its parameters without steps and precision; runs that
	// are to see equal data have a parameter for the seed of the data. The settings
	// are in the order of program.Training.Settings; one that is named after a
	// parameter has its value.
	Run(stream random.Stream) program.Run
	// Measure computes the metrics, in the order of [Kind.Metrics], from the
	// results of the training's Observe. One that does not exist is NaN. Several
	// goroutines may call it at a time, for runs of one setting.
	Measure(observed [][]float64, metrics []float64)
}

// MaxSteps bounds the updates of a run.
const MaxSteps = 100_000_000

// StepsParameter is the name of the parameter that every kind has: the number of
// updates of a run.
const StepsParameter = "steps"
