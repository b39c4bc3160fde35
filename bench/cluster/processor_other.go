//go:build !unix

package main

import (
	"runtime"
	"time"
)

var began = time.Now()

// processor returns the seconds of all cores since the program began, which is
// what it has had of them if nothing else is at work.
func processor() float64 { return time.Since(began).Seconds() * float64(runtime.NumCPU()) }
