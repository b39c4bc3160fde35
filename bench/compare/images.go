package compare

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"modspec/engine/backend"
	"modspec/engine/backend/cpu/programs"
	"modspec/engine/cmnist"
	"modspec/engine/kind/images"
	"modspec/engine/mnist"
	"modspec/engine/program"
	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/train"
)

// Images is a training of a convolutional network on compositional MNIST, as the paper
// trains it: batches of 16, plain SGD. A repetition is one epoch over a few images.
type Images struct {
	Network string `json:"network"` // "dense" or "split"
}

// What a repetition of images is.
const (
	imageCount = 64
	imageBatch = 16
	imageRate  = 0.002
	imageScale = 0.01
	imageSteps = imageCount / imageBatch
)

// imagesFile is the form in which the peer reads a setting of images; see
// bench/peers/torch_cmnist.py.
type imagesFile struct {
	Images
	Count  int         `json:"count"`
	Batch  int         `json:"batch"`
	Rate   float64     `json:"learning_rate"`
	Towers []towerFile `json:"towers"`
}

type towerFile struct {
	Lo       int `json:"lo"`
	Hi       int `json:"hi"`
	Channels int `json:"channels"`
}

const imagesName = "images.json"

// model is the network on MNIST in its default folder.
func (i Images) model() (train.Model, error) {
	k := images.Kind{}
	s, err := train.NewSetting(k)
	if err != nil {
		return nil, err
	}
	for name, v := range map[string]results.Value{
		"arch": {Text: i.Network}, "train": {Number: imageCount}, "test": {Number: 1}, "batch": {Number: imageBatch},
		"lr": {Number: imageRate}, "init_scale": {Number: imageScale},
	} {
		s.Set(k.Parameters().Index(name), v)
	}
	return k.Resolve(s)
}

// job is the training of a number of steps, seen at the first and the last.
func (i Images) job(precision string, steps int) (*train.Job, error) {
	m, err := i.model()
	if err != nil {
		return nil, err
	}
	return &train.Job{
		Kind: images.Kind{}, Precision: precision, Steps: steps,
		Runs: []train.Run{{Model: m, Stream: random.Stream{Seed: 1}}},
	}, nil
}

// variables returns the variables after some steps.
func (i Images) variables(ctx context.Context, b train.Backend, precision string, steps int) ([][]float64, error) {
	job, err := i.job(precision, steps)
	if err != nil {
		return nil, err
	}
	end := endVariables{runs: map[int][][]float64{}}
	err = b.Train(ctx, job, &end)
	return end.runs[0], err
}

// work counts the multiply-adds in the products of a training image.
func (i Images) work() (float64, error) {
	m, err := i.model()
	if err != nil {
		return 0, err
	}
	t, err := m.Program()
	if err != nil {
		return 0, err
	}
	return float64(t.Step.Cost().Products) / imageBatch, nil
}

// Write fills a folder with what the peer reads: the images in the order in which the
// first epoch takes them, and the initial weights and biases. It returns what an epoch
// makes of these.
func (i Images) Write(ctx context.Context, dir string) (*imagesTruth, error) {
	// The reference backend would take half a minute; the compliance suite holds this one
	// against it.
	executor, err := programs.New(programs.Options{Precision: programs.Float64})
	if err != nil {
		return nil, err
	}
	oracle := backend.New(executor)
	defer oracle.Close()
	job, err := i.job("float64", 0)
	if err != nil {
		return nil, err
	}
	t, err := job.Runs[0].Model.Program()
	if err != nil {
		return nil, err
	}
	truth := &imagesTruth{variables: t.Variables}
	if truth.start, err = i.variables(ctx, oracle, "float64", 0); err != nil {
		return nil, err
	}
	if truth.end, err = i.variables(ctx, oracle, "float64", imageSteps); err != nil {
		return nil, err
	}

	c := cmnist.Paper()
	set, err := mnist.Find("")
	if err != nil {
		return nil, err
	}
	data, err := cmnist.Compose(set, c, cmnist.Selection{Train: imageCount, Test: 1})
	if err != nil {
		return nil, err
	}
	network := map[string]cmnist.Network{"dense": cmnist.Dense(c.Digits), "split": cmnist.Split(c.Digits)}[i.Network]
	file := imagesFile{Images: i, Count: imageCount, Batch: imageBatch, Rate: imageRate}
	for _, t := range network.Towers {
		lo, hi := c.Range(t.Writes)
		file.Towers = append(file.Towers, towerFile{lo, hi, t.Layers[0].Convolution.Channels})
	}
	text, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, imagesName), text, 0o666); err != nil {
		return nil, err
	}
	size, outputs := c.Height()*c.Width(), c.Outputs(cmnist.BothBlocks)
	pixels, targets := make([]float32, imageCount*size), make([]float32, imageCount*outputs)
	for at, which := range job.Runs[0].Stream.Permutation(imageCount, 0) {
		data.Train.Image(pixels[at*size:][:size], which)
		data.Train.Target(targets[at*outputs:][:outputs], which, 0, outputs)
	}
	var parameters []float32
	for _, v := range truth.start {
		parameters = append(parameters, narrow(v)...)
	}
	for name, values := range map[string][]float32{"images.f32": pixels, "targets.f32": targets, "parameters.f32": parameters} {
		if err := writeNumbers(filepath.Join(dir, name), values); err != nil {
			return nil, err
		}
	}
	return truth, nil
}

func narrow(values []float64) []float32 {
	out := make([]float32, len(values))
	for i, v := range values {
		out[i] = float32(v)
	}
	return out
}

// imagesTruth is what an epoch makes of the variables, in float64: of each layer the
// weights, whose first axis is that of the units, then the biases.
type imagesTruth struct {
	variables  []program.VariableInfo
	start, end [][]float64
}

// Check holds the variables that a contender wrote after its first epoch against the
// truth, layer by layer: how far the movement of a layer is off, relative to the
// movement, in the Euclidean norm. It returns the largest.
//
// A gradient is made of sums of at most k products in all layers one after the other,
// k the sum of the layers' inputs a unit, forward and back: relative to its size it
// is off by 2k·u at most in either computation, and T steps by T times that. Each
// step also rounds the stored parameters, u of their size, whatever the movement.
func (t *imagesTruth) Check(path string) (float64, error) {
	count, inputs := 0, 0
	for i, v := range t.variables {
		count += len(t.start[i])
		inputs += len(t.start[i]) / v.Shape[0] // of biases 1, which is the term that they add
	}
	got, err := readNumbers[float64](path, count)
	if err != nil {
		return math.NaN(), err
	}
	worst := 0.0
	for i, v := range t.variables {
		var difference, movement, size float64
		for k, from := range t.start[i] {
			difference += square(got[k] - t.end[i][k])
			movement += square(t.end[i][k] - float64(float32(from)))
			size += square(from)
		}
		got = got[len(t.start[i]):]
		difference, movement, size = math.Sqrt(difference), math.Sqrt(movement), math.Sqrt(size)
		allowed := 2 * imageSteps * unitRoundoff * (2*float64(inputs)*movement + size)
		if !(difference <= allowed) {
			return difference / movement, fmt.Errorf("%s moves otherwise than in float64: by %.2g of its movement, more than the %.2g that roundings explain",
				v.Name, difference/movement, allowed/movement)
		}
		worst = max(worst, difference/movement)
	}
	return worst, nil
}

func square(v float64) float64 { return v * v }

// ContendImages answers the comparison for convolutional networks on a backend of a
// precision.
func ContendImages(ctx context.Context, b train.Backend, precision string, r ContendRequest, in io.Reader, out io.Writer) error {
	text, err := os.ReadFile(filepath.Join(r.Folder, imagesName))
	if err != nil {
		return err
	}
	var file imagesFile
	if err := json.Unmarshal(text, &file); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(r.Folder, imagesName), err)
	}
	end, err := file.variables(ctx, b, precision, imageSteps)
	if err != nil {
		return err
	}
	var flat []float64
	for _, v := range end {
		flat = append(flat, v...)
	}
	if err := writeNumbers(r.Maps, flat); err != nil {
		return err
	}
	return r.contend(1, imageSteps, func(_, steps int) (time.Duration, error) {
		job, err := file.job(precision, steps)
		if err != nil {
			return 0, err
		}
		began := time.Now()
		err = b.Train(ctx, job, unobserved{})
		return time.Since(began), err
	}, in, out)
}
