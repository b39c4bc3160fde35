// Package sweep trains very many networks of a kind: it reads what to train from a
// sweep file, gives every run an identity, cuts the runs into jobs, and keeps account of
// what is done. It knows of no kind more than package train says. A run of a sweep is
// called a copy where its number in the sweep, its identity or its rows are meant.
//
// # Identity
//
// A copy's id ([CopyID]) is a hash of its resolved parameters and its seed, and
// its randomness (train.Stream) a function of them. Neither depends on the file, the
// order, the shard or the machine. Whoever trains one network with the same
// parameters and seed gets the sweep's copy, to the last bit.
//
// # What is trained together
//
// Copies of one shape (train.Model) share a train.Job. [Space.Chunks] goes through all
// copies in jobs of one shape each; [NewPlan] says what they will cost.
package sweep
