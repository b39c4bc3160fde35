// Package reference executes programs in float64, one operation at a time, on
// gonum's products. It is written to be read, and it is what other backends are
// compared with.
package reference
