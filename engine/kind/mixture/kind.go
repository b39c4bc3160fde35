package mixture

import (
	"fmt"
	"sync"

	"modspec/engine/program"
	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/train"
)

// Kind implements [train.Kind].
type Kind struct{}

// The bounds of a network.
const (
	maxWidth = 16384
	maxSize  = 1<<31 - 1 // elements of a tensor, as in package program
)

// Name implements [train.Kind].
func (Kind) Name() string { return "mixture" }

// Doc implements [train.Kind].
func (Kind) Doc() string {
	return "networks that learn a mixture of rules, monolithic or with modules and a gate"
}

// Parameters implements [train.Kind].
func (Kind) Parameters() results.Schema { return parameters }

// Metrics implements [train.Kind].
func (Kind) Metrics() results.Schema { return metrics }

// Resolve implements [train.Kind].
func (Kind) Resolve(s train.Setting) (train.Model, error) {
	number := func(p int) int { return int(s.Values[p].Number) }
	m := &model{
		core: s.Values[coreParameter].Text, task: s.Values[taskParameter].Text, optimizer: s.Values[optimizerParameter].Text,
		rules: number(rulesParameter), modules: number(modulesParameter),
		embedding: number(embeddingParameter), width: number(widthParameter),
		batch: number(batchParameter), samples: number(samplesParameter),
		lr: s.Values[lrParameter].Number, steps: number(stepsParameter), dataSeed: uint64(s.Values[dataSeedParameter].Number),
	}
	if s.Values[widthParameter].Text == auto {
		m.width = 4 * m.embedding
	}
	if s.Values[modulesParameter].Text == asRules {
		m.modules = m.rules
	}
	rows := max(m.batch, m.rules*m.samples)
	columns := max(3*m.embedding, m.width, m.rules)
	switch {
	case m.core == monolithic:
		m.modules = 0
	case m.core == groundTruth && m.modules != m.rules:
		return nil, fmt.Errorf("modules is %d, but a ground-truth core has one for each of the %d rules; leave modules out or set it to rules", m.modules, m.rules)
	case m.modules == 0:
		return nil, fmt.Errorf("modules is 0, but only a monolithic core has none; give a %s core 1 or more, or leave modules out", m.core)
	case m.modules > m.width:
		return nil, fmt.Errorf("width is %d, but must be %d or more for %d modules: each has ⌊width/modules⌋ hidden units", m.width, m.modules, m.modules)
	}
	if rows > maxSize/columns {
		return nil, fmt.Errorf("batch is %d and rules × samples is %d: with %d units a layer that is more than %d numbers in one tensor; lower them", m.batch, m.rules*m.samples, columns, maxSize)
	}
	m.distributions = sync.OnceValue(func() [][]float64 { return dirichlet(m.rules) })
	return m, nil
}

// A model is a network with its training. It implements [train.Model].
type model struct {
	core, task, optimizer string
	rules, modules        int // modules: 0 for none
	embedding, width      int
	batch, samples, steps int
	lr                    float64
	dataSeed              uint64

	distributions func() [][]float64 // of adaptation
}

var _ train.Selective = (*model)(nil)

// Parameters implements [train.Model].
func (m *model) Parameters() []results.Value {
	number := func(v int) results.Value { return results.Value{Number: float64(v)} }
	return []results.Value{
		coreParameter:      {Text: m.core},
		taskParameter:      {Text: m.task},
		rulesParameter:     number(m.rules),
		modulesParameter:   number(m.modules),
		embeddingParameter: number(m.embedding),
		widthParameter:     number(m.width),
		batchParameter:     number(m.batch),
		lrParameter:        {Number: m.lr},
		optimizerParameter: {Text: m.optimizer},
		stepsParameter:     number(m.steps),
		dataSeedParameter:  {Number: float64(m.dataSeed)},
		samplesParameter:   number(m.samples),
	}
}

// Ignores implements [train.Selective].
func (m *model) Ignores(parameter int) string {
	if parameter == modulesParameter && !m.gated() {
		return "a monolithic core has no modules"
	}
	return ""
}

// Steps implements [train.Model].
func (m *model) Steps() int { return m.steps }

// Shape implements [train.Model]. Learning rate and data seed are the run's.
func (m *model) Shape() string {
	return fmt.Sprintf("mixture %s %s rules=%d modules=%d embedding=%d width=%d batch=%d %s steps=%d samples=%d",
		m.core, m.task, m.rules, m.modules, m.embedding, m.width, m.batch, m.optimizer, m.steps, m.samples)
}

// The streams of random numbers of a run.
const (
	ownStream = iota
	dataStream
)

// dataPoint tells streams of data from those of runs, whose points are hashes.
const dataPoint = 0x6d697874757265 // "mixture"

// Run implements [train.Model].
func (m *model) Run(stream random.Stream) program.Run {
	return program.Run{
		Streams:  []random.Stream{ownStream: stream, dataStream: {Seed: m.dataSeed, Point: dataPoint}},
		Settings: []float64{m.lr},
	}
}
