// Products of matrices that a warp makes together, as tensor cores make them:
// mma.sync.m16n8k8 of TF32. The device rounds sums its own way, finer than
// float in parts of a product and towards zero; here each of the eight terms is
// added by a fused multiply-add in ascending order.
#ifndef MODSPEC_STANDIN_TENSOR_H
#define MODSPEC_STANDIN_TENSOR_H

#include "lane.h"

#include <math.h>
#include <string.h>

namespace simt {

// Fragments are a lane's elements of C ← A·B + C, A of 16 x 8, B of 8 x 8 and C of
// 16 x 8, placed as the PTX manual says. With group = lane / 4 and in = lane % 4:
//   a[i] is A[group + 8·(i % 2)][in + 4·(i / 2)]
//   b[i] is B[in + 4·i][group]
//   c[i] is C[group + 8·(i / 2)][2·in + i % 2]
struct Fragments {
  const float *a, *b;
  float *c;
};

// What a tensor core takes of a float: the sign, the exponent, ten bits after the
// first. The rest it does not look at.
inline float tf32_part(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  bits &= ~uint32_t(0x1fff);
  memcpy(&x, &bits, sizeof x);
  return x;
}

// Multiplies what the 32 lanes of a warp brought, which are addresses of Fragments.
inline void multiply_fragments(const uint64_t (&brought)[32]) {
  const auto of = [&](int lane) { return reinterpret_cast<const Fragments *>(brought[lane]); };
  float a[16][8], b[8][8], c[16][8];
  const auto each = [&](auto f) {
    for (int lane = 0; lane < 32; lane++) {
      for (int i = 0; i < 4; i++) f(of(lane)->c[i], c[lane / 4 + 8 * (i / 2)][2 * (lane % 4) + i % 2]);
    }
  };
  for (int lane = 0; lane < 32; lane++) {
    const int group = lane / 4, in = lane % 4;
    for (int i = 0; i < 4; i++) a[group + 8 * (i % 2)][in + 4 * (i / 2)] = tf32_part(of(lane)->a[i]);
    for (int i = 0; i < 2; i++) b[in + 4 * i][group] = tf32_part(of(lane)->b[i]);
  }
  each([](float &mine, float &sum) { sum = mine; });
  for (int row = 0; row < 16; row++) {
    for (int k = 0; k < 8; k++) {
      for (int column = 0; column < 8; column++) c[row][column] = fmaf(a[row][k], b[k][column], c[row][column]);
    }
  }
  each([](float &mine, float &sum) { mine = sum; });
}

} // namespace simt

// x rounded to TF32: ten bits after the first, a tie away from zero.
inline float round_tf32(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  // An infinity and a NaN keep what they are.
  if ((bits & 0x7f800000u) != 0x7f800000u) bits = (bits + 0x1000) & ~uint32_t(0x1fff);
  memcpy(&x, &bits, sizeof x);
  return x;
}

// C ← A·B + C by the whole warp. Each lane brings its simt::Fragments.
inline void multiply_tf32(float (&c)[4], const float (&a)[4], const float (&b)[2]) {
  const simt::Fragments mine = {a, b, c};
  simt::meet(simt::Meeting::MULTIPLY, 0xffffffffu, reinterpret_cast<uint64_t>(&mine), 0);
}

#endif
