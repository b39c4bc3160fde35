// # The folder of a sweep
//
// [Run] writes into one folder, which belongs to one sweep:
//
//	runs/part-000001.parquet            one row a copy; columns in package results
//	trajectories/part-000001.parquet    one row a copy and recorded step, if wanted
//	journal.jsonl                       what is done: one event a line, checksummed
//	manifest.json                       what the folder is, for readers
//	lock                                who works in it now
//
// The journal is the truth. A part is written to temporary names, synced,
// renamed, and then entered in the journal with the numbers of its copies and the
// SHA-256 of each file; a copy is done when its part is entered. So a process can
// be killed at any moment: what is in the journal is whole, and what is not is
// removed by the next process and trained again. When a process begins, it
// compares every byte of every part with the journal. A file that was changed is
// an error that names it; a file that is missing is trained again.
//
// A folder takes any number of processes, one after the other, and any shards of
// its sweep. Shards that were run in folders of their own come together by
// [Merge]. [Digest] is a hash of the results alone: however they were made, it is
// the same.
package sweep
