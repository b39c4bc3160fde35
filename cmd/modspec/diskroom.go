package main

import (
	"fmt"
	"io"

	"modspec/engine/machine"
	"modspec/engine/sweep"
)

// warnDisk says on w if what is about to be written to a folder may not fit its disk.
// It is no refusal: estimates are rather too high, quotas are not seen, and a disk that
// becomes full loses nothing.
func warnDisk(w io.Writer, need sweep.Bytes, dir string) {
	room, err := machine.Disk(dir)
	if err != nil || need <= sweep.Bytes(room.Free) {
		return // unknown, or enough
	}
	fmt.Fprintf(w, "modspec: the results take up to about %v, but the disk of %s has %v free; choose another folder or make room: when the disk is full the command stops, keeps what is finished, and goes on from there when it is given again\n",
		need, dir, sweep.Bytes(room.Free))
}
