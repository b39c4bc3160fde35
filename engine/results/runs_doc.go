// # Tables of a sweep
//
// A sweep writes two tables, as Parquet files with Zstandard compression that lie
// beside each other, runs/part-….parquet and trajectories/part-….parquet. Their columns
// are flat, so that any reader of Parquet takes the folder as it is. A number that does
// not exist is null, never NaN.
//
// A file describes its columns. Under the key modspec.schema its footer has a JSON
// object with the kind of network and the columns in their order ([Column]): name,
// type, label, unit, what it is, whether a row may lack it, and what it is for. Readers
// use that description and rely on no column's name, except for those that every kind
// has:
//
//	column        type  null  what it is
//	id            text        names the run: a hash of its parameters and seed
//	copy          int         its number in the order of the sweep, from 0
//	seed          uint        source of its random numbers
//	…                         the kind's parameters
//	precision     text        float32 or float64
//	last_step     int         last step done
//	diverged_step int   ✓     step at which the run stopped being finite; null if it never did
//	…                         what is known of the run at its end
//
// are those of the table runs, with a row for each run, and
//
//	id copy                   as in the table runs
//	step          int         updates done
//	…                         what is measured at that step
//
// those of the table trajectories, with a row for each run and recorded step. The schemas
// of the kinds stand in the packages of the kinds, such as modspec/engine/kind/linear.
//
// Files of versions without the key are read by the columns that they have; labels are
// names then.
package results
