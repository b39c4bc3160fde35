package asm

import "unsafe"

// Aligned returns n zeros that start on a cache line of 64 bytes. Go does not move
// what it has allocated.
func Aligned[F Float](n int) []F {
	const line = 64
	data := make([]F, n+line/int(size[F]()))
	skip := 0
	if past := uintptr(unsafe.Pointer(unsafe.SliceData(data))) % line; past != 0 {
		skip = int((line - past) / size[F]())
	}
	return data[skip:][:n:n]
}
