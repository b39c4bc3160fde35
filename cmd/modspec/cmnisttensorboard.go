package main

import (
	"fmt"
	"path/filepath"

	"modspec/engine/cmnist/experiment"
	"modspec/engine/results"
	"modspec/engine/tensorboard"
)

// epochEvents writes epochs as event files, a run for each network and run, as they
// end. Without a folder it writes nothing. It keeps its first error: a disk that is
// full of event files is no reason to lose the training.
type epochEvents struct {
	dir  string
	runs map[string]*tensorboard.Writer
	err  error
}

// eventFolder is the name of the run that a run of a network becomes.
func eventFolder(arch string, run int) string { return fmt.Sprintf("%s-%d", arch, run) }

// eventFolders are those of an experiment.
func eventFolders(c experiment.Config) []string {
	var list []string
	for _, n := range c.Networks {
		for run := range c.Runs {
			list = append(list, eventFolder(n.Name, run))
		}
	}
	return list
}

func (e *epochEvents) epoch(row results.CMNISTEpoch) {
	if e.dir == "" || e.err != nil {
		return
	}
	name := eventFolder(row.Arch, row.RunIndex)
	w := e.runs[name]
	if w == nil {
		if w, e.err = tensorboard.Open(filepath.Join(e.dir, name)); e.err != nil {
			return
		}
		e.runs[name] = w
		w.Start(row.Epoch) // of a resumed run, some epochs come again
	}
	list := []tensorboard.Scalar{
		{Tag: "systematicity/systematicity", Value: float64(row.Systematicity)},
		{Tag: "systematicity/company", Value: float64(row.Company)},
		{Tag: "systematicity/style", Value: float64(row.Style)},
	}
	for _, set := range []struct {
		name string
		m    *results.CMNISTMeasure
	}{{"train", &row.Train}, {"test", &row.Test}, {"unseen", &row.Unseen}, {"recombined", &row.Recombined}} {
		list = append(list,
			tensorboard.Scalar{Tag: "error/" + set.name + "_compositional", Value: float64(set.m.Compositional)},
			tensorboard.Scalar{Tag: "error/" + set.name + "_non_compositional", Value: float64(set.m.NonCompositional)},
			tensorboard.Scalar{Tag: "accuracy/" + set.name + "_all_digits", Value: float64(set.m.AllDigits)},
			tensorboard.Scalar{Tag: "accuracy/" + set.name + "_number", Value: float64(set.m.Number)})
	}
	w.Scalars(row.Epoch, list...)
	e.err = w.Flush() // whoever watches sees the epoch now
}

// close ends the files and returns the first error.
func (e *epochEvents) close() error {
	for _, w := range e.runs {
		if err := w.Close(); e.err == nil {
			e.err = err
		}
	}
	if e.err != nil {
		return fmt.Errorf("event files: %w", e.err)
	}
	return nil
}
