// Driver calls on contexts.
#include "launch.h"
#include "memory_map.h"
#include "settings.h"
#include "state.h"
#include "stream_work.h"

using namespace standin;

namespace {

// What a program can read and set, as a device starts with it.
const std::map<CUlimit, size_t> first_limits = {
    {CU_LIMIT_STACK_SIZE, 1 << 10},
    {CU_LIMIT_PRINTF_FIFO_SIZE, 1 << 20},
    {CU_LIMIT_MALLOC_HEAP_SIZE, 8 << 20},
};

CUresult make_context(Device &device, unsigned flags, Context *&context) {
  if (device.lost && losing_launch(device.number) == 0) device.lost = false;
  if (device.lost) return CUDA_ERROR_UNKNOWN;
  if (busy(device.number)) return CUDA_ERROR_DEVICE_UNAVAILABLE;
  context = new Context();
  context->device = &device;
  context->flags = flags;
  context->limits = first_limits;
  context->null_stream.context = context;
  driver().order = seed_setting();
  simt::set_seed(seed_setting());
  remember_handle(context, Kind::CONTEXT);
  return CUDA_SUCCESS;
}

// A context ends with its memory and its streams. Handles of events and modules
// stay valid, so that a program may destroy them later, as Go finalizers do.
CUresult end_context(Context *context) {
  const CUresult result = finish(*context);
  free_memory_of(*context);
  for (Stream *stream : context->streams) {
    forget_handle(stream);
    delete stream;
  }
  forget_handle(context);
  delete context;
  return result;
}

Context *as_context(CUcontext handle) {
  return is_handle(handle, Kind::CONTEXT) ? reinterpret_cast<Context *>(handle) : nullptr;
}

} // namespace

CUresult cuCtxCreate(CUcontext *handle, unsigned int flags, CUdevice number) {
  Lock lock;
  Device *device;
  if (handle == nullptr) return CUDA_ERROR_INVALID_VALUE;
  CUresult result = find_device(number, device);
  if (result != CUDA_SUCCESS) return result;
  Context *context;
  result = make_context(*device, flags, context);
  if (result != CUDA_SUCCESS) return result;
  context_stack().push_back(context);
  *handle = reinterpret_cast<CUcontext>(context);
  return CUDA_SUCCESS;
}

CUresult cuCtxDestroy(CUcontext handle) {
  Lock lock;
  Context *const context = as_context(handle);
  if (context == nullptr || context->device->primary == context) return CUDA_ERROR_INVALID_CONTEXT;
  std::vector<Context *> &stack = context_stack();
  if (!stack.empty() && stack.back() == context) stack.pop_back();
  end_context(context);
  return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRetain(CUcontext *handle, CUdevice number) {
  Lock lock;
  Device *device;
  if (handle == nullptr) return CUDA_ERROR_INVALID_VALUE;
  CUresult result = find_device(number, device);
  if (result != CUDA_SUCCESS) return result;
  if (device->primary == nullptr) {
    result = make_context(*device, device->primary_flags, device->primary);
    if (result != CUDA_SUCCESS) return result;
  }
  device->primary_users++;
  *handle = reinterpret_cast<CUcontext>(device->primary);
  return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRelease(CUdevice number) {
  Lock lock;
  Device *device;
  const CUresult result = find_device(number, device);
  if (result != CUDA_SUCCESS) return result;
  if (device->primary_users == 0) return CUDA_ERROR_INVALID_CONTEXT;
  if (--device->primary_users > 0) return CUDA_SUCCESS;
  Context *const context = device->primary;
  device->primary = nullptr;
  end_context(context);
  return CUDA_SUCCESS;
}

// The users stay, as with the real driver: their next retain makes a new context.
CUresult cuDevicePrimaryCtxReset(CUdevice number) {
  Lock lock;
  Device *device;
  const CUresult result = find_device(number, device);
  if (result != CUDA_SUCCESS || device->primary == nullptr) return result;
  Context *const context = device->primary;
  device->primary = nullptr;
  end_context(context);
  return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxSetFlags(CUdevice number, unsigned int flags) {
  Lock lock;
  Device *device;
  const CUresult result = find_device(number, device);
  if (result == CUDA_SUCCESS) device->primary_flags = flags;
  return result;
}

CUresult cuDevicePrimaryCtxGetState(CUdevice number, unsigned int *flags, int *active) {
  Lock lock;
  Device *device;
  if (flags == nullptr || active == nullptr) return CUDA_ERROR_INVALID_VALUE;
  const CUresult result = find_device(number, device);
  if (result != CUDA_SUCCESS) return result;
  *flags = device->primary_flags;
  *active = device->primary != nullptr;
  return CUDA_SUCCESS;
}

CUresult cuCtxSetCurrent(CUcontext handle) {
  Lock lock;
  if (!driver().initialised) return CUDA_ERROR_NOT_INITIALIZED;
  Context *const context = as_context(handle);
  if (handle != nullptr && context == nullptr) return CUDA_ERROR_INVALID_CONTEXT;
  std::vector<Context *> &stack = context_stack();
  if (!stack.empty()) stack.pop_back();
  if (context != nullptr) stack.push_back(context);
  return CUDA_SUCCESS;
}

CUresult cuCtxGetCurrent(CUcontext *handle) {
  Lock lock;
  if (handle == nullptr) return CUDA_ERROR_INVALID_VALUE;
  if (!driver().initialised) return CUDA_ERROR_NOT_INITIALIZED;
  const std::vector<Context *> &stack = context_stack();
  *handle = stack.empty() ? nullptr : reinterpret_cast<CUcontext>(stack.back());
  return CUDA_SUCCESS;
}

CUresult cuCtxPushCurrent(CUcontext handle) {
  Lock lock;
  Context *const context = as_context(handle);
  if (context == nullptr) return CUDA_ERROR_INVALID_CONTEXT;
  context_stack().push_back(context);
  return CUDA_SUCCESS;
}

CUresult cuCtxPopCurrent(CUcontext *handle) {
  Lock lock;
  std::vector<Context *> &stack = context_stack();
  if (stack.empty()) return CUDA_ERROR_INVALID_CONTEXT;
  if (handle != nullptr) *handle = reinterpret_cast<CUcontext>(stack.back());
  stack.pop_back();
  return CUDA_SUCCESS;
}

CUresult cuCtxGetDevice(CUdevice *number) {
  Lock lock;
  Context *context;
  if (number == nullptr) return CUDA_ERROR_INVALID_VALUE;
  const CUresult result = current_context(context);
  if (result == CUDA_SUCCESS) *number = context->device->number;
  return result;
}

CUresult cuCtxGetFlags(unsigned int *flags) {
  Lock lock;
  Context *context;
  if (flags == nullptr) return CUDA_ERROR_INVALID_VALUE;
  const CUresult result = current_context(context);
  if (result == CUDA_SUCCESS) *flags = context->flags;
  return result;
}

CUresult cuCtxGetApiVersion(CUcontext handle, unsigned int *version) {
  Lock lock;
  if (version == nullptr) return CUDA_ERROR_INVALID_VALUE;
  if (handle != nullptr && as_context(handle) == nullptr) return CUDA_ERROR_INVALID_CONTEXT;
  *version = 3020;
  return CUDA_SUCCESS;
}

CUresult cuCtxSynchronize(void) {
  Lock lock;
  Context *context;
  const CUresult result = current_context(context);
  if (result != CUDA_SUCCESS) return result;
  if (forbidden_while_capturing(*context)) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  return finish(*context);
}

CUresult cuCtxGetLimit(size_t *value, CUlimit limit) {
  Lock lock;
  Context *context;
  if (value == nullptr) return CUDA_ERROR_INVALID_VALUE;
  const CUresult result = current_context(context);
  if (result != CUDA_SUCCESS) return result;
  const auto found = context->limits.find(limit);
  if (found == context->limits.end()) return CUDA_ERROR_UNSUPPORTED_LIMIT;
  *value = found->second;
  return CUDA_SUCCESS;
}

CUresult cuCtxSetLimit(CUlimit limit, size_t value) {
  Lock lock;
  Context *context;
  const CUresult result = current_context(context);
  if (result != CUDA_SUCCESS) return result;
  const auto found = context->limits.find(limit);
  if (found == context->limits.end()) return CUDA_ERROR_UNSUPPORTED_LIMIT;
  found->second = value;
  return CUDA_SUCCESS;
}

CUresult cuCtxGetStreamPriorityRange(int *least, int *greatest) {
  Lock lock;
  Context *context;
  const CUresult result = current_context(context);
  if (result != CUDA_SUCCESS) return result;
  if (least != nullptr) *least = 0;
  if (greatest != nullptr) *greatest = -5;
  return CUDA_SUCCESS;
}
