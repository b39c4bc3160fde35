// Driver calls on modules and functions. A module holds the kernels that are
// both in its image and compiled into the stand-in: the image says which there
// are and what they need, the stand-in runs its own code for them.
#include <algorithm>

#include "registry.h"
#include "settings.h"
#include "state.h"

using namespace standin;

namespace {

const int default_dynamic_shared = 48 << 10;

int architecture_of_device() {
  int major, minor;
  capability(major, minor);
  return major * 10 + minor;
}

int device_attribute(const Context &context, CUdevice_attribute attribute) {
  int value = 0;
  cuDeviceGetAttribute(&value, attribute, context.device->number);
  return value;
}

CUresult find(CUfunction handle, Function *&function) {
  Context *context;
  const CUresult result = current_context(context);
  if (result != CUDA_SUCCESS) return result;
  if (!is_handle(handle, Kind::FUNCTION)) return CUDA_ERROR_INVALID_HANDLE;
  function = reinterpret_cast<Function *>(handle);
  return function->context == context ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

int round_up(int value, int unit) { return (value + unit - 1) / unit * unit; }

// How many blocks fit on a multiprocessor: by threads, by the slots for blocks,
// by registers, which a warp gets in units of 256, and by shared memory, of which
// the driver takes 1 KiB a block.
int blocks_that_fit(const Function &function, int threads, size_t dynamic_bytes) {
  const Context &context = *function.context;
  const int warps = round_up(threads, 32) / 32;
  int blocks = device_attribute(context, CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR);
  blocks = std::min(
      blocks, device_attribute(context, CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR) / (32 * warps));
  const int registers = warps * round_up(std::max(function.needs.registers, 1) * 32, 256);
  blocks = std::min(
      blocks, device_attribute(context, CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR) / registers);
  const size_t shared =
      size_t(function.needs.shared_bytes) + dynamic_bytes +
      size_t(device_attribute(context, CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK));
  const size_t all = size_t(device_attribute(context, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR));
  return int(std::min(size_t(blocks), all / shared));
}

} // namespace

CUresult cuModuleLoadData(CUmodule *handle, const void *data) {
  Lock lock;
  Context *context;
  if (handle == nullptr || data == nullptr) return CUDA_ERROR_INVALID_VALUE;
  CUresult result = current_context(context);
  if (result != CUDA_SUCCESS) return result;
  Image image;
  result = read_image(data, architecture_of_device(), driver_version(), image);
  if (result != CUDA_SUCCESS) return result;
  Module *const module = new Module();
  module->context = context;
  module->image = std::move(image);
  remember_handle(module, Kind::MODULE);
  *handle = reinterpret_cast<CUmodule>(module);
  return CUDA_SUCCESS;
}

// Options tune the compiler of PTX, of which there is none here.
CUresult cuModuleLoadDataEx(CUmodule *handle, const void *data, unsigned int, CUjit_option *, void **) {
  return cuModuleLoadData(handle, data);
}

CUresult cuModuleUnload(CUmodule handle) {
  Lock lock;
  if (!is_handle(handle, Kind::MODULE)) return CUDA_ERROR_INVALID_HANDLE;
  Module *const module = reinterpret_cast<Module *>(handle);
  for (const auto &entry : module->functions) {
    forget_handle(entry.second);
    delete entry.second;
  }
  forget_handle(module);
  delete module;
  return CUDA_SUCCESS;
}

CUresult cuModuleGetFunction(CUfunction *handle, CUmodule module_handle, const char *name) {
  Lock lock;
  Context *context;
  if (handle == nullptr || name == nullptr) return CUDA_ERROR_INVALID_VALUE;
  const CUresult result = current_context(context);
  if (result != CUDA_SUCCESS) return result;
  if (!is_handle(module_handle, Kind::MODULE)) return CUDA_ERROR_INVALID_HANDLE;
  Module &module = *reinterpret_cast<Module *>(module_handle);
  const auto in_image = module.image.kernels.find(name);
  if (in_image == module.image.kernels.end()) return CUDA_ERROR_NOT_FOUND;
  const simt::Kernel *kernel = simt::find_kernel(name);
  if (kernel == nullptr) {
    complain("the image holds kernel %s, but no source in kernels/device does: build one of them anew", name);
    return CUDA_ERROR_NOT_FOUND;
  }
  Function *&function = module.functions[name];
  if (function == nullptr) {
    function = new Function();
    function->context = context;
    function->name = name;
    function->needs = in_image->second;
    function->architecture = module.image.architecture;
    function->most_dynamic_shared = default_dynamic_shared - function->needs.shared_bytes;
    function->kernel = kernel;
    remember_handle(function, Kind::FUNCTION);
  }
  *handle = reinterpret_cast<CUfunction>(function);
  return CUDA_SUCCESS;
}

// Kernels of the project have no global variables.
CUresult cuModuleGetGlobal(CUdeviceptr *, size_t *, CUmodule module_handle, const char *name) {
  Lock lock;
  Context *context;
  if (name == nullptr) return CUDA_ERROR_INVALID_VALUE;
  const CUresult result = current_context(context);
  if (result != CUDA_SUCCESS) return result;
  return is_handle(module_handle, Kind::MODULE) ? CUDA_ERROR_NOT_FOUND : CUDA_ERROR_INVALID_HANDLE;
}

CUresult cuFuncGetAttribute(int *value, CUfunction_attribute attribute, CUfunction handle) {
  Lock lock;
  Function *function;
  if (value == nullptr) return CUDA_ERROR_INVALID_VALUE;
  const CUresult result = find(handle, function);
  if (result != CUDA_SUCCESS) return result;
  switch (attribute) {
  case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK: *value = function->needs.most_threads; break;
  case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES: *value = function->needs.shared_bytes; break;
  case CU_FUNC_ATTRIBUTE_NUM_REGS: *value = function->needs.registers; break;
  case CU_FUNC_ATTRIBUTE_PTX_VERSION:
  case CU_FUNC_ATTRIBUTE_BINARY_VERSION: *value = function->architecture; break;
  case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES: *value = function->most_dynamic_shared; break;
  case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT: *value = -1; break;
  case CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES:
  case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES:
  case CU_FUNC_ATTRIBUTE_CACHE_MODE_CA: *value = 0; break;
  default: return CUDA_ERROR_INVALID_VALUE;
  }
  return CUDA_SUCCESS;
}

CUresult cuFuncSetAttribute(CUfunction handle, CUfunction_attribute attribute, int value) {
  Lock lock;
  Function *function;
  const CUresult result = find(handle, function);
  if (result != CUDA_SUCCESS) return result;
  if (attribute == CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT) {
    return value < -1 || value > 100 ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
  }
  if (attribute != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES || value < 0) return CUDA_ERROR_INVALID_VALUE;
  const int most =
      device_attribute(*function->context, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
  if (value > most - function->needs.shared_bytes) return CUDA_ERROR_INVALID_VALUE;
  function->most_dynamic_shared = value;
  return CUDA_SUCCESS;
}

CUresult cuFuncSetCacheConfig(CUfunction handle, CUfunc_cache) {
  Lock lock;
  Function *function;
  return find(handle, function);
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int *blocks, CUfunction handle, int threads,
                                                              size_t dynamic_bytes, unsigned int) {
  Lock lock;
  Function *function;
  if (blocks == nullptr || threads <= 0) return CUDA_ERROR_INVALID_VALUE;
  const CUresult result = find(handle, function);
  if (result != CUDA_SUCCESS) return result;
  const bool allowed_here = threads <= function->needs.most_threads &&
                            dynamic_bytes <= size_t(function->most_dynamic_shared);
  *blocks = allowed_here ? blocks_that_fit(*function, threads, dynamic_bytes) : 0;
  return CUDA_SUCCESS;
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, CUfunction handle, int threads,
                                                     size_t dynamic_bytes) {
  return cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(blocks, handle, threads, dynamic_bytes, 0);
}
