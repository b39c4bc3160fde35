package train

import (
	"fmt"
	"slices"

	"modspec/engine/program"
)

// A Checkpoint is a run between two steps: what it takes to go on with the bits that it
// would have had without a stop. It holds for one precision, backend and version.
type Checkpoint struct {
	program.Checkpoint
	// Observed are the metrics at the recorded steps before Step, as Recorder.Observe
	// received them. They are reported again to the recorder of the continued run and
	// to its [Tracker], which restores its state. They may be left out if observations
	// before the last are not wanted and the kind is no [Summarizer].
	Observed [][]float64
}

// A Keeper is a [Recorder] that is given checkpoints.
type Keeper interface {
	Recorder
	// Due reports whether a checkpoint of a run is wanted after so many steps. A backend
	// that gives checkpoints asks between any two steps, first where the run begins, and
	// of runs that go in step one for all. It may ask for different runs at the same
	// time, and while another method is called, so Due returns at once.
	Due(run, step int) bool
	// Keep takes checkpoints of some runs after the same step, whose observation has
	// not been reported yet. It is a call like the others of a Recorder. What it is
	// given is only good during the call.
	Keep(runs []int, checkpoints []Checkpoint) error
}

// checkFrom returns an error that names the first run that cannot begin at its
// checkpoint.
func (j *Job) checkFrom() error {
	first := slices.IndexFunc(j.Runs, func(r Run) bool { return r.From != nil })
	if first < 0 {
		return nil
	}
	t, err := j.Runs[first].Model.Program()
	if err != nil {
		return err
	}
	record := j.Schedule.Steps(j.Steps)
	for i := first; i < len(j.Runs); i++ {
		c := j.Runs[i].From
		if c == nil {
			continue
		}
		if err := c.check(j, t, record); err != nil {
			return fmt.Errorf("run %d: %w", i, err)
		}
	}
	return nil
}

func (c *Checkpoint) check(j *Job, t *program.Training, record []int) error {
	if err := c.Checkpoint.Check(t); err != nil {
		return err
	}
	if c.Step > j.Steps {
		return fmt.Errorf("the checkpoint is of step %d, but the job has %d", c.Step, j.Steps)
	}
	if j.Precision == "float32" {
		for v, info := range t.Variables {
			if i := slices.IndexFunc(c.Variables[v], func(x float64) bool { return float64(float32(x)) != x }); i >= 0 {
				return fmt.Errorf("the variable %q of the checkpoint has the value %v, which is no number of float32", info.Name, c.Variables[v][i])
			}
		}
	}
	if before, _ := slices.BinarySearch(record, c.Step); len(c.Observed) != 0 && len(c.Observed) != before {
		return fmt.Errorf("the checkpoint has %d observations, but %d recorded steps come before step %d", len(c.Observed), before, c.Step)
	}
	for i, row := range c.Observed {
		if want := len(j.Kind.Metrics()); len(row) != want {
			return fmt.Errorf("observation %d of the checkpoint has %d metrics, but the kind %s has %d", i, len(row), j.Kind.Name(), want)
		}
	}
	return nil
}
