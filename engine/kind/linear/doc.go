// Package linear trains modular linear networks on datasets of the paper's space.
//
// A [Job] is a number of module copies (networks of one architecture under one kind of
// task) that are trained together for a number of steps and seen through a recording
// schedule. A [Backend] runs a job whole, so that the weights can stay in the memory of
// its hardware from the first step to the last. What is recorded goes to a [Recorder],
// one [Observation] at a time; [Collect] keeps them in memory.
//
// A [Task] is learned by full-batch or mini-batch descent on
// L = ½·mean over examples of ‖y − ŷ‖². Package train/reference is the backend that
// every other is checked against.
//
// [Copy.Program] is the same training as a program, which every executor trains.
//
// # Columns
//
// [Parameters], [Metrics] and [Summary] are the columns of sweeps of linear networks.
// From the metrics on, everything in the table runs is measured at the last step, and
// null for a run that diverged, except the times.
//
// A mode belongs to the module that learns it. In a network of several modules
// each kind of mode belongs to one of them alone: kinds 1 and 4 to the one
// that writes Ω_y, kinds 2 and 3 to the one that writes Γ_y. A column is null
// where no module has the kind, and in a network whose modules' outputs overlap:
// there several have it, and neither its end nor that of a quadrant is known.
// Times lie between recorded steps, by linear interpolation; they are null where
// half was not reached, and where only the first and the last step were recorded.
//
// The columns pred_… are the same from theory, for steps updates.
//
// A discrete prediction follows every mode through real steps of gradient descent, from
// the initial weights of the copy, and has no parameter to fit; its times are
// interpolated between the same recorded steps as the copy's own. It exists for plain
// gradient descent (rule gd) on all examples at once with at most one hidden layer and
// outputs that do not overlap. With more hidden layers, or in batches, the prediction
// is the asymptote, where learning ends, and there are no times. For anything else
// there is no prediction.
package linear
