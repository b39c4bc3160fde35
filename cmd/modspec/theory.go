package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/spf13/cobra"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear/prediction"
	"modspec/engine/names"
	"modspec/engine/network"
	"modspec/engine/results"
	"modspec/engine/theory"
	"modspec/engine/train"
)

// theoryFlags are the flags of modspec theory.
type theoryFlags struct {
	point     pointFlags
	network   networkFlags
	lr, a0    float64
	initScale float64
	steps     int
	every     int
	time      string
	json      bool
}

func newTheory() *cobra.Command {
	var f theoryFlags
	cmd := &cobra.Command{
		Use:   "theory",
		Short: "Print what linear networks learn of a dataset, and when, in closed form",
		Long: `Print the exact theory of one dataset: singular values of Σ_yx, eigenvalues of
Σ_x, the strengths at which learning ends, the squared norms of the four
quadrants of the learned map and its systematicity. With an architecture, also
every mode and its time to half, and the trajectory of modes and quadrants.

In the trajectory, "modes" lists strengths module by module, each module's in
descending order of singular value, as the table "modes" describes them.
Quadrants in JSON are squared Frobenius norms, named input_output; the tables
show norms.`,
		Example: `  modspec theory --bits 3 --ny 1 --kx 3 --ky 1 --r 1
  modspec theory --arch dense --lr 0.16 --a0 8e-7 --steps 300
  modspec theory --bits 4 --ny 2 --kx 1 --arch split --time discrete --json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out, err := f.compute(cmd)
			if err != nil {
				return err
			}
			if f.json {
				err = json.NewEncoder(cmd.OutOrStdout()).Encode(out)
			} else {
				out.print(cmd.OutOrStdout())
			}
			if err != nil {
				return err
			}
			return out.diverged
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.point.add(flags)
	f.network.add(flags, "")
	numberVar(flags, &f.lr, "lr", 0.16, "learning rate η; the paper's step_size times the number of examples")
	numberVar(flags, &f.a0, "a0", 0, fmt.Sprintf("a(0), every mode's strength at step 0, 0 or %g to %g (default: h·σ²/2 deep, 0 shallow)", theory.MinStart, theory.MaxStart))
	numberVar(flags, &f.initScale, "init-scale", 0.0002, "σ of the initial weights, for the default a(0)")
	numberVar(flags, &f.steps, "steps", 300, "steps of the trajectory")
	numberVar(flags, &f.every, "record-every", 10, "steps between two rows of the trajectory")
	flags.StringVar(&f.time, "time", "continuous", "continuous (the paper's closed form) or discrete (real steps, as train makes them)")
	flags.BoolVar(&f.json, "json", false, "print JSON instead of tables")
	return cmd
}

// theoryOutput is what modspec theory --json prints.
type theoryOutput struct {
	Dataset          pointJSON         `json:"dataset"`
	SingularValues   []theory.Level    `json:"singular_values"`
	InputEigenvalues []theory.Level    `json:"input_eigenvalues"`
	Asymptote        []theory.Level    `json:"asymptote"`
	Quadrants        dataset.Quadrants `json:"quadrants"`
	QuadrantNorms    dataset.Quadrants `json:"quadrant_norms"`
	Systematicity    results.Number    `json:"systematicity"`
	Architecture     string            `json:"architecture,omitempty"`
	Time             string            `json:"time,omitempty"`
	LearningRate     float64           `json:"learning_rate,omitempty"`
	Modes            []modeJSON        `json:"modes,omitempty"`
	Trajectory       []sampleJSON      `json:"trajectory,omitempty"`

	point    dataset.Point
	diverged error // where the dynamics are no longer finite
}

// modeJSON describes one entry of the trajectory's lists of mode strengths.
type modeJSON struct {
	Module          int             `json:"module"` // from 1
	Kind            string          `json:"kind"`
	Multiplicity    int             `json:"multiplicity"`
	SingularValue   float64         `json:"singular_value"`
	InputEigenvalue float64         `json:"input_eigenvalue"`
	Asymptote       float64         `json:"asymptote"`
	Start           *results.Number `json:"a0,omitempty"`
	HalfTime        *results.Number `json:"time_to_half,omitempty"`
}

// sampleJSON is the predicted state at one step.
type sampleJSON struct {
	Step          int               `json:"step"`
	Modes         []float64         `json:"modes"`
	Quadrants     dataset.Quadrants `json:"quadrants"`
	QuadrantNorms dataset.Quadrants `json:"quadrant_norms"`
	Systematicity results.Number    `json:"systematicity"`
}

func newSampleJSON(s prediction.Sample) sampleJSON {
	modes := s.Modes
	if modes == nil {
		modes = []float64{}
	}
	return sampleJSON{s.Step, modes, s.Quadrants, s.Quadrants.Norms(), results.Number(s.Quadrants.Systematicity())}
}

// finiteSamples returns the samples up to the first that is not finite: at a
// learning rate that is too large theory's discrete dynamics diverge as a
// simulation does, and what comes after has no numbers.
func finiteSamples(samples []prediction.Sample) []prediction.Sample {
	for i, s := range samples {
		q := s.Quadrants
		sum := q.OmegaOmega + q.GammaOmega + q.OmegaGamma + q.GammaGamma
		for _, a := range s.Modes {
			sum += a
		}
		if math.IsNaN(sum) || math.IsInf(sum, 0) {
			return samples[:i]
		}
	}
	return samples
}

func (f *theoryFlags) compute(cmd *cobra.Command) (*theoryOutput, error) {
	p, err := f.point.point()
	if err != nil {
		return nil, err
	}
	q := theory.FinalQuadrants(p, dataset.Whole)
	out := &theoryOutput{
		Dataset:        newPointJSON(p),
		SingularValues: theory.SingularValues(p, dataset.Whole), InputEigenvalues: theory.InputEigenvalues(p, dataset.Whole),
		Asymptote: theory.Asymptotes(p, dataset.Whole),
		Quadrants: q, QuadrantNorms: q.Norms(), Systematicity: results.Number(q.Systematicity()),
		point: p,
	}
	if !f.network.given() {
		for _, name := range []string{"lr", "a0", "steps", "record-every", "time", "init-scale", "hidden", "depth"} {
			if cmd.Flags().Changed(name) {
				return nil, badInput(fmt.Errorf("--%s shapes a trajectory, which needs a network; add --arch, such as --arch dense", name))
			}
		}
		return out, nil
	}
	return out, f.trajectory(cmd, out)
}

// trajectory fills in what an architecture adds.
func (f *theoryFlags) trajectory(cmd *cobra.Command, out *theoryOutput) error {
	arch, err := f.network.architecture(out.point)
	if err != nil {
		return err
	}
	if err := f.checkTrajectory(cmd); err != nil {
		return badInput(err)
	}
	time := prediction.Continuous
	if f.time == "discrete" {
		time = prediction.Discrete
	}
	predictor := prediction.New(out.point, arch)
	var starts []float64
	for _, mode := range predictor.Modes {
		start, err := f.start(cmd, arch.Modules[mode.Module])
		if err != nil {
			return badInput(err)
		}
		starts = append(starts, start)
		out.Modes = append(out.Modes, newModeJSON(mode, f.lr, start))
	}
	var curves prediction.Curves
	if err := predictor.Follow(&curves, prediction.EachMode(starts), f.lr, train.Schedule{Every: f.every}.Steps(f.steps), time); err != nil {
		return badInput(err)
	}
	samples := curves.Samples()
	finite := finiteSamples(samples)
	if len(finite) < len(samples) {
		remedy := fmt.Sprintf("a smaller --lr than %g", f.lr)
		if startsLarge(predictor.Modes, starts) {
			remedy = fmt.Sprintf("a smaller --init-scale than %g", f.initScale)
			if cmd.Flags().Changed("a0") {
				remedy = fmt.Sprintf("a smaller --a0 than %g", f.a0)
			}
		}
		out.diverged = exitError{exitDiverged, fmt.Errorf("the dynamics diverge and are no longer finite at step %d; use %s", samples[len(finite)].Step, remedy)}
	}
	for _, s := range finite {
		out.Trajectory = append(out.Trajectory, newSampleJSON(s))
	}
	out.Architecture, out.Time, out.LearningRate = arch.Name, f.time, f.lr
	_, final := predictor.End()
	out.Quadrants, out.QuadrantNorms, out.Systematicity = final, final.Norms(), results.Number(final.Systematicity())
	return nil
}

// startsLarge reports whether the starts of modules with hidden layers answer more
// than the labels, see answersMore. Without hidden layer the dynamics are linear, and
// whether they diverge does not depend on where they start.
func startsLarge(modes []prediction.Mode, starts []float64) bool {
	loss, zero := 0.0, 0.0
	for k, m := range modes {
		gap := m.Asymptote()
		if m.Hidden > 0 {
			gap -= starts[k]
		}
		each := float64(m.Multiplicity) * m.InputEigenvalue
		loss += each * gap * gap
		zero += each * m.Asymptote() * m.Asymptote()
	}
	return answersMore(loss, zero)
}

// answersMore reports whether a network of the given loss answers more than the
// labels, when the loss of the answer 0 is zero. A loss of more than 4 times that is
// ‖y − ŷ‖ > 2‖y‖, so ‖ŷ‖ > ‖y‖ over all examples; one that is not finite is too.
func answersMore(loss, zero float64) bool { return !(loss <= 4*zero) }

// maxSteps bounds a trajectory that is held in memory.
const maxSteps = 100_000_000

func (f *theoryFlags) checkTrajectory(cmd *cobra.Command) error {
	switch {
	case math.IsNaN(f.lr) || math.IsInf(f.lr, 0) || f.lr < 0:
		return fmt.Errorf("--lr is %v, but must be a finite number ≥ 0", f.lr)
	case theory.CheckStart(f.a0) != nil:
		return fmt.Errorf("--a0: %w", theory.CheckStart(f.a0))
	case network.CheckScale(f.initScale) != nil:
		return fmt.Errorf("--init-scale: %w", network.CheckScale(f.initScale))
	case f.steps < 0 || f.steps > maxSteps:
		return fmt.Errorf("--steps is %d, but must be 0 to %d", f.steps, maxSteps)
	case f.every < 1:
		return fmt.Errorf("--record-every is %d, but must be 1 or more", f.every)
	case (train.Schedule{Every: f.every}).Fits(f.steps) != nil:
		return (train.Schedule{Every: f.every}).Fits(f.steps)
	case f.time != "continuous" && f.time != "discrete":
		return names.Unknown("time", f.time, []string{"continuous", "discrete"})
	}
	return nil
}

// start returns a mode's a(0): as given, or its mean over the initial weights.
func (f *theoryFlags) start(cmd *cobra.Command, m network.Module) (float64, error) {
	switch {
	case cmd.Flags().Changed("a0"):
		return f.a0, nil
	case len(m.Hidden) == 0:
		return 0, nil // uᵀW(0)v has mean 0
	case len(m.Hidden) == 1:
		return theory.MeanDeepStart(m.Hidden[0], f.initScale), nil
	}
	return 0, errors.New("there is no known a(0) for several hidden layers; give one with --a0")
}

func newModeJSON(m prediction.Mode, eta, start float64) modeJSON {
	j := modeJSON{
		Module: m.Module + 1, Kind: m.Kind.String(), Multiplicity: m.Multiplicity,
		SingularValue: m.SingularValue, InputEigenvalue: m.InputEigenvalue, Asymptote: m.Asymptote(),
	}
	a0 := results.Number(start)
	j.Start = &a0
	if m.Hidden <= 1 {
		half := theory.DeepHalfTime
		if m.Hidden == 0 {
			half = theory.ShallowHalfTime
		}
		t := results.Number(half(m.Mode, eta, start))
		j.HalfTime = &t
	}
	return j
}

// print writes the tables that people read.
func (o *theoryOutput) print(w io.Writer) {
	p := o.point
	fmt.Fprintf(w, "Dataset: %v\n%d examples, %d inputs, %d outputs\n\n", p, p.Examples(), p.Inputs(), p.Outputs())
	t := newTable("", "value", "multiplicity")
	for _, l := range []struct {
		name   string
		levels []theory.Level
	}{{"singular value λ of Σ_yx", o.SingularValues}, {"eigenvalue δ of Σ_x", o.InputEigenvalues}, {"asymptote λ/δ", o.Asymptote}} {
		for i, level := range l.levels {
			name := ""
			if i == 0 {
				name = l.name
			}
			t.row(name, decimal(level.Value), fmt.Sprint(level.Multiplicity))
		}
		if len(l.levels) == 0 {
			t.row(l.name, "none", "0")
		}
	}
	t.write(w)
	what := "a network that learns everything"
	if o.Architecture != "" {
		what = "the " + o.Architecture + " network"
	}
	fmt.Fprintf(w, "\nWhere learning ends for %s:\n", what)
	printQuadrants(w, o.QuadrantNorms)
	fmt.Fprintf(w, "systematicity  %s\n", decimal(float64(o.Systematicity)))
	if o.Trajectory == nil {
		return
	}
	fmt.Fprintf(w, "\nModes of the %s network (η = %g):\n", o.Architecture, o.LearningRate)
	t = newTable("module", "mode", "number", "λ", "asymptote", "a(0)", "time to half")
	for _, m := range o.Modes {
		half := "no closed form"
		if m.HalfTime != nil {
			half = decimal(float64(*m.HalfTime))
		}
		t.row(fmt.Sprint(m.Module), m.Kind, fmt.Sprint(m.Multiplicity), decimal(m.SingularValue), decimal(m.Asymptote), decimal(float64(*m.Start)), half)
	}
	t.write(w)
	fmt.Fprintf(w, "\nTrajectory in %s time (quadrants: Frobenius norms):\n", o.Time)
	trajectory := newTrajectoryTable(o.Modes, false)
	for _, s := range o.Trajectory {
		trajectory.add(s.Step, math.NaN(), s.QuadrantNorms, float64(s.Systematicity), s.Modes)
	}
	trajectory.write(w)
}
