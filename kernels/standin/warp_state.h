// The scheduler's view of a warp: which lanes can go on, and what those that
// meet have brought.
#ifndef MODSPEC_STANDIN_WARP_STATE_H
#define MODSPEC_STANDIN_WARP_STATE_H

#include "lane.h"
#include "tensor.h"

namespace simt {

// Rendezvous is a meeting that some lanes have come to and some have not. Several
// may be open at a time: groups of lanes meet apart, and lanes may wait for the
// whole warp while others still meet among themselves.
struct Rendezvous {
  uint32_t mask;
  uint32_t arrived;
  Meeting purpose;
};

struct Warp {
  uint32_t all;   // lanes that the block has
  uint32_t live;  // those that have not ended
  uint32_t ready; // those that can go on
  unsigned rotation; // ready lanes take turns from this one on,
  bool descending;   // upwards or downwards
  Rendezvous rendezvous[32]; // the first open_count are open; a lane waits in one at most
  unsigned open_count;
  uint64_t value[32];  // what each lane brought,
  uint8_t source[32];  // whose value it wants,
  uint64_t result[32]; // and what it takes away
};

// The open meeting of these lanes, opened if there is none.
inline Rendezvous &find_rendezvous(Warp &warp, Meeting purpose, uint32_t mask) {
  for (unsigned i = 0; i < warp.open_count; i++) {
    if (warp.rendezvous[i].mask == mask) return warp.rendezvous[i];
  }
  Rendezvous &opened = warp.rendezvous[warp.open_count++];
  opened = {mask, 0, purpose};
  return opened;
}

// The last of the open ones takes the place of one that is over.
inline void close_rendezvous(Warp &warp, Rendezvous &over) { over = warp.rendezvous[--warp.open_count]; }

// Gives every lane in mask its result. A lane's result stays until it meets
// again, so nobody can overwrite what a slower lane has not yet read.
inline void deliver(Warp &warp, Meeting purpose, uint32_t mask) {
  if (purpose == Meeting::SYNC) return;
  if (purpose == Meeting::MULTIPLY) return multiply_fragments(warp.value);
  if (purpose == Meeting::SHUFFLE) {
    for (uint32_t rest = mask; rest != 0; rest &= rest - 1) {
      const unsigned lane = __builtin_ctz(rest), source = warp.source[lane];
      warp.result[lane] = (mask >> source) & 1 ? warp.value[source] : ~uint64_t(0);
    }
    return;
  }
  uint32_t votes = 0;
  for (uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    const unsigned lane = __builtin_ctz(rest);
    votes |= uint32_t(warp.value[lane] != 0) << lane;
  }
  const uint64_t verdict = purpose == Meeting::ANY   ? votes != 0
                           : purpose == Meeting::ALL ? votes == mask
                                                     : votes;
  for (uint32_t rest = mask; rest != 0; rest &= rest - 1) warp.result[__builtin_ctz(rest)] = verdict;
}

} // namespace simt

#endif
