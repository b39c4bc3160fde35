// Matrix products by a group of lanes.
#ifndef MODSPEC_PRODUCT_CUH
#define MODSPEC_PRODUCT_CUH

#include "group.cuh"

// Rows of tiles of one size; see multiply. A lane's rows lie `down` apart and its
// columns `across`, so that neighbouring lanes read neighbouring columns.
template <class Real, int R, int C, class Group, class A, class B, class Put>
__device__ __forceinline__ void multiply_tiles(const Group &group, int rows, int cols, int depth, A a, B b, Put put) {
  const int down = (rows + R - 1) / R, across = (cols + C - 1) / C;
#pragma unroll 1
  for (int tile = group.rank; tile < down * across; tile += group.size) {
    const int top = tile / across, left = tile - top * across;
    int i[R], j[C];
    Real sum[R][C];
#pragma unroll
    for (int x = 0; x < R; x++) i[x] = min(top + x * down, rows - 1);
#pragma unroll
    for (int y = 0; y < C; y++) j[y] = min(left + y * across, cols - 1);
#pragma unroll
    for (int x = 0; x < R; x++)
#pragma unroll
      for (int y = 0; y < C; y++) sum[x][y] = 0;
#pragma unroll 2
    for (int k = 0; k < depth; k++) {
      Real of_a[R], of_b[C];
#pragma unroll
      for (int x = 0; x < R; x++) of_a[x] = a(i[x], k);
#pragma unroll
      for (int y = 0; y < C; y++) of_b[y] = b(k, j[y]);
#pragma unroll
      for (int x = 0; x < R; x++)
#pragma unroll
        for (int y = 0; y < C; y++) sum[x][y] = multiply_add(of_a[x], of_b[y], sum[x][y]);
    }
#pragma unroll
    for (int x = 0; x < R; x++)
#pragma unroll
      for (int y = 0; y < C; y++)
        if (top + x * down < rows && left + y * across < cols) put(i[x], j[y], sum[x][y]);
  }
}

// Calls put(i, j, sum over k < depth of a(i, k)·b(k, j)) for every element of a
// product, rows x cols. Each sum goes up in the order of k, whatever the group and
// its tiles.
template <class Real, class Group, class A, class B, class Put>
__device__ __forceinline__ void multiply(const Group &group, int rows, int cols, int depth, A a, B b, Put put) {
  // The largest tile that leaves at least half of the lanes something to do.
  if (2 * ((rows + 3) / 4) * ((cols + 3) / 4) >= group.size)
    multiply_tiles<Real, 4, 4>(group, rows, cols, depth, a, b, put);
  else if (2 * ((rows + 1) / 2) * ((cols + 1) / 2) >= group.size)
    multiply_tiles<Real, 2, 2>(group, rows, cols, depth, a, b, put);
  else
    multiply_tiles<Real, 1, 1>(group, rows, cols, depth, a, b, put);
}

// The same for what few rules need: one size of tiles, for the sake of short code.
template <class Real, class Group, class A, class B, class Put>
__device__ __forceinline__ void multiply_plainly(const Group &group, int rows, int cols, int depth, A a, B b, Put put) {
  multiply_tiles<Real, 2, 2>(group, rows, cols, depth, a, b, put);
}

#endif
