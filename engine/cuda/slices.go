//go:build gpu

package cuda

import "unsafe"

// AsBytes is a list of numbers or structures as the memory that it takes, which a
// device is sent or fills.
func AsBytes[T any](list []T) []byte {
	if len(list) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&list[0])), len(list)*int(unsafe.Sizeof(list[0])))
}

// AsNumbers is memory as a list of numbers.
func AsNumbers[T int64 | float64 | float32](data []byte) []T {
	var x T
	if len(data) == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&data[0])), len(data)/int(unsafe.Sizeof(x)))
}
