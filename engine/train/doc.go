// Package train says what a kind of network is, and what a run of it is.
//
// A [Kind] declares the parameters and metrics of its networks and resolves a
// [Setting] to a [Model]: a program that trains, and what is measured. A [Schedule]
// says at which steps a run is recorded.
//
// # Going on
//
// A run that a program trains can be stopped between any two steps and continued by
// another process. A [Recorder] that is a [Keeper] is given a [Checkpoint] whenever it
// says that one is due: the number of steps done, the program's variables, and what was
// observed before. [Run].From begins there. Draws depend on the step alone, and the
// observations are reported again, so metrics, variables and summary have the bits of a
// run that was never stopped.
package train
