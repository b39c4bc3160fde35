// Package engine has no code of its own. It says which package below it holds
// what.
//
//	number, names    the numbers and names that people write and read
//	yamlfile         the YAML files that they write, and faults that point into them
//	printable        texts from files, for the terminal
//	regularfile      files from outside: regular ones only, of a bounded size
//	machine          memory, processors and disk that this process may use
//	random           numbers as a function of (seed, point, layer, element)
//	program          networks and their training as lists of operations on tensors
//	program/programtest  the definition of each operation, and the suite for backends
//	backend              trains jobs of every kind by executing their programs
//	backend/reference    executes programs in float64, one operation at a time
//	backend/cpu/programs executes programs for many runs on vector processors
//	backend/cuda/programs  executes programs on NVIDIA GPUs, many runs side by side
//	dataset          the space of datasets, correlations, the reduced input
//	theory           modes, closed forms, discrete dynamics, quadrants
//	theory/rank      how many training examples determine the compositional map
//	network          modules over blocks, architectures, learning rules
//	train            what a kind, a model and a recording schedule are
//	train/traintest  the suite for backends with every kind of network
//	kind/linear      modular linear networks: jobs, recording, observables
//	kind/linear/prediction  theory of a network: modes, starts, curves, losses
//	kind/linear/model  the kind: parameters to networks and back, summaries, costs
//	kind/mixture     networks that learn a mixture of rules, monolithic or of modules
//	kind/images      convolutional networks on compositional MNIST
//	train/reference  the float64 backend on gonum, the oracle of the others
//	train/cpu        the vectorised backend
//	train/cuda       the backend for NVIDIA devices, behind the build tag gpu
//	train/cuda/large  copies too large for its fused kernels
//	cuda             devices, memory, streams and launches, for the backends on them
//	cuda/cudatest    help for the tests of packages that launch kernels
//	mnist            images of digits, as they are published
//	cmnist           compositional MNIST: images, labels, towers, what is measured
//	sweep            many points and seeds: the words, and packages below it
//	sweep/spec       sweep files
//	sweep/space      the points of a file, copies and their identities, shards
//	sweep/plan       what a sweep will cost
//	sweep/runner     trains the copies that a folder lacks
//	sweep/store      the folder of a sweep: tables, journal, merge, digest
//	sweep/checkpoint  runs in training, in files of that folder
//	sweep/numberset  sets of numbers of copies
//	sweep/sweeptest, sweep/runner/runtest  what tests of sweeps share
//	cluster          sweeps as jobs of a scheduler
//	results          claims, provenance and what else a run leaves behind
//	lock             one process at a time in a folder
//	jsonline         lines of JSON with a checksum
//	safetensors, tensorboard  files that other programs read
//	study            one file an experiment of the paper: sweeps, and a judge of their tables
//	figure           figures as plain data, the notation of labels, texts for those who see none
//	plot             figures as PNG and SVG; nothing else imports gonum/plot
//	plot/lettering, colourmap, contour  labels in the font of figures, colours of heatmaps, lines of equal value
//	chart            figures of a table's columns: heatmaps and curves
//	report           the page on studies and their claims, from results alone
//	report/survey    the report on a sweep, as HTML and Markdown
//	serve            the live page, from results alone
//
// Imports point one way: from commands to studies, sweeps, report and serve,
// from there to kinds, and from kinds to train and, for linear networks, to network,
// theory and dataset. A backend imports them and never the other way, so that only a
// command chooses one.
// The exact table, and the test that keeps it, is in architecture_test.go.
package engine
