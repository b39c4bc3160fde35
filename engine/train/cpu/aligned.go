package cpu

import (
	"unsafe"

	"modspec/engine/train/cpu/asm"
)

// sizeOf is the size of a scalar in bytes.
func sizeOf[F asm.Float](x F) uintptr { return unsafe.Sizeof(x) }

// offset is how many scalars of data come before the first that starts on a
// multiple of line bytes. Go does not move what it has allocated.
func offset[F asm.Float](data []F, line uintptr) int {
	past := uintptr(unsafe.Pointer(unsafe.SliceData(data))) % line
	if past == 0 {
		return 0
	}
	return int((line - past) / unsafe.Sizeof(data[0]))
}
