package mixture

import (
	"fmt"
	"math"
	"sync"

	"modspec/engine/program"
	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/train"
)

// Kind implements [train.Kind].
type Kind struct{}

// The cores.
const (
	monolithic  = "monolithic"
	modular     = "modular"
	modularOp   = "modular-op"
	groundTruth = "ground-truth"
)

// The tasks, the optimizers, and words that stand for numbers.
const (
	regression     = "regression"
	classification = "classification"

	adam = "adam"
	sgd  = "sgd"

	asRules = "rules"
	auto    = "auto"
)

// The parameters, in the order of the schema.
const (
	coreParameter = iota
	taskParameter
	rulesParameter
	modulesParameter
	embeddingParameter
	widthParameter
	batchParameter
	lrParameter
	optimizerParameter
	stepsParameter
	dataSeedParameter
	samplesParameter
)

// maxSize bounds the elements of a tensor, as package program does.
const maxSize = 1<<31 - 1

var parameters = results.Schema{
	coreParameter: {Name: "core", Type: results.Text, Label: "core",
		Doc:    "what is between encoders and decoder: one network, or modules whose gate depends on them, on the rule alone, or is the rule",
		Domain: results.Domain{Default: modular, Words: []string{monolithic, modular, modularOp, groundTruth}}},
	taskParameter: {Name: "task", Type: results.Text, Label: "task",
		Doc:    "regression of y with the loss |error|, or classification of its sign with binary cross-entropy",
		Domain: results.Domain{Default: regression, Words: []string{regression, classification}}},
	rulesParameter: {Name: "rules", Type: results.Whole, Label: "rules R",
		Doc:    "rules of the task",
		Domain: results.Domain{Default: "8", Min: 2, Max: 1024}},
	modulesParameter: {Name: "modules", Type: results.Whole, Label: "modules M",
		Doc:    "modules of the core, at most its width; \"rules\" for as many as rules, which ground-truth requires; monolithic has none",
		Domain: results.Domain{Default: asRules, Min: 1, Max: 16384, Words: []string{asRules}}},
	embeddingParameter: {Name: "embedding", Type: results.Whole, Label: "embedding E", Unit: "units",
		Doc:    "units of the encoders and of the decoder's hidden layer",
		Domain: results.Domain{Default: "32", Min: 1, Max: 4096}},
	widthParameter: {Name: "width", Type: results.Whole, Label: "width D", Unit: "units",
		Doc:    "outputs of the core, and its hidden units, which modules share equally; \"auto\" for 4 × embedding",
		Domain: results.Domain{Default: auto, Min: 1, Max: 16384, Words: []string{auto}}},
	batchParameter: {Name: "batch", Type: results.Whole, Label: "batch size", Unit: "samples",
		Doc:    "samples in a step",
		Domain: results.Domain{Default: "64", Min: 1, Max: 1 << 20}},
	lrParameter: {Name: "lr", Type: results.Real, Label: "learning rate η",
		Doc:    "learning rate, the same at all steps",
		Domain: results.Domain{Default: "0.001", Max: math.MaxFloat64}},
	optimizerParameter: {Name: "optimizer", Type: results.Text, Label: "optimizer",
		Doc:    "Adam with 0.9, 0.999 and 1e-8, or gradient descent",
		Domain: results.Domain{Default: adam, Words: []string{adam, sgd}}},
	stepsParameter: {Name: train.StepsParameter, Type: results.Whole, Label: "steps", Unit: "steps",
		Doc:    "updates of the weights",
		Domain: results.Domain{Default: "5000", Max: train.MaxSteps}},
	dataSeedParameter: {Name: "data_seed", Type: results.Whole, Label: "data seed",
		Doc:    "seed of the rules' coefficients and of all samples",
		Domain: results.Domain{Default: "0", Max: 1 << 53}},
	samplesParameter: {Name: "samples", Type: results.Whole, Label: "samples of each rule", Unit: "samples",
		Doc:    "fresh samples of each rule from which a record's losses, errors and gates are measured",
		Domain: results.Domain{Default: "64", Min: 1, Max: 1 << 20}},
}

// The metrics, in the order of the schema.
const (
	lossMetric = iota
	testLossMetric
	oodLossMetric
	testErrorMetric
	oodErrorMetric
	collapseAvgMetric
	collapseWorstMetric
	alignmentMetric
	imiMetric
	adaptationMetric
	metricsCount
)

var metrics = results.Schema{
	lossMetric: {Name: "loss", Label: "training loss",
		Doc: "mean loss of the batch that the next step trains on"},
	testLossMetric: {Name: "test_loss", Label: "loss in distribution",
		Doc: "mean loss on fresh samples"},
	oodLossMetric: {Name: "ood_loss", Label: "loss out of distribution",
		Doc: "mean loss on fresh samples with x doubled"},
	testErrorMetric: {Name: "test_error", Label: "error in distribution", Null: true,
		Doc: "share of fresh samples that are classified wrongly; of classification"},
	oodErrorMetric: {Name: "ood_error", Label: "error out of distribution", Null: true,
		Doc: "share of fresh samples with x doubled that are classified wrongly; of classification"},
	collapseAvgMetric: {Name: "collapse_avg", Label: "Collapse-Avg", Null: true,
		Doc: "how far modules are used less than equally: 0 if all are used equally, 1 if one is used alone; of cores with a gate over 2 or more modules"},
	collapseWorstMetric: {Name: "collapse_worst", Label: "Collapse-Worst", Null: true,
		Doc: "how far the least used module is below equal use: 0 if it is not, 1 if it is not used; of cores with a gate over 2 or more modules"},
	alignmentMetric: {Name: "alignment", Label: "Alignment", Null: true,
		Doc: "distance of the gate from the nearest one-to-one assignment of rules to modules, 0 to 1; of cores with a gate and as many modules as rules"},
	imiMetric: {Name: "imi", Label: "IMI", Null: true,
		Doc: "inverse mutual information of rule and module: 0 if the module tells the rule, 1 if it tells nothing; of cores with a gate"},
	adaptationMetric: {Name: "adaptation", Label: "Adaptation", Null: true,
		Doc: "distance between the sorted probabilities of rules and of modules, a mean over 100 distributions of rules; of cores with a gate and as many modules as rules"},
}

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
		return nil, fmt.Errorf("modules is %d, but a ground-truth core has one for each of the %d rules; leave modules out or set it to \"rules\"", m.modules, m.rules)
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
