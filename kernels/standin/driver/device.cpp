// Driver calls on the library and its devices.
#include <stdio.h>
#include <string.h>

#include "settings.h"
#include "state.h"

using namespace standin;

namespace {

const char device_name[] = "modspec stand-in (CPU, for tests)";

// What the architectures differ in, from the CUDA programming guide's table of
// technical specifications.
struct Architecture {
  int code;
  int threads, blocks;     // a multiprocessor holds at most
  int shared_kib, opt_in_kib; // shared memory of a multiprocessor, and what a block may ask for
};
const Architecture architectures[] = {
    {80, 2048, 32, 164, 163}, {86, 1536, 16, 100, 99},   {89, 1536, 24, 100, 99},
    {90, 2048, 32, 228, 227}, {100, 2048, 32, 228, 227}, {120, 1536, 24, 100, 99},
};

// The newest of the table that is no newer than the device.
const Architecture &architecture() {
  int major, minor;
  capability(major, minor);
  const Architecture *found = &architectures[0];
  for (const Architecture &candidate : architectures) {
    if (candidate.code <= major * 10 + minor) found = &candidate;
  }
  return *found;
}

} // namespace

CUresult cuInit(unsigned int flags) {
  Lock lock;
  if (flags != 0) return CUDA_ERROR_INVALID_VALUE;
  if (!allowed()) {
    complain("this libcuda is a stand-in for tests and computes on the CPU; "
             "it has no device unless MODSPEC_STANDIN=test");
    return CUDA_ERROR_NO_DEVICE;
  }
  if (init_result() != 0) return static_cast<CUresult>(init_result());
  if (device_count() == 0) return CUDA_ERROR_NO_DEVICE;
  auto &devices = driver().devices;
  for (int number = int(devices.size()); number < device_count(); number++) {
    devices.emplace_back(new Device());
    devices.back()->number = number;
  }
  driver().initialised = true;
  return CUDA_SUCCESS;
}

CUresult cuDriverGetVersion(int *version) {
  if (version == nullptr) return CUDA_ERROR_INVALID_VALUE;
  *version = driver_version();
  return CUDA_SUCCESS;
}

// NVIDIA's own libraries ask for the driver's private tables when they find a
// libcuda, and do without where there are none. NVRTC is one of them.
CUresult cuGetExportTable(const void **table, const CUuuid *) {
  if (table == nullptr) return CUDA_ERROR_INVALID_VALUE;
  *table = nullptr;
  return CUDA_ERROR_NOT_FOUND;
}

CUresult cuDeviceGetCount(int *count) {
  Lock lock;
  if (count == nullptr) return CUDA_ERROR_INVALID_VALUE;
  if (!driver().initialised) return CUDA_ERROR_NOT_INITIALIZED;
  *count = int(driver().devices.size());
  return CUDA_SUCCESS;
}

CUresult cuDeviceGet(CUdevice *result, int number) {
  Lock lock;
  Device *device;
  if (result == nullptr) return CUDA_ERROR_INVALID_VALUE;
  const CUresult found = find_device(number, device);
  if (found == CUDA_SUCCESS) *result = number;
  return found;
}

CUresult cuDeviceGetName(char *name, int length, CUdevice number) {
  Lock lock;
  Device *device;
  if (name == nullptr || length <= 0) return CUDA_ERROR_INVALID_VALUE;
  const CUresult found = find_device(number, device);
  if (found == CUDA_SUCCESS) snprintf(name, size_t(length), "%s", device_name);
  return found;
}

// Sixteen readable bytes; the last tells devices apart.
CUresult cuDeviceGetUuid(CUuuid *uuid, CUdevice number) {
  Lock lock;
  Device *device;
  if (uuid == nullptr) return CUDA_ERROR_INVALID_VALUE;
  const CUresult found = find_device(number, device);
  if (found != CUDA_SUCCESS) return found;
  memcpy(uuid->bytes, "modspec-standin", 15);
  uuid->bytes[15] = static_cast<char>(number);
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetUuid_v2(CUuuid *uuid, CUdevice number) { return cuDeviceGetUuid(uuid, number); }

CUresult cuDeviceGetPCIBusId(char *id, int length, CUdevice number) {
  Lock lock;
  Device *device;
  if (id == nullptr || length < 13) return CUDA_ERROR_INVALID_VALUE;
  const CUresult found = find_device(number, device);
  if (found == CUDA_SUCCESS) snprintf(id, size_t(length), "0000:%02X:00.0", unsigned(number + 1) & 0xff);
  return found;
}

CUresult cuDeviceTotalMem(size_t *bytes, CUdevice number) {
  Lock lock;
  Device *device;
  if (bytes == nullptr) return CUDA_ERROR_INVALID_VALUE;
  const CUresult found = find_device(number, device);
  if (found == CUDA_SUCCESS) *bytes = memory_bytes();
  return found;
}

// Everything that is not listed is a feature that the stand-in does not have.
CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute, CUdevice number) {
  Lock lock;
  Device *device;
  if (value == nullptr || attribute <= 0 || attribute >= CU_DEVICE_ATTRIBUTE_MAX) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  const CUresult found = find_device(number, device);
  if (found != CUDA_SUCCESS) return found;
  const Architecture &limits = architecture();
  int major, minor;
  capability(major, minor);
  switch (attribute) {
  case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK: *value = 1024; break;
  case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X: *value = 1024; break;
  case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y: *value = 1024; break;
  case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z: *value = 64; break;
  case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X: *value = 0x7fffffff; break;
  case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y: *value = 65535; break;
  case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z: *value = 65535; break;
  case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK: *value = 48 << 10; break;
  case CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY: *value = 64 << 10; break;
  case CU_DEVICE_ATTRIBUTE_WARP_SIZE: *value = 32; break;
  case CU_DEVICE_ATTRIBUTE_MAX_PITCH: *value = 0x7fffffff; break;
  case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK: *value = 65536; break;
  case CU_DEVICE_ATTRIBUTE_CLOCK_RATE: *value = 1980000; break;
  case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT: *value = multiprocessors(); break;
  case CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY: *value = 1; break;
  case CU_DEVICE_ATTRIBUTE_COMPUTE_MODE:
    *value = busy(number) ? CU_COMPUTEMODE_EXCLUSIVE_PROCESS : CU_COMPUTEMODE_DEFAULT;
    break;
  case CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS: *value = 1; break;
  case CU_DEVICE_ATTRIBUTE_PCI_BUS_ID: *value = number + 1; break;
  case CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE: *value = 3201000; break;
  case CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH: *value = 6144; break;
  case CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE: *value = 60 << 20; break;
  case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR: *value = limits.threads; break;
  case CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT: *value = 3; break;
  case CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING: *value = 1; break;
  case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR: *value = major; break;
  case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR: *value = minor; break;
  case CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED: *value = 1; break;
  case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR: *value = limits.shared_kib << 10; break;
  case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR: *value = 65536; break;
  case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN: *value = limits.opt_in_kib << 10; break;
  case CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR: *value = limits.blocks; break;
  case CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK: *value = 1 << 10; break;
  default: *value = 0; break;
  }
  return CUDA_SUCCESS;
}

CUresult cuDeviceComputeCapability(int *major, int *minor, CUdevice number) {
  Lock lock;
  Device *device;
  if (major == nullptr || minor == nullptr) return CUDA_ERROR_INVALID_VALUE;
  const CUresult found = find_device(number, device);
  if (found == CUDA_SUCCESS) capability(*major, *minor);
  return found;
}
