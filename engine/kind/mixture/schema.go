package mixture

import (
	"math"

	"modspec/engine/results"
	"modspec/engine/train"
)

// The cores, the tasks and the optimizers.
const (
	monolithic  = "monolithic"
	modular     = "modular"
	modularOp   = "modular-op"
	groundTruth = "ground-truth"

	regression     = "regression"
	classification = "classification"

	adam = "adam"
	sgd  = "sgd"
)

// Words that stand for numbers.
const (
	asRules = "rules" // as many as there are rules
	auto    = "auto"  // 4 × embedding
)

// The parameters, in the order of the schema. The defaults are those of the study
// that two processor cores can do; the published runs have a batch of 256, a learning
// rate of 10⁻⁴ and 100 000 steps.
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

var parameters = results.Schema{
	coreParameter: {Name: "core", Type: results.Text, Label: "core",
		Doc:    "one network for all rules, or modules with a gate that depends on the modules, on the rule alone, or is the rule",
		Domain: results.Domain{Default: modular, Words: []string{monolithic, modular, modularOp, groundTruth}}},
	taskParameter: {Name: "task", Type: results.Text, Label: "task",
		Doc:    "regression of y with the mean absolute error, or classification of its sign with binary cross-entropy",
		Domain: results.Domain{Default: regression, Words: []string{regression, classification}}},
	rulesParameter: {Name: "rules", Type: results.Whole, Label: "rules R", Doc: "rules of the task",
		Domain: results.Domain{Default: "8", Min: 2, Max: 1024}},
	modulesParameter: {Name: "modules", Type: results.Whole, Label: "modules M",
		Doc:    "modules of the core, or rules for as many as rules, which ground-truth requires; monolithic has 0, and no other core",
		Domain: results.Domain{Default: asRules, Max: maxWidth, Words: []string{asRules}}},
	embeddingParameter: {Name: "embedding", Type: results.Whole, Label: "embedding E", Doc: "units of the encoders and of the decoder's hidden layer",
		Domain: results.Domain{Default: "32", Min: 1, Max: 4096}},
	widthParameter: {Name: "width", Type: results.Whole, Label: "width D", Doc: "outputs of the core, and its hidden units, which modules share equally; or auto for 4 × embedding",
		Domain: results.Domain{Default: auto, Min: 1, Max: maxWidth, Words: []string{auto}}},
	batchParameter: {Name: "batch", Type: results.Whole, Label: "batch", Unit: "samples", Doc: "samples in a step",
		Domain: results.Domain{Default: "64", Min: 1, Max: 1 << 20, Aliases: []string{"batch_size"}}},
	lrParameter: {Name: "lr", Type: results.Real, Label: "learning rate η", Doc: "learning rate η, the same at all steps",
		Domain: results.Domain{Default: "0.001", Max: math.MaxFloat64, Aliases: []string{"eta", "learning_rate"}}},
	optimizerParameter: {Name: "optimizer", Type: results.Text, Label: "optimizer", Doc: "Adam with β₁ = 0.9, β₂ = 0.999 and ε = 10⁻⁸, or gradient descent",
		Domain: results.Domain{Default: adam, Words: []string{adam, sgd}}},
	stepsParameter: {Name: train.StepsParameter, Type: results.Whole, Label: "steps", Unit: "steps", Doc: "updates",
		Domain: results.Domain{Default: "5000", Max: train.MaxSteps}},
	dataSeedParameter: {Name: "data_seed", Type: results.Whole, Label: "data seed", Doc: "seed of the rules' coefficients and of all samples",
		Domain: results.Domain{Default: "0", Max: 1 << 53}},
	samplesParameter: {Name: "samples", Type: results.Whole, Label: "samples of each rule", Unit: "samples", Doc: "fresh samples of each rule from which losses, errors and gates are measured",
		Domain: results.Domain{Default: "64", Min: 1, Max: 1 << 20}},
}

// The metrics, in the order of the schema.
const (
	trainLossMetric = iota
	testLossMetric
	oodLossMetric
	testErrorMetric
	oodErrorMetric
	collapseAvgMetric
	collapseWorstMetric
	alignmentMetric
	imiMetric
	adaptationMetric
)

var metrics = results.Schema{
	trainLossMetric:     {Name: "train_loss", Label: "training loss", Doc: "mean loss of the batch that the next step trains on"},
	testLossMetric:      {Name: "test_loss", Rank: 2, Label: "test loss", Doc: "mean loss on fresh samples"},
	oodLossMetric:       {Name: "ood_loss", Rank: 1, Label: "loss out of distribution", Doc: "mean loss on fresh samples with x doubled"},
	testErrorMetric:     {Name: "test_error", Label: "test error", Null: true, Doc: "share of fresh samples classified wrongly; null for regression"},
	oodErrorMetric:      {Name: "ood_error", Label: "error out of distribution", Null: true, Doc: "share of fresh samples with x doubled classified wrongly; null for regression"},
	collapseAvgMetric:   {Name: "collapse_avg", Label: "Collapse-Avg", Null: true, Doc: "how unequally modules are used: 0 if equally, 1 if one alone is used; null without 2 modules"},
	collapseWorstMetric: {Name: "collapse_worst", Label: "Collapse-Worst", Null: true, Doc: "how little the least used module is used: 0 if as much as others, 1 if not at all; null without 2 modules"},
	alignmentMetric:     {Name: "alignment", Rank: 3, Label: "Alignment", Null: true, Doc: "distance of the gate from the nearest one-to-one assignment of rules to modules, 0 to 1; null unless modules are as many as rules"},
	imiMetric:           {Name: "imi", Rank: 4, Label: "IMI", Null: true, Doc: "inverse mutual information: 0 if the module tells the rule, 1 if it tells nothing of it; null without a gate"},
	adaptationMetric:    {Name: "adaptation", Label: "Adaptation", Null: true, Doc: "distance between sorted probabilities of rules and of modules, a mean over 100 distributions of rules; null unless modules are as many as rules"},
}
