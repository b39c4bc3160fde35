// Driver calls that allocate, copy and set memory.
#include <string.h>

#include "memory_map.h"
#include "settings.h"
#include "state.h"
#include "stream_work.h"

using namespace standin;

namespace {

// The current context, for a call that a recording of a graph forbids.
CUresult context_outside_capture(Context *&context) {
  const CUresult result = current_context(context);
  if (result != CUDA_SUCCESS) return result;
  return forbidden_while_capturing(*context) ? CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED : CUDA_SUCCESS;
}

CUresult host_allocation(void **pointer, size_t bytes) {
  Lock lock;
  Context *context;
  if (pointer == nullptr || bytes == 0) return CUDA_ERROR_INVALID_VALUE;
  const CUresult result = context_outside_capture(context);
  if (result != CUDA_SUCCESS) return result;
  Allocation made = {{}, context};
  if (!allocate(bytes, made.memory)) return CUDA_ERROR_OUT_OF_MEMORY;
  driver().host_memory[made.memory.start] = made;
  *pointer = reinterpret_cast<void *>(made.memory.start);
  return CUDA_SUCCESS;
}

// Which side of a copy is the device's.
enum class Side { DEVICE, HOST };

Side side_of(uintptr_t address) {
  return find_allocation(driver().device_memory, address) != nullptr ? Side::DEVICE : Side::HOST;
}

bool is_range(Side side, uintptr_t address, size_t bytes) {
  return side == Side::DEVICE ? is_device_range(address, bytes) : is_host_range(address, bytes);
}

void move(uintptr_t to, uintptr_t from, size_t bytes) {
  memmove(reinterpret_cast<void *>(to), reinterpret_cast<const void *>(from), bytes);
}

// A copy that has happened when the call returns. It comes after the work of the
// null stream and of the streams that wait for it.
CUresult copy(Side to_side, uintptr_t to, Side from_side, uintptr_t from, size_t bytes) {
  Lock lock;
  Context *context;
  const CUresult result = context_outside_capture(context);
  if (result != CUDA_SUCCESS) return result;
  if (bytes == 0) return CUDA_SUCCESS;
  if (!is_range(to_side, to, bytes) || !is_range(from_side, from, bytes)) return CUDA_ERROR_INVALID_VALUE;
  const CUresult finished = finish_null_stream(*context);
  if (finished == CUDA_SUCCESS) move(to, from, bytes);
  return finished;
}

// A copy in a stream. Page-locked host memory is read and written when the
// stream gets to it. Other host memory behaves as the driver documents: to the
// device it is read before the call returns, from the device the call waits.
CUresult copy_in_stream(Side to_side, uintptr_t to, Side from_side, uintptr_t from, size_t bytes,
                        CUstream handle) {
  Lock lock;
  Context *context;
  Stream *stream;
  CUresult result = current_context(context);
  if (result == CUDA_SUCCESS) result = find_stream(*context, handle, stream);
  if (result != CUDA_SUCCESS || bytes == 0) return result;
  if (!is_range(to_side, to, bytes) || !is_range(from_side, from, bytes)) return CUDA_ERROR_INVALID_VALUE;
  const bool recording = stream->capture != nullptr;
  if (!recording && from_side == Side::HOST && !is_page_locked(from)) {
    auto staged = std::make_shared<std::vector<char>>(bytes);
    memcpy(staged->data(), reinterpret_cast<const void *>(from), bytes);
    return give(*stream, [to, staged] {
      move(to, reinterpret_cast<uintptr_t>(staged->data()), staged->size());
      return CUDA_SUCCESS;
    });
  }
  // Memory that is freed before the stream gets there is a fault of the device.
  result = give(*stream, [=] {
    if (!is_range(to_side, to, bytes) || !is_range(from_side, from, bytes)) {
      complain("a copy of %zu bytes came to memory that is no longer allocated", bytes);
      return CUDA_ERROR_ILLEGAL_ADDRESS;
    }
    move(to, from, bytes);
    return CUDA_SUCCESS;
  });
  if (result != CUDA_SUCCESS || recording) return result;
  return to_side == Side::HOST && !is_page_locked(to) ? finish(*stream) : CUDA_SUCCESS;
}

uintptr_t address(const void *pointer) { return reinterpret_cast<uintptr_t>(pointer); }

template <class Element>
CUresult set_in_stream(CUdeviceptr to, Element value, size_t count, CUstream handle) {
  Lock lock;
  Context *context;
  Stream *stream;
  CUresult result = current_context(context);
  if (result == CUDA_SUCCESS) result = find_stream(*context, handle, stream);
  if (result != CUDA_SUCCESS || count == 0) return result;
  if (to % sizeof(Element) != 0 || count > SIZE_MAX / sizeof(Element) ||
      !is_device_range(to, count * sizeof(Element))) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  return give(*stream, [=] {
    if (!is_device_range(to, count * sizeof(Element))) {
      complain("setting memory came to memory that is no longer allocated");
      return CUDA_ERROR_ILLEGAL_ADDRESS;
    }
    Element *elements = reinterpret_cast<Element *>(to);
    for (size_t i = 0; i < count; i++) elements[i] = value;
    return CUDA_SUCCESS;
  });
}

// Setting device memory is not waited for: it is work of the null stream.
template <class Element>
CUresult set(CUdeviceptr to, Element value, size_t count) {
  {
    Lock lock;
    Context *context;
    const CUresult result = context_outside_capture(context);
    if (result != CUDA_SUCCESS) return result;
  }
  return set_in_stream(to, value, count, nullptr);
}

} // namespace

CUresult cuMemGetInfo(size_t *free_bytes, size_t *total_bytes) {
  Lock lock;
  Context *context;
  if (free_bytes == nullptr || total_bytes == nullptr) return CUDA_ERROR_INVALID_VALUE;
  const CUresult result = current_context(context);
  if (result != CUDA_SUCCESS) return result;
  const size_t total = memory_bytes(), used = context->device->used_bytes;
  *total_bytes = total;
  *free_bytes = used < total ? total - used : 0;
  return CUDA_SUCCESS;
}

CUresult cuMemAlloc(CUdeviceptr *pointer, size_t bytes) {
  Lock lock;
  Context *context;
  if (pointer == nullptr || bytes == 0) return CUDA_ERROR_INVALID_VALUE;
  const CUresult result = context_outside_capture(context);
  if (result != CUDA_SUCCESS) return result;
  Device &device = *context->device;
  const size_t total = memory_bytes();
  context->allocations++;
  if (context->allocations == failing_allocation(device.number) || device.used_bytes > total ||
      bytes > total - device.used_bytes) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
  Allocation made = {{}, context};
  if (!allocate(bytes, made.memory)) return CUDA_ERROR_OUT_OF_MEMORY;
  device.used_bytes += made.memory.page_bytes;
  driver().device_memory[made.memory.start] = made;
  *pointer = made.memory.start;
  return CUDA_SUCCESS;
}

// Waits for everything that runs, as the driver does.
CUresult cuMemFree(CUdeviceptr pointer) {
  Lock lock;
  Context *context;
  const CUresult result = context_outside_capture(context);
  if (result != CUDA_SUCCESS || pointer == 0) return result;
  const auto found = driver().device_memory.find(pointer);
  if (found == driver().device_memory.end()) return CUDA_ERROR_INVALID_VALUE;
  const CUresult finished = finish(*context);
  found->second.context->device->used_bytes -= found->second.memory.page_bytes;
  release(found->second.memory);
  driver().device_memory.erase(found);
  return finished;
}

CUresult cuMemGetAddressRange(CUdeviceptr *base, size_t *bytes, CUdeviceptr pointer) {
  Lock lock;
  Context *context;
  const CUresult result = current_context(context);
  if (result != CUDA_SUCCESS) return result;
  const Allocation *found = find_allocation(driver().device_memory, pointer);
  if (found == nullptr) return CUDA_ERROR_NOT_FOUND;
  if (base != nullptr) *base = found->memory.start;
  if (bytes != nullptr) *bytes = found->memory.bytes;
  return CUDA_SUCCESS;
}

CUresult cuMemAllocHost(void **pointer, size_t bytes) { return host_allocation(pointer, bytes); }

CUresult cuMemHostAlloc(void **pointer, size_t bytes, unsigned int flags) {
  const unsigned known =
      CU_MEMHOSTALLOC_PORTABLE | CU_MEMHOSTALLOC_DEVICEMAP | CU_MEMHOSTALLOC_WRITECOMBINED;
  return (flags & ~known) != 0 ? CUDA_ERROR_INVALID_VALUE : host_allocation(pointer, bytes);
}

CUresult cuMemHostGetDevicePointer(CUdeviceptr *result_pointer, void *pointer, unsigned int flags) {
  Lock lock;
  Context *context;
  if (result_pointer == nullptr || flags != 0) return CUDA_ERROR_INVALID_VALUE;
  const CUresult result = current_context(context);
  if (result != CUDA_SUCCESS) return result;
  if (!is_page_locked(address(pointer))) return CUDA_ERROR_INVALID_VALUE;
  *result_pointer = address(pointer);
  return CUDA_SUCCESS;
}

CUresult cuMemFreeHost(void *pointer) {
  Lock lock;
  Context *context;
  const CUresult result = context_outside_capture(context);
  if (result != CUDA_SUCCESS || pointer == nullptr) return result;
  const auto found = driver().host_memory.find(address(pointer));
  if (found == driver().host_memory.end()) return CUDA_ERROR_INVALID_VALUE;
  CUresult finished = finish(*context);
  if (damaged(found->second.memory)) {
    complain("somebody wrote outside the page-locked allocation of %zu bytes at %p",
             found->second.memory.bytes, pointer);
    finished = CUDA_ERROR_ILLEGAL_ADDRESS;
  }
  release(found->second.memory);
  driver().host_memory.erase(found);
  return finished;
}

CUresult cuMemcpyHtoD(CUdeviceptr to, const void *from, size_t bytes) {
  return copy(Side::DEVICE, to, Side::HOST, address(from), bytes);
}

CUresult cuMemcpyDtoH(void *to, CUdeviceptr from, size_t bytes) {
  return copy(Side::HOST, address(to), Side::DEVICE, from, bytes);
}

// Between device memory a copy is work of the null stream, and not waited for.
CUresult cuMemcpyDtoD(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  return copy_in_stream(Side::DEVICE, to, Side::DEVICE, from, bytes, nullptr);
}

CUresult cuMemcpy(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  Side to_side, from_side;
  {
    Lock lock;
    to_side = side_of(to);
    from_side = side_of(from);
  }
  return copy(to_side, to, from_side, from, bytes);
}

CUresult cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  Side to_side, from_side;
  {
    Lock lock;
    to_side = side_of(to);
    from_side = side_of(from);
  }
  return copy_in_stream(to_side, to, from_side, from, bytes, stream);
}

CUresult cuMemcpyHtoDAsync(CUdeviceptr to, const void *from, size_t bytes, CUstream stream) {
  return copy_in_stream(Side::DEVICE, to, Side::HOST, address(from), bytes, stream);
}

CUresult cuMemcpyDtoHAsync(void *to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return copy_in_stream(Side::HOST, address(to), Side::DEVICE, from, bytes, stream);
}

CUresult cuMemcpyDtoDAsync(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return copy_in_stream(Side::DEVICE, to, Side::DEVICE, from, bytes, stream);
}

CUresult cuMemsetD8(CUdeviceptr to, unsigned char value, size_t count) { return set(to, value, count); }

CUresult cuMemsetD16(CUdeviceptr to, unsigned short value, size_t count) { return set(to, value, count); }

CUresult cuMemsetD32(CUdeviceptr to, unsigned int value, size_t count) { return set(to, value, count); }

CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t count, CUstream stream) {
  return set_in_stream(to, value, count, stream);
}

CUresult cuMemsetD16Async(CUdeviceptr to, unsigned short value, size_t count, CUstream stream) {
  return set_in_stream(to, value, count, stream);
}

CUresult cuMemsetD32Async(CUdeviceptr to, unsigned int value, size_t count, CUstream stream) {
  return set_in_stream(to, value, count, stream);
}
