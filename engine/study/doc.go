// Package study holds the experiments of the paper, one file each. A [Study] names sweeps,
// and judges their tables: that gives claims beside measured numbers, and figures as data.
// It trains nothing itself but what no sweep file can say, on the backend that it is
// handed, and draws nothing.
//
// The settings are those of the paper's published scripts, in the files of the folder
// sweeps. A step_size of the scripts is η/P here, because the loss is a mean over the P
// examples.
//
// Three known faults of those scripts are not repeated: curves of simulation and
// theory share their steps (there, the simulation is one step ahead), every
// seed starts from weights of its own (there, all 50 runs restart from one), and
// ranks are true ranks (there, a determinant of absolute values).
//
// A threshold is derived where it is defined: from rounding, from the remainder
// that theory names, or from the distribution of the initial weights at a stated
// probability. Where it is a choice, such as how much "hardly begun" may be, its
// comment calls it a convention and gives the margin.
package study
