//go:build gpu

package cuda

import (
	"fmt"
	"unsafe"
)

// Launch queues a kernel on a stream: blocks of some threads with some dynamic shared
// memory. Each argument fills a slot of eight bytes, which is what Function.Launch
// reads of it.
func (f *Function) Launch(s *Stream, blocks, threads, shared int, arguments ...uint64) error {
	return f.LaunchRows(s, blocks, 1, threads, shared, arguments...)
}

// MostRows is how many rows of blocks a launch may have.
const MostRows = 65535

// LaunchRows queues a kernel on a stream as Launch does, with so many rows of blocks.
func (f *Function) LaunchRows(s *Stream, blocks, rows, threads, shared int, arguments ...uint64) error {
	if err := f.allow(shared); err != nil {
		return err
	}
	slots := make([]unsafe.Pointer, len(arguments))
	for i := range arguments {
		slots[i] = unsafe.Pointer(&arguments[i])
	}
	err := f.handle.Launch(blocks, rows, 1, threads, 1, 1, shared, s.handle, slots)
	if err != nil {
		return f.device.failed("cuLaunchKernel", fmt.Sprintf("kernel %s, %d blocks of %d threads with %d bytes of shared memory", f.Name, blocks*rows, threads, shared), err)
	}
	return nil
}
