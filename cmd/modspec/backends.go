package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/pflag"

	"modspec/engine/backend"
	"modspec/engine/backend/cpu/programs"
	cudaprograms "modspec/engine/backend/cuda/programs"
	"modspec/engine/backend/reference"
	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/model"
	"modspec/engine/names"
	"modspec/engine/train"
	"modspec/engine/train/cpu"
	"modspec/engine/train/cuda"
	linearreference "modspec/engine/train/reference"
)

// backendNames are what --backend takes.
var backendNames = []string{"cpu", "cuda", "reference"}

// backendFlags say what trains.
type backendFlags struct {
	backend string
	threads int
	devices []int
	tf32    bool
}

// add adds --backend, with a default, and --devices.
func (f *backendFlags) add(flags *pflag.FlagSet, backend string) {
	flags.StringVar(&f.backend, "backend", backend, "what trains: cpu (vector lanes hold copies), cuda (NVIDIA GPUs) or reference (float64, slow)")
	flags.Var(numberList{&f.devices}, "devices", "GPUs that share the work, by number (default: 0)")
}

// addTF32 adds --tf32.
func (f *backendFlags) addTF32(flags *pflag.FlagSet) {
	flags.BoolVar(&f.tf32, "tf32", false, "with --backend cuda, programs multiply on tensor cores: factors rounded to 11 of 24 bits, a thousandth of each product")
}

// addThreads adds --threads.
func (f *backendFlags) addThreads(flags *pflag.FlagSet) {
	numberVar(flags, &f.threads, "threads", 0, "cores that train (default: all)")
}

// check returns an error for the first flag that no backend, or not this one, can have.
func (f *backendFlags) check(precision string) error {
	switch {
	case !slices.Contains(backendNames, f.backend):
		return names.Unknown("backend", f.backend, backendNames)
	case f.threads < 0:
		return fmt.Errorf("--threads is %d, but must be 1 or more, or 0 for one for each CPU", f.threads)
	case len(f.devices) > 0 && f.backend != "cuda":
		return fmt.Errorf("--devices names GPUs, but the %s backend trains on none; add --backend cuda", f.backend)
	case f.tf32 && f.backend != "cuda":
		return fmt.Errorf("--tf32 is for the tensor cores of GPUs, but the %s backend trains on none; add --backend cuda, or leave --tf32 out", f.backend)
	case f.tf32 && precision != "float32":
		return fmt.Errorf("--tf32 rounds the factors of float32, but the precision is %s; leave one of them out", precision)
	case f.backend == "reference" && precision != "float64":
		return fmt.Errorf("the reference backend trains in float64 only, not in %s; choose float64, or --backend cpu", precision)
	}
	return nil
}

// openKinds returns the backend in a precision for jobs of every kind.
func (f *backendFlags) openKinds(precision string) (train.Backend, error) {
	linear, err := f.open(precision)
	if err != nil {
		return nil, err
	}
	var executor backend.Executor
	switch f.backend {
	case "reference":
		executor = reference.New(f.threads)
	case "cpu":
		executor, err = programs.New(programs.Options{Threads: f.threads, Precision: programs.Precision(precision)})
	default:
		executor, err = cudaprograms.Open(f.devices, cudaprograms.Options{Precision: cudaprograms.Precision(precision), TF32: f.tf32})
	}
	if err != nil {
		return nil, errors.Join(err, linear.Close())
	}
	return backend.New(executor, model.Form{Backend: linear}), nil
}

// open returns the backend for linear networks in a precision.
func (f *backendFlags) open(precision string) (linear.Backend, error) {
	if err := f.check(precision); err != nil {
		return nil, err
	}
	switch f.backend {
	case "reference":
		return linearreference.New(f.threads), nil
	case "cpu":
		return cpu.New(cpu.Options{Threads: f.threads, Precision: cpu.Precision(precision)})
	}
	b, err := cuda.Open(cuda.Options{Devices: f.devices, Precision: cuda.Precision(precision)})
	if err != nil {
		return nil, fmt.Errorf("--backend cuda: %w", err)
	}
	return b, nil
}
