// Package sweep trains very many networks of a kind: it reads what to train from a
// sweep file, gives every run an identity, cuts the runs into jobs, and keeps account of
// what is done. It knows of no kind more than package train says. A run of a sweep is
// called a copy where its number in the sweep, its identity or its rows are meant.
package sweep
