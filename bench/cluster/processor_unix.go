//go:build unix

package main

import "syscall"

// processor returns the seconds that this process has had of all cores.
func processor() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // of this process it cannot fail
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
