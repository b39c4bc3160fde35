// Package linear trains modular linear networks on datasets of the paper's space.
//
// A [Job] is a number of module copies (networks of one architecture under one
// kind of task) that are trained together for a number of steps and seen
// through a recording schedule. A [Backend] runs a job whole, so that it may
// keep the weights where its hardware wants them from the first step to the
// last. What is recorded goes to a [Recorder], one [Observation] at a time;
// [Collect] keeps them in memory.
//
// A [Task] is learned by full-batch or mini-batch descent on
// L = ½·mean over examples of ‖y − ŷ‖². Package train/reference is the backend that
// every other is checked against.
package linear
