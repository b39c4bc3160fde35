// The matrix product of the large path: one product for each of many copies, any
// shape, either operand transposed, with what follows it fused (Epilogue).
//
// Blocks. A block makes one tile of one copy's result, ROWS × COLS. Block b serves
// copy first + b / tiles and, row-major, tile b mod tiles. Copies that have ended are
// left alone.
//
// Threads. A warp makes 4M × 8N of the tile and a lane, one of 4 × 8, M × N of that,
// all in registers. Lane (y, x) has rows y·p … y·p + p−1 of each 4p rows, p elements
// being 16 bytes, and columns likewise, so that the operands of one depth are 16-byte
// loads from shared memory in which eight lanes side by side read 128 bytes and the
// others read along. Rows that are left over from packs of p (3 of 11) are read
// one by one.
//
// Depth. Slices of DEPTH are double-buffered: while one is multiplied, the next is on
// its way through registers (Side), with one barrier a slice. Where a result is too
// small for many tiles and the depth is large, SLICES groups of warps share the depth,
// slice by slice, and their sums are added in the order of the groups.
//
// Determinism. An element is the sum over the depth in ascending order (for SLICES > 1,
// of each group's slices, and then over groups), so its bits do not depend on the
// tile, the other copies or the grid. Sums of squares are per tile, in a fixed order.
//
// Error. |computed − exact| ≤ γ(depth + SLICES)·(|A|·|B|), γ(n) = n·u/(1 − n·u), u the unit
// roundoff of Real; the epilogue adds at most 8 roundings relative to its terms' sizes.
#ifndef MODSPEC_GEMM_CUH
#define MODSPEC_GEMM_CUH

#include "gemm_epilogue.cuh"
#include "large_total.cuh"

// Tile is a shape of the kernel.
template <class Scalar, int THREAD_ROWS, int THREAD_COLS, int WARPS_DOWN, int WARPS_ACROSS, int SLICE, int SLICED>
struct Tile {
  using Real = Scalar;
  static constexpr int PACK = 16 / sizeof(Real);
  static constexpr int M = THREAD_ROWS, N = THREAD_COLS, ACROSS = WARPS_ACROSS;
  static constexpr int ROWS = 4 * M * WARPS_DOWN, COLS = 8 * N * WARPS_ACROSS;
  static constexpr int DEPTH = SLICE, SLICES = SLICED;
  static constexpr int GROUP = 32 * WARPS_DOWN * WARPS_ACROSS, THREADS = GROUP * SLICES;
  using A = Side<Real, ROWS, DEPTH, GROUP>;
  using B = Side<Real, COLS, DEPTH, GROUP>;
  static constexpr int BUFFER = DEPTH * (A::LEAD + B::LEAD);
  static constexpr int STAGED = 32 * N; // elements of four rows of a warp's part
  static constexpr int SHARED = 2 * BUFFER * SLICES > THREADS * N ? 2 * BUFFER * SLICES : THREADS * N;
};

// spread is where element i of a lane's COUNT lies among those of `lanes` lanes.
template <int COUNT, int PACK>
__device__ __forceinline__ int spread(int i, int lane, int lanes) {
  constexpr int packed = COUNT / PACK * PACK;
  return i < packed ? (i / PACK * lanes + lane) * PACK + i % PACK : packed * lanes + lane * (COUNT - packed) + i - packed;
}

// read brings a lane's COUNT elements of one depth into registers.
template <int COUNT, class Real>
__device__ __forceinline__ void read(Real *x, const Real *shared, int lane, int lanes) {
  constexpr int PACK = 16 / sizeof(Real), packed = COUNT / PACK * PACK;
#pragma unroll
  for (int i = 0; i < packed; i += PACK) {
    const Pack<Real> p = *reinterpret_cast<const Pack<Real> *>(shared + spread<COUNT, PACK>(i, lane, lanes));
#pragma unroll
    for (int j = 0; j < PACK; j++) x[i + j] = p.v[j];
  }
#pragma unroll
  for (int i = packed; i < COUNT; i++) x[i] = shared[spread<COUNT, PACK>(i, lane, lanes)];
}

// Accumulator is a lane's part of the result.
template <class T>
struct Accumulator {
  using Real = typename T::Real;
  Real sum[T::M][T::N];

  __device__ __forceinline__ Accumulator() {
#pragma unroll
    for (int i = 0; i < T::M; i++) {
#pragma unroll
      for (int j = 0; j < T::N; j++) sum[i][j] = 0;
    }
  }

  // multiply adds the product of one depth. a and b are this warp's parts.
  __device__ __forceinline__ void multiply(const Real *a, const Real *b, int y, int x) {
    Real left[T::M], right[T::N];
    read<T::M>(left, a, y, 4);
    read<T::N>(right, b, x, 8);
#pragma unroll
    for (int i = 0; i < T::M; i++) {
#pragma unroll
      for (int j = 0; j < T::N; j++) sum[i][j] += left[i] * right[j];
    }
  }

  // stage writes row i of every lane of the warp to shared memory, four rows of the
  // warp's part in the order of columns.
  __device__ __forceinline__ void stage(int i, Real *staged, int y, int x) const {
#pragma unroll
    for (int row = 0; row < T::M; row++) {
      if (row != i) continue;
      constexpr int packed = T::N / T::PACK * T::PACK;
#pragma unroll
      for (int j = 0; j < packed; j += T::PACK) {
        Pack<Real> p;
#pragma unroll
        for (int e = 0; e < T::PACK; e++) p.v[e] = sum[row][j + e];
        *reinterpret_cast<Pack<Real> *>(staged + y * 8 * T::N + spread<T::N, T::PACK>(j, x, 8)) = p;
      }
#pragma unroll
      for (int j = packed; j < T::N; j++) staged[y * 8 * T::N + spread<T::N, T::PACK>(j, x, 8)] = sum[row][j];
    }
  }
};

// product is the kernel of a tile.
template <class T>
__device__ __forceinline__ void product(const Product *list, int64_t index) {
  using Real = typename T::Real;
  __shared__ __align__(16) Real shared[T::SHARED];
  __shared__ double sums[T::THREADS / 32];
  __shared__ Epilogue<Real> epilogue;

  const Product &p = list[index];
  const int rows = int(p.rows), cols = int(p.cols), depth = int(p.depth);
  const int across = (cols + T::COLS - 1) / T::COLS, tiles = (rows + T::ROWS - 1) / T::ROWS * across;
  const int tile = int(blockIdx.x) % tiles;
  const int64_t copy = p.first + blockIdx.x / tiles;
  if (p.ended && reinterpret_cast<const int64_t *>(p.ended)[copy] >= 0) return;

  if (threadIdx.x == 0) epilogue.aim(p, copy);

  // A group's slices are every SLICES-th, from its own number on.
  const int group = T::SLICES > 1 ? threadIdx.x / T::GROUP : 0;
  const int thread = threadIdx.x - group * T::GROUP;
  const int warp = thread / 32, y = thread % 32 / 8, x = thread % 8;
  const int row = warp / T::ACROSS * 4 * T::M, col = warp % T::ACROSS * 8 * T::N;
  Real *const buffers = shared + group * 2 * T::BUFFER;
  const int top = tile / across * T::ROWS, edge = tile % across * T::COLS;
  const int stride = T::SLICES * T::DEPTH, first = group * T::DEPTH;
  typename T::A a;
  typename T::B b;
  a.aim(place_of<const Real>(p.a, copy, p.first, p.task_of), int(p.a.lead), p.a_across != 0, top, rows, first, stride, thread);
  b.aim(place_of<const Real>(p.b, copy, p.first, p.task_of), int(p.b.lead), p.b_across == 0, edge, cols, first, stride, thread);

  Accumulator<T> result;
  a.fetch(depth - first, thread);
  b.fetch(depth - first, thread);
  a.put(buffers, depth - first, thread);
  b.put(buffers + T::DEPTH * T::A::LEAD, depth - first, thread);
  __syncthreads();
  int buffer = 0;
  for (int left = depth - first, rounds = (depth + stride - 1) / stride; rounds > 0; rounds--, left -= stride) {
    if (rounds > 1) {
      a.fetch(left - stride, thread);
      b.fetch(left - stride, thread);
    }
    const Real *const slice = buffers + buffer * T::BUFFER;
    const Real *above = slice + row, *beside = slice + T::DEPTH * T::A::LEAD + col;
    if (left >= T::DEPTH) {
#pragma unroll
      for (int k = 0; k < T::DEPTH; k++) result.multiply(above + k * T::A::LEAD, beside + k * T::B::LEAD, y, x);
    } else {
#pragma unroll 1
      for (int k = 0; k < left; k++) result.multiply(above + k * T::A::LEAD, beside + k * T::B::LEAD, y, x);
    }
    if (rounds > 1) {
      buffer ^= 1;
      Real *const next = buffers + buffer * T::BUFFER;
      a.put(next, left - stride, thread);
      b.put(next + T::DEPTH * T::A::LEAD, left - stride, thread);
      __syncthreads();
    }
  }

  // The results go through shared memory, a row of each lane at a time, so that a
  // lane's packs always stand in the same column and their code is there once.
  constexpr int PACK = T::PACK, WIDTH = 8 * T::N, PACKS = (T::STAGED + 32 * PACK - 1) / (32 * PACK);
  static_assert(32 * PACK % WIDTH == 0, "a lane's packs stand in one column");
  const Epilogue<Real> finishing = epilogue;
  const int at = threadIdx.x % 32 * PACK, top_row = top + row;
  const Column<Real> column = finishing.column(at < T::STAGED && group == 0 ? edge + col + at % WIDTH : cols);
  Real *const staged = shared + (group * (T::GROUP / 32) + warp) * T::STAGED;
  Old<Real> old[PACKS];
#pragma unroll
  for (int k = 0; k < PACKS; k++) old[k] = finishing.load(top_row + spread<T::M, PACK>(0, (at + k * 32 * PACK) / WIDTH, 4), column);
  Real squares = 0;
  __syncthreads();
#pragma unroll 1
  for (int i = 0; i < T::M; i++) {
    result.stage(i, staged, y, x);
    T::SLICES > 1 ? __syncthreads() : __syncwarp();
    Old<Real> next[PACKS]; // of the row after this one
    Pack<Real> sum[PACKS];
#pragma unroll
    for (int k = 0; k < PACKS; k++) {
      const int place = at + k * 32 * PACK;
      next[k] = finishing.load(i + 1 < T::M ? top_row + spread<T::M, PACK>(i + 1, place / WIDTH, 4) : rows, column);
      if (32 * PACK > T::STAGED && at >= T::STAGED) continue;
      sum[k] = *reinterpret_cast<const Pack<Real> *>(staged + place);
      for (int other = 1; other < T::SLICES && group == 0; other++) {
        const Pack<Real> more = *reinterpret_cast<const Pack<Real> *>(staged + other * T::GROUP / 32 * T::STAGED + place);
#pragma unroll
        for (int e = 0; e < PACK; e++) sum[k].v[e] += more.v[e];
      }
    }
#pragma unroll
    for (int k = 0; k < PACKS; k++) {
      finishing.finish(top_row + spread<T::M, PACK>(i, (at + k * 32 * PACK) / WIDTH, 4), column, sum[k], old[k], &squares);
      old[k] = next[k];
    }
    T::SLICES > 1 ? __syncthreads() : __syncwarp();
  }
  if (p.squares.at) {
    const double sum = total<T::THREADS>(double(squares), sums);
    if (threadIdx.x == 0) place_of<double>(p.squares, copy, p.first, p.task_of)[tile] = sum;
  }
}

#endif
