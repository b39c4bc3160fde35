// Package dataset is the space of datasets of the paper: small tasks whose
// inputs and outputs each have a compositional and a non-compositional part.
//
// A dataset is named by a [Point] (bits n; n_x, n_y, k_x, k_y, r). It has
// P = 2ⁿ examples, one a column:
//
//	Ω    n × P, all ±1 patterns; ΩΩᵀ = P·I
//	Ω_x  n_x rows of Ω           Γ_x  k_x stacked copies of r·I (P × P each)
//	Ω_y  n_y rows of Ω           Γ_y  k_y stacked copies of r·I
//	X = [Ω_x; Γ_x]  (n_x + k_x·P) × P        inputs
//	Y = [Ω_y; Γ_y]  (n_y + k_y·P) × P        targets
//
// The Ω blocks are compositional (every example is a combination of shared
// bits), the Γ blocks are not (every example has features of its own).
//
// Order, as in the paper's published scripts: example p is the binary pattern
// of P−1−p with bit 1 → +1 and row 0 the slowest bit, so the first column of Ω
// is all +1; Ω rows come first, then the Γ copies.
//
// What a full-batch linear network needs of a dataset are its second moments
// ([Point.Correlations]), which are filled in from the blocks' structure
// without ever forming X; what it needs at most are P directions of input space
// ([Point.Reduce]). Matrices are row-major gonum matrices; examples are counted
// from 0.
//
// Source: Jarvis, Klein, Rosman, Saxe, On The Specialization of Neural Modules,
// ICLR 2023, section 3.
package dataset
