// Package traintest is the suite that every backend passes with every kind of
// network. It trains small jobs and holds what is recorded against the reference,
// which executes programs in float64. Two checks are of the kind alone: its declaration,
// and whether models of one shape have one program.
//
// # How close
//
// The bound of a metric is measured, not chosen. The reference also trains programs
// in which the result of every operation is multiplied, element by element, by 1 + ε,
// with ε drawn uniformly from what the backend's arithmetic may be wrong by: the
// unit roundoff u for one rounding, 4 units in the last place for functions, and
// u·√n more for sums of n terms, whose roundings are independent. What that changes
// in a metric after so many steps shows how errors grow there. To first order a
// deviation is a sum of very many independent contributions, so it is nearly normal;
// the largest of [noises] such deviations is less than a fifth of a standard deviation
// with a probability below 10⁻⁶, and a backend's deviation, whose errors are no larger,
// is more than 3 standard deviations with one of 0.003. The bound is 16 times the
// largest: it says 3 standard deviations or more. A metric is rounded to float64, so
// that a deviation is known to one unit in its last place, which is added to it: eight
// deviations of less than that are all seen as 0. Whole numbers (classes, indices,
// comparisons) are exact in every arithmetic and are left alone.
package traintest
