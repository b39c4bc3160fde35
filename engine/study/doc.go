// Package study holds the experiments of the paper, one file each. A [Study]
// says what it runs and what it claims; running it gives claims beside measured
// numbers and figures as data. It trains on whatever backend it is given and
// draws nothing itself.
//
// The settings are those of the paper's published scripts. A step_size there is
// η/P here, because the loss is a mean over the P examples:
//
//	experiment                bits n_x n_y k_x k_y r   h   σ        step_size  steps
//	dense                     3    3   1   3   1   1   50  0.01/50  0.02       300
//	shallow                   3    3   1   3   1   1   –   0.01/50  0.005      300
//	split                     3    3   1   3   1   1   50  0.1/50   0.02       300
//	Hebbian, β = 0.001        3    3   1   3   1   1   50  0.01/50  0.01       1500
//	anti-Hebbian, β = −0.001  3    3   1   3   1   1   50  0.01/50  0.01       1500
//	contrastive, γ = 1        3    3   1   3   1   1   50  0.01/50  0.005      1500
//	predictive, γ = −1        3    3   1   3   1   1   50  0.01/50  0.01       3000
//	motivating example        3    five settings       50  0.001    0.02       500
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
