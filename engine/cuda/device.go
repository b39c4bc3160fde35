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

// Device is a GPU that a backend has opened. Its methods, and those of what it makes,
// must be called inside Do; each failing call comes back as an error that names it
// and what it was for.
type Device struct {
	Number     int
	Label      string // for errors: device 0 (NVIDIA H200)
	Name       string
	Capability kernels.Capability
	Memory     int64 // bytes
	// What it has.
	Multiprocessors int
	SharedOptIn     int // bytes of shared memory that a block may ask for

	context cu.CUContext
	mu      sync.Mutex
	modules map[string]*module // by source
	broken  bool               // whether it answered that it cannot be used any more
}

// StandInName is how the driver that tests run on a CPU calls its devices.
const StandInName = "modspec stand-in (CPU, for tests)"

// standInAllowed is whether devices of the stand-in may be opened.
var standInAllowed = false

// AllowStandIn says whether Open takes the devices of the driver that tests run on a
// CPU, which it refuses otherwise. It is for tests alone: no command calls it.
func AllowStandIn(allowed bool) { standInAllowed = allowed }

// Count returns how many devices this machine has.
func Count() (int, error) {
	count, err := cu.NumDevices()
	return count, failed("the driver", "cuDeviceGetCount", "the number of devices", err)
}

// Open makes a context on a device.
func Open(number int) (d *Device, err error) {
	count, err := Count()
	if err != nil {
		return nil, err
	}
	if number >= count {
		return nil, fmt.Errorf("there is no device %d: of the devices of this machine, %d in all, the first is number 0; `modspec doctor` lists them", number, count)
	}
	described, handle, err := describe(number)
	if err != nil {
		return nil, err
	}
	d = described
	if d.Name == StandInName && !standInAllowed {
		return nil, fmt.Errorf("%s is no GPU but computes on the CPU, for modspec's own tests; remove it from the library path, or use the cpu backend", d.Label)
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

// Describe finds out what a device is, without opening it. What it found out before
// an error is in the device that it returns beside that.
func Describe(number int) (*Device, error) {
	d, _, err := describe(number)
	return d, err
}

// describe finds out what a device is.
func describe(number int) (*Device, cu.Device, error) {
	d := &Device{Number: number, Label: fmt.Sprintf("device %d", number), modules: map[string]*module{}}
	handle, err := cu.GetDevice(number)
	if err != nil {
		return d, handle, d.failed("cuDeviceGet", "its handle", err)
	}
	if d.Name, err = handle.Name(); err != nil {
		return d, handle, d.failed("cuDeviceGetName", "its name", err)
	}
	d.Name = strings.TrimRight(d.Name, "\x00")
	d.Label = fmt.Sprintf("device %d (%s)", number, d.Name)
	if d.Memory, err = handle.TotalMem(); err != nil {
		return d, handle, d.failed("cuDeviceTotalMem", "its memory", err)
	}
	for _, a := range []struct {
		to   *int
		what cu.DeviceAttribute
		name string
	}{
		{&d.Capability.Major, cu.ComputeCapabilityMajor, "its compute capability"},
		{&d.Capability.Minor, cu.ComputeCapabilityMinor, "its compute capability"},
		{&d.Multiprocessors, cu.MultiprocessorCount, "the number of its multiprocessors"},
		{&d.SharedOptIn, sharedOptInAttribute, "the shared memory of a block"},
	} {
		if *a.to, err = handle.Attribute(a.what); err != nil {
			return d, handle, d.failed("cuDeviceGetAttribute", a.name, err)
		}
	}
	return d, handle, nil
}

// failed wraps the result of a call of the driver, and remembers a device that can
// no longer be used.
func (d *Device) failed(call, purpose string, err error) error {
	err = failed(d.Label, call, purpose, err)
	if errors.Is(err, ErrDeviceFailed) {
		d.mu.Lock()
		d.broken = true
		d.mu.Unlock()
	}
	return err
}

// Broken reports whether the device answered that it cannot be used any more.
func (d *Device) Broken() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.broken
}

// Do runs f with the device's context current. A context is current on a thread, so
// the goroutine keeps its thread until f returns.
func (d *Device) Do(f func() error) (err error) {
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

// Close gives the device back with all that is left on it. A broken one takes its
// memory with it, and can only complain again.
func (d *Device) Close() error {
	broken := d.Broken()
	err := d.Do(func() error {
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

// FreeMemory returns how many bytes could be allocated.
func (d *Device) FreeMemory() (int64, error) {
	free, _, err := cu.MemInfo()
	return free, d.failed("cuMemGetInfo", "its free memory", err)
}

// Stream is a queue of work for a device.
type Stream struct {
	Device *Device
	handle cu.Stream
}

// NewStream makes a stream whose work waits for that of no other.
func (d *Device) NewStream() (*Stream, error) {
	handle, err := cu.MakeStream(cu.NonBlocking)
	if err != nil {
		return nil, d.failed("cuStreamCreate", "a stream", err)
	}
	return &Stream{d, handle}, nil
}

// Wait returns when all that the stream was given is done, with the first error of it.
func (s *Stream) Wait(purpose string) error {
	return s.Device.failed("cuStreamSynchronize", purpose, s.handle.Synchronize())
}

// Destroy gives the stream back.
func (s *Stream) Destroy() error {
	return s.Device.failed("cuStreamDestroy", "a stream", s.handle.Destroy())
}
