package images

import (
	"fmt"
	"math"

	"modspec/engine/cmnist"
	"modspec/engine/mnist"
	"modspec/engine/results"
	"modspec/engine/train"
)

// Words of parameters.
const (
	dense  = "dense"
	split  = "split"
	custom = "custom" // towers of the user's own
	all    = "all"    // images
	// defaultSet stands for the set that mnist.Find finds unasked.
	defaultSet = "testdata/mnist"
)

// The parameters, in the order of the schema. By default there are fewer images than
// in the paper, which has all, so that a run is short.
const (
	archParameter = iota
	digitsParameter
	rParameter
	trainParameter
	testParameter
	withholdParameter
	batchParameter
	lrParameter
	momentumParameter
	initScaleParameter
	stepsParameter
	dataParameter
)

var parameters = results.Schema{
	archParameter: {Name: "arch", Type: results.Text, Label: "architecture",
		Doc:    "dense (one tower for all outputs), split (one for each block), or towers such as 16@9x27>relu>100>compositional;non-compositional: layers, then the block that is written",
		Domain: results.Domain{Default: dense, Aliases: []string{"network", "modules"}}},
	digitsParameter: {Name: "digits", Type: results.Whole, Label: "digits", Doc: "digits in an image",
		Domain: results.Domain{Default: "3", Min: 2, Max: cmnist.MaxDigits}},
	rParameter: {Name: "r", Type: results.Real, Label: "r", Doc: "value of the label of the number; digits have 1",
		Domain: results.Domain{Default: "10", Least: 1e-30, Max: 1e30}},
	trainParameter: {Name: "train", Type: results.Whole, Label: "training images", Unit: "images", Doc: "the first so many images to train on, those of withheld numbers included, or all",
		Domain: results.Domain{Default: "2000", Min: 1, Max: 1 << 24, Words: []string{all}}},
	testParameter: {Name: "test", Type: results.Whole, Label: "test images", Unit: "images", Doc: "the first so many images to test on, or all",
		Domain: results.Domain{Default: "1000", Min: 1, Max: 1 << 24, Words: []string{all}}},
	withholdParameter: {Name: "withhold", Type: results.Whole, Label: "withheld numbers", Doc: "of every ten numbers so many are in no training image",
		Domain: results.Domain{Default: "0", Max: mnist.Classes - 1}},
	batchParameter: {Name: "batch", Type: results.Whole, Label: "batch", Unit: "images", Doc: "images in a step; the last batch of an epoch may have fewer",
		Domain: results.Domain{Default: "16", Min: 1, Max: 1 << 20, Aliases: []string{"batch_size"}}},
	lrParameter: {Name: "lr", Type: results.Real, Label: "learning rate η", Doc: "learning rate η, the same at all steps",
		Domain: results.Domain{Default: "0.002", Max: math.MaxFloat64, Aliases: []string{"eta", "learning_rate"}}},
	momentumParameter: {Name: "momentum", Type: results.Real, Label: "momentum μ", Doc: "momentum μ of gradient descent, below 1",
		Domain: results.Domain{Default: "0", Max: math.Nextafter(1, 0)}},
	initScaleParameter: {Name: "init_scale", Type: results.Real, Label: "initial scale", Doc: "standard deviation of the initial weights and biases",
		Domain: results.Domain{Default: "0.01", Least: 1e-30, Max: 1e30}},
	stepsParameter: {Name: train.StepsParameter, Type: results.Whole, Label: "steps", Unit: "steps", Doc: "updates; an epoch has ⌈training images / batch⌉",
		Domain: results.Domain{Default: "1250", Max: train.MaxSteps}},
	dataParameter: {Name: "data", Type: results.Text, Label: "set of digits", Doc: "folder of the digits (MNIST or a set like it); a run has the SHA-256 of their content",
		Domain: results.Domain{Default: defaultSet}},
}

// The sets of images that are measured, in the order of Observe.
const (
	seenSet = iota
	testSet
	unseenSet
	recombinedSet
	swappedSet
	setCount
)

// setNames are how metrics and results of Observe name the sets.
var setNames = [setCount]string{"train", "test", "unseen", "recombined", "swapped"}

// The metrics of each set but the swapped, in the order of the schema.
const (
	compositionalMetric = iota
	nonCompositionalMetric
	digitMetric
	allDigitsMetric = digitMetric + cmnist.MaxDigits
	numberMetric    = allDigitsMetric + 1
	setMetrics      = numberMetric + 1
)

// The metrics of a run as a whole come before those of sets.
const (
	companyMetric = iota
	styleMetric
	systematicityMetric
	runMetrics
)

var metrics = func() results.Schema {
	list := results.Schema{
		companyMetric:       {Name: "company", Label: "company", Null: true, Doc: "how much a digit's outputs depend on what stands beside it: 0 not at all, 1 as much as on all; null where no tower writes them"},
		styleMetric:         {Name: "style", Label: "style", Null: true, Doc: "how much a digit's outputs depend on which image of its class it is; null where no tower writes them"},
		systematicityMetric: {Name: "systematicity", Rank: 3, Label: "systematicity", Null: true, Doc: "1 − company"},
	}
	of := [setCount]string{"the first training images", "test images", "test images of withheld numbers", "trained digits in new combinations"}
	for set := range swappedSet {
		add := func(name, label, doc string, rank int) {
			list = append(list, results.Column{Name: setNames[set] + "_" + name, Label: setNames[set] + " " + label, Null: true, Rank: rank,
				Doc: fmt.Sprintf("%s, on %s", doc, of[set])})
		}
		rank := func(r int) int {
			if set != testSet {
				return 0
			}
			return r
		}
		add("compositional", "compositional error", "squared error of the compositional outputs over the number of digits", rank(1))
		add("non_compositional", "non-compositional error", "squared error of the non-compositional outputs over r²", rank(2))
		for place := range cmnist.MaxDigits {
			add(fmt.Sprint("digit", place+1), fmt.Sprint("digit ", place+1), fmt.Sprintf("share of images whose digit %d is named", place+1), 0)
		}
		add("all_digits", "all digits", "share of images of which all digits are named", rank(4))
		add("number", "number", "share of images whose number is named", 0)
	}
	return list
}()
