package main

import (
	"fmt"

	"modspec/engine/network"
	"modspec/engine/train"
	"modspec/engine/train/cpu"
	"modspec/engine/train/reference"
)

// backendNames are what --backend takes.
var backendNames = []string{"cpu", "reference"}

// openBackend returns the named backend in a precision, with up to so many
// threads (0: one for each CPU).
func openBackend(name, precision string, threads int) (train.Backend, error) {
	if threads < 0 {
		return nil, fmt.Errorf("--threads is %d, but must be 1 or more, or 0 for one for each CPU", threads)
	}
	switch name {
	case "reference":
		if precision != "float64" {
			return nil, fmt.Errorf("the reference backend trains in float64 only, not in %s; choose float64, or --backend cpu", precision)
		}
		return reference.New(threads), nil
	case "cpu":
		return cpu.New(cpu.Options{Threads: threads, Precision: cpu.Precision(precision)})
	}
	return nil, network.UnknownName("backend", name, backendNames)
}
