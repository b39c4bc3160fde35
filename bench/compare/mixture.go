package compare

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/backend"
	"modspec/engine/backend/cpu/programs"
	"modspec/engine/backend/reference"
	"modspec/engine/kind/mixture"
	"modspec/engine/program"
	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/train"
)

// A Mixture is a training of runs of the kind mixture, for regression with Adam. Each
// run has a data seed of its own. In what is timed, ours and peers alike draw the
// batch of each run anew at each step.
type Mixture struct {
	Core  string `json:"core"`
	Rules int    `json:"rules"` // and modules
	Runs  int    `json:"copies"`
}

// The sizes of a mixture's networks and batches.
const (
	mixtureEmbedding = 32
	mixtureWidth     = 128
	mixtureBatch     = 256
	mixtureRate      = 0.001
	// mixtureSteps are the steps of all runs in a repetition of ours.
	mixtureSteps = 1024
	// mixtureCheck are the steps of the check.
	mixtureCheck = 5
)

// mixtureGain is by how much the check's initial weights are larger than those of the
// kind, uniform on ±1/√inputs: with √6 the signals have one size in all layers with
// ReLU, so that the losses tell of every layer. Source: K. He, X. Zhang, S. Ren, J. Sun,
// Delving deep into rectifiers, 2015.
var mixtureGain = math.Sqrt(6)

// name is the name of the workload.
func (m Mixture) name() string { return fmt.Sprintf("mixture-%s-%d-%d", m.Core, m.Rules, m.Runs) }

// steps are those of a repetition.
func (m Mixture) steps() int { return mixtureSteps / m.Runs }

// model is the network of a data seed. A record has one fresh sample of each rule.
func (m Mixture) model(dataSeed int) (train.Model, error) {
	s, err := train.NewSetting(mixture.Kind{})
	if err != nil {
		return nil, err
	}
	for name, v := range map[string]results.Value{
		"core": {Text: m.Core}, "rules": {Number: float64(m.Rules)}, "embedding": {Number: mixtureEmbedding}, "width": {Number: mixtureWidth},
		"batch": {Number: mixtureBatch}, "lr": {Number: mixtureRate}, "data_seed": {Number: float64(dataSeed)}, "samples": {Number: 1},
	} {
		s.Set(mixture.Kind{}.Parameters().Index(name), v)
	}
	return mixture.Kind{}.Resolve(s)
}

// job is a training of all runs that draw, seen at the first step and the last.
func (m Mixture) job(precision string, steps int) (*train.Job, error) {
	job := &train.Job{Kind: mixture.Kind{}, Precision: precision, Steps: steps}
	for seed := range m.Runs {
		model, err := m.model(seed)
		if err != nil {
			return nil, err
		}
		job.Runs = append(job.Runs, train.Run{Model: model, Stream: random.Stream{Seed: uint64(seed)}})
	}
	return job, nil
}

// work counts the multiply-adds in the products of a step of one run.
func (m Mixture) work() (float64, error) {
	model, err := m.model(0)
	if err != nil {
		return 0, err
	}
	t, err := model.Program()
	if err != nil {
		return 0, err
	}
	return float64(t.Step.Cost().Products), nil
}

// mixtureFile is the form in which peers read a mixture; see bench/peers/mixture.py.
type mixtureFile struct {
	Mixture
	Batch      int          `json:"batch"`
	Rate       float64      `json:"learning_rate"`
	Steps      int          `json:"steps"`
	CheckSteps int          `json:"check_steps"`
	Tensors    []tensorFile `json:"tensors"` // of the check's runs, in the order of values.f32
}

type tensorFile struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"`
}

// The names of the inputs of the kind.
const (
	ruleInput   = "c"
	sampleInput = "x"
)

// The files of a mixture's folder.
const (
	mixtureName = "mixture.json"
	valuesName  = "values.f32"
)

// Write fills a folder with the mixture and the values of the check: of run after run
// the initial values of the variables, weights times mixtureGain, then the inputs of every step.
func (m Mixture) Write(ctx context.Context, dir string) error {
	job, err := m.job("float64", 0)
	if err != nil {
		return err
	}
	oracle := backend.New(reference.New(0))
	defer oracle.Close()
	initial := endVariables{runs: map[int][][]float64{}}
	if err := oracle.Train(ctx, job, &initial); err != nil {
		return err
	}
	t, err := job.Runs[0].Model.Program()
	if err != nil {
		return err
	}
	file := mixtureFile{Mixture: m, Batch: mixtureBatch, Rate: mixtureRate, Steps: m.steps(), CheckSteps: mixtureCheck}
	var flat []float32
	for run := range m.Runs {
		for i, v := range t.Variables {
			if !v.Trained && !t.Fixed(i) {
				continue // state of the optimizer
			}
			values := initial.runs[run][i]
			if v.Trained {
				for k := range values {
					values[k] *= mixtureGain
				}
			}
			flat = append(flat, narrow(values)...)
			if run == 0 {
				file.Tensors = append(file.Tensors, tensorFile{v.Name, v.Shape})
			}
		}
		for _, in := range t.Inputs() {
			size := mixtureCheck * program.Size(in.Shape)
			values := make([]float64, size)
			stream := random.Stream{Seed: uint64(run)}
			if in.Name == ruleInput {
				for i := range values {
					values[i] = float64(stream.Uint64(0, uint32(i)) % uint64(m.Rules))
				}
			} else {
				stream.Normals(values, 1)
			}
			flat = append(flat, narrow(values)...)
			if run == 0 {
				file.Tensors = append(file.Tensors, tensorFile{in.Name, append([]int{mixtureCheck}, in.Shape...)})
			}
		}
	}
	text, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, mixtureName), text, 0o666); err != nil {
		return err
	}
	return writeNumbers(filepath.Join(dir, valuesName), flat)
}

// A given is the values of the check of one run, by name.
type given map[string]program.Tensor

// readMixture reads a mixture's folder.
func readMixture(dir string) (Mixture, []given, error) {
	text, err := os.ReadFile(filepath.Join(dir, mixtureName))
	if err != nil {
		return Mixture{}, nil, err
	}
	var file mixtureFile
	if err := json.Unmarshal(text, &file); err != nil {
		return Mixture{}, nil, fmt.Errorf("%s: %w", filepath.Join(dir, mixtureName), err)
	}
	size := 0
	for _, x := range file.Tensors {
		size += program.Size(x.Shape)
	}
	flat, err := readNumbers[float32](filepath.Join(dir, valuesName), file.Runs*size)
	if err != nil {
		return Mixture{}, nil, err
	}
	runs := make([]given, file.Runs)
	for run := range runs {
		runs[run] = given{}
		for _, x := range file.Tensors {
			data := make([]float64, program.Size(x.Shape))
			for i := range data {
				data[i] = float64(flat[i])
			}
			flat = flat[len(data):]
			runs[run][x.Name] = program.Tensor{Shape: x.Shape, Data: data}
		}
	}
	return file.Mixture, runs, nil
}

// A givenModel is a model whose program takes given values in place of draws.
type givenModel struct {
	train.Model
	training *program.Training
}

func (m *givenModel) Program() (*program.Training, error) { return m.training, nil }

// losses trains the runs of the check one by one and returns their losses: of run after
// run, those of all steps.
func (m Mixture) losses(ctx context.Context, b train.Backend, precision string, runs []given) ([]float64, error) {
	var all trainLosses
	for _, values := range runs {
		model, err := m.model(0)
		if err != nil {
			return nil, err
		}
		t, err := model.Program()
		if err != nil {
			return nil, err
		}
		initial, inputs := given{}, given{}
		for name, x := range values {
			if name == ruleInput || name == sampleInput {
				inputs[name] = x
			} else {
				initial[name] = x
			}
		}
		if t, err = program.WithInitial(t, initial); err != nil {
			return nil, err
		}
		// What is observed before a step is the loss of its batch, so the last needs no step.
		const steps = mixtureCheck - 1
		if t, err = program.WithTables(t, inputs, steps); err != nil {
			return nil, err
		}
		job := &train.Job{
			Kind: mixture.Kind{}, Precision: precision, Steps: steps, Schedule: train.Schedule{Every: 1},
			Runs: []train.Run{{Model: &givenModel{model, t}}},
		}
		if err := b.Train(ctx, job, &all); err != nil {
			return nil, err
		}
	}
	return all.all, nil
}

// A mixtureTruth is the losses of the check in float64, and how far from them a right
// computation in float32 can be.
type mixtureTruth struct {
	losses []float64
	bound  float64 // on the largest deviation, relative to the largest loss
}

// bound trains the check on the reference backend and derives the bound as [Bound]
// does: T·k·u·κ for T steps whose sums have k products one after the other. Adam's
// first step is the sign of the gradient, which is not smooth, so κ is measured at
// the size of the errors: initial weights are disturbed at random by k·u.
func (m Mixture) bound(ctx context.Context, runs []given) (*mixtureTruth, error) {
	oracle := backend.New(reference.New(0))
	defer oracle.Close()
	losses, err := m.losses(ctx, oracle, "float64", runs)
	if err != nil {
		return nil, err
	}
	executor, err := programs.New(programs.Options{Precision: programs.Float64})
	if err != nil {
		return nil, err
	}
	fast := backend.New(executor)
	defer fast.Close()
	// The inputs of all layers one after the other, of the longest path, and the sum of
	// a gradient over the batch.
	epsilon := unitRoundoff * float64(m.Rules+5*mixtureEmbedding+3*mixtureWidth+mixtureBatch)
	condition := 1.0
	for trial := range 4 {
		disturbed := make([]given, len(runs))
		for run, values := range runs {
			disturbed[run] = given{}
			layer := uint32(0)
			for _, name := range slices.Sorted(maps.Keys(values)) {
				x := values[name]
				if name != ruleInput && name != sampleInput {
					normals := make([]float64, len(x.Data))
					random.Stream{Seed: uint64(trial), Point: uint64(run)}.Normals(normals, layer)
					layer++
					for i, v := range x.Data {
						normals[i] = v * (1 + epsilon*normals[i])
					}
					x.Data = normals
				}
				disturbed[run][name] = x
			}
		}
		other, err := m.losses(ctx, fast, "float64", disturbed)
		if err != nil {
			return nil, err
		}
		condition = max(condition, deviation(row(other), row(losses))/epsilon)
	}
	return &mixtureTruth{losses, mixtureCheck * epsilon * condition}, nil
}

// Check holds the losses that a contender wrote against the truth and returns the
// largest deviation; past the bound, or not a number, it is an error.
func (t *mixtureTruth) Check(path string) (float64, error) {
	got, err := readNumbers[float64](path, len(t.losses))
	if err != nil {
		return math.NaN(), err
	}
	off := deviation(row(got), row(t.losses))
	if !(off <= t.bound) {
		return off, fmt.Errorf("its losses differ from float64's by %.2g of the largest, more than the %.2g that roundings explain", off, t.bound)
	}
	return off, nil
}

// row is a matrix of one row.
func row(values []float64) *mat.Dense { return mat.NewDense(1, len(values), values) }
