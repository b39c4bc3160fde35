package compare

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"modspec/engine/cmnist"
	"modspec/engine/mnist"
	"modspec/engine/random"
)

// Images is a training of a network of convolutions on compositional MNIST, as the
// paper trains it: batches of 16, plain SGD. A repetition is one epoch over a few
// images.
type Images struct {
	Network string `json:"network"` // "dense" or "split"
}

// What a repetition of images is.
const (
	imageCount = 64
	imageBatch = 16
	imageRate  = 0.002
	imageScale = 0.01
	// imageEpochs is more than anybody waits for: a contender goes on until it is told
	// to stop.
	imageEpochs = 1 << 20
)

// imagesFile is the form in which the peer reads a setting of images; see
// bench/peers/torch_cmnist.py.
type imagesFile struct {
	Network string      `json:"network"`
	Count   int         `json:"count"`
	Batch   int         `json:"batch"`
	Rate    float64     `json:"learning_rate"`
	Towers  []towerFile `json:"towers"`
}

type towerFile struct {
	Lo       int `json:"lo"`
	Hi       int `json:"hi"`
	Channels int `json:"channels"`
}

const imagesName = "images.json"

func (i Images) network() (cmnist.Network, error) {
	switch i.Network {
	case "dense":
		return cmnist.Dense(3), nil
	case "split":
		return cmnist.Split(3), nil
	}
	return cmnist.Network{}, fmt.Errorf("the network of images is %q, but must be dense or split", i.Network)
}

// job is the training, from MNIST in a folder ("" finds it).
func (i Images) job(folder string) (*cmnist.Job, error) {
	n, err := i.network()
	if err != nil {
		return nil, err
	}
	set, err := mnist.Find(folder)
	if err != nil {
		return nil, err
	}
	data, err := cmnist.Compose(set, cmnist.Paper(), cmnist.Selection{Train: imageCount, Test: 1})
	if err != nil {
		return nil, err
	}
	return &cmnist.Job{
		Data: data, Epochs: imageEpochs, Batch: imageBatch, LearningRate: imageRate, InitScale: imageScale,
		Runs: []cmnist.Run{{Network: n, Stream: random.Stream{Seed: 1}}},
	}, nil
}

// Write fills a folder with what the peer reads: the images in the order in which the
// first epoch takes them, and the parameters that it starts from. It returns these.
func (i Images) Write(dir string) (cmnist.Parameters, error) {
	job, err := i.job("")
	if err != nil {
		return nil, err
	}
	n := job.Runs[0].Network
	start, err := cmnist.Initial(n, job.Data.Composition, job.Runs[0].Stream, imageScale)
	if err != nil {
		return nil, err
	}
	c, train := job.Data.Composition, job.Data.Train
	file := imagesFile{Network: i.Network, Count: imageCount, Batch: imageBatch, Rate: imageRate}
	for _, t := range n.Towers {
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
	images, targets := make([]float32, imageCount*size), make([]float32, imageCount*outputs)
	for at, which := range job.Runs[0].Stream.Permutation(imageCount, 0) {
		train.Image(images[at*size:][:size], which)
		train.Target(targets[at*outputs:][:outputs], which, 0, outputs)
	}
	for name, values := range map[string][]float32{"images.f32": images, "targets.f32": targets, "parameters.f32": narrow(flatten(start))} {
		if err := writeNumbers(filepath.Join(dir, name), values); err != nil {
			return nil, err
		}
	}
	return start, nil
}

// flatten lists parameters tower by tower, layer by layer, weights before biases.
func flatten(p cmnist.Parameters) (all []float64) {
	for _, layers := range p {
		for _, layer := range layers {
			all = append(append(all, layer.Weights...), layer.Biases...)
		}
	}
	return all
}

func narrow(values []float64) []float32 {
	out := make([]float32, len(values))
	for i, v := range values {
		out[i] = float32(v)
	}
	return out
}

// imagesTruth is what an epoch makes of the parameters.
type imagesTruth struct {
	start, end cmnist.Parameters
}

// Check holds the parameters that a contender wrote after its first epoch against the
// truth, layer by layer: how far the movement of a layer is off, relative to the
// movement, in the Euclidean norm. It returns the largest.
//
// A gradient is made of sums of at most k products in all layers one after the other,
// k the sum of the layers' inputs a unit, forward and back: relative to its size it
// is off by 2k·u at most in either computation, and T steps by T times that. Each
// step also rounds the stored parameters, u of their size, whatever the movement.
func (t *imagesTruth) Check(path string) (float64, error) {
	count := len(flatten(t.start))
	got, err := readNumbers[float64](path, count)
	if err != nil {
		return math.NaN(), err
	}
	steps := float64(imageCount / imageBatch)
	worst := 0.0
	at := 0
	for n, layers := range t.start {
		inputs := 0
		for _, layer := range layers {
			if len(layer.Biases) > 0 {
				inputs += len(layer.Weights) / len(layer.Biases)
			}
		}
		for l, layer := range layers {
			if len(layer.Weights) == 0 {
				continue
			}
			from := append(append([]float64{}, layer.Weights...), layer.Biases...)
			to := append(append([]float64{}, t.end[n][l].Weights...), t.end[n][l].Biases...)
			var difference, movement, size float64
			for i := range from {
				difference += square(got[at+i] - to[i])
				movement += square(to[i] - float64(float32(from[i])))
				size += square(from[i])
			}
			at += len(from)
			difference, movement, size = math.Sqrt(difference), math.Sqrt(movement), math.Sqrt(size)
			allowed := 2 * steps * unitRoundoff * (2*float64(inputs)*movement + size)
			if !(difference <= allowed) {
				return difference / movement, fmt.Errorf("layer %d of tower %d moves otherwise than ours: by %.2g of its movement, more than the %.2g that roundings explain",
					l+1, n+1, difference/movement, allowed/movement)
			}
			worst = max(worst, difference/movement)
		}
	}
	return worst, nil
}

func square(v float64) float64 { return v * v }

// read takes the parameters that a contender wrote for the truth.
func (t *imagesTruth) read(path string) error {
	values, err := readNumbers[float64](path, len(flatten(t.start)))
	if err != nil {
		return err
	}
	t.end = t.start.Clone()
	for _, layers := range t.end {
		for _, layer := range layers {
			for _, part := range [][]float64{layer.Weights, layer.Biases} {
				values = values[copy(part, values):]
			}
		}
	}
	return nil
}
