// Package train says what a kind of network is, and what a run of it is.
//
// A [Kind] declares the parameters and metrics of its networks and resolves a
// [Setting] to a [Model]: a program that trains, and what is measured. A [Schedule]
// says at which steps a run is recorded.
package train
