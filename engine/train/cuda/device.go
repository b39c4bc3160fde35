//go:build gpu

package cuda

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"gorgonia.org/cu"

	"modspec/kernels"
)

// device is a GPU that a backend has opened. Its methods, and those of what it makes,
// must be called inside do; each failing call comes back as an error that names it
// and what it was for.
type device struct {
	number     int
	label      string // for errors: device 0 (NVIDIA H200)
	name       string
	context    cu.CUContext
	capability kernels.Capability
	memory     int64 // bytes
	// What it has.
	multiprocessors int
	sharedOptIn     int // bytes of shared memory that a block may ask for

	mu      sync.Mutex
	modules map[string]*module // by source
	broken  bool               // whether it answered that it cannot be used any more
}

// standInName is how the driver that tests run on a CPU calls its devices.
const standInName = "modspec stand-in (CPU, for tests)"

// standInAllowed is set by this package's tests, and nothing else can set it.
var standInAllowed = false

// openDevice makes a context on a device.
func openDevice(number int) (d *device, err error) {
	count, err := cu.NumDevices()
	if err != nil {
		return nil, failed("the driver", "cuDeviceGetCount", "the number of devices", err)
	}
	if number >= count {
		return nil, fmt.Errorf("there is no device %d: of the devices of this machine, %d in all, the first is number 0; `modspec doctor` lists them", number, count)
	}
	described, handle, err := describe(number)
	if err != nil {
		return nil, err
	}
	d = described
	if d.name == standInName && !standInAllowed {
		return nil, fmt.Errorf("%s is no GPU but computes on the CPU, for modspec's own tests; remove it from the library path, or use the cpu backend", d.label)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	// Waiting threads sleep, because the processors have recordings to see to.
	if d.context, err = handle.MakeContext(cu.SchedBlockingSync); err != nil {
		return nil, d.failed("cuCtxCreate", "a context", err)
	}
	_, err = cu.PopCurrentCtx()
	return d, d.failed("cuCtxPopCurrent", "a context", err)
}

// describe finds out what a device is.
func describe(number int) (*device, cu.Device, error) {
	d := &device{number: number, label: fmt.Sprintf("device %d", number), modules: map[string]*module{}}
	handle, err := cu.GetDevice(number)
	if err != nil {
		return d, handle, d.failed("cuDeviceGet", "its handle", err)
	}
	if d.name, err = handle.Name(); err != nil {
		return d, handle, d.failed("cuDeviceGetName", "its name", err)
	}
	d.name = strings.TrimRight(d.name, "\x00")
	d.label = fmt.Sprintf("device %d (%s)", number, d.name)
	if d.memory, err = handle.TotalMem(); err != nil {
		return d, handle, d.failed("cuDeviceTotalMem", "its memory", err)
	}
	for _, a := range []struct {
		to   *int
		what cu.DeviceAttribute
		name string
	}{
		{&d.capability.Major, cu.ComputeCapabilityMajor, "its compute capability"},
		{&d.capability.Minor, cu.ComputeCapabilityMinor, "its compute capability"},
		{&d.multiprocessors, cu.MultiprocessorCount, "the number of its multiprocessors"},
		{&d.sharedOptIn, sharedOptInAttribute, "the shared memory of a block"},
	} {
		if *a.to, err = handle.Attribute(a.what); err != nil {
			return d, handle, d.failed("cuDeviceGetAttribute", a.name, err)
		}
	}
	return d, handle, nil
}

// failed wraps the result of a call of the driver, and remembers a device that can
// no longer be used.
func (d *device) failed(call, purpose string, err error) error {
	err = failed(d.label, call, purpose, err)
	if errors.Is(err, errDeviceFailed) {
		d.mu.Lock()
		d.broken = true
		d.mu.Unlock()
	}
	return err
}

func (d *device) isBroken() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.broken
}

// do runs f with the device's context current. A context is current on a thread, so
// the goroutine keeps its thread until f returns.
func (d *device) do(f func() error) (err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cu.SetCurrentContext(d.context); err != nil {
		return d.failed("cuCtxSetCurrent", "this thread", err)
	}
	defer func() {
		if leaving := cu.SetCurrentContext(cu.CUContext{}); leaving != nil && err == nil {
			err = d.failed("cuCtxSetCurrent", "leaving this thread", leaving)
		}
	}()
	return f()
}

// close gives the device back with all that is left on it. A broken one takes its
// memory with it, and can only complain again.
func (d *device) close() error {
	broken := d.isBroken()
	err := d.do(func() error {
		var errs []error
		for _, m := range d.modules {
			errs = append(errs, m.unload())
		}
		return errors.Join(errs...)
	})
	err = errors.Join(err, d.failed("cuCtxDestroy", "its context", d.context.Destroy()))
	if broken {
		return nil
	}
	return err
}

// freeMemory returns how many bytes could be allocated.
func (d *device) freeMemory() (int64, error) {
	free, _, err := cu.MemInfo()
	return free, d.failed("cuMemGetInfo", "its free memory", err)
}

// stream is a queue of work for a device.
type stream struct {
	device *device
	handle cu.Stream
}

// newStream makes a stream whose work waits for that of no other.
func (d *device) newStream() (*stream, error) {
	handle, err := cu.MakeStream(cu.NonBlocking)
	if err != nil {
		return nil, d.failed("cuStreamCreate", "a stream", err)
	}
	return &stream{d, handle}, nil
}

// wait returns when all that the stream was given is done, with the first error of it.
func (s *stream) wait(purpose string) error {
	return s.device.failed("cuStreamSynchronize", purpose, s.handle.Synchronize())
}

func (s *stream) destroy() error {
	return s.device.failed("cuStreamDestroy", "a stream", s.handle.Destroy())
}
