// Tiles of the products that convolutions are. Both sides are brought from global
// memory by index, so that no matrix of shifted inputs is ever written: an input's
// address is the sum of one part that depends on the place and one that depends on the
// weight (conv_side.cuh), and what changes along the depth is counted (Odometer), never
// divided.
//
// A block of 128 threads makes ROWS × COLS. A thread has M × N of it in registers, N
// neighbouring columns and M neighbouring rows; for r32c128 and r16c256 the lanes of a
// warp have the same rows, so that the left side is read by broadcast. Slices of DEPTH
// are double-buffered: while one is multiplied, the next is on its way through
// registers, with one barrier a slice.
//
// Determinism: an element is the sum over the depth in ascending order by fused
// multiply-add, beginning with 0, so its bits depend neither on class nor on grid.
#ifndef MODSPEC_CONV_TILE_CUH
#define MODSPEC_CONV_TILE_CUH

#include "real.cuh"

// ConvTile is a shape of the kernels.
template <int TILE_ROWS, int TILE_COLS, int THREAD_ROWS, int THREAD_COLS>
struct ConvTile {
  static constexpr int THREADS = 128, DEPTH = 8;
  static constexpr int ROWS = TILE_ROWS, COLS = TILE_COLS, M = THREAD_ROWS, N = THREAD_COLS;
  static constexpr int ACROSS = COLS / N; // threads beside each other
  static constexpr int A_LEAD = ROWS + 4, B_LEAD = COLS + 4;
  // What a thread brings of a slice: of the right side, COLUMNS columns from its own on,
  // 128 apart, and in each every K_STEP-th depth.
  static constexpr int K_STEP = COLS < THREADS ? THREADS / COLS : 1;
  static constexpr int COLUMNS = COLS < THREADS ? 1 : COLS / THREADS;
  static constexpr int DEPTHS = DEPTH / K_STEP;
  static constexpr int A_COUNT = ROWS * DEPTH / THREADS;
  static_assert(ROWS / M * ACROSS == THREADS, "the threads make the tile");
};

// Odometer counts an index as (outer, y, x) by steps of the same size.
struct Odometer {
  int outer, y, x, height, width, step_outer, step_y, step_x;

  __device__ __forceinline__ void start(int index, int step, int height_, int width_) {
    height = height_, width = width_;
    outer = index / width / height, y = index / width % height, x = index % width;
    step_outer = step / width / height, step_y = step / width % height, step_x = step % width;
  }

  __device__ __forceinline__ void advance() {
    x += step_x;
    const int over_x = x >= width;
    x -= over_x ? width : 0;
    y += step_y + over_x;
    const int over_y = y >= height;
    y -= over_y ? height : 0;
    outer += step_outer + over_y;
  }
};

// ConvShared is the shared memory of a block.
template <class T>
struct ConvShared {
  __align__(16) float a[2][T::DEPTH][T::A_LEAD];
  __align__(16) float b[2][T::DEPTH][T::B_LEAD];
};

// conv_read brings COUNT neighbours into registers, four at a time where there are so
// many; then the address is a multiple of 16 bytes.
template <int COUNT>
__device__ __forceinline__ void conv_read(float (&to)[COUNT], const float *from) {
  constexpr int packed = COUNT / 4 * 4;
#pragma unroll
  for (int i = 0; i < packed; i += 4) {
    float four[4];
    load_4(from + i, four);
#pragma unroll
    for (int j = 0; j < 4; j++) to[i + j] = four[j];
  }
#pragma unroll
  for (int i = packed; i < COUNT; i++) to[i] = from[i];
}

// ConvSum is a thread's part of the result.
template <class T>
struct ConvSum {
  float sum[T::M][T::N];

  __device__ __forceinline__ void multiply(const float *a, const float *b) {
    float left[T::M], right[T::N];
    conv_read<T::M>(left, a);
    conv_read<T::N>(right, b);
#pragma unroll
    for (int i = 0; i < T::M; i++) {
#pragma unroll
      for (int j = 0; j < T::N; j++) sum[i][j] = multiply_add(left[i], right[j], sum[i][j]);
    }
  }
};

// convolve makes a tile's sums over depth. The sides have fetch(values, first), which
// brings a thread's part of the slice at depth `first` of the tile's stretch, slices
// one after the other; what lies outside is 0.
template <class T, class A, class B>
__device__ __forceinline__ void convolve(ConvShared<T> &shared, ConvSum<T> &result, A &a, B &b, int depth) {
  const int thread = threadIdx.x, row = thread / T::ACROSS * T::M, col = thread % T::ACROSS * T::N;
  float of_a[T::A_COUNT], of_b[T::DEPTHS * T::COLUMNS];
#pragma unroll
  for (int i = 0; i < T::M; i++) {
#pragma unroll
    for (int j = 0; j < T::N; j++) result.sum[i][j] = 0;
  }
  const auto put = [&](int buffer) {
#pragma unroll
    for (int i = 0; i < T::A_COUNT; i++) shared.a[buffer][A::depth_of(thread, i)][A::row_of(thread, i)] = of_a[i];
#pragma unroll
    for (int i = 0; i < T::DEPTHS; i++) {
#pragma unroll
      for (int j = 0; j < T::COLUMNS; j++)
        shared.b[buffer][thread / T::COLS + i * T::K_STEP][thread % T::COLS + j * T::THREADS] = of_b[i * T::COLUMNS + j];
    }
  };
  a.fetch(of_a, 0);
  b.fetch(of_b, 0);
  put(0);
  __syncthreads();
  int buffer = 0;
  for (int first = T::DEPTH;; first += T::DEPTH) {
    const bool more = first < depth;
    if (more) {
      a.fetch(of_a, first);
      b.fetch(of_b, first);
    }
#pragma unroll
    for (int k = 0; k < T::DEPTH; k++) result.multiply(&shared.a[buffer][k][row], &shared.b[buffer][k][col]);
    if (!more) return;
    buffer ^= 1;
    put(buffer);
    __syncthreads();
  }
}

#endif
