package cpu

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	"modspec/engine/kind/linear"
	"modspec/engine/train/cpu/asm"
)

// Precision is the arithmetic that a backend trains in.
type Precision string

// The precisions.
const (
	Float32 Precision = "float32"
	Float64 Precision = "float64"
)

// Options choose how a backend works. The zero Options stand for float32, all
// CPUs and the fastest kernels.
type Options struct {
	Threads   int       // goroutines that train; 0 means one for each CPU
	Precision Precision // "" means Float32
	// Kernels names the kernel set: "avx512", "avx2" or "go". "" means the fastest
	// that the processor has.
	Kernels string
}

// Backend trains copies on the CPU. It is safe for use by several goroutines.
type Backend struct {
	precision Precision
	kernels   string
	pool      interface { // of the precision
		train(context.Context, *linear.Job, linear.Recorder) error
		drop()
	}
}

var _ linear.Backend = (*Backend)(nil)

// New returns a backend, or an error for an unknown precision or a kernel set
// that this processor or build does not have.
func New(o Options) (*Backend, error) { return open(o, bySize) }

// open is New with a choice of how copies are laid out.
func open(o Options, where sides) (*Backend, error) {
	if o.Threads < 0 {
		return nil, fmt.Errorf("the number of threads is %d, but must be 1 or more, or 0 for one for each CPU", o.Threads)
	}
	if o.Threads == 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.Precision == "" {
		o.Precision = Float32
	}
	wide, err := kernelSet[float64](o.Kernels)
	if err != nil {
		return nil, err
	}
	b := &Backend{precision: o.Precision, kernels: wide.Set}
	switch o.Precision {
	case Float32:
		narrow, err := kernelSet[float32](o.Kernels)
		if err != nil {
			return nil, err
		}
		b.pool = &pool[float32]{threads: o.Threads, kernels: narrow, wide: wide, sides: where}
	case Float64:
		b.pool = &pool[float64]{threads: o.Threads, kernels: wide, wide: wide, sides: where}
	default:
		return nil, fmt.Errorf("the precision is %q, but must be %q or %q", o.Precision, Float32, Float64)
	}
	return b, nil
}

// kernelSet returns the kernel set of a name, or the fastest.
func kernelSet[F asm.Float](name string) (*asm.Kernels[F], error) {
	var names []string
	for _, k := range asm.Sets[F]() {
		if name == "" || name == k.Set {
			return k, nil
		}
		names = append(names, k.Set)
	}
	return nil, fmt.Errorf("the kernel set is %q, but must be one that this processor and build have: %s", name, strings.Join(names, ", "))
}

// Lanes returns how many copies the vectors of the fastest kernels hold in a precision.
func Lanes(p Precision) int {
	if p == Float64 {
		return asm.Sets[float64]()[0].Lanes
	}
	return asm.Sets[float32]()[0].Lanes
}

// Name returns "cpu".
func (b *Backend) Name() string { return "cpu" }

// Precision returns the precision that the backend trains in.
func (b *Backend) Precision() Precision { return b.precision }

// Kernels returns the name of the kernel set in use.
func (b *Backend) Kernels() string { return b.kernels }

// Close frees the memory that is kept from job to job.
func (b *Backend) Close() error {
	b.pool.drop()
	return nil
}

// Train implements linear.Backend. It runs every job that package reference
// runs.
func (b *Backend) Train(ctx context.Context, job *linear.Job, recorder linear.Recorder) error {
	if err := job.Check(); err != nil {
		return err
	}
	return b.pool.train(ctx, job, recorder)
}
