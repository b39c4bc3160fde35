// Package columns keeps columns of a sweep's table runs in memory, so that a
// view of a million copies is a walk over a few arrays.
//
// A [Store] bounds what is kept, over all tables. A [Table] reads the parts of
// one folder as they appear; parts are never changed once they are there, so
// what was read of a part stays good until the part goes. A [View] is the table
// at one moment, with the columns that were asked for: it is not changed by
// anything that happens later, and any number of goroutines may read it.
//
// A parameter has few values, so its column is kept as numbers of a dictionary, two
// bytes a copy; a measured one is kept as it is, eight bytes a copy. Columns that have
// not been used for a long time are dropped when others need their memory.
//
// Folders are opened through an [os.Root], so that no name and no link leaves it, and
// nothing is ever written.
package columns
