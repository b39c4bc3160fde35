package backendtest

import (
	"context"
	"fmt"
	"math"

	"modspec/engine/kind/linear"
)

// checkTraining holds all that every copy of a job records and ends with against
// the suite's own training.
func checkTraining(b linear.Backend, job *linear.Job, tol Tolerance) error {
	runs, err := trainChecked(context.Background(), b, job)
	if err != nil {
		return err
	}
	for i, run := range runs {
		x, err := expect(job, i, tol)
		if err == nil {
			err = x.compare(run)
		}
		if err != nil {
			return fmt.Errorf("copy %d: %w", i, err) // the first says enough
		}
	}
	return nil
}

// checkOneStep holds a single step against the suite's own, element by element: a new
// weight is off by at most γ of all roundings on its way, relative to the sum of its
// terms' absolute values. No dynamics come in, so this is the most sensitive check of a
// step's formulas.
func checkOneStep(b linear.Backend, job *linear.Job, tol Tolerance) error {
	job.Steps = min(job.Steps, 1)
	runs, err := trainChecked(context.Background(), b, job)
	if err != nil {
		return err
	}
	for i, run := range runs {
		o, start, err := newOracle(job, i)
		if err != nil {
			return err
		}
		want, sizes := start, start.each(matrix.abs)
		if job.Steps == 1 {
			want, sizes = o.step(start, o.batch(0), false), o.step(start, o.batch(0), true)
		}
		got := fromWeights(run.Final.Weights)
		nu := o.length() * tol.Roundoff
		gamma := nu / (1 - nu)
		for m := range want {
			for l := range want[m] {
				if err := compareStep(got[m][l], want[m][l], sizes[m][l], 2*gamma); err != nil {
					return fmt.Errorf("copy %d, module %d, layer %d: %w", i, m+1, l+1, err)
				}
			}
		}
	}
	return nil
}

// compareStep returns the first weight of a layer that is off by more than bound
// times its size.
func compareStep(got, want, sizes matrix, bound float64) error {
	for i, row := range want {
		for j, v := range row {
			if d := math.Abs(got[i][j] - v); !(d <= bound*sizes[i][j]) {
				return fmt.Errorf("weight (%d, %d) is %v after a step, want %v: off by %.3g, but rounding explains %.3g at most",
					i, j, got[i][j], v, d, bound*sizes[i][j])
			}
		}
	}
	return nil
}
