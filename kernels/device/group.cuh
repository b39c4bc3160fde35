// A group is the lanes that own an item: a part of a warp, or a block. Both kinds
// have
//
//   size, rank      how many lanes, and which of them this one is
//   sync()          a barrier that makes writes to memory visible in the group
//   sync_any(v)     the same, and whether v holds in any lane
//   any_of_all(v)   whether v holds in any lane that has to come along: of the
//                   group or, where it is a part of a warp, of the warp
//   sum(v)          the sum of v over the lanes, the same bits in all of them,
//                   added in an order that depends on size alone
//
// A part of a warp meets as a whole warp: all 32 lanes make the same calls, in
// whatever group they are. So the lanes of a warp stay together, and a group
// without work does its neighbours' steps without leaving a trace.
#ifndef MODSPEC_GROUP_CUH
#define MODSPEC_GROUP_CUH

#include "real.cuh"

#define WHOLE_WARP 0xffffffffu

// WarpPart is LANES neighbours in a warp, a power of 2 of them.
template <int LANES>
struct WarpPart {
  static constexpr int size = LANES;
  int rank;

  __device__ __forceinline__ WarpPart() : rank(int(threadIdx.x) & (LANES - 1)) {}

  __device__ __forceinline__ void sync() const { __syncwarp(); }

  __device__ __forceinline__ bool sync_any(bool v) const {
    __syncwarp();
    const unsigned votes = __ballot_sync(WHOLE_WARP, v);
    const int first = int(threadIdx.x) & 31 & ~(LANES - 1);
    return (votes >> first & (0xffffffffu >> (32 - LANES))) != 0;
  }

  __device__ __forceinline__ bool any_of_all(bool v) const { return __any_sync(WHOLE_WARP, v) != 0; }

  __device__ __forceinline__ double sum(double v) const {
#pragma unroll
    for (int distance = LANES / 2; distance > 0; distance /= 2)
      v += __shfl_xor_sync(WHOLE_WARP, v, distance);
    return v;
  }

  // Its number among the groups of the grid, and how many there are.
  __device__ __forceinline__ int64_t number() const {
    return (int64_t(blockIdx.x) * blockDim.x + threadIdx.x) / LANES;
  }
  __device__ __forceinline__ int64_t count() const { return int64_t(gridDim.x) * blockDim.x / LANES; }
};

// WholeBlock is all threads of a block, a multiple of 32 of them.
struct WholeBlock {
  int size, rank;
  int turn; // of the three flags of sync_any

  __device__ __forceinline__ WholeBlock() : size(int(blockDim.x)), rank(int(threadIdx.x)), turn(0) {
    if (rank < 3) flags()[rank] = 0;
    __syncthreads();
  }

  __device__ __forceinline__ void sync() const { __syncthreads(); }

  // One barrier is enough: while a flag is raised and read, the one of the turn
  // before may still be read, and the third, whose readers have all come to the
  // barrier since, is lowered for the next turn.
  __device__ __forceinline__ bool sync_any(bool v) {
    int *const flag = flags();
    const int next = turn == 2 ? 0 : turn + 1;
    if (rank == 0) flag[next] = 0;
    if (v) flag[turn] = 1;
    __syncthreads();
    const bool any = flag[turn] != 0;
    turn = next;
    return any;
  }

  // What concerns a block is the same in all its lanes.
  __device__ __forceinline__ bool any_of_all(bool v) const { return v; }

  __device__ __forceinline__ double sum(double v) const {
    __shared__ double parts[32];
#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2) v += __shfl_xor_sync(WHOLE_WARP, v, distance);
    __syncthreads(); // readers of the sum before are through
    if ((rank & 31) == 0) parts[rank >> 5] = v;
    __syncthreads();
    double total = 0;
    for (int warp = 0; warp < size / 32; warp++) total += parts[warp];
    return total;
  }

  __device__ __forceinline__ int64_t number() const { return blockIdx.x; }
  __device__ __forceinline__ int64_t count() const { return gridDim.x; }

private:
  __device__ __forceinline__ static int *flags() {
    __shared__ int flag[3];
    return flag;
  }
};

#endif
