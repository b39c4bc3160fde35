package program

import (
	"errors"
	"fmt"
	"slices"
)

// A Training is what a backend executes for each run: three programs over common
// variables. It does not change after it is built.
type Training struct {
	Variables []VariableInfo
	Settings  []string // that a run brings, in the order in which the draft first names them; see Run
	Streams   int      // of random numbers that a run brings
	// Start has one result for each variable, its initial value. It draws from
	// the run's streams themselves.
	Start *Program
	// Step has one result for each variable, its value after the step, all
	// computed from the values before it. At step t, counted from 0, it draws
	// from the streams' At(t).
	Step *Program
	// Observe has the results that are measured. After t steps it draws from the
	// streams' At(t), as the step that follows does.
	Observe *Program
}

// A VariableInfo is a variable of a training.
type VariableInfo struct {
	Name  string
	Shape []int
	// Trained says that it is a parameter of the network; other variables are
	// state, such as an optimizer's.
	Trained bool
}

// A Variable is a tensor that each run keeps from step to step: its number in
// [Training.Variables].
type Variable int

// A Draft builds a training. Errors of its builders are returned by Training.
type Draft struct {
	Start, Step, Observe *Builder

	variables []VariableInfo
	settings  []string
	streams   int
	start     map[Variable]Value
	next      map[Variable]Value
	err       error
}

// NewDraft returns an empty draft.
func NewDraft() *Draft {
	d := &Draft{Start: NewBuilder(), Step: NewBuilder(), Observe: NewBuilder(), start: map[Variable]Value{}, next: map[Variable]Value{}}
	for _, b := range []*Builder{d.Start, d.Step, d.Observe} {
		b.draft = d
	}
	return d
}

// Parameter declares a parameter of the network with its initial value, a value
// of d.Start.
func (d *Draft) Parameter(name string, initial Value) Variable {
	return d.declare(name, initial, true)
}

// State declares a variable that is no parameter with its initial value, a value
// of d.Start.
func (d *Draft) State(name string, initial Value) Variable {
	return d.declare(name, initial, false)
}

func (d *Draft) declare(name string, initial Value, trained bool) Variable {
	v := Variable(len(d.variables))
	if d.Start.valid(fmt.Sprintf("variable %q", name), initial) {
		d.start[v] = initial
	}
	if name == "" || slices.ContainsFunc(d.variables, func(o VariableInfo) bool { return o.Name == name }) {
		d.fail(fmt.Errorf("a variable is named %q, but must have a name of its own (%s)", name, caller()))
	}
	d.variables = append(d.variables, VariableInfo{name, d.Start.Shape(initial), trained})
	return v
}

// Parameters returns the parameters in the order of their declaration.
func (d *Draft) Parameters() []Variable {
	var list []Variable
	for v := range d.variables {
		if d.variables[v].Trained {
			list = append(list, Variable(v))
		}
	}
	return list
}

// Set gives a variable its value after the step, a value of d.Step. A variable
// that is not set keeps its value.
func (d *Draft) Set(v Variable, value Value) {
	if !d.Step.valid("Set", value) {
		return
	}
	switch {
	case int(v) < 0 || int(v) >= len(d.variables):
		d.fail(fmt.Errorf("there is no variable %d to set (%s)", v, caller()))
	case !slices.Equal(d.Step.Shape(value), d.variables[v].Shape):
		d.fail(fmt.Errorf("the variable %q has the shape %v, but its new value has %v (%s)", d.variables[v].Name, d.variables[v].Shape, d.Step.Shape(value), caller()))
	default:
		if _, twice := d.next[v]; twice {
			d.fail(fmt.Errorf("the variable %q is set twice (%s)", d.variables[v].Name, caller()))
		}
		d.next[v] = value
	}
}

func (d *Draft) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

// setting returns the number of a setting, which it declares if it is new.
func (d *Draft) setting(name string) int {
	if i := slices.Index(d.settings, name); i >= 0 {
		return i
	}
	d.settings = append(d.settings, name)
	return len(d.settings) - 1
}

// Training returns the training, or the first error of the draft: of Start, Step,
// Observe or the draft itself. One mistake may cause errors in several of them.
func (d *Draft) Training() (*Training, error) {
	for _, err := range []error{d.Start.err, d.Step.err, d.Observe.err, d.err} {
		if err != nil {
			return nil, err
		}
	}
	for v := range d.variables {
		name, v := d.variables[v].Name, Variable(v)
		d.Start.Output(name, d.start[v])
		next, set := d.next[v]
		if !set {
			next = d.Step.Read(v)
		}
		d.Step.Output(name, next)
	}
	t := &Training{Variables: d.variables, Settings: d.settings, Streams: d.streams}
	var err error
	for _, p := range []struct {
		b  *Builder
		to **Program
	}{{d.Start, &t.Start}, {d.Step, &t.Step}, {d.Observe, &t.Observe}} {
		if *p.to, err = p.b.Build(); err != nil {
			return nil, err
		}
	}
	for i := range t.Start.Nodes {
		if t.Start.Nodes[i].Op == Read {
			return nil, errors.New("the program that computes initial values reads a variable, which has no value yet")
		}
	}
	return t, t.checkInputs()
}
