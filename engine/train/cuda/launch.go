//go:build gpu

package cuda

import (
	"fmt"
	"unsafe"
)

// launch queues a kernel on a stream: blocks of some threads with some dynamic shared
// memory. Each argument fills a slot of eight bytes, which is what Function.Launch
// reads of it.
func (f *function) launch(s *stream, blocks, threads, shared int, arguments ...uint64) error {
	if err := f.allow(shared); err != nil {
		return err
	}
	slots := make([]unsafe.Pointer, len(arguments))
	for i := range arguments {
		slots[i] = unsafe.Pointer(&arguments[i])
	}
	err := f.handle.Launch(blocks, 1, 1, threads, 1, 1, shared, s.handle, slots)
	if err != nil {
		return f.device.failed("cuLaunchKernel", fmt.Sprintf("kernel %s, %d blocks of %d threads with %d bytes of shared memory", f.name, blocks, threads, shared), err)
	}
	return nil
}
