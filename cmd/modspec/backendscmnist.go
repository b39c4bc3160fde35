package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"modspec/engine/cmnist"
	"modspec/engine/cmnist/cpu"
	"modspec/engine/cmnist/cuda"
	"modspec/engine/cmnist/reference"
	"modspec/engine/names"
)

// cmnistBackendFlags say what trains networks of convolutions.
type cmnistBackendFlags struct {
	backend string
	threads int
	devices []int
	tf32    bool
}

// add adds --backend, --devices, --threads and --tf32.
func (f *cmnistBackendFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.backend, "backend", "cpu", "what trains: cpu (float32), cuda (float32, NVIDIA GPUs) or reference (float64, slow)")
	flags.Var(numberList{&f.devices}, "devices", "GPUs that share the runs, by number (default: 0)")
	flags.BoolVar(&f.tf32, "tf32", false, "with --backend cuda, multiply on tensor cores: factors rounded to 11 of 24 bits, a thousandth of each product")
	numberVar(flags, &f.threads, "threads", 0, "cores that train on the cpu backend (default: all)")
}

// take sets the flags that open a backend of a name.
func (f *cmnistBackendFlags) take(name string) {
	f.backend, f.tf32 = strings.CutSuffix(name, "-tf32")
}

// open returns the backend and its precision.
func (f *cmnistBackendFlags) open() (cmnist.Backend, string, error) {
	if f.threads < 0 {
		return nil, "", fmt.Errorf("--threads is %d, but must be 1 or more, or 0 for one for each CPU", f.threads)
	}
	if len(f.devices) > 0 && f.backend != "cuda" {
		return nil, "", fmt.Errorf("--devices names GPUs, but the %s backend trains on none; add --backend cuda", f.backend)
	}
	if f.tf32 && f.backend != "cuda" {
		return nil, "", fmt.Errorf("--tf32 is for the tensor cores of GPUs, but the %s backend trains on none; add --backend cuda, or leave --tf32 out", f.backend)
	}
	switch f.backend {
	case "cpu":
		b, err := cpu.New(cpu.Options{Threads: f.threads})
		return b, "float32", err
	case "cuda":
		b, err := cuda.Open(cuda.Options{Devices: f.devices, TF32: f.tf32})
		if err != nil {
			return nil, "", fmt.Errorf("--backend cuda: %w", err)
		}
		if f.tf32 {
			return b, "tf32", nil
		}
		return b, "float32", nil
	case "reference":
		return reference.Backend{}, "float64", nil
	}
	return nil, "", names.Unknown("backend", f.backend, backendNames)
}

// openCMNIST returns the named backend and its precision.
func openCMNIST(name string, threads int) (cmnist.Backend, string, error) {
	return (&cmnistBackendFlags{backend: name, threads: threads}).open()
}
