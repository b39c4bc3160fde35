//go:build gpu

package cuda

import (
	"errors"
	"fmt"
	"unsafe"

	"gorgonia.org/cu"
)

// Allocate returns the address of some memory of the device. Its error wraps
// ErrOutOfMemory where there is not so much.
func (d *Device) Allocate(bytes int64, purpose string) (uint64, error) {
	at, err := cu.MemAlloc(bytes)
	if err != nil {
		return 0, d.failed("cuMemAlloc", fmt.Sprintf("%s for %s", Bytes(bytes), purpose), err)
	}
	return uint64(at), nil
}

// Release gives memory of the device back.
func (d *Device) Release(address uint64) error {
	return d.failed("cuMemFree", "memory that is no longer needed", cu.MemFree(cu.DevicePtr(address)))
}

// Upload queues a copy of data to the device. The data may change when it returns.
func (s *Stream) Upload(address uint64, data []byte, purpose string) error {
	if len(data) == 0 {
		return nil
	}
	// The driver has taken memory that is not pinned when the call returns.
	err := cu.MemcpyHtoDAsync(cu.DevicePtr(address), unsafe.Pointer(&data[0]), int64(len(data)), s.handle)
	return s.Device.failed("cuMemcpyHtoDAsync", purpose, err)
}

// Download queues a copy from the device. The data is there after wait.
func (s *Stream) Download(data []byte, address uint64, purpose string) error {
	if len(data) == 0 {
		return nil
	}
	err := cu.MemcpyDtoHAsync(unsafe.Pointer(&data[0]), cu.DevicePtr(address), int64(len(data)), s.handle)
	return s.Device.failed("cuMemcpyDtoHAsync", purpose, err)
}

// Clear queues zeros for some memory of the device.
func (s *Stream) Clear(address uint64, bytes int64, purpose string) error {
	if bytes == 0 {
		return nil
	}
	return s.Device.failed("cuMemsetD8Async", purpose, cu.MemsetD8Async(cu.DevicePtr(address), 0, bytes, s.handle))
}

// Arena is memory that a worker uses for one chunk after the other: on the device,
// and pinned on the host. It only grows, and is given back as a whole.
type Arena struct {
	Device  *Device
	address uint64
	bytes   int64
	host    []byte
}

// Address returns where the arena lies on the device.
func (a *Arena) Address() uint64 { return a.address }

// Size returns how many bytes the arena has on the device.
func (a *Arena) Size() int64 { return a.bytes }

// Ensure makes the arena at least so large on the device. What was in it is lost.
func (a *Arena) Ensure(bytes int64, purpose string) error {
	if bytes <= a.bytes {
		return nil
	}
	if err := a.releaseDevice(); err != nil {
		return err
	}
	at, err := a.Device.Allocate(bytes, purpose)
	if err != nil {
		return err
	}
	a.address, a.bytes = at, bytes
	return nil
}

// Pinned returns memory of the host that the device copies to by itself. It is good
// until the next call.
func (a *Arena) Pinned(bytes int64) ([]byte, error) {
	if int64(len(a.host)) < bytes {
		if err := a.releaseHost(); err != nil {
			return nil, err
		}
		at, err := allocateHost(int(bytes))
		if err != nil {
			return nil, a.Device.failed("cuMemHostAlloc", Bytes(bytes)+" of this machine's memory for results", err)
		}
		a.host = unsafe.Slice((*byte)(at), bytes)
	}
	return a.host[:bytes], nil
}

func (a *Arena) releaseDevice() error {
	if a.bytes == 0 {
		return nil
	}
	err := a.Device.Release(a.address)
	a.address, a.bytes = 0, 0
	return err
}

func (a *Arena) releaseHost() error {
	if a.host == nil {
		return nil
	}
	at := unsafe.Pointer(&a.host[0])
	a.host = nil
	return a.Device.failed("cuMemFreeHost", "memory that is no longer needed", cu.MemFreeHost(at))
}

// Release gives all of it back.
func (a *Arena) Release() error { return errors.Join(a.releaseDevice(), a.releaseHost()) }
