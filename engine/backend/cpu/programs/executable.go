package programs

import (
	"context"
	"fmt"
	"runtime"

	"modspec/engine/backend"
	"modspec/engine/program"
	"modspec/engine/train/cpu/asm"
)

// Precision is the real type of all tensors.
type Precision string

// The precisions.
const (
	Float32 Precision = "float32"
	Float64 Precision = "float64"
)

// Options say how programs are executed.
type Options struct {
	Precision Precision // Float32 if empty
	Threads   int       // runs that are trained at a time; 0 for one on each processor

	set int // number of the kernel set among asm.Sets, for tests
}

func (o *Options) check() error {
	if o.Precision == "" {
		o.Precision = Float32
	}
	if o.Precision != Float32 && o.Precision != Float64 {
		return fmt.Errorf("the precision is %q, but must be %s or %s", o.Precision, Float32, Float64)
	}
	if o.Threads < 0 {
		return fmt.Errorf("the number of threads is %d, but must be 0 (one on each processor) or more", o.Threads)
	}
	if o.Threads == 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	return nil
}

// An Executable is a compiled training. It may train several jobs at a time.
type Executable struct{ trainer }

// trainer is an executable of one precision.
type trainer interface {
	// Train is that of [backend.Executor].
	Train(ctx context.Context, runs []program.Run, steps int, record []int, sink backend.Sink) error
}

// Compile compiles a training.
func Compile(t *program.Training, o Options) (*Executable, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	var e trainer
	var err error
	if o.Precision == Float64 {
		e, err = newExecutable[float64](t, o)
	} else {
		e, err = newExecutable[float32](t, o)
	}
	if err != nil {
		return nil, err
	}
	return &Executable{e}, nil
}

// Evaluate returns the results of a program at several places: by place, then by
// output.
func Evaluate(p *program.Program, o Options, at ...program.Place) ([][][]float64, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Precision == Float64 {
		return evaluate[float64](p, o, at)
	}
	return evaluate[float32](p, o, at)
}

func evaluate[F asm.Float](p *program.Program, o Options, at []program.Place) ([][][]float64, error) {
	compiled, err := compile[F](p, false)
	if err != nil {
		return nil, err
	}
	var variables []program.VariableInfo
	for i := range p.Nodes {
		if n := &p.Nodes[i]; n.Op == program.Read {
			for len(variables) <= n.Count {
				variables = append(variables, program.VariableInfo{})
			}
			variables[n.Count].Shape = n.Shape
		}
	}
	m := newMachine(asm.Sets[F]()[o.set], o.Threads, variables, compiled)
	defer m.close()
	var out [][][]float64
	for _, place := range at {
		m.begin(place.Run)
		m.step = place.Step
		for v := range variables {
			fill(m.variables[v], place.Variables[v])
		}
		if err := m.execute(compiled); err != nil {
			return nil, err
		}
		out = append(out, m.results(nil, compiled.outputs))
	}
	return out, nil
}

// fill rounds numbers to the precision.
func fill[F asm.Float](to []F, from []float64) {
	for i, v := range from {
		to[i] = F(v)
	}
}

// begin takes up a run.
func (m *machine[F]) begin(run program.Run) {
	m.streams, m.settings = run.Streams, run.Settings
}

// results returns tensors as float64, in the memory of earlier ones if there is any.
func (m *machine[F]) results(room [][]float64, places []place) [][]float64 {
	if room == nil {
		room = make([][]float64, len(places))
		for i, p := range places {
			room[i] = make([]float64, p.size)
		}
	}
	for i, p := range places {
		from := m.at(p)
		for k := range room[i] {
			room[i][k] = float64(from[k])
		}
	}
	return room
}
