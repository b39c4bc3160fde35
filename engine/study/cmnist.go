package study

import (
	"fmt"
	"math"

	"modspec/engine/cmnist"
	"modspec/engine/cmnist/experiment"
	"modspec/engine/results"
)

// CMNISTID is the id of the study of compositional MNIST, which trains networks of
// convolutions and so runs on backends of its own: [CMNIST] says what it is,
// [CMNISTClaims] what follows from it.
const CMNISTID = "cmnist"

// CMNISTTitle says what the study is about.
const CMNISTTitle = "On images, only the split network keeps the compositional part general"

// CMNIST returns the experiment of the study: the paper's, or one that two CPU cores
// run in under three minutes and that shows the same order. The reduced one
// keeps the paper's kind of images, networks and batches, takes fewer images, epochs
// and runs, and learns two and a half times as fast, or it would end on the plateau
// that all networks start with.
func CMNIST(full bool) experiment.Config {
	c := experiment.Config{
		Digits: 3, R: 10, Networks: []cmnist.Network{cmnist.Dense(3), cmnist.Split(3)},
		Runs: 10, Epochs: 300, Batch: 16, LearningRate: 0.002, InitScale: 0.01, Seed: 1,
	}
	if !full {
		c.Train, c.Test, c.Runs, c.Epochs, c.LearningRate = cmnistTrain, cmnistTest, cmnistRuns, cmnistEpochs, cmnistRate
	}
	return c
}

// The reduced experiment; see CMNIST.
const (
	cmnistTrain  = 1600
	cmnistTest   = 400
	cmnistRuns   = 2
	cmnistEpochs = 11
	cmnistRate   = 0.005
)

// CMNISTRuns says in a sentence what is run.
func CMNISTRuns(full bool) string {
	c := CMNIST(full)
	images := "20,000 training and 3,333 test images"
	size := "the paper's size"
	if !full {
		images = fmt.Sprintf("%d training and %d test images (the paper: 20,000 and 3,333)", c.Train, c.Test)
		size = fmt.Sprintf("%d runs of %d epochs (the paper: 10 of 300)", c.Runs, c.Epochs)
	}
	return fmt.Sprintf("dense and split networks of convolutions on images of three digits, %s; %s; batches of %d, learning rate %g, σ %g, r %g",
		images, size, c.Batch, c.LearningRate, c.InitScale, c.R)
}

// CMNISTClaims judges the epochs of the study's experiment.
func CMNISTClaims(rows []results.CMNISTEpoch) []results.Claim {
	last := 0
	for i := range rows {
		last = max(last, rows[i].Epoch)
	}
	ends := func(arch string, value func(*results.CMNISTEpoch) results.Number) (low, high float64) {
		low, high = math.Inf(1), math.Inf(-1)
		for i := range rows {
			if rows[i].Arch == arch && rows[i].Epoch == last {
				v := float64(value(&rows[i]))
				low, high = math.Min(low, v), math.Max(high, v) // NaN stays
			}
		}
		return low, high
	}
	test := func(e *results.CMNISTEpoch) results.Number { return e.Test.Compositional }
	number := func(e *results.CMNISTEpoch) results.Number { return e.Test.NonCompositional }
	company := func(e *results.CMNISTEpoch) results.Number { return e.Company }
	denseLow, denseHigh := ends("dense", test)
	splitLow, splitHigh := ends("split", test)
	numberLow, _ := ends("dense", number)
	otherLow, _ := ends("split", number)
	hangsLow, _ := ends("dense", company)
	_, aloneHigh := ends("split", company)
	const source = "section on compositional MNIST"
	return []results.Claim{
		results.NewClaim("cmnist/test-error", "on test images the split network's compositional error lies below the dense network's, beyond the spread over runs",
			denseLow-splitHigh, results.Above, math.Max(denseHigh-denseLow, splitHigh-splitLow), source,
			fmt.Sprintf("lowest of dense less highest of split after %d epochs, against the wider of the two spreads over runs", last)),
		// The answer 0 costs 1; a network that named one number in ten would cost
		// about 0.9.
		results.NewClaim("cmnist/number-error", "on test images the non-compositional error stays high for both networks",
			math.Min(numberLow, otherLow), results.Above, 0.9, source,
			"lowest of any run; the answer 0 costs 1"),
		results.NewClaim("cmnist/company", "a digit's answer hangs less on what stands beside it in the split network than in the dense one",
			aloneHigh, results.Below, hangsLow, "this project's measure of systematicity for networks that are not linear",
			"share of a digit's answer that changes with the digits beside it: highest of split against lowest of dense"),
	}
}
