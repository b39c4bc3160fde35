// Driver calls that put error codes into words.
#include "cuda_calls.h"

namespace {

struct Description {
  CUresult code;
  const char *name, *text;
};

#define DESCRIBE(code, text) {code, #code, text}
const Description descriptions[] = {
    DESCRIBE(CUDA_SUCCESS, "no error"),
    DESCRIBE(CUDA_ERROR_INVALID_VALUE, "invalid argument"),
    DESCRIBE(CUDA_ERROR_OUT_OF_MEMORY, "out of memory"),
    DESCRIBE(CUDA_ERROR_NOT_INITIALIZED, "initialization error"),
    DESCRIBE(CUDA_ERROR_DEINITIALIZED, "driver shutting down"),
    DESCRIBE(CUDA_ERROR_STUB_LIBRARY, "the libcuda in use is a stub"),
    DESCRIBE(CUDA_ERROR_DEVICE_UNAVAILABLE, "device is busy or unavailable"),
    DESCRIBE(CUDA_ERROR_NO_DEVICE, "no CUDA-capable device is detected"),
    DESCRIBE(CUDA_ERROR_INVALID_DEVICE, "invalid device ordinal"),
    DESCRIBE(CUDA_ERROR_INVALID_IMAGE, "device kernel image is invalid"),
    DESCRIBE(CUDA_ERROR_INVALID_CONTEXT, "invalid device context"),
    DESCRIBE(CUDA_ERROR_NO_BINARY_FOR_GPU, "no kernel image is available for execution on the device"),
    DESCRIBE(CUDA_ERROR_ECC_UNCORRECTABLE, "uncorrectable ECC error encountered"),
    DESCRIBE(CUDA_ERROR_UNSUPPORTED_LIMIT, "limit is not supported on this architecture"),
    DESCRIBE(CUDA_ERROR_INVALID_PTX, "a PTX text failed to compile"),
    DESCRIBE(CUDA_ERROR_UNSUPPORTED_PTX_VERSION, "the PTX is newer than this driver"),
    DESCRIBE(CUDA_ERROR_INVALID_SOURCE, "device kernel source is invalid"),
    DESCRIBE(CUDA_ERROR_FILE_NOT_FOUND, "file not found"),
    DESCRIBE(CUDA_ERROR_OPERATING_SYSTEM, "a call of the operating system failed"),
    DESCRIBE(CUDA_ERROR_INVALID_HANDLE, "invalid resource handle"),
    DESCRIBE(CUDA_ERROR_ILLEGAL_STATE, "the operation cannot be performed in the present state"),
    DESCRIBE(CUDA_ERROR_NOT_FOUND, "named symbol not found"),
    DESCRIBE(CUDA_ERROR_NOT_READY, "device not ready"),
    DESCRIBE(CUDA_ERROR_ILLEGAL_ADDRESS, "an illegal memory access was encountered"),
    DESCRIBE(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "too many resources requested for launch"),
    DESCRIBE(CUDA_ERROR_LAUNCH_TIMEOUT, "the launch timed out and was terminated"),
    DESCRIBE(CUDA_ERROR_CONTEXT_IS_DESTROYED, "context is destroyed"),
    DESCRIBE(CUDA_ERROR_LAUNCH_FAILED, "unspecified launch failure"),
    DESCRIBE(CUDA_ERROR_NOT_PERMITTED, "operation not permitted"),
    DESCRIBE(CUDA_ERROR_NOT_SUPPORTED, "operation not supported"),
    DESCRIBE(CUDA_ERROR_SYSTEM_NOT_READY, "system not yet initialized"),
    DESCRIBE(CUDA_ERROR_SYSTEM_DRIVER_MISMATCH, "display driver and CUDA driver do not match"),
    DESCRIBE(CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE, "forward compatibility is not supported here"),
    DESCRIBE(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "operation not permitted when stream is capturing"),
    DESCRIBE(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "an earlier error invalidated the capture"),
    DESCRIBE(CUDA_ERROR_STREAM_CAPTURE_MERGE, "operation would merge two captures"),
    DESCRIBE(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, "the capture did not begin in this stream"),
    DESCRIBE(CUDA_ERROR_STREAM_CAPTURE_UNJOINED, "the capture has work that was not joined"),
    DESCRIBE(CUDA_ERROR_STREAM_CAPTURE_ISOLATION, "a captured stream depends on uncaptured work"),
    DESCRIBE(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, "the capture depends on the null stream"),
    DESCRIBE(CUDA_ERROR_CAPTURED_EVENT, "operation not permitted on an event last recorded in a capture"),
    DESCRIBE(CUDA_ERROR_UNKNOWN, "unknown error"),
};
#undef DESCRIBE

const Description *find(CUresult code) {
  for (const Description &description : descriptions) {
    if (description.code == code) return &description;
  }
  return nullptr;
}

} // namespace

CUresult cuGetErrorName(CUresult code, const char **name) {
  const Description *found = find(code);
  if (name == nullptr) return CUDA_ERROR_INVALID_VALUE;
  *name = found == nullptr ? nullptr : found->name;
  return found == nullptr ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}

CUresult cuGetErrorString(CUresult code, const char **text) {
  const Description *found = find(code);
  if (text == nullptr) return CUDA_ERROR_INVALID_VALUE;
  *text = found == nullptr ? nullptr : found->text;
  return found == nullptr ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}
