// Package spec reads sweep files: which parameters, seeds, schedule and precision a
// sweep has, of networks of one kind. It knows of no kind more than package train says.
//
// # The sweep file
//
// A sweep file is YAML with the keys that sweeps commonly have:
//
//	name: phase-diagram       # for people
//	kind: linear              # of the networks (default: linear)
//	method: grid              # grid: every combination; random: draws
//	run_cap: 500              # random: draws; grid: keep the first so many points
//	sampling_seed: 0          # of the draws of a random sweep
//	skip_invalid: true        # leave out combinations that cannot be trained (default: refuse them)
//	seeds: 10                 # 0 … 9; or [3, 7]; or {min: 100, max: 199} (default: 1)
//	steps: 300                # a parameter that may stand here too, and train_examples
//	train_examples: all
//	record: {every: 10}       # or {log: 20} in each tenfold of steps, or ends (default: {every: 10})
//	precision: float32        # or float64 (default: float32)
//	zip: [[bits, lr]]         # parameters that move together, value by value
//	parameters:
//	  bits: {values: [2, 3]}
//	  lr:   {values: [0.08, 0.16]}
//	  ny:   {min: 0, max: 3}
//	  r:    {value: 2}
//
// Parameters are those that the kind declares, for linear networks the flags of modspec
// train that shape a run, with underscores: bits, nx, ny, kx, ky, r, input_bits,
// output_bits, arch, modules, hidden, depth, rule, gamma, beta, lr, init_scale, steps,
// train_examples, batch. One that is not given has its default. Each is given as
//
//	value: v                  one value
//	values: [v, w, …]         each of them, once
//	min: a, max: b            whole parameters: every whole number from a to b; others: a range
//	distribution: …           with min and max: int_uniform (every whole number), uniform, or
//	                          log_uniform_values (the logarithm evenly; a and b are the values)
//
// Numbers are decimal, and read exactly or refused; package number has the form.
// Seeds are whole numbers up to 2⁶⁴−1, as in the tables.
//
// nx, ny, train_examples and batch may be "all": as many as there are (n_x of the
// bits, n_y of n_x, examples of P, a batch of the training examples), which is
// also what all but ny are by default. input_bits and output_bits are lists,
// [0, 2], or texts, "0,2", as all texts may be that are no names.
//
// # Candidates
//
// The combinations of a grid, and the draws of a random sweep, are its candidates. Those
// of a grid are numbered in the order in which the kind declares its parameters, the last
// one fastest; an axis of zipped parameters stands where the first of them does.
// Candidate i of a random sweep is a function of the sampling seed and i. The
// order of a file's lines decides nothing. Candidates are computed from their
// numbers, never listed, so the time and memory to read a file depend on its length alone.
//
// Each value is checked by itself when the file is read. Which candidates can be trained
// is found by package space.
package spec
