// Package prediction is theory of a network on a dataset: how strong each mode is at
// each step, where learning ends, and what follows for quadrants and losses. Sweeps,
// studies, commands and the page all use a [Predictor].
//
// Package theory has the formulas of one mode. What is added here is the network: its
// modes module by module, the strengths that its own initial weights start them from
// ([Predictor.Starts]), their dynamics at given steps ([Predictor.Follow]), and which of
// this is known for which training ([Predictor.Kind]).
package prediction
