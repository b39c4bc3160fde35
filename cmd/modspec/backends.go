package main

import (
	"fmt"
	"slices"

	"github.com/spf13/pflag"

	"modspec/engine/backend"
	programs "modspec/engine/backend/reference"
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

// check returns an error for the first flag that no backend, or not this one, can have.
func (f *backendFlags) check(precision string) error {
	switch {
	case !slices.Contains(backendNames, f.backend):
		return names.Unknown("backend", f.backend, backendNames)
	case f.threads < 0:
		return fmt.Errorf("--threads is %d, but must be 1 or more, or 0 for one for each CPU", f.threads)
	case len(f.devices) > 0 && f.backend != "cuda":
		return fmt.Errorf("--devices names GPUs, but the %s backend trains on none; add --backend cuda", f.backend)
	case f.backend == "reference" && precision != "float64":
		return fmt.Errorf("the reference backend trains in float64 only, not in %s; choose float64, or --backend cpu", precision)
	}
	return nil
}

// open returns the backend for linear networks in a precision.
func (f *backendFlags) open(precision string) (linear.Backend, error) {
	if err := f.check(precision); err != nil {
		return nil, err
	}
	switch f.backend {
	case "reference":
		return reference.New(f.threads), nil
	case "cpu":
		return cpu.New(cpu.Options{Threads: f.threads, Precision: cpu.Precision(precision)})
	}
	b, err := cuda.Open(cuda.Options{Devices: f.devices, Precision: cuda.Precision(precision)})
	if err != nil {
		return nil, fmt.Errorf("--backend cuda: %w", err)
	}
	return b, nil
}

// openKind returns the backend, in a precision, for jobs of a kind.
func (f *backendFlags) openKind(k train.Kind, precision string) (train.Backend, error) {
	if k.Name() != train.DefaultKind && f.backend != "reference" {
		if err := f.check(precision); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("the %s backend trains linear networks only; use --backend reference", f.backend)
	}
	b, err := f.open(precision)
	if err != nil {
		return nil, err
	}
	if f.backend != "reference" {
		return model.Backend(b), nil
	}
	return backend.New(programs.New(f.threads), model.Form{Backend: b}), nil
}
