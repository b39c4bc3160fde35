// Tensor cores, for operands of TF32: floats of ten bits after the first. Products
// of them are exact in float; they are summed in float, though not rounded as IEEE 754
// says: truncated, by a unit in the last place at most.
#ifndef MODSPEC_TENSOR_CUH
#define MODSPEC_TENSOR_CUH

#include "simt.cuh"

#if defined(__CUDACC__) || defined(__CUDACC_RTC__)

// x rounded to TF32, a tie away from zero. |rounded − x| ≤ 2^-11·|x| where x is normal.
__device__ __forceinline__ float round_tf32(float x) {
  unsigned bits;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
  return __uint_as_float(bits);
}

// C ← A·B + C by the whole warp, A of 16 x 8, B of 8 x 8. With group = lane / 4 and
// in = lane % 4 a lane has a[i] = A[group + 8·(i % 2)][in + 4·(i / 2)],
// b[i] = B[in + 4·i][group] and c[i] = C[group + 8·(i / 2)][2·in + i % 2]; a and b are
// rounded to TF32 already.
__device__ __forceinline__ void multiply_tf32(float (&c)[4], const float (&a)[4], const float (&b)[2]) {
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
               : "r"(__float_as_uint(a[0])), "r"(__float_as_uint(a[1])), "r"(__float_as_uint(a[2])),
                 "r"(__float_as_uint(a[3])), "r"(__float_as_uint(b[0])), "r"(__float_as_uint(b[1])));
}

#endif
#endif
