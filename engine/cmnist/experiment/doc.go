// Package experiment runs compositional MNIST into a folder, from which a run that
// was interrupted goes on to the same numbers.
//
// The folder holds, while the experiment is under way and after:
//
//	config.json                  what is run: a resumed run must ask for the same
//	journal.jsonl                one line an epoch of a run, synced before the next begins
//	checkpoints/NAME.safetensors of each run not yet finished, after its last epoch
//	weights/NAME.safetensors     of each finished run, where they are wanted
//	lock                         who works here now: one process at a time
//	epochs.parquet               the table epochs, when everything is done (results.CMNISTEpoch)
//
// NAME is the network's name and the run's number. A line of the journal is written
// before the checkpoint of its epoch, so a checkpoint never knows more than the
// journal; lines that it does not know of are measured again and come out the
// same.
//
// # What is checked
//
// Everything that is read back has a checksum. config.json ends with its own SHA-256,
// which is the experiment's identity: lines of the journal have it in their checksums,
// checkpoints and weights in their texts, so that nothing of another experiment fits.
//
// A config.json that was changed, and a folder without one that holds an experiment's
// other files, are refused. A line of the journal that does not fit is left out; a
// checkpoint or weights that do not fit, or a checkpoint of an epoch before which the
// journal has not every line, are left aside. Whatever is missing then is trained
// again, from the run's last checkpoint or its beginning, and comes out the same,
// since a run's numbers follow from its seed. The table is written only when every run
// has every epoch from 0 to the last, or to the one in which it diverged.
package experiment
