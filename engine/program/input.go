package program

import (
	"fmt"
	"math"
	"slices"

	"modspec/engine/names"
)

// Input names a value as an input of the task, such as "x", and returns it.
// [WithTables] gives it from outside, a value for each step, in place of computing
// it. It is a draw or computed from draws; it depends on no variable, and its draws
// are used in no other way, so that nothing is left of the data that was drawn.
// Where Step and Observe have inputs of one name, these have one shape.
func (b *Builder) Input(name string, v Value) Value {
	if !b.valid("Input", v) {
		return v
	}
	switch have := b.nodes[v].Input; {
	case name == "":
		return b.fail("Input", fmt.Errorf("an input has no name"))
	case have != "" && have != name:
		return b.fail("Input", fmt.Errorf("the inputs %q and %q are one value", have, name))
	case slices.ContainsFunc(b.nodes, func(n Node) bool { return n.Input == name }) && have == "":
		return b.fail("Input", fmt.Errorf("two inputs are named %q", name))
	}
	b.nodes[v].Input = name
	return v
}

// noExample is what a mini-batch has in the place of an example; see [Batch].
const noExample = -1

// An InputInfo is an input of a training's task.
type InputInfo struct {
	Name  string
	Shape []int // of the value of a step
	// Whole says that its values are whole numbers from Low to High.
	Whole     bool
	Low, High int
	// Observed says that Observe reads it, so that it has a value after the last
	// step too.
	Observed bool
}

// Inputs returns the inputs of the task, in the order of Step and then of Observe.
func (t *Training) Inputs() []InputInfo {
	var list []InputInfo
	for _, p := range []*Program{t.Step, t.Observe} {
		for i := range p.Nodes {
			n := &p.Nodes[i]
			if n.Input == "" {
				continue
			}
			at := slices.IndexFunc(list, func(in InputInfo) bool { return in.Name == n.Input })
			if at < 0 {
				at = len(list)
				list = append(list, InputInfo{Name: n.Input, Shape: n.Shape})
				switch n.Op {
				case Whole:
					list[at].Whole, list[at].High = true, n.Count-1
				case Batch:
					list[at].Whole, list[at].Low, list[at].High = true, noExample, n.Count-1
				}
			}
			list[at].Observed = list[at].Observed || p == t.Observe
		}
	}
	return list
}

// checkInputs returns an error if the inputs are not what [Builder.Input] says.
func (t *Training) checkInputs() error {
	if i := slices.IndexFunc(t.Start.Nodes, func(n Node) bool { return n.Input != "" }); i >= 0 {
		return fmt.Errorf("the program that computes initial values has the input %q, but inputs are of steps", t.Start.Nodes[i].Input)
	}
	shapes, owners := map[string][]int{}, map[Draw]string{}
	var others []Draw // that are used in another way than by an input
	for _, p := range []*Program{t.Step, t.Observe} {
		// of is the input that a node is computed for; used says that it is
		// needed in another way.
		of, used := make([]string, len(p.Nodes)), make([]bool, len(p.Nodes))
		for _, o := range p.Outputs {
			used[o.Value] = true
		}
		for v := len(p.Nodes) - 1; v >= 0; v-- {
			n := &p.Nodes[v]
			if n.Input != "" {
				if shape, ok := shapes[n.Input]; ok && !slices.Equal(shape, n.Shape) {
					return fmt.Errorf("the input %q has the shape %v in one program and %v in another, but must have one", n.Input, shape, n.Shape)
				}
				shapes[n.Input] = n.Shape
				of[v], used[v] = n.Input, false
			}
			for _, in := range n.In {
				used[in] = used[in] || used[v]
				if of[v] != "" {
					of[in] = of[v]
				}
			}
			switch {
			case of[v] != "" && n.Op == Read:
				return fmt.Errorf("the input %q depends on the variable %q, but may depend on none", of[v], t.Variables[n.Count].Name)
			case of[v] != "" && n.isDraw():
				owners[n.Draw] = of[v]
			}
			if used[v] && n.isDraw() {
				others = append(others, n.Draw)
			}
		}
	}
	for _, d := range others {
		if name, ok := owners[d]; ok {
			return fmt.Errorf("draw %d of stream %d belongs to the input %q, but is used in another way too", d.Number, d.Stream, name)
		}
	}
	return nil
}

func (n *Node) isDraw() bool {
	return n.Op == Normal || n.Op == Uniform || n.Op == Whole || n.Op == Batch
}

// A Tensor is numbers in row-major order.
type Tensor struct {
	Shape []int
	Data  []float64
}

// check returns an error if a tensor has another shape or a number that is not
// finite. Its name is what messages call it.
func (x Tensor) check(name string, shape []int) error {
	if !slices.Equal(x.Shape, shape) || len(x.Data) != Size(shape) {
		return fmt.Errorf("%s has the shape %v, but must have %v", name, x.Shape, shape)
	}
	for i, v := range x.Data {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s has the value %v at %v, but must be finite", name, v, place(i, shape))
		}
	}
	return nil
}

// CheckFloat32 returns an error for the first element that float32 cannot hold. The
// tensor's name is what messages call it.
func (x Tensor) CheckFloat32(name string) error {
	for i, v := range x.Data {
		if math.IsInf(float64(float32(v)), 0) {
			return fmt.Errorf("%s has the value %v at %v, which is too large for float32", name, v, place(i, x.Shape))
		}
	}
	return nil
}

// place returns the indices of an element.
func place(i int, shape []int) []int {
	at := make([]int, len(shape))
	for axis := len(shape) - 1; axis >= 0; axis-- {
		at[axis], i = i%shape[axis], i/shape[axis]
	}
	return at
}

// WithInitial returns a training that begins with given values of variables. Each
// parameter must be given. So may variables that no step changes; where they are not,
// they are computed as before. Other variables, such as the state of an optimizer,
// may be named too, so that the variables at the end of a training can be given
// whole; they have their usual initial values, since a new training counts its steps
// from 0. The error names the first tensor that is missing, unknown, of another shape
// or not finite.
func WithInitial(t *Training, given map[string]Tensor) (*Training, error) {
	known := make([]string, len(t.Variables))
	for v := range t.Variables {
		known[v] = t.Variables[v].Name
	}
	if err := checkNames("variable", given, known); err != nil {
		return nil, err
	}
	for _, v := range t.Variables {
		x, ok := given[v.Name]
		if !ok && v.Trained {
			return nil, fmt.Errorf("the parameter %q of the shape %v is missing", v.Name, v.Shape)
		}
		if !ok {
			continue
		}
		if err := x.check(fmt.Sprintf("the variable %q", v.Name), v.Shape); err != nil {
			return nil, err
		}
	}
	start, err := t.Start.rebuild(nil, func(b *Builder, i int) Value {
		v := &t.Variables[i]
		x, ok := given[v.Name]
		if !ok || !v.Trained && !t.Fixed(i) {
			return None
		}
		return b.Constant(x.Data, v.Shape...)
	})
	if err != nil {
		return nil, err
	}
	out := *t
	out.Start = start
	return &out, nil
}

// Fixed reports whether no step changes a variable, by its number.
func (t *Training) Fixed(variable int) bool {
	n := &t.Step.Nodes[t.Step.Outputs[variable].Value]
	return n.Op == Read && n.Count == variable
}

// WithTables returns a training for a number of steps whose inputs are given in
// place of drawing: of each a table with a row of the input's shape for each step,
// the first for step 0. An input that is observed has a row more, for what is
// observed after the last step. Further rows are not used. The error names the first
// table that is missing, unknown, too short, of another shape, or has a value that
// the input cannot have.
func WithTables(t *Training, tables map[string]Tensor, steps int) (*Training, error) {
	inputs := t.Inputs()
	known := make([]string, len(inputs))
	for i := range inputs {
		known[i] = inputs[i].Name
	}
	if err := checkNames("input", tables, known); err != nil {
		return nil, err
	}
	used := map[string]Tensor{}
	for _, in := range inputs {
		x, ok := tables[in.Name]
		rows, after := max(steps, 1), "" // a table has a row, even if nothing reads it
		if in.Observed {
			rows, after = steps+1, " and the observation after the last"
		}
		name := fmt.Sprintf("the input %q", in.Name)
		switch {
		case !ok:
			return nil, fmt.Errorf("%s is missing; it has a value of the shape %v for each step", name, in.Shape)
		case len(x.Shape) == 0:
			return nil, fmt.Errorf("%s is a single number, but its first axis must be the step", name)
		case x.Shape[0] < rows:
			return nil, fmt.Errorf("%s has values for %s, but must have %d, for %s%s", name, stepsText(x.Shape[0]), rows, stepsText(steps), after)
		}
		whole := append([]int{x.Shape[0]}, in.Shape...)
		if err := x.check(name, whole); err != nil {
			return nil, err
		}
		if err := in.checkWhole(name, x); err != nil {
			return nil, err
		}
		used[in.Name] = Tensor{append([]int{rows}, in.Shape...), x.Data[:rows*Size(in.Shape)]}
	}
	out := *t
	for _, p := range []**Program{&out.Step, &out.Observe} {
		var err error
		*p, err = (*p).rebuild(func(b *Builder, n *Node) Value {
			if n.Input == "" {
				return None
			}
			x := used[n.Input]
			return b.Gather(b.Constant(x.Data, x.Shape...), b.Steps())
		}, nil)
		if err != nil {
			return nil, err
		}
	}
	return &out, nil
}

func stepsText(n int) string {
	if n == 1 {
		return "1 step"
	}
	return fmt.Sprintf("%d steps", n)
}

// checkWhole returns an error if an input of whole numbers has another value, or a
// mini-batch no example.
func (in *InputInfo) checkWhole(name string, x Tensor) error {
	if !in.Whole {
		return nil
	}
	for i, v := range x.Data {
		if v != math.Trunc(v) || v < float64(in.Low) || v > float64(in.High) {
			return fmt.Errorf("%s has the value %v at %v, but must be a whole number of %d to %d", name, v, place(i, x.Shape), in.Low, in.High)
		}
	}
	if in.Low == noExample {
		size := Size(in.Shape)
		for row := range x.Shape[0] {
			if slices.Max(x.Data[row*size:][:size]) == noExample {
				return fmt.Errorf("%s has only the value %d at step %d, but a mini-batch must have an example: give it an index of 0 to %d", name, noExample, row, in.High)
			}
		}
	}
	return nil
}

// checkNames returns an error for the first name in order that is unknown.
func checkNames(what string, given map[string]Tensor, known []string) error {
	var unknown []string
	for name := range given {
		if !slices.Contains(known, name) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	if len(known) == 0 {
		return fmt.Errorf("%q is given, but there is no %s", slices.Min(unknown), what)
	}
	return &UnknownNameError{what, slices.Min(unknown), names.Nearest(slices.Min(unknown), known), len(known)}
}

// An UnknownNameError is for a tensor that a training does not have. There can be very
// many that it has, so it names only the nearest.
type UnknownNameError struct {
	What, Name string
	Nearest    string // or ""
	Known      int    // names that there are
}

func (e *UnknownNameError) Error() string {
	if e.Nearest == "" {
		return fmt.Sprintf("unknown %s %q, and none of the %d that there are is near", e.What, e.Name, e.Known)
	}
	return fmt.Sprintf("unknown %s %q: the nearest of the %d that there are is %q", e.What, e.Name, e.Known, e.Nearest)
}

// rebuild returns the program with other values in place of some of its nodes and
// of some of its results, by their number; a function that returns [None], or none,
// leaves one as it is.
func (p *Program) rebuild(node func(b *Builder, n *Node) Value, output func(b *Builder, i int) Value) (*Program, error) {
	b := NewBuilder()
	moved := make([]Value, len(p.Nodes))
	for v, n := range p.Nodes {
		if node != nil {
			moved[v] = node(b, &n)
		}
		if moved[v] == None {
			n.In = slices.Clone(n.In)
			for i, in := range n.In {
				n.In[i] = moved[in]
			}
			moved[v] = b.add(n)
		}
	}
	for i, o := range p.Outputs {
		v := None
		if output != nil {
			v = output(b, i)
		}
		if v == None {
			v = moved[o.Value]
		}
		b.Output(o.Name, v)
	}
	return b.Build()
}
