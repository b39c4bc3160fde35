// Package space finds the points of a sweep file, gives every copy an identity, and cuts
// the copies into jobs.
//
// # Which points there are
//
// The points of a sweep are the candidates of its file (package spec) that can be trained.
// A combination that no dataset, architecture or rule allows (n_y above n_x, say, where a
// grid has both bits and n_y) is an error, unless the file says skip_invalid: true: then
// such combinations are left out, counted, and their reasons given. So "every
// n_y" is ny: {min: 0, max: 5} beside bits up to 5, with skip_invalid.
//
// A parameter without meaning at a point is left out of the point: a width or a
// depth for a shallow network, a strength for a rule that has none. Candidates that
// come to the same parameters are one point; repeats are left out and counted.
// In a random sweep they are not drawn again.
//
// # Identity
//
// A copy's id ([CopyID]) is a hash of its resolved parameters and its seed, and
// its randomness (train.Stream) a function of them. Neither depends on the file, the
// order, the shard or the machine. Training one network with the same
// parameters and seed gives the sweep's copy, to the last bit.
//
// # What is trained together
//
// Copies of one shape (train.Model) form a group, and share jobs (train.Job).
// [Space.Chunks] goes through all copies in jobs of one shape each.
package space
