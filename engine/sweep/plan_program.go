package sweep

import (
	"modspec/engine/program"
	"modspec/engine/train"
)

// estimator returns a model as one that estimates its cost: itself, or by its program.
func estimator(f *File, m train.Model) (train.Estimator, error) {
	if e, ok := m.(train.Estimator); ok {
		return e, nil
	}
	training, err := m.Program()
	if err != nil {
		return nil, err
	}
	return programModel{m, training, len(f.Kind.Metrics()), len(train.SummaryOf(f.Kind))}, nil
}

// A programModel is a model whose cost is that of its program.
type programModel struct {
	train.Model
	training         *program.Training
	metrics, summary int
}

// Work implements train.Estimator.
func (m programModel) Work(train.Place) train.Work {
	flops := func(p *program.Program) float64 { return float64(p.Cost().FLOPs()) }
	return train.Work{Start: flops(m.training.Start), Step: flops(m.training.Step), Observe: flops(m.training.Observe)}
}

// Memory implements train.Estimator. Every run of a job has its variables, before and
// after a step; a run in training has the tensors of its program too, of which a backend
// that uses memory again holds fewer. On a device all of these are the device's.
func (m programModel) Memory(p train.Place, l train.Load) (bytes, training float64) {
	if p.Device {
		return l.Runs * 8 * float64(m.metrics), l.Runs
	}
	size := 4.0
	if p.Precision == "float64" {
		size = 8
	}
	variables, tensors := 0, 0
	for i := range m.training.Variables {
		variables += program.Size(m.training.Variables[i].Shape)
	}
	for _, one := range []*program.Program{m.training.Start, m.training.Step, m.training.Observe} {
		sum := 0
		for i := range one.Nodes {
			sum += one.Nodes[i].Size()
		}
		tensors = max(tensors, sum)
	}
	training = min(l.Runs, float64(max(1, p.Threads)))
	return size * (2*l.Runs*float64(variables) + training*float64(tensors)), training
}

// Numbers implements train.Estimator.
func (m programModel) Numbers() (recording, run int) { return m.metrics, m.summary }

// Fits implements train.Estimator: package program forms no tensor that is too large.
func (m programModel) Fits(train.Place) error { return nil }
