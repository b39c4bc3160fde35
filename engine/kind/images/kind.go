package images

import (
	"fmt"

	"modspec/engine/cmnist"
	"modspec/engine/mnist"
	"modspec/engine/program"
	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/train"
)

// Kind implements [train.Kind].
type Kind struct{}

var _ train.Strict = Kind{}

// Name implements [train.Kind].
func (Kind) Name() string { return "images" }

// Doc implements [train.Kind].
func (Kind) Doc() string {
	return "convolutional networks on compositional MNIST: several digits side by side"
}

// Parameters implements [train.Kind].
func (Kind) Parameters() results.Schema { return parameters }

// Metrics implements [train.Kind].
func (Kind) Metrics() results.Schema { return metrics }

// CheckText implements [train.Strict].
func (Kind) CheckText(parameter, text string) (string, error) {
	if parameter != parameters[archParameter].Name {
		return text, nil
	}
	const digits = 3 // any number: the text does not depend on it where it is no name
	n, err := parse(text, digits)
	if err != nil {
		return "", err
	}
	if n.Name != custom {
		return n.Name, nil
	}
	return written(n), nil
}

// Conflicts implements [train.Strict].
func (Kind) Conflicts() []train.Conflict { return nil }

// Resolve implements [train.Kind].
func (Kind) Resolve(s train.Setting) (train.Model, error) {
	whole := func(p int) int { return int(s.Values[p].Number) }
	count := func(p int) int {
		if s.Values[p].Text == all {
			return 0
		}
		return whole(p)
	}
	m := &model{
		composition: composition{
			Composition: cmnist.Composition{Digits: whole(digitsParameter), R: s.Values[rParameter].Number},
			Selection:   cmnist.Selection{Train: count(trainParameter), Test: count(testParameter), Withhold: whole(withholdParameter)},
		},
		batch: whole(batchParameter), steps: whole(stepsParameter), lr: s.Values[lrParameter].Number,
		momentum: s.Values[momentumParameter].Number, initScale: s.Values[initScaleParameter].Number,
	}
	var err error
	if m.network, err = parse(s.Values[archParameter].Text, m.Digits); err != nil {
		return nil, err
	}
	if err := m.network.Check(m.Composition); err != nil {
		return nil, err
	}
	if m.digest, err = read.find(s.Values[dataParameter].Text); err != nil {
		return nil, err
	}
	set := read.set(m.digest)
	for _, part := range []struct {
		count *int
		of    mnist.Part
	}{{&m.Train, set.Train}, {&m.Test, set.Test}} {
		if *part.count == 0 {
			*part.count = len(part.of.Labels) / m.Digits
		}
	}
	if m.data, err = read.compose(m.composition); err != nil {
		return nil, err
	}
	if images := m.data.Train.Count(); m.batch > images {
		return nil, fmt.Errorf("batch is %d, but must be 1 to the %d training images", m.batch, images)
	}
	return m, nil
}

// A model is a network with its training. It implements [train.Model].
type model struct {
	composition
	network                 cmnist.Network
	data                    *cmnist.Data
	batch, steps            int
	lr, momentum, initScale float64
}

// Parameters implements [train.Model].
func (m *model) Parameters() []results.Value {
	number := func(v int) results.Value { return results.Value{Number: float64(v)} }
	return []results.Value{
		archParameter:      {Text: Text(m.network, m.Digits)},
		digitsParameter:    number(m.Digits),
		rParameter:         {Number: m.R},
		trainParameter:     number(m.Train),
		testParameter:      number(m.Test),
		withholdParameter:  number(m.Withhold),
		batchParameter:     number(m.batch),
		lrParameter:        {Number: m.lr},
		momentumParameter:  {Number: m.momentum},
		initScaleParameter: {Number: m.initScale},
		stepsParameter:     number(m.steps),
		dataParameter:      {Text: m.digest},
	}
}

// Epoch returns the steps in which a model of the kind sees every training image once.
func Epoch(m train.Model) int {
	own := m.(*model)
	return (own.data.Train.Count() + own.batch - 1) / own.batch
}

// Steps implements [train.Model].
func (m *model) Steps() int { return m.steps }

// Shape implements [train.Model]. Learning rate, momentum unless it is 0, r and the
// initial scale are the run's.
func (m *model) Shape() string {
	return fmt.Sprintf("images %s digits=%d train=%d test=%d withhold=%d batch=%d momentum=%t steps=%d %s",
		Text(m.network, m.Digits), m.Digits, m.Train, m.Test, m.Withhold, m.batch, m.momentum != 0, m.steps, m.digest)
}

// Run implements [train.Model].
func (m *model) Run(stream random.Stream) program.Run {
	return program.Run{
		Streams: []random.Stream{stream},
		// Labels are float32, as in the data; so is r.
		Settings: []float64{initScaleSetting: m.initScale, rSetting: float64(float32(m.R)), lrSetting: m.lr, momentumSetting: m.momentum}[:m.settings()],
	}
}

// settings is how many of the settings a program has: no momentum where it is 0.
func (m *model) settings() int {
	if m.momentum == 0 {
		return momentumSetting
	}
	return momentumSetting + 1
}
