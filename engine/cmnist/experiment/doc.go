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
package experiment
