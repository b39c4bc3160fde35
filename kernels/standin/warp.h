// Barriers, shuffles and votes. A shuffle from a lane that its mask leaves out
// has no defined value on the device; here it is all ones, which is NaN as a
// float and as a double.
#ifndef MODSPEC_STANDIN_WARP_H
#define MODSPEC_STANDIN_WARP_H

#include "lane.h"

#include <string.h>
#include <type_traits>

namespace simt {

template <class T>
inline T exchange(uint32_t mask, T value, unsigned source) {
  static_assert(std::is_arithmetic<T>::value && (sizeof(T) == 4 || sizeof(T) == 8),
                "shuffles move 32 or 64 bits");
  uint64_t bits = 0;
  memcpy(&bits, &value, sizeof value);
  bits = meet(Meeting::SHUFFLE, mask, bits, source);
  memcpy(&value, &bits, sizeof value);
  return value;
}

// Where a lane reads from, in segments of `width` lanes. Past the segment's edge
// it reads itself.
inline unsigned segment_start(int width) { return here->number & ~(unsigned(width) - 1); }

} // namespace simt

inline void __syncthreads() { simt::barrier(); }

inline void __syncwarp(unsigned mask = 0xffffffffu) {
  simt::meet(simt::Meeting::SYNC, mask, 0, 0);
}

template <class T>
inline T __shfl_sync(unsigned mask, T value, int lane, int width = 32) {
  return simt::exchange(mask, value,
                        simt::segment_start(width) + (unsigned(lane) & (unsigned(width) - 1)));
}

template <class T>
inline T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32) {
  const unsigned own = simt::here->number, source = own ^ unsigned(lanes);
  return simt::exchange(mask, value, source >= simt::segment_start(width) + width ? own : source);
}

template <class T>
inline T __shfl_down_sync(unsigned mask, T value, unsigned lanes, int width = 32) {
  const unsigned own = simt::here->number, source = own + lanes;
  return simt::exchange(mask, value, source >= simt::segment_start(width) + width ? own : source);
}

template <class T>
inline T __shfl_up_sync(unsigned mask, T value, unsigned lanes, int width = 32) {
  const unsigned own = simt::here->number;
  return simt::exchange(mask, value, own < simt::segment_start(width) + lanes ? own : own - lanes);
}

inline int __any_sync(unsigned mask, int predicate) {
  return int(simt::meet(simt::Meeting::ANY, mask, predicate != 0, 0));
}

inline int __all_sync(unsigned mask, int predicate) {
  return int(simt::meet(simt::Meeting::ALL, mask, predicate != 0, 0));
}

inline unsigned __ballot_sync(unsigned mask, int predicate) {
  return unsigned(simt::meet(simt::Meeting::BALLOT, mask, predicate != 0, 0));
}

#endif
