// Races in shared memory. A shuffle orders no memory on a device, but where
// threads take turns it cannot help doing so; a build with SIMT_RACES therefore
// follows every access to shared memory and fails a launch in which two threads
// touch one word, one of them writing, with no barrier of both between. Writing
// what is there already is no race.
//
// In that build the kernels are compiled with -fsanitize=thread, of which only
// the calls at every access are used, not the library. Words have four bytes;
// atomics are not followed. Other builds do nothing of this.
#ifndef MODSPEC_STANDIN_RACES_H
#define MODSPEC_STANDIN_RACES_H

#include <stdint.h>

namespace simt {

#ifdef SIMT_RACES

// A block of so many threads begins.
void races_begin_block(unsigned threads);

// All threads of the block have met at a barrier.
void races_block_barrier();

// The lanes in mask of a warp have met in __syncwarp.
void races_warp_barrier(unsigned warp, uint32_t mask);

// The running thread leaves its turn: its last write is complete.
void races_end_turn();

#else

inline void races_begin_block(unsigned) {}
inline void races_block_barrier() {}
inline void races_warp_barrier(unsigned, uint32_t) {}
inline void races_end_turn() {}

#endif

} // namespace simt

#endif
