package plan

import (
	"fmt"
	"slices"

	"modspec/engine/program"
	"modspec/engine/sweep/spec"
	"modspec/engine/train"
)

// estimator returns a model, of which there are some runs, as one that estimates its
// cost: itself, or by its program.
func estimator(k train.Kind, m train.Model, runs int, o Options) (train.Estimator, error) {
	if e, ok := m.(train.Estimator); ok {
		return e, nil
	}
	training, err := m.Program()
	if err != nil {
		return nil, err
	}
	p := programModel{Model: m, training: training, metrics: len(k.Metrics()), summary: len(train.SummaryOf(k))}
	if o.JobCopies > 0 {
		return p, nil // trained in the memory of a device
	}
	p.runs = min(o.Threads, runs)
	if o.ProgramMemory == nil {
		p.alive = float64(p.runs) * aliveResults(training)
		return p, nil
	}
	// The estimate is doubled for the garbage that the collector leaves standing; what a
	// job holds above smallJob is given back as the job ends.
	alive, err := o.ProgramMemory(training, o.Threads, p.runs)
	p.alive = (alive + min(alive, smallJob)) / collectorFactor
	return p, err
}

// smallJob is how many bytes a job may leave to the collector.
const smallJob = 32 << 20

// A programModel is a model whose cost is that of its program.
type programModel struct {
	train.Model
	training         *program.Training
	metrics, summary int
	runs             int     // that are trained at a time
	alive            float64 // bytes while they are, for an estimate that is doubled
}

// Work implements train.Estimator.
func (m programModel) Work(train.Place) train.Work {
	flops := func(p *program.Program) float64 { return float64(p.Cost().FLOPs()) }
	return train.Work{Start: flops(m.training.Start), Step: flops(m.training.Step), Observe: flops(m.training.Observe)}
}

// aliveResults returns the most bytes that are alive at once of a run's variables before a
// step and of the results of one of its programs, each of which is there until its last
// use, in float64, with the programs' constants.
func aliveResults(t *program.Training) float64 {
	kept, most, tables := 0.0, 0.0, map[*byte]float64{}
	for i := range t.Variables {
		kept += float64(program.Size(t.Variables[i].Shape))
	}
	for _, p := range []*program.Program{t.Start, t.Step, t.Observe} {
		root, last := make([]int, len(p.Nodes)), make([]int, len(p.Nodes))
		for i := range p.Nodes {
			n := &p.Nodes[i]
			if n.Bytes != nil {
				tables[&n.Bytes[0]] = float64(len(n.Bytes)) // of all programs
			} else {
				kept += float64(len(n.Data))
			}
			if root[i] = i; n.Op == program.Reshape || n.Op == program.Stop {
				root[i] = root[n.In[0]] // which is the same memory
			}
			for _, in := range n.In {
				last[root[in]] = i
			}
		}
		for _, o := range p.Outputs {
			last[root[o.Value]] = len(p.Nodes)
		}
		alive := 0.0
		for i := range p.Nodes {
			n := &p.Nodes[i]
			if root[i] == i && n.Op != program.Constant && n.Op != program.Read {
				alive += float64(n.Size())
			}
			most = max(most, alive)
			for k, in := range n.In {
				r := root[in]
				again := slices.ContainsFunc(n.In[:k], func(v program.Value) bool { return root[v] == r })
				if op := p.Nodes[r].Op; last[r] == i && !again && op != program.Constant && op != program.Read {
					alive -= float64(p.Nodes[r].Size())
				}
			}
		}
	}
	bytes := 8 * (kept + most)
	for _, n := range tables {
		bytes += n
	}
	return bytes
}

// runBytes are a run of a job with its model, streams and settings.
const runBytes = 512

// Memory implements train.Estimator. On a device, variables and results are the device's.
// What is recorded of a run in training is there a second time, for its checkpoint.
func (m programModel) Memory(p train.Place, l train.Load) (bytes, training float64) {
	bytes, training = l.Runs*(runBytes+8*float64(m.metrics)), l.Runs
	if !p.Device {
		bytes, training = bytes+m.alive, min(l.Runs, float64(m.runs))
	}
	const growth = 1.25 // of an array to which is appended
	return bytes + growth*8*float64(m.metrics)*l.Recordings*training, training
}

// Numbers implements train.Estimator.
func (m programModel) Numbers() (recording, run int) { return m.metrics, m.summary }

// Fits implements train.Estimator: package program forms no tensor that is too large.
func (m programModel) Fits(train.Place) error { return nil }

// CheckRun returns an error if the one run of a job needs more memory than there is. It
// names the need, the limit, and what to change.
func CheckRun(job *train.Job, o Options) error {
	limit := o.complete()
	m, err := estimator(job.Kind, job.Runs[0].Model, 1, o)
	if err != nil {
		return err
	}
	f := &spec.File{Kind: job.Kind, Precision: job.Precision}
	recordings := float64(job.Schedule.Count(job.Steps))
	bytes, _ := m.Memory(o.place(f), train.Load{Runs: 1, Settings: 1, Recordings: recordings})
	need := baseBytes + collectorFactor*Bytes(bytes+recordings*8*float64(1+len(job.Kind.Metrics())))
	if o.Memory > 0 && need > o.Memory {
		return fmt.Errorf("the training needs about %v of memory, but %v is available%s; use a smaller network or batch, or record less often", need, o.Memory, limitText(limit))
	}
	return nil
}
