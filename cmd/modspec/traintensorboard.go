package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"modspec/engine/dataset"
	"modspec/engine/results"
	"modspec/engine/tensorboard"
)

// The runs that modspec train --tensorboard writes.
const (
	simulationRun = "simulation"
	theoryRun     = "theory"
)

// checkEventFolders returns an error if a run has event files, since TensorBoard would
// show two trainings as one curve, or if none can be written. It leaves nothing behind.
func checkEventFolders(dir string, runs ...string) error {
	there := dir // or the nearest folder above that is
	for {
		if _, err := os.Stat(there); !errors.Is(err, fs.ErrNotExist) || filepath.Dir(there) == there {
			break
		}
		there = filepath.Dir(there)
	}
	if err := probe(there); err != nil {
		return fmt.Errorf("--tensorboard: cannot write into %s: %w; choose a folder that can be made and written to", dir, errNo(err))
	}
	for _, run := range runs {
		folder := filepath.Join(dir, run)
		held, err := tensorboard.Holds(folder)
		if err != nil {
			return fmt.Errorf("cannot look into %s: %w", folder, errNo(err))
		}
		if held {
			return fmt.Errorf("--tensorboard: %s has event files already, and TensorBoard would show both trainings as one; choose another folder", folder)
		}
	}
	return nil
}

// writeEvents writes the trajectory as event files, and theory's as a run of its own
// with the same names of curves, so that TensorBoard draws one over the other.
func (o *trainOutput) writeEvents(dir, command string) error {
	w, err := tensorboard.Open(filepath.Join(dir, simulationRun))
	if err != nil {
		return err
	}
	w.Text("command", "`"+command+"`")
	for _, s := range o.Trajectory {
		list := append(mapScalars(s.QuadrantNorms, s.Systematicity, s.Modes),
			tensorboard.Scalar{Tag: "loss/train", Value: float64(s.Loss)},
			tensorboard.Scalar{Tag: "loss/train_omega", Value: float64(s.LossOmega)},
			tensorboard.Scalar{Tag: "loss/train_gamma", Value: float64(s.LossGamma)})
		if s.Test != nil {
			list = append(list,
				tensorboard.Scalar{Tag: "loss/test", Value: float64(s.Test.Loss)},
				tensorboard.Scalar{Tag: "loss/test_omega", Value: float64(s.Test.LossOmega)},
				tensorboard.Scalar{Tag: "loss/test_gamma", Value: float64(s.Test.LossGamma)})
		}
		w.Scalars(s.Step, list...)
	}
	if err := w.Close(); err != nil || len(o.Prediction) == 0 {
		return err
	}
	if w, err = tensorboard.Open(filepath.Join(dir, theoryRun)); err != nil {
		return err
	}
	for _, s := range o.Prediction {
		w.Scalars(s.Step, mapScalars(s.QuadrantNorms, s.Systematicity, s.Modes)...)
	}
	return w.Close()
}

// mapScalars are the quantities of a learned map, by the names of the table
// trajectories.
func mapScalars(norms dataset.Quadrants, systematicity results.Number, modes []float64) []tensorboard.Scalar {
	list := []tensorboard.Scalar{
		{Tag: "quadrant/omega_omega", Value: norms.OmegaOmega}, {Tag: "quadrant/gamma_omega", Value: norms.GammaOmega},
		{Tag: "quadrant/omega_gamma", Value: norms.OmegaGamma}, {Tag: "quadrant/gamma_gamma", Value: norms.GammaGamma},
		{Tag: "systematicity", Value: float64(systematicity)},
	}
	for i, v := range modes {
		list = append(list, tensorboard.Scalar{Tag: fmt.Sprintf("mode/%d", i+1), Value: v})
	}
	return list
}
