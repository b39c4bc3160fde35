package programs

import (
	"context"

	"modspec/engine/backend"
	"modspec/engine/program"
)

// An Executor trains programs on vector processors; see the package comment.
type Executor struct{ options Options }

var _ backend.Executor = (*Executor)(nil)

// New returns an executor. The error is of an option.
func New(o Options) (*Executor, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	return &Executor{o}, nil
}

// Name returns "cpu".
func (e *Executor) Name() string { return "cpu" }

// Precision implements [backend.Executor].
func (e *Executor) Precision() string { return string(e.options.Precision) }

// Close does nothing: the executor holds nothing between jobs.
func (e *Executor) Close() error { return nil }

// Train implements [backend.Executor].
func (e *Executor) Train(ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, sink backend.Sink) error {
	compiled, err := Compile(t, e.options)
	if err != nil {
		return err
	}
	return compiled.Train(ctx, runs, steps, record, sink)
}
