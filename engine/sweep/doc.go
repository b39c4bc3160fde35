// Package sweep trains very many networks of a kind: it reads what to train from a
// sweep file, gives every run an identity, cuts the runs into jobs, and keeps account of
// what is done. It knows of no kind more than package train says. A run of a sweep is
// called a copy where its number in the sweep, its identity or its rows are meant.
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
// # Which points there are
//
// A grid's points are numbered in the order in which the kind declares its parameters,
// the last one fastest; an axis of zipped parameters stands where the first of them
// does. Point i of a random sweep is a function of the sampling seed and i. The
// order of a file's lines decides nothing. Points are computed from their
// numbers, never listed, so a file costs what it says and not what it means.
//
// Each value is checked by itself when the file is read. A combination that no
// dataset, architecture or rule allows (n_y above n_x, say, where a grid has
// both bits and n_y) is an error, unless the file says skip_invalid: true: then
// such combinations are left out, counted, and their reasons given. So "every
// n_y" is ny: {min: 0, max: 5} beside bits up to 5, with skip_invalid.
//
// A parameter without meaning at a point is left out of the point: a width or a
// depth for a shallow network, a strength for a rule that has none. Points that
// come to the same parameters are one point; repeats are left out and counted.
// In a random sweep they are not drawn again.
//
// # Identity
//
// A copy's id ([CopyID]) is a hash of its resolved parameters and its seed, and
// its randomness (train.Stream) a function of them. Neither depends on the file, the
// order, the shard or the machine. Whoever trains one network with the same
// parameters and seed gets the sweep's copy, to the last bit.
//
// # What is trained together
//
// Copies of one shape (train.Model) share a train.Job. [Space.Chunks] goes through all
// copies in jobs of one shape each; [NewPlan] says what they will cost.
package sweep
