package main

import (
	"fmt"
	"io"
	"math"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/prediction"
	"modspec/engine/network"
	"modspec/engine/results"
)

// trainOutput is what modspec train --json prints.
type trainOutput struct {
	Dataset      pointJSON         `json:"dataset"`
	Architecture string            `json:"architecture"`
	Backend      string            `json:"backend"`
	LearningRate float64           `json:"learning_rate"`
	Steps        int               `json:"steps"` // steps done
	Diverged     bool              `json:"diverged"`
	Modes        []modeJSON        `json:"modes"`
	Trajectory   []observationJSON `json:"trajectory"`
	// Prediction is the discrete, parameter-free theory at the recorded steps;
	// absent where there is none.
	Prediction []sampleJSON `json:"prediction,omitempty"`
	// PredictionMissing is why a prediction that there is could not be computed.
	PredictionMissing string      `json:"prediction_missing,omitempty"`
	FinalMap          [][]float64 `json:"final_map"` // n_out × n_in; null if diverged

	point dataset.Point
}

// observationJSON is the state of the network at one recorded step.
type observationJSON struct {
	Step          int               `json:"step"`
	Loss          results.Number    `json:"loss"`
	LossOmega     results.Number    `json:"loss_omega"`
	LossGamma     results.Number    `json:"loss_gamma"`
	Test          *lossJSON         `json:"test,omitempty"`
	Quadrants     dataset.Quadrants `json:"quadrants"`
	QuadrantNorms dataset.Quadrants `json:"quadrant_norms"`
	Modes         []float64         `json:"modes"`
	Systematicity results.Number    `json:"systematicity"`
}

// lossJSON is the loss on the test examples.
type lossJSON struct {
	Loss      results.Number `json:"loss"`
	LossOmega results.Number `json:"loss_omega"`
	LossGamma results.Number `json:"loss_gamma"`
}

func newTrainOutput(job *linear.Job, run linear.Run, backend string) (*trainOutput, error) {
	c := job.Copies[0]
	p := c.Task.Point
	out := &trainOutput{
		Dataset: newPointJSON(p), Architecture: job.Architecture.Name, Backend: backend,
		LearningRate: c.LearningRate, Steps: run.Final.Step, Diverged: run.Final.Diverged,
		Modes: []modeJSON{}, Trajectory: []observationJSON{}, point: p,
	}
	if !run.Final.Diverged {
		out.FinalMap = network.Rows(run.Final.Weights.Map(job.Architecture, p))
	}
	var steps []int
	for _, o := range run.Trajectory {
		out.Trajectory = append(out.Trajectory, newObservationJSON(o))
		steps = append(steps, o.Step)
	}
	return out, out.predict(job, steps)
}

func newObservationJSON(o linear.Observation) observationJSON {
	j := observationJSON{
		Step: o.Step, Loss: results.Number(o.Train.Total),
		LossOmega: results.Number(o.Train.Omega), LossGamma: results.Number(o.Train.Gamma),
		Quadrants: o.Quadrants, QuadrantNorms: o.Quadrants.Norms(),
		Modes: o.Modes, Systematicity: results.Number(o.Systematicity),
	}
	if j.Modes == nil {
		j.Modes = []float64{}
	}
	if !math.IsNaN(o.Test.Total) {
		j.Test = &lossJSON{results.Number(o.Test.Total), results.Number(o.Test.Omega), results.Number(o.Test.Gamma)}
	}
	return j
}

// predict fills in the modes and, where theory has a parameter-free answer, its
// trajectory: gradient descent on all examples at once, at most one hidden
// layer, outputs that do not overlap.
func (o *trainOutput) predict(job *linear.Job, steps []int) error {
	c := job.Copies[0]
	arch, weights, err := job.Start(0)
	if err != nil {
		return err
	}
	predictor := prediction.New(o.point, arch)
	means := predictor.MeanStarts(weights)
	for k, mode := range predictor.Modes {
		j := newModeJSON(mode, c.LearningRate, means[k])
		j.HalfTime = nil
		if mode.Hidden > 1 {
			j.Start = nil
		}
		o.Modes = append(o.Modes, j)
	}
	if kind, _ := predictor.Kind(&c, false); kind != results.PredictionDiscrete {
		return nil
	}
	var curves prediction.Curves
	starts, err := predictor.Starts(nil, weights)
	if err == nil {
		err = predictor.Follow(&curves, starts, c.LearningRate, steps, prediction.Discrete)
	}
	if err != nil {
		o.PredictionMissing = err.Error()
	}
	for _, s := range finiteSamples(curves.Samples()) {
		o.Prediction = append(o.Prediction, newSampleJSON(s))
	}
	return nil
}

// print writes the tables that people read.
func (o *trainOutput) print(w io.Writer) {
	fmt.Fprintf(w, "Dataset: %v\n%s network, η = %g, %s backend\n\n", o.point, o.Architecture, o.LearningRate, o.Backend)
	t := newTrajectoryTable(o.Modes, true)
	for _, s := range o.Trajectory {
		t.add(s.Step, float64(s.Loss), s.QuadrantNorms, float64(s.Systematicity), s.Modes)
	}
	t.write(w)
	fmt.Fprintln(w, "(quadrants as Frobenius norms; S: systematicity)")
	if o.PredictionMissing != "" {
		fmt.Fprintf(w, "(theory's prediction is missing: %s)\n", o.PredictionMissing)
	}
	if len(o.Trajectory) == 0 {
		return
	}
	last := o.Trajectory[len(o.Trajectory)-1]
	fmt.Fprintln(w)
	losses := newTable("loss at step "+fmt.Sprint(last.Step), "whole", "Ωy", "Γy")
	losses.row("training", decimal(float64(last.Loss)), decimal(float64(last.LossOmega)), decimal(float64(last.LossGamma)))
	if last.Test != nil {
		losses.row("test", decimal(float64(last.Test.Loss)), decimal(float64(last.Test.LossOmega)), decimal(float64(last.Test.LossGamma)))
	}
	losses.write(w)
	o.printModes(w, last.Modes)
}

// printModes compares the modes at the end with where theory says learning ends,
// and over the whole run with the discrete prediction.
func (o *trainOutput) printModes(w io.Writer, last []float64) {
	if len(o.Modes) == 0 {
		return
	}
	fmt.Fprintln(w)
	t := newTable("", "module", "kind", "number", "strength", "asymptote", "off theory by at most")
	for i, m := range o.Modes {
		off := "–"
		if o.Prediction != nil {
			largest := 0.0
			for s := range min(len(o.Trajectory), len(o.Prediction)) {
				largest = math.Max(largest, math.Abs(o.Trajectory[s].Modes[i]-o.Prediction[s].Modes[i])/m.Asymptote)
			}
			off = fmt.Sprintf("%.2g %% of asymptote", 100*largest)
		}
		t.row(fmt.Sprintf("mode %d", i+1), fmt.Sprint(m.Module), m.Kind, fmt.Sprint(m.Multiplicity), decimal(last[i]), decimal(m.Asymptote), off)
	}
	t.write(w)
}
