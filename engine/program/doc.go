// Package program describes a network and its training as programs: static,
// shape-checked lists of operations on tensors for one run.
//
// A [Program] is a list of nodes. Each node applies one operation of the table
// [Operations] to the results of earlier nodes. There is no control flow, no
// shape that depends on data, and one real type for all tensors, which the
// backend chooses. A backend adds the axis of runs: it executes the same program
// for many runs side by side, each with its own variables, settings and streams
// of random numbers.
//
// A [Builder] appends nodes and checks shapes. Its first error names the
// operation, the shapes and the line of the caller, and is returned by Build.
// [Builder.Gradient] appends the reverse-mode derivative of a loss, so the
// gradient of a program is a program, and so is the gradient of a gradient. An
// optimizer ([SGD], [Adam] …) appends the update of the parameters.
//
// A [Training] is three programs over common variables: Start computes the
// initial variables, Step the variables after the next step, Observe what is
// measured. A [Draft] builds one.
//
// # Tensors
//
// A tensor has a shape, a list of lengths, and its elements in row-major order.
// The empty shape is a scalar. An axis may have length 0. The operands of an
// elementwise operation have equal shapes; [Builder.Broadcast] repeats a tensor
// along a new axis and [Builder.Sum] is its adjoint. Whole numbers (indices,
// classes) are kept in the real type, which is exact up to 2²⁴ in float32; a
// table of more rows is refused.
//
// # Random numbers
//
// A draw is a function of (stream of the run, number of the draw, step, element)
// by package random, so it does not depend on the backend, on the runs beside
// it, or on what was drawn before.
//
// # Inputs
//
// [Builder.Input] names the value of a step that a network learns from: a draw,
// usually, or what is computed from draws. The name is on the node ([Node.Input])
// and does not change what is computed. [WithTables] returns the training with the
// inputs given from outside, by name, and [WithInitial] that with given initial
// variables. Both are trainings of the same operations, so that a backend needs
// nothing for them, and given what would have been drawn they have equal bits. A
// kind names every draw of its task in one place, for Step and Observe alike; draws
// that are no data, such as dropout, have no name and stay drawn.
//
// # Adding an operation
//
// Add its constant and its row to [Operations] (operation.go), its method to
// builder.go, its definition to package programtest, and its implementation to
// each backend. The suite of programtest fails for an operation without a
// definition.
package program
