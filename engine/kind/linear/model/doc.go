// Package model is the kind "linear": it turns settings into networks and tasks of
// package linear, describes them by their parameters, trains runs of them on a backend
// for linear networks, and computes what is known of a run that has ended, with
// theory's prediction beside it.
package model
