//go:build gpu

package cuda

import (
	"errors"
	"fmt"
	"unsafe"

	"gorgonia.org/cu"
)

// allocate returns the address of some memory of the device. Its error wraps
// errOutOfMemory where there is not so much.
func (d *device) allocate(bytes int64, purpose string) (uint64, error) {
	at, err := cu.MemAlloc(bytes)
	if err != nil {
		return 0, d.failed("cuMemAlloc", fmt.Sprintf("%s for %s", bytesText(bytes), purpose), err)
	}
	return uint64(at), nil
}

// release gives memory of the device back.
func (d *device) release(address uint64) error {
	return d.failed("cuMemFree", "memory that is no longer needed", cu.MemFree(cu.DevicePtr(address)))
}

// upload queues a copy of data to the device. The data may change when it returns.
func (s *stream) upload(address uint64, data []byte, purpose string) error {
	if len(data) == 0 {
		return nil
	}
	// The driver has taken memory that is not pinned when the call returns.
	err := cu.MemcpyHtoDAsync(cu.DevicePtr(address), unsafe.Pointer(&data[0]), int64(len(data)), s.handle)
	return s.device.failed("cuMemcpyHtoDAsync", purpose, err)
}

// download queues a copy from the device. The data is there after wait.
func (s *stream) download(data []byte, address uint64, purpose string) error {
	if len(data) == 0 {
		return nil
	}
	err := cu.MemcpyDtoHAsync(unsafe.Pointer(&data[0]), cu.DevicePtr(address), int64(len(data)), s.handle)
	return s.device.failed("cuMemcpyDtoHAsync", purpose, err)
}

// clear queues zeros for some memory of the device.
func (s *stream) clear(address uint64, bytes int64, purpose string) error {
	if bytes == 0 {
		return nil
	}
	return s.device.failed("cuMemsetD8Async", purpose, cu.MemsetD8Async(cu.DevicePtr(address), 0, bytes, s.handle))
}

// arena is memory that a worker uses for one chunk after the other: on the device,
// and pinned on the host. It only grows, and is given back as a whole.
type arena struct {
	device  *device
	address uint64
	bytes   int64
	host    []byte
}

// ensure makes the arena at least so large on the device. What was in it is lost.
func (a *arena) ensure(bytes int64, purpose string) error {
	if bytes <= a.bytes {
		return nil
	}
	if err := a.releaseDevice(); err != nil {
		return err
	}
	at, err := a.device.allocate(bytes, purpose)
	if err != nil {
		return err
	}
	a.address, a.bytes = at, bytes
	return nil
}

// pinned returns memory of the host that the device copies to by itself. It is good
// until the next call.
func (a *arena) pinned(bytes int64) ([]byte, error) {
	if int64(len(a.host)) < bytes {
		if err := a.releaseHost(); err != nil {
			return nil, err
		}
		at, err := allocateHost(int(bytes))
		if err != nil {
			return nil, a.device.failed("cuMemHostAlloc", bytesText(bytes)+" of this machine's memory for results", err)
		}
		a.host = unsafe.Slice((*byte)(at), bytes)
	}
	return a.host[:bytes], nil
}

func (a *arena) releaseDevice() error {
	if a.bytes == 0 {
		return nil
	}
	err := a.device.release(a.address)
	a.address, a.bytes = 0, 0
	return err
}

func (a *arena) releaseHost() error {
	if a.host == nil {
		return nil
	}
	at := unsafe.Pointer(&a.host[0])
	a.host = nil
	return a.device.failed("cuMemFreeHost", "memory that is no longer needed", cu.MemFreeHost(at))
}

// release gives all of it back.
func (a *arena) release() error { return errors.Join(a.releaseDevice(), a.releaseHost()) }

// asNumbers is memory as a list of numbers.
func asNumbers[T int64 | float64 | float32](data []byte) []T {
	var x T
	if len(data) == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&data[0])), len(data)/int(unsafe.Sizeof(x)))
}
