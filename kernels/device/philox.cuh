// Philox4x32-10, as engine/random has it: a counter of 128 bits under a key of 64
// bits gives four words. One round maps (c0, c1, c2, c3), with the 64-bit products
// p0 = 0xD2511F53·c0 and p1 = 0xCD9E8D57·c2, to
//
//   (hi(p1) ^ c1 ^ k0,  lo(p1),  hi(p0) ^ c3 ^ k1,  lo(p0))
//
// and between rounds k0 += 0x9E3779B9, k1 += 0xBB67AE85 modulo 2^32.
//
// Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random
// numbers: as easy as 1, 2, 3", SC 2011.
#ifndef MODSPEC_PHILOX_CUH
#define MODSPEC_PHILOX_CUH

#include "abi.h"

// WordPair is what one block of Philox holds: the uniform 64-bit words of an even
// element and of the odd one after it.
struct WordPair {
  uint64_t even, odd;
};

// The words of elements 2·pair and 2·pair + 1 of a layer of the stream
// (seed, point).
__device__ __forceinline__ WordPair philox(uint32_t pair, uint32_t layer, uint64_t point, uint64_t seed) {
  uint32_t c0 = pair, c1 = layer, c2 = uint32_t(point), c3 = uint32_t(point >> 32);
  uint32_t k0 = uint32_t(seed), k1 = uint32_t(seed >> 32);
#pragma unroll
  for (int round = 0; round < 10; round++) {
    const uint32_t high0 = __umulhi(0xD2511F53u, c0), low0 = 0xD2511F53u * c0;
    const uint32_t high1 = __umulhi(0xCD9E8D57u, c2), low1 = 0xCD9E8D57u * c2;
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {uint64_t(c1) << 32 | c0, uint64_t(c3) << 32 | c2};
}

#endif
