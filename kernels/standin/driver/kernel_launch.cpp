// The driver call that launches a kernel, with the faults that a test can plant.
#include <string.h>
#include <time.h>

#include "launch.h"
#include "memory_map.h"
#include "registry.h"
#include "settings.h"
#include "state.h"
#include "stream_work.h"

using namespace standin;

namespace {

const unsigned most_threads = 1024, most_threads_z = 64, most_blocks_yz = 65535;
const int registers_of_a_block = 65536;

// The launch limits, in the order in which they are told apart.
CUresult check(const Function &function, dim3 blocks, dim3 threads, unsigned dynamic_bytes) {
  const uint64_t count = uint64_t(threads.x) * threads.y * threads.z;
  if (count == 0 || uint64_t(blocks.x) * blocks.y * blocks.z == 0 || count > most_threads ||
      threads.z > most_threads_z || blocks.x > 0x7fffffffu || blocks.y > most_blocks_yz ||
      blocks.z > most_blocks_yz || int(count) > function.needs.most_threads ||
      dynamic_bytes > unsigned(function.most_dynamic_shared)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  return int(count) * function.needs.registers > registers_of_a_block ? CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES
                                                                      : CUDA_SUCCESS;
}

CUresult code_of(simt::Failure failure) {
  switch (failure) {
  case simt::Failure::NONE: return CUDA_SUCCESS;
  case simt::Failure::ILLEGAL_ADDRESS: return CUDA_ERROR_ILLEGAL_ADDRESS;
  case simt::Failure::OUT_OF_MEMORY: return CUDA_ERROR_OUT_OF_MEMORY;
  case simt::Failure::MISUSE: break;
  }
  return CUDA_ERROR_LAUNCH_FAILED;
}

// Hides device memory of other contexts, on this device or another, while a
// kernel runs.
class OnlyMemoryOf {
public:
  explicit OnlyMemoryOf(const Context &context) : context(context) {
    for_others(hide);
  }
  ~OnlyMemoryOf() { for_others(show); }
  OnlyMemoryOf(const OnlyMemoryOf &) = delete;
  OnlyMemoryOf &operator=(const OnlyMemoryOf &) = delete;

private:
  void for_others(void (*act)(const Guarded &)) {
    for (const auto &entry : driver().device_memory) {
      if (entry.second.context != &context) act(entry.second.memory);
    }
  }
  const Context &context;
};

// What a stream does when it comes to a launch.
struct Launch {
  Context *context;
  const simt::Kernel *kernel;
  dim3 blocks, threads;
  unsigned dynamic_bytes;
  std::vector<uint64_t> arguments;

  CUresult operator()() const {
    context->launches++;
    if (context->launches == losing_launch(context->device->number)) {
      complain("device %d is lost, as MODSPEC_STANDIN_LOSE_DEVICE asks for", context->device->number);
      context->device->lost = true;
    }
    if (context->device->lost) return CUDA_ERROR_UNKNOWN;
    if (context->launches == failing_launch(context->device->number)) {
      complain("launch %llu, of kernel %s, fails, as MODSPEC_STANDIN_FAIL_LAUNCH asks for",
               (unsigned long long)context->launches, kernel->name.c_str());
      return CUDA_ERROR_LAUNCH_FAILED;
    }
    const int delay = launch_milliseconds();
    if (delay > 0) {
      const timespec time = {delay / 1000, long(delay % 1000) * 1000000};
      nanosleep(&time, nullptr);
    }
    simt::Outcome outcome;
    {
      const OnlyMemoryOf visible(*context);
      outcome = simt::run(kernel->name.c_str(), blocks, threads, dynamic_bytes,
                          [this] { kernel->call(arguments.data()); });
    }
    if (outcome.failure != simt::Failure::NONE) {
      complain("%s", outcome.message.c_str());
      return code_of(outcome.failure);
    }
    const std::string harmed = damaged_allocation();
    if (harmed.empty()) return CUDA_SUCCESS;
    complain("kernel %s wrote outside %s", kernel->name.c_str(), harmed.c_str());
    return CUDA_ERROR_ILLEGAL_ADDRESS;
  }
};

} // namespace

CUresult cuLaunchKernel(CUfunction handle, unsigned int grid_x, unsigned int grid_y, unsigned int grid_z,
                        unsigned int block_x, unsigned int block_y, unsigned int block_z,
                        unsigned int dynamic_bytes, CUstream stream_handle, void **parameters, void **extra) {
  Lock lock;
  Context *context;
  Stream *stream;
  CUresult result = current_context(context);
  if (result == CUDA_SUCCESS) result = find_stream(*context, stream_handle, stream);
  if (result != CUDA_SUCCESS) return result;
  if (!is_handle(handle, Kind::FUNCTION)) return CUDA_ERROR_INVALID_HANDLE;
  const Function &function = *reinterpret_cast<Function *>(handle);
  if (function.context != context) return CUDA_ERROR_INVALID_HANDLE;
  if (extra != nullptr) return CUDA_ERROR_NOT_SUPPORTED;
  if (function.kernel->parameters > 0 && parameters == nullptr) return CUDA_ERROR_INVALID_VALUE;
  const dim3 blocks(grid_x, grid_y, grid_z), threads(block_x, block_y, block_z);
  result = check(function, blocks, threads, dynamic_bytes);
  if (result != CUDA_SUCCESS) return result;
  Launch launch = {context, function.kernel, blocks, threads, dynamic_bytes, {}};
  launch.arguments.resize(function.kernel->parameters);
  for (size_t i = 0; i < launch.arguments.size(); i++) memcpy(&launch.arguments[i], parameters[i], 8);
  return give(*stream, std::move(launch));
}
