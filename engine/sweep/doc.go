// Package sweep has no code of its own: the packages below it train very many networks of a
// kind, of which they know no more than package train says. It says how they go together,
// and what their words mean. The example goes from a sweep file to jobs.
//
//	spec        reads sweep files; the form of the file
//	space       the points of a file, identities, groups, chunks, shards
//	plan        what a sweep will cost in memory, disk and time
//	runner      trains the copies that a folder lacks
//	store       the folder of a sweep: tables, journal, merge, digest, export; its form
//	checkpoint  runs in training, in files of the folder
//	numberset   sets of numbers of copies
//
// Imports point from plan to runner, from there to checkpoint, store, space and spec.
// Programs that only read results need store alone.
//
// # Words
//
//	candidate  a combination of a grid, or a draw of a random sweep, that a file names
//	point      the parameters of one or more candidates that can be trained, resolved
//	copy       a point with a seed: one run of the sweep, with a number and an id
//	group      the points of one shape (train.Model), and their copies
//	chunk      copies of one group that are trained together, as one train.Job
//	shard      every n-th copy of a sweep, for one of n processes
//	part       a file of each table in a folder, which hold the same copies
//	batch      training examples of one step of one run; never copies
//	run        one network with one seed in training; in a sweep, that of a copy
package sweep
