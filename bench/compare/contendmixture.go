package compare

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"modspec/engine/kind/mixture"
	"modspec/engine/train"
)

// ContendMixture answers the comparison for mixtures of rules on a backend of a
// precision.
func ContendMixture(ctx context.Context, b train.Backend, precision string, r ContendRequest, in io.Reader, out io.Writer) error {
	m, runs, err := readMixture(r.Folder)
	if err != nil {
		return err
	}
	losses, err := m.losses(ctx, b, precision, runs)
	if err != nil {
		return err
	}
	if err := writeNumbers(r.Maps, losses); err != nil {
		return err
	}
	return r.contend(m.Runs, m.steps(), func(runs, steps int) (time.Duration, error) {
		part := m
		part.Runs = runs
		job, err := part.job(precision, steps)
		if err != nil {
			return 0, err
		}
		began := time.Now()
		err = b.Train(ctx, job, unobserved{})
		return time.Since(began), err
	}, in, out)
}

// unobserved is a recorder that keeps nothing.
type unobserved struct{}

func (unobserved) Wanted() bool                      { return false }
func (unobserved) Observe(int, int, []float64) error { return nil }
func (unobserved) Finish(_ int, end train.End) error {
	if end.Diverged {
		return fmt.Errorf("a run diverged at step %d: its time would mean nothing", end.Step)
	}
	return nil
}

// trainLosses keeps the losses of the batches of jobs of one run each.
type trainLosses struct {
	unobserved
	all []float64
}

func (*trainLosses) Wanted() bool { return true }
func (l *trainLosses) Observe(_, _ int, metrics []float64) error {
	l.all = append(l.all, metrics[mixture.Kind{}.Metrics().Index("train_loss")])
	return nil
}

// endVariables keeps the variables of runs as they end.
type endVariables struct {
	unobserved
	runs map[int][][]float64
}

func (e *endVariables) Finish(run int, end train.End) error {
	for _, v := range end.Variables {
		e.runs[run] = append(e.runs[run], slices.Clone(v))
	}
	return nil
}
