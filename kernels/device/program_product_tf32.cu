// Products of programs (program_product.cu) on tensor cores, with factors of TF32. What is
// stored, the chain and the sums stay float.
//
// Error. Factors are rounded to 2^-11 of themselves, so |computed − exact| ≤ (2^-10 + 2^-22
// + γ(n))·Σ|a||b|, n the terms of the sum, with u = 2^-23 in γ as the hardware truncates.
//
// Prediction. A slice of r128c64 takes 16 products of a warp, 24 loads of fragments and the
// 96 instructions that bring it: 136 in place of 640. So three times float's speed, bound
// by the bringing and not by tensor cores.
#include "simt.cuh"

#include "program_product.cuh"

#define PROGRAM_PRODUCT_TF32(rows, cols, M, N, BLOCKS)                                                               \
  extern "C" __global__ void __launch_bounds__(rows * cols / (M * N), BLOCKS)                                        \
      program_product_r##rows##c##cols##_tf32(const ProgramProduct *list, int64_t count, const int64_t *ended) {                           \
    program_product<ProductTile<float, rows, cols, M, N, true>, false>(list, count, ended);                                 \
  }                                                                                                                  \
  extern "C" __global__ void __launch_bounds__(rows * cols / (M * N), BLOCKS)                                        \
      program_convolve_r##rows##c##cols##_tf32(const ProgramProduct *list, int64_t count, const int64_t *ended) {                          \
    program_product<ProductTile<float, rows, cols, M, N, true>, true>(list, count, ended);                                  \
  }

PROGRAM_PRODUCT_TF32(128, 64, 8, 8, 3)
PROGRAM_PRODUCT_TF32(64, 32, 8, 4, 8)
