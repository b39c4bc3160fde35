// Running a kernel on the stand-in: blocks in turn, the threads of a block as
// fibers. Host side of the SIMT layer; the stand-in driver and the layer's own
// tests start kernels through it.
#ifndef MODSPEC_STANDIN_LAUNCH_H
#define MODSPEC_STANDIN_LAUNCH_H

#include "vectors.h"

#include <functional>
#include <stddef.h>
#include <stdint.h>
#include <string>

namespace simt {

// Failure is why a launch did not end well.
enum class Failure {
  NONE,
  ILLEGAL_ADDRESS, // a thread touched memory that is not there
  MISUSE,          // barriers, shuffles or shared memory used against their rules
  OUT_OF_MEMORY,   // no room for the threads' stacks
};

// Outcome of a launch. The message names kernel, block and threads, and the seed
// that repeats the order in which the threads ran.
struct Outcome {
  Failure failure = Failure::NONE;
  std::string message;
};

// Order in which threads that may run in any order do: 0 runs blocks, warps and
// lanes by ascending number; every other seed draws an order anew at every
// barrier, shuffle and vote. Setting a seed begins its orders from the start.
void set_seed(uint64_t seed);

// The seed: as set, or else from the environment's MODSPEC_STANDIN_SEED, or 1.
uint64_t seed();

// Runs body once for each thread of each block of the grid. At most 1024 threads
// a block. Launches from several threads of the process wait for each other.
Outcome run(const char *name, dim3 blocks, dim3 threads, size_t dynamic_shared_bytes,
            const std::function<void()> &body);

// Launches a kernel with its arguments: launch("name", kernel, blocks, threads,
// dynamic shared bytes, arguments ...).
template <class... Parameters, class... Arguments>
Outcome launch(const char *name, void (*kernel)(Parameters...), dim3 blocks, dim3 threads,
               size_t dynamic_shared_bytes, Arguments... arguments) {
  return run(name, blocks, threads, dynamic_shared_bytes, [&] { kernel(arguments...); });
}

} // namespace simt

#endif
