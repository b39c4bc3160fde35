package compare

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/train"
)

// A Setting is a training of many networks of one shape from small random weights.
type Setting struct {
	Name         string               `json:"name"`
	Architecture network.Architecture `json:"architecture"`
	Point        dataset.Point        `json:"point"`
	Rule         network.Rule         `json:"rule"`
	LearningRate float64              `json:"learning_rate"`
	InitScale    float64              `json:"init_scale"`
	Steps        int                  `json:"steps"`
	Copies       int                  `json:"copies"`
	Every        int                  `json:"every"` // steps between recordings; 0: the first and the last
	CheckSteps   int                  `json:"check_steps"`
}

// checkCopies is how many networks a contender trains to show that it trains them
// right.
const checkCopies = 3

// settingFile is the form in which peers read a setting; see bench/peers/contest.py.
type settingFile struct {
	Name        string       `json:"name"`
	Inputs      int          `json:"inputs"`
	Outputs     int          `json:"outputs"`
	Examples    int          `json:"examples"`
	Modules     []moduleFile `json:"modules"`
	Rate        float64      `json:"learning_rate"`
	Gamma       float64      `json:"gamma"`
	Beta        float64      `json:"beta"`
	Scale       float64      `json:"scale"`
	Copies      int          `json:"copies"`
	Steps       int          `json:"steps"`
	CheckCopies int          `json:"check_copies"`
	CheckSteps  int          `json:"check_steps"`
	Setting     Setting      `json:"setting"` // the same, as this package reads it
}

type moduleFile struct {
	Lo     int   `json:"lo"`
	Hi     int   `json:"hi"`
	Hidden []int `json:"hidden"`
}

// The files of a setting's folder.
const (
	settingName = "setting.json"
	dataName    = "data.f64"
	weightsName = "weights.f32"
)

// Write fills a folder with the setting, its data, and the initial weights of the
// check, which it returns as they were rounded to float32. Every module must read
// all inputs: that is the form in which peers are told.
func (s Setting) Write(dir string) ([]*network.Weights, error) {
	p := s.Point
	arch, err := s.Architecture.At(p)
	if err != nil {
		return nil, err
	}
	file := settingFile{
		Name: s.Name, Inputs: p.Inputs(), Outputs: p.Outputs(), Examples: p.Examples(),
		Rate: s.LearningRate, Gamma: s.Rule.Gamma, Beta: s.Rule.Beta, Scale: s.InitScale,
		Copies: s.Copies, Steps: s.Steps, CheckCopies: checkCopies, CheckSteps: s.CheckSteps, Setting: s,
	}
	for m, module := range arch.Modules {
		if module.Reads != dataset.Both {
			return nil, fmt.Errorf("%s: module %d reads %s, but peers are told only of modules that read all inputs", s.Name, m+1, module.Reads)
		}
		lo, hi := p.OutputRange(module.Writes)
		file.Modules = append(file.Modules, moduleFile{lo, hi, module.Hidden})
	}
	text, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, settingName), text, 0o666); err != nil {
		return nil, err
	}
	x, y := examples(p)
	if err := writeNumbers(filepath.Join(dir, dataName), append(append([]float64{}, x...), y...)); err != nil {
		return nil, err
	}
	var starts []*network.Weights
	var flat []float32
	for copy := range checkCopies {
		w, err := network.Initial(arch, p, random.Stream{Seed: uint64(1000 + copy)}, s.InitScale)
		if err != nil {
			return nil, err
		}
		for _, layers := range w.Modules {
			for _, layer := range layers {
				layer.Apply(func(_, _ int, v float64) float64 {
					flat = append(flat, float32(v))
					return float64(float32(v))
				}, layer)
			}
		}
		starts = append(starts, w)
	}
	return starts, writeNumbers(filepath.Join(dir, weightsName), flat)
}

// examples returns X and Y, row after row.
func examples(p dataset.Point) (x, y []float64) {
	count := p.Examples()
	block := func(rows []int, copies int) (m []float64) {
		for _, row := range rows {
			for e := range count {
				m = append(m, p.Omega(row, e))
			}
		}
		for range copies {
			for i := range count {
				row := make([]float64, count)
				row[i] = p.R
				m = append(m, row...)
			}
		}
		return m
	}
	return block(p.InputBits, p.KX), block(p.OutputBits, p.KY)
}

// writeNumbers writes numbers as they lie in the memory of a little-endian machine.
func writeNumbers[F float32 | float64 | int32](path string, values []F) error {
	return results.WriteFile(path, func(w io.Writer) error { return binary.Write(w, binary.LittleEndian, values) })
}

// readNumbers reads what writeNumbers wrote, which must be count numbers.
func readNumbers[F float32 | float64](path string, count int) ([]F, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	values := make([]F, count)
	if size := binary.Size(values); len(text) != size {
		return nil, fmt.Errorf("%s has %d bytes, but must have %d: %d numbers", path, len(text), size, count)
	}
	_, err = binary.Decode(text, binary.LittleEndian, values)
	return values, err
}

// readSetting reads a setting's folder as a contender does.
func readSetting(dir string) (Setting, []*network.Weights, error) {
	text, err := os.ReadFile(filepath.Join(dir, settingName))
	if err != nil {
		return Setting{}, nil, err
	}
	var file settingFile
	if err := json.Unmarshal(text, &file); err != nil {
		return Setting{}, nil, fmt.Errorf("%s: %w", filepath.Join(dir, settingName), err)
	}
	s := file.Setting
	arch, err := s.Architecture.At(s.Point)
	if err != nil {
		return Setting{}, nil, err
	}
	size := 0
	for _, module := range arch.Modules {
		shape := module.Shape(s.Point)
		for l := range shape[1:] {
			size += shape[l] * shape[l+1]
		}
	}
	flat, err := readNumbers[float32](filepath.Join(dir, weightsName), checkCopies*size)
	if err != nil {
		return Setting{}, nil, err
	}
	var starts []*network.Weights
	for range checkCopies {
		w := &network.Weights{}
		for _, module := range arch.Modules {
			shape := module.Shape(s.Point)
			var layers []*mat.Dense
			for l := range shape[1:] {
				values := make([]float64, shape[l]*shape[l+1])
				for i := range values {
					values[i] = float64(flat[i])
				}
				flat = flat[len(values):]
				layers = append(layers, mat.NewDense(shape[l+1], shape[l], values))
			}
			w.Modules = append(w.Modules, layers)
		}
		starts = append(starts, w)
	}
	return s, starts, nil
}

// Job is the setting with random starts, one copy a seed.
func (s Setting) Job(copies, steps int) *linear.Job {
	job := &linear.Job{Architecture: s.Architecture, Steps: steps, Schedule: train.Schedule{Every: s.Every}}
	task := &linear.Task{Point: s.Point}
	for seed := range copies {
		job.Copies = append(job.Copies, linear.Copy{
			Task: task, Rule: s.Rule, LearningRate: s.LearningRate,
			Stream: random.Stream{Seed: uint64(seed)}, InitScale: s.InitScale,
		})
	}
	return job
}

// from is the setting with the given starts.
func (s Setting) from(starts []*network.Weights, steps int) *linear.Job {
	job := s.Job(len(starts), steps)
	job.Schedule = train.Schedule{}
	for i := range job.Copies {
		job.Copies[i].Weights = starts[i]
	}
	return job
}

// The forms in which a step can be computed.
const (
	Plain   = "plain"   // all inputs, Σ_x a matrix
	Reduced = "reduced" // the P coordinates that inputs span, Σ_x a diagonal
)

// ourForm is the form that modspec's backends choose.
func (s Setting) ourForm() string {
	if s.Rule.Beta != 0 {
		return Plain
	}
	return Reduced
}

// Work counts the multiply-adds in the products of one network's step, in a form.
// A layer takes three products: forward, back, and its own change. Sums and
// elementwise products are not counted, except where a network without hidden layer
// has nothing else: there E and the change by η E take one for each weight, and E in
// plain coordinates its product.
func (s Setting) Work(form string) float64 {
	sum := 0.0
	examples := float64(s.Point.Examples())
	n := float64(s.Point.Inputs())
	if form == Reduced {
		n = float64(s.rank())
	}
	for _, module := range s.Architecture.Modules {
		shape := module.Shape(s.Point)
		out := float64(shape[len(shape)-1])
		for l := 1; l < len(shape)-1; l++ {
			sum += 3 * float64(shape[l]) * float64(shape[l+1]) * n
		}
		if form == Plain {
			// M·Σ_x through the matrix or through the examples, whichever is less work.
			sum += min(out*n*n, 2*out*n*examples)
		}
		if len(shape) == 2 {
			sum += out * n
			if form == Reduced {
				sum += out * n
			}
			continue
		}
		h := float64(shape[1])
		if s.Rule.Gamma != 0 {
			sum += out*out*n + out*out*float64(shape[len(shape)-2])
		}
		if s.Rule.Beta > 0 {
			sum += 3 * h * n * examples
		} else if s.Rule.Beta < 0 {
			sum += 2 * h * n * examples
		}
	}
	return sum
}

// rank is the number of coordinates that the inputs span.
func (s Setting) rank() int {
	if s.Point.KX > 0 && s.Point.R != 0 {
		return s.Point.Examples()
	}
	return s.Point.NX()
}

// weights is how many numbers a network's layers have in a form.
func (s Setting) weights(form string) float64 {
	sum := 0
	for _, module := range s.Architecture.Modules {
		shape := module.Shape(s.Point)
		if form == Reduced {
			shape[0] = s.rank()
		}
		for l := range shape[1:] {
			sum += shape[l] * shape[l+1]
		}
	}
	return float64(sum)
}

// roundings is the length of the sums of a step, all its products one after the
// other: inputs, hidden layers, outputs, and examples where a rule sums over them.
func (s Setting) roundings() int {
	sum := s.Point.Inputs() + s.Point.Outputs()
	for _, module := range s.Architecture.Modules {
		for _, h := range module.Hidden {
			sum += h
		}
	}
	if s.Rule != (network.Rule{}) {
		sum += s.Point.Examples()
	}
	return sum
}

// unitRoundoff is float32's.
var unitRoundoff = math.Ldexp(1, -24)
