// Package backend makes what trains jobs of every kind from an [Executor], which
// trains programs, and from [Form]s, each of which trains the models of one type
// in another way than by their program.
//
// # Divergence
//
// A run diverges at the first recorded step at which an element of a variable,
// in the executor's real type, is not finite; this holds for an optimizer's state
// as for the parameters, and at step 0 for the initial values. There the run
// ends: it is not observed at that step, and it is finished with it. The other
// runs go on and have the bits that they have without it. Between two recorded
// steps nothing is looked at. Numbers that are measured, such as a loss, may be
// infinite or NaN while the variables are finite: that is no divergence.
package backend
