package main

import (
	"fmt"

	"github.com/spf13/pflag"

	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/model"
	"modspec/engine/names"
	"modspec/engine/train"
	"modspec/engine/train/cpu"
	"modspec/engine/train/cuda"
	"modspec/engine/train/reference"
)

// backendNames are what --backend takes.
var backendNames = []string{"cpu", "cuda", "reference"}

// backendFlags say what trains.
type backendFlags struct {
	backend string
	threads int
	devices []int
}

// add adds --backend, with a default, and --devices.
func (f *backendFlags) add(flags *pflag.FlagSet, backend string) {
	flags.StringVar(&f.backend, "backend", backend, "what trains: cpu (vector lanes hold copies), cuda (NVIDIA GPUs) or reference (float64, slow)")
	flags.Var(numberList{&f.devices}, "devices", "GPUs that share the work, by number (default: 0)")
}

// addThreads adds --threads.
func (f *backendFlags) addThreads(flags *pflag.FlagSet) {
	numberVar(flags, &f.threads, "threads", 0, "cores that train (default: all)")
}

// openSweep returns the backend in a precision for jobs of every kind.
func (f *backendFlags) openSweep(precision string) (train.Backend, error) {
	b, err := f.open(precision)
	if err != nil {
		return nil, err
	}
	return model.Backend(b), nil
}

// open returns the backend for linear networks in a precision.
func (f *backendFlags) open(precision string) (linear.Backend, error) {
	if f.threads < 0 {
		return nil, fmt.Errorf("--threads is %d, but must be 1 or more, or 0 for one for each CPU", f.threads)
	}
	if len(f.devices) > 0 && f.backend != "cuda" {
		return nil, fmt.Errorf("--devices names GPUs, but the %s backend trains on none; add --backend cuda", f.backend)
	}
	switch f.backend {
	case "reference":
		if precision != "float64" {
			return nil, fmt.Errorf("the reference backend trains in float64 only, not in %s; choose float64, or --backend cpu", precision)
		}
		return reference.New(f.threads), nil
	case "cpu":
		return cpu.New(cpu.Options{Threads: f.threads, Precision: cpu.Precision(precision)})
	case "cuda":
		b, err := cuda.Open(cuda.Options{Devices: f.devices, Precision: cuda.Precision(precision)})
		if err != nil {
			return nil, fmt.Errorf("--backend cuda: %w", err)
		}
		return b, nil
	}
	return nil, names.Unknown("backend", f.backend, backendNames)
}
