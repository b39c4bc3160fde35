// Sums over the threads of a warp or block, in an order that never changes.
#ifndef MODSPEC_LARGE_TOTAL_CUH
#define MODSPEC_LARGE_TOTAL_CUH

// warp_total gives every lane of a warp the sum of its lanes' numbers.
template <class Real>
__device__ __forceinline__ Real warp_total(Real x) {
#pragma unroll
  for (int lanes = 16; lanes > 0; lanes /= 2) x += __shfl_xor_sync(0xffffffffu, x, lanes);
  return x;
}

// total adds a number of every thread of a block, lanes by halving and warps in
// order, and gives thread 0 the sum. room holds a number for each warp.
template <int THREADS>
__device__ __forceinline__ double total(double x, double *room) {
  x = warp_total(x);
  if (threadIdx.x % 32 == 0) room[threadIdx.x / 32] = x;
  __syncthreads();
  double sum = 0;
  if (threadIdx.x == 0) {
    for (int w = 0; w < THREADS / 32; w++) sum += room[w];
  }
  return sum;
}

#endif
