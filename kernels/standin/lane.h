// A thread of a block as the SIMT layer keeps it, and the two ways in which it
// waits for others: at the block's barrier, and in a meeting of its warp.
#ifndef MODSPEC_STANDIN_LANE_H
#define MODSPEC_STANDIN_LANE_H

#include "fiber.h"
#include "vectors.h"

#include <stdint.h>
#include <string>

namespace simt {

struct Warp;

// Block is what all threads of the running block share.
struct Block {
  uint3 index;
  dim3 threads;
  dim3 blocks;
  unsigned char *dynamic_shared;
};

// Lane is one thread of a block.
struct Lane {
  uint3 thread_index;
  Block *block;
  Warp *warp;
  unsigned number;      // in its warp
  const char *waits_at; // nullptr while it can go on
  uint32_t waits_for;   // the mask of the meeting it waits in
  Fiber fiber;
};

// here is the thread of the block that runs now; nullptr outside kernels.
extern Lane *here __attribute__((visibility("hidden")));

// Meeting names what the lanes of a warp do together.
enum class Meeting : uint8_t { SYNC, SHUFFLE, ANY, ALL, BALLOT, MULTIPLY };

// Waits until all threads of the block are here.
void barrier();

// Waits until every lane in `mask` is here, for the same purpose. Each lane
// brings a value; it takes away the value of lane `source` (SHUFFLE), whether
// any or all values are other than 0, or the mask of the lanes whose value is.
// MULTIPLY takes all lanes, whose values are addresses of their Fragments (tensor.h).
uint64_t meet(Meeting purpose, uint32_t mask, uint64_t value, unsigned source);

// Fails the launch: the running thread broke a rule.
[[noreturn]] void misuse(const std::string &what);

// Lets other threads of the block go first, now and then: called where threads
// meet without waiting, which is in atomics.
void yield();

} // namespace simt

#endif
