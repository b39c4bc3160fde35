//go:build gpu

package cuda

// #include <stdlib.h>
// #include <cuda.h>
// #include "loader.h"
// #cgo LDFLAGS: -lcuda
import "C"

import (
	"errors"
	"fmt"
	"reflect"
	"unsafe"

	"gorgonia.org/cu"
)

// This file has the calls of the driver that gorgonia.org/cu does not have, and what
// is known of the driver before any of them.

// DriverVersion tells how the driver of this machine is: its version, or the error that
// says why there is nothing to train on and what to do.
func DriverVersion() (version string, err error) {
	var d C.struct_modspec_driver
	C.modspec_driver_state(&d)
	if d.version > 0 {
		version = versionText(int(d.version))
	}
	reason := C.GoString(d.reason)
	switch d.state {
	case C.MODSPEC_DRIVER_READY:
		return version, nil
	case C.MODSPEC_DRIVER_ABSENT:
		return version, fmt.Errorf("there is no NVIDIA driver on this machine (%s); install it, or use the cpu backend", reason)
	case C.MODSPEC_DRIVER_TOO_OLD:
		return version, fmt.Errorf("the NVIDIA driver supports CUDA %s, but must support %s or later; update the driver", version, versionText(C.MODSPEC_DRIVER_OLDEST))
	case C.MODSPEC_DRIVER_NO_DEVICE:
		return version, errors.New("the NVIDIA driver finds no device; look whether nvidia-smi shows one and CUDA_VISIBLE_DEVICES hides none, or use the cpu backend")
	}
	return version, fmt.Errorf("the NVIDIA driver does not start (code %d, %s); look what nvidia-smi says, or use the cpu backend", int(d.result), reason)
}

// versionText writes 12090 as 12.9.
func versionText(version int) string { return fmt.Sprintf("%d.%d", version/1000, version%1000/10) }

// ErrDeviceFailed says that a device can no longer be used by this process.
var ErrDeviceFailed = errors.New("the device cannot be used any more")

// ErrOutOfMemory says that a device has too little free memory.
var ErrOutOfMemory = errors.New("the device is out of memory")

// driverError is a call of the driver that failed.
type driverError struct {
	call    string // cuMemAlloc
	purpose string // 3.1 GiB for 40000 copies
	device  string
	code    int
	cause   error // ErrOutOfMemory, ErrDeviceFailed, or the driver's own
}

func (e *driverError) Error() string {
	text := fmt.Sprintf("%s: %s, for %s: %s", e.device, e.call, e.purpose, resultText(e.code))
	if hint := hints[e.code]; hint != "" {
		text += "; " + hint
	}
	return text
}

func (e *driverError) Unwrap() error { return e.cause }

// What to do about the results that users meet.
var hints = map[int]string{
	C.CUDA_ERROR_OUT_OF_MEMORY:           "the device has too little free memory; end other programs on it",
	C.CUDA_ERROR_DEVICE_UNAVAILABLE:      "another process uses the device exclusively; wait for it, choose another device, or let `nvidia-smi -c 0` share the device",
	C.CUDA_ERROR_DEVICE_NOT_LICENSED:     "the device has no licence to compute; ask its administrator",
	C.CUDA_ERROR_INVALID_DEVICE:          "there is no such device; `modspec doctor` lists those there are",
	C.CUDA_ERROR_NO_BINARY_FOR_GPU:       updateDriver,
	C.CUDA_ERROR_INVALID_PTX:             updateDriver,
	C.CUDA_ERROR_UNSUPPORTED_PTX_VERSION: updateDriver,
	C.CUDA_ERROR_INVALID_IMAGE:           updateDriver,
	C.CUDA_ERROR_INVALID_SOURCE:          updateDriver,
	C.CUDA_ERROR_JIT_COMPILER_NOT_FOUND:  "the driver's compiler is missing; reinstall the driver",
	C.CUDA_ERROR_SYSTEM_DRIVER_MISMATCH:  "the driver and its kernel module differ in version; restart the machine",
	C.CUDA_ERROR_ECC_UNCORRECTABLE:       deviceGone,
	C.CUDA_ERROR_ILLEGAL_ADDRESS:         launchGone,
	C.CUDA_ERROR_ILLEGAL_INSTRUCTION:     launchGone,
	C.CUDA_ERROR_MISALIGNED_ADDRESS:      launchGone,
	C.CUDA_ERROR_INVALID_PC:              launchGone,
	C.CUDA_ERROR_HARDWARE_STACK_ERROR:    deviceGone,
	C.CUDA_ERROR_LAUNCH_FAILED:           launchGone,
	C.CUDA_ERROR_LAUNCH_TIMEOUT:          "the device drives a screen, and a launch took too long for it; use a device without one",
	C.CUDA_ERROR_CONTEXT_IS_DESTROYED:    deviceGone,
	C.CUDA_ERROR_UNKNOWN:                 deviceGone,
}

const (
	updateDriver = "the driver is older than this program's device code, or the device is; update the driver"
	deviceGone   = "the device is lost; look what nvidia-smi and the system's log say, then start the same command again: it goes on from what is kept"
	launchGone   = "a launch failed; start the same command again, which goes on from what is kept, and report it if it comes back"
)

// lasting are results after which a context answers nothing else.
var lasting = map[int]bool{
	C.CUDA_ERROR_ECC_UNCORRECTABLE: true, C.CUDA_ERROR_ILLEGAL_ADDRESS: true, C.CUDA_ERROR_ILLEGAL_INSTRUCTION: true,
	C.CUDA_ERROR_MISALIGNED_ADDRESS: true, C.CUDA_ERROR_INVALID_PC: true, C.CUDA_ERROR_HARDWARE_STACK_ERROR: true,
	C.CUDA_ERROR_LAUNCH_FAILED: true, C.CUDA_ERROR_LAUNCH_TIMEOUT: true, C.CUDA_ERROR_CONTEXT_IS_DESTROYED: true,
	C.CUDA_ERROR_UNKNOWN: true, C.CUDA_ERROR_INVALID_ADDRESS_SPACE: true, C.CUDA_ERROR_ASSERT: true,
}

// failed wraps the result of a call of the driver on a device. Every call goes
// through it.
func failed(device, call, purpose string, err error) error {
	if err == nil {
		return nil
	}
	e := &driverError{call: call, purpose: purpose, device: device, code: resultCode(err), cause: err}
	switch {
	case e.code == C.CUDA_ERROR_OUT_OF_MEMORY:
		e.cause = ErrOutOfMemory
	case lasting[e.code]:
		e.cause = ErrDeviceFailed
	}
	return e
}

// resultCode returns the number of a result of the driver. Package cu's type of it
// has a name that only the package knows, but is a number.
func resultCode(err error) int {
	if v := reflect.ValueOf(err); v.CanInt() {
		return int(v.Int())
	}
	return C.CUDA_ERROR_UNKNOWN
}

// result is a result of the calls below, as package cu returns those of its own.
type result int

func (r result) Error() string { return resultText(int(r)) }

func asError(r C.CUresult) error {
	if r == C.CUDA_SUCCESS {
		return nil
	}
	return result(r)
}

// resultText is what the driver calls a result.
func resultText(code int) string {
	var text *C.char
	if C.cuGetErrorString(C.CUresult(code), &text) != C.CUDA_SUCCESS || text == nil {
		return fmt.Sprintf("the driver's error %d", code)
	}
	return fmt.Sprintf("%s (%d)", C.GoString(text), code)
}

// handleOf returns the driver's handle that a value of package cu is.
func handleOf[H, T any](v T) H { return *(*H)(unsafe.Pointer(&v)) }

// allowShared lets a kernel have some dynamic shared memory, for more than 48 KB of
// which it has to be asked.
func allowShared(fn cu.Function, bytes int) error {
	return asError(C.cuFuncSetAttribute(handleOf[C.CUfunction](fn), C.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, C.int(bytes)))
}

// allocateHost returns memory of the host that the device copies from and to by
// itself.
func allocateHost(bytes int) (unsafe.Pointer, error) {
	var at unsafe.Pointer
	err := asError(C.cuMemHostAlloc(&at, C.size_t(bytes), 0))
	return at, err
}

// sharedOptInAttribute is an attribute of devices: the shared memory that a block may
// ask for.
const sharedOptInAttribute = cu.DeviceAttribute(C.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN)
