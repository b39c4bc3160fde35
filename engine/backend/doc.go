// Package backend makes what trains jobs of every kind from an [Executor], which
// trains programs, and from [Form]s, each of which trains the models of one type
// in another way than by their program.
//
// # Divergence
//
// A run diverges at the first step after which an element of a variable, in the
// executor's real type, is not finite; this holds for an optimizer's state as for
// the parameters, and at step 0 for the initial values. There the run ends. It is
// observed at the recorded steps before and finished with that step, and the others
// have the bits that they have without it. An executor may look at the recorded
// steps alone. It then finishes the run with the first of them at which a variable
// is not finite, or with an earlier step after the previous one, if it finds that it
// was so there. Numbers that are measured, such as a loss, may be infinite or NaN
// while the variables are finite: that is no divergence.
package backend
