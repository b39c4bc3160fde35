// Tiles of the products that convolutions are. Both sides are brought from global
// memory by index, so that no matrix of shifted inputs is ever written: an input's
// address is the sum of one part that depends on the place and one that depends on the
// weight (conv_side.cuh), and what changes along the depth is counted (Odometer), never
// divided.
//
// A block of 128 threads makes ROWS × COLS, of which a thread has M × N in registers
// (FloatSum, TensorSum). Slices of DEPTH are double-buffered: while one is multiplied,
// the next is on its way through registers, with one barrier a slice.
//
// Determinism: in float an element is the sum over the depth in ascending order by fused
// multiply-add, beginning with 0, so its bits depend neither on class nor on grid. Tensor
// cores sum a slice at a time in an order of their own, the same for every element.
#ifndef MODSPEC_CONV_TILE_CUH
#define MODSPEC_CONV_TILE_CUH

#include "real.cuh"
#include "tensor.cuh"

// ConvTile is a shape of the kernels, for float units or for tensor cores.
template <int TILE_ROWS, int TILE_COLS, int THREAD_ROWS, int THREAD_COLS, bool ON_TENSOR_CORES = false>
struct ConvTile {
  static constexpr int THREADS = 128, DEPTH = 8;
  static constexpr int ROWS = TILE_ROWS, COLS = TILE_COLS, M = THREAD_ROWS, N = THREAD_COLS;
  static constexpr bool TENSOR = ON_TENSOR_CORES;
  // Lanes of a fragment differ in four depths and eight rows: a lead of 8, modulo 32,
  // keeps them in banks of their own.
  static constexpr int A_LEAD = ROWS + (TENSOR ? 8 : 4), B_LEAD = COLS + (TENSOR ? 8 : 4);
  // What a thread brings of a slice: of the right side, COLUMNS columns from its own on,
  // 128 apart, and in each every K_STEP-th depth.
  static constexpr int K_STEP = COLS < THREADS ? THREADS / COLS : 1;
  static constexpr int COLUMNS = COLS < THREADS ? 1 : COLS / THREADS;
  static constexpr int DEPTHS = DEPTH / K_STEP;
  static constexpr int A_COUNT = ROWS * DEPTH / THREADS;
  static_assert(M * N * THREADS == ROWS * COLS, "the threads make the tile");

  // What of an operand is multiplied.
  static __device__ __forceinline__ float operand(float x) { return TENSOR ? round_tf32(x) : x; }
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

// FloatSum is a thread's part of the result: M neighbouring rows of N neighbouring
// columns. For r32c128 and r16c256 the lanes of a warp have the same rows, so that the
// left side is read by broadcast.
template <class T>
struct FloatSum {
  static constexpr int ACROSS = T::COLS / T::N; // threads beside each other
  float sum[T::M][T::N];

  static __device__ __forceinline__ int row(int i) { return int(threadIdx.x) / ACROSS * T::M + i; }
  static __device__ __forceinline__ int col(int j) { return int(threadIdx.x) % ACROSS * T::N + j; }

  __device__ __forceinline__ void multiply(const ConvShared<T> &shared, int buffer) {
#pragma unroll
    for (int k = 0; k < T::DEPTH; k++) {
      float left[T::M], right[T::N];
      conv_read<T::M>(left, &shared.a[buffer][k][row(0)]);
      conv_read<T::N>(right, &shared.b[buffer][k][col(0)]);
#pragma unroll
      for (int i = 0; i < T::M; i++) {
#pragma unroll
        for (int j = 0; j < T::N; j++) sum[i][j] = multiply_add(left[i], right[j], sum[i][j]);
      }
    }
  }
};

// TensorSum is a thread's part of the result: a warp has 8·M rows of 4·N columns, in
// products of 16 x 8 (tensor.cuh), and a lane two rows and two columns of each.
template <class T>
struct TensorSum {
  static_assert(T::M % 2 == 0 && T::N % 2 == 0 && T::DEPTH == 8, "whole products");
  static constexpr int ACROSS = T::COLS / (4 * T::N); // warps beside each other
  float sum[T::M][T::N];

  static __device__ __forceinline__ int group() { return int(threadIdx.x) % 32 / 4; }
  static __device__ __forceinline__ int within() { return int(threadIdx.x) % 4; }
  static __device__ __forceinline__ int top() { return int(threadIdx.x) / 32 / ACROSS * (8 * T::M); }
  static __device__ __forceinline__ int edge() { return int(threadIdx.x) / 32 % ACROSS * (4 * T::N); }
  static __device__ __forceinline__ int row(int i) { return top() + i * 8 + group(); }
  static __device__ __forceinline__ int col(int j) { return edge() + j / 2 * 8 + 2 * within() + j % 2; }

  __device__ __forceinline__ void multiply(const ConvShared<T> &shared, int buffer) {
    float a[T::M / 2][4], b[T::N / 2][2];
#pragma unroll
    for (int m = 0; m < T::M / 2; m++) {
#pragma unroll
      for (int i = 0; i < 4; i++) a[m][i] = shared.a[buffer][within() + i / 2 * 4][row(2 * m + i % 2)];
    }
#pragma unroll
    for (int n = 0; n < T::N / 2; n++) {
#pragma unroll
      for (int i = 0; i < 2; i++) b[n][i] = shared.b[buffer][within() + i * 4][edge() + n * 8 + group()];
    }
#pragma unroll
    for (int m = 0; m < T::M / 2; m++) {
#pragma unroll
      for (int n = 0; n < T::N / 2; n++) {
        float c[4] = {sum[2 * m][2 * n], sum[2 * m][2 * n + 1], sum[2 * m + 1][2 * n], sum[2 * m + 1][2 * n + 1]};
        multiply_tf32(c, a[m], b[n]);
        sum[2 * m][2 * n] = c[0], sum[2 * m][2 * n + 1] = c[1], sum[2 * m + 1][2 * n] = c[2], sum[2 * m + 1][2 * n + 1] = c[3];
      }
    }
  }
};

// ConvSum is a thread's part of the result for a class.
template <class T, bool = T::TENSOR>
struct ConvSum : FloatSum<T> {};
template <class T>
struct ConvSum<T, true> : TensorSum<T> {};

// convolve makes a tile's sums over depth. The sides have fetch(values, first), which
// brings a thread's part of the slice at depth `first` of the tile's stretch, slices
// one after the other; what lies outside is 0.
template <class T, class A, class B>
__device__ __forceinline__ void convolve(ConvShared<T> &shared, ConvSum<T> &result, A &a, B &b, int depth) {
  const int thread = threadIdx.x;
  float of_a[T::A_COUNT], of_b[T::DEPTHS * T::COLUMNS];
#pragma unroll
  for (int i = 0; i < T::M; i++) {
#pragma unroll
    for (int j = 0; j < T::N; j++) result.sum[i][j] = 0;
  }
  const auto put = [&](int buffer) {
#pragma unroll
    for (int i = 0; i < T::A_COUNT; i++) shared.a[buffer][A::depth_of(thread, i)][A::row_of(thread, i)] = T::operand(of_a[i]);
#pragma unroll
    for (int i = 0; i < T::DEPTHS; i++) {
#pragma unroll
      for (int j = 0; j < T::COLUMNS; j++)
        shared.b[buffer][thread / T::COLS + i * T::K_STEP][thread % T::COLS + j * T::THREADS] = T::operand(of_b[i * T::COLUMNS + j]);
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
    result.multiply(shared, buffer);
    if (!more) return;
    buffer ^= 1;
    put(buffer);
    __syncthreads();
  }
}

#endif
