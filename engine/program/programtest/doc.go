// Package programtest checks backends that execute programs.
//
// Each operation has a definition here: a formula for one element of the result.
// The interpreter evaluates a program by these formulas in float64 and carries,
// beside each number, a bound of the error that arithmetic of a given unit
// roundoff may make in it (a running error analysis: J. H. Wilkinson, Rounding
// errors in algebraic processes, 1963). So every tolerance is derived from the
// numbers that are compared, for float32 and float64 alike, for one operation and
// for a whole training.
package programtest
