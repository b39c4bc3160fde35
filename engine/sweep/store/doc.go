// Package store keeps the results of a sweep in a folder: tables, which copies they hold,
// and what is needed to go on. It trains nothing.
//
// # The folder of a sweep
//
// A run of a sweep (package runner) writes into one folder, which belongs to one sweep:
//
//	runs/part-000001.parquet            one row a copy; columns in package results
//	trajectories/part-000001.parquet    one row a copy and recorded step, if wanted
//	checkpoints/checkpoint-000001.safetensors   runs in training, while there are any
//	journal.jsonl                       what is done: one event a line, checksummed
//	journal.jsonl.damaged               a journal that was rebuilt, as it was found; later
//	                                    ones are numbered, journal.jsonl.damaged.2
//	manifest.json                       what the folder is, for people and other programs
//	lock                                who works in it now
//
// The journal decides what a folder holds. A part is written to temporary names, synced, renamed
// without replacing anything, and then entered in the journal with the numbers of its
// copies and the SHA-256 of each file; a copy is done when its part is entered. So a
// process can be killed at any moment: what is in the journal is whole, and what is
// not is entered by the next process if it is whole, and else removed and trained
// again. When a process begins, it compares every byte of every part with the
// journal. A file that was changed is an error that names it; a file that is missing
// is trained again.
//
// The footer of each file of runs repeats what the journal says of the sweep, of the
// process and of the part, with a checksum of the rows. A journal that is damaged or
// lost is rebuilt from that by the next process, or by [Repair]; of parts without it,
// which earlier versions wrote, from their rows and the manifest. Only how long a
// process took, which jobs failed, and that a part was dropped stand in the journal
// alone.
//
// Before each event and before it claims anything, a process makes sure that lock and
// journal are the files that it left. On a file system that does not lock, two
// processes can be at work in one folder: the one that notices stops with an error,
// and the folder is one that the next process reads or rebuilds.
//
// A folder takes any number of processes, one after the other, and any shards of
// its sweep. Shards that were run in folders of their own come together by
// [Merge]. [Digest] is a hash of the results alone: however they were made, it is
// the same.
package store
