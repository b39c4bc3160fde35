// Tiles of the products of programs: of matrices, and of convolutions as products whose
// factors are read by index, so that no unfolded image is ever written. A chain is
// applied to the result before it is stored (program_code.cuh).
//
// A block makes ROWS × COLS of one matrix of the batch of one run, of which a thread has
// M × N in registers: packs of 16 bytes, DOWN·PACK rows or ACROSS·PACK columns apart, so
// that threads side by side read shared memory without conflicts. Slices of DEPTH are
// double-buffered: while one is multiplied, the next is on its way through registers,
// with one barrier a slice. Then the tile goes to shared memory, from which the chain
// takes it in packs of a row.
//
// Determinism: in float and double an element is the sum over the depth in ascending
// order by fused multiply-add, beginning with 0, so its bits depend neither on the tile
// nor on the grid. Tensor cores sum a slice at a time in an order of their own, the same
// for every element.
#ifndef MODSPEC_PROGRAM_PRODUCT_CUH
#define MODSPEC_PROGRAM_PRODUCT_CUH

#include "conv_tile.cuh"
#include "program_code.cuh"

// ProductTile is a shape of the kernels.
template <class Scalar, int TILE_ROWS, int TILE_COLS, int THREAD_ROWS, int THREAD_COLS, bool ON_TENSOR_CORES = false>
struct ProductTile {
  using Real = Scalar;
  static constexpr int ROWS = TILE_ROWS, COLS = TILE_COLS, M = THREAD_ROWS, N = THREAD_COLS, DEPTH = 8;
  static constexpr int DOWN = ROWS / M, ACROSS = COLS / N, THREADS = DOWN * ACROSS, PACK = 16 / sizeof(Real);
  static constexpr bool TENSOR = ON_TENSOR_CORES;
  // See ConvTile: lanes of a fragment differ in four depths and eight rows.
  static constexpr int A_LEAD = ROWS + (TENSOR ? 8 : PACK), B_LEAD = COLS + (TENSOR ? 8 : PACK);
  static constexpr int A = DEPTH * A_LEAD, B = DEPTH * B_LEAD, BUFFERS = 2 * (A + B); // slices of the factors
  // Elements of shared memory before the slots. engine/backend/cuda/programs/tile.go
  // says the same.
  static constexpr int SHARED = BUFFERS > ROWS * COLS ? BUFFERS : ROWS * COLS;
  static_assert(M % PACK == 0 && N % PACK == 0 && ROWS * DEPTH % THREADS == 0 && COLS * DEPTH % THREADS == 0, "whole packs and slices");
};

// ProductSide brings slices of a factor, DEPTH by EXTENT, through registers to shared
// memory. DIGITS says that extent and depth have three digits, as a convolution's.
template <class T, int EXTENT, bool DIGITS>
struct ProductSide {
  using Real = typename T::Real;
  static constexpr int EACH = EXTENT * T::DEPTH / T::THREADS;

  const Real *from;
  const ProgramSide &side;
  const ProgramDigits &digits; // of the depth
  int depth;
  bool wide;
  int offset[EACH]; // of the extent of each element of this thread; −1: there is none
  int y[DIGITS ? EACH : 1], x[DIGITS ? EACH : 1];

  // Where an element of this thread lies in a slice. Lanes side by side read what lies
  // side by side.
  __device__ __forceinline__ int extent_of(int e) const {
    const int n = int(threadIdx.x) + e * T::THREADS;
    return wide ? n % EXTENT : n / T::DEPTH;
  }
  __device__ __forceinline__ int depth_of(int e) const {
    const int n = int(threadIdx.x) + e * T::THREADS;
    return wide ? n / EXTENT : n % T::DEPTH;
  }

  __device__ __forceinline__ ProductSide(const ProgramSide &s, const ProgramDigits &extents, const ProgramDigits &depths,
                                         int64_t batch, int start, int whole, int whole_depth)
      : from(at<const Real>(s.at) + int64_t(blockIdx.y) * s.stride + batch * s.batch), side(s), digits(depths),
        depth(whole_depth), wide(s.wide != 0) {
#pragma unroll
    for (int e = 0; e < EACH; e++) {
      const int i = start + extent_of(e);
      offset[e] = -1;
      if (DIGITS) {
        const uint32_t above = divided(uint32_t(i), extents.width_multiplier, extents.width_shift);
        const uint32_t outer = divided(above, extents.height_multiplier, extents.height_shift);
        x[e] = i - int(above) * int(extents.width);
        y[e] = int(above) - int(outer) * int(extents.height);
        if (i < whole) offset[e] = int(outer) * int(s.extent.outer) + y[e] * int(s.extent.y) + x[e] * int(s.extent.x);
      } else if (i < whole) {
        offset[e] = i * int(s.extent.x);
      }
    }
  }

  // fetch loads the slice at a depth; what lies outside is 0.
  __device__ __forceinline__ void fetch(Real (&to)[EACH], int first) const {
#pragma unroll
    for (int e = 0; e < EACH; e++) {
      const int d = first + depth_of(e);
      to[e] = 0;
      if (offset[e] < 0 || d >= depth) continue;
      if (!DIGITS) {
        to[e] = __ldg(from + (offset[e] + d * int(side.depth.x)));
        continue;
      }
      const uint32_t above = divided(uint32_t(d), digits.width_multiplier, digits.width_shift);
      const uint32_t outer = divided(above, digits.height_multiplier, digits.height_shift);
      const int at_x = d - int(above) * int(digits.width), at_y = int(above) - int(outer) * int(digits.height);
      if (side.bounded && (uint32_t(y[e] - at_y) >= uint32_t(side.height) || uint32_t(x[e] - at_x) >= uint32_t(side.width))) continue;
      to[e] = __ldg(from + (offset[e] + int(outer) * int(side.depth.outer) + at_y * int(side.depth.y) + at_x * int(side.depth.x)));
    }
  }

  __device__ __forceinline__ void put(Real *slice, int lead, const Real (&values)[EACH]) const {
#pragma unroll
    for (int e = 0; e < EACH; e++) {
      Real value = values[e];
      if constexpr (T::TENSOR) value = round_tf32(value);
      slice[depth_of(e) * lead + extent_of(e)] = value;
    }
  }
};

// PackedSum is a thread's part of the result in float or double.
template <class T>
struct PackedSum {
  using Real = typename T::Real;
  Real sum[T::M][T::N];

  static __device__ __forceinline__ int row(int i) {
    return i / T::PACK * T::DOWN * T::PACK + int(threadIdx.x) / T::ACROSS * T::PACK + i % T::PACK;
  }
  static __device__ __forceinline__ int col(int j) {
    return j / T::PACK * T::ACROSS * T::PACK + int(threadIdx.x) % T::ACROSS * T::PACK + j % T::PACK;
  }
  static __device__ __forceinline__ void read(float *to, const float *from) {
    float four[4];
    load_4(from, four);
#pragma unroll
    for (int j = 0; j < 4; j++) to[j] = four[j];
  }
  static __device__ __forceinline__ void read(double *to, const double *from) {
    const double2 two = *reinterpret_cast<const double2 *>(from);
    to[0] = two.x, to[1] = two.y;
  }

  __device__ __forceinline__ void multiply(const Real *shared, int buffer) {
    const Real *const a = shared + buffer * T::A, *const b = shared + 2 * T::A + buffer * T::B;
#pragma unroll
    for (int k = 0; k < T::DEPTH; k++) {
      Real left[T::M], right[T::N];
#pragma unroll
      for (int i = 0; i < T::M; i += T::PACK) read(left + i, a + k * T::A_LEAD + row(i));
#pragma unroll
      for (int j = 0; j < T::N; j += T::PACK) read(right + j, b + k * T::B_LEAD + col(j));
#pragma unroll
      for (int i = 0; i < T::M; i++) {
#pragma unroll
        for (int j = 0; j < T::N; j++) sum[i][j] = multiply_add(left[i], right[j], sum[i][j]);
      }
    }
  }
};

// CoreSum is a thread's part of the result on tensor cores. The slices lie as those of a
// convolution's tile do.
template <class T>
struct CoreSum : TensorSum<T> {
  __device__ __forceinline__ void multiply(const float *shared, int buffer) {
    TensorSum<T>::multiply(*reinterpret_cast<const ConvShared<T> *>(shared), buffer);
  }
};

template <class T, bool = T::TENSOR>
struct ProductSum : PackedSum<T> {};
template <class T>
struct ProductSum<T, true> : CoreSum<T> {};

// program_product is the kernel of a tile.
template <class T, bool DIGITS>
__device__ __forceinline__ void program_product(const ProgramProduct *list, int64_t count, const int64_t *ended) {
  using Real = typename T::Real;
  DYNAMIC_SHARED(Real, shared);
  if (has_ended(ended)) return;
  const ProgramProduct &p = piece_of(list, count);
  const int rows = int(p.rows), cols = int(p.cols), depth = int(p.depth);
  const int across = (cols + T::COLS - 1) / T::COLS, tiles = (rows + T::ROWS - 1) / T::ROWS * across;
  const int block = int(int64_t(blockIdx.x) - p.first), tile = block % tiles, batch = block / tiles;
  const int top = tile / across * T::ROWS, edge = tile % across * T::COLS;
  const ProductSide<T, T::ROWS, DIGITS> left(p.left, p.row_digits, p.depth_digits, batch, top, rows, depth);
  const ProductSide<T, T::COLS, DIGITS> right(p.right, p.col_digits, p.depth_digits, batch, edge, cols, depth);

  ProductSum<T> result;
#pragma unroll
  for (int i = 0; i < T::M; i++) {
#pragma unroll
    for (int j = 0; j < T::N; j++) result.sum[i][j] = 0;
  }
  {
    Real of_left[left.EACH], of_right[right.EACH];
    Real *const beside = shared + 2 * T::A;
    left.fetch(of_left, 0);
    right.fetch(of_right, 0);
    left.put(shared, T::A_LEAD, of_left);
    right.put(beside, T::B_LEAD, of_right);
    __syncthreads();
    int buffer = 0;
    for (int first = T::DEPTH; first - T::DEPTH < depth; first += T::DEPTH) {
      const bool more = first < depth;
      if (more) {
        left.fetch(of_left, first);
        right.fetch(of_right, first);
      }
      result.multiply(shared, buffer);
      if (!more) break;
      buffer ^= 1;
      left.put(shared + buffer * T::A, T::A_LEAD, of_left);
      right.put(beside + buffer * T::B, T::B_LEAD, of_right);
      __syncthreads();
    }
  }
  __syncthreads();
#pragma unroll
  for (int i = 0; i < T::M; i++) {
#pragma unroll
    for (int j = 0; j < T::N; j++) shared[result.row(i) * T::COLS + result.col(j)] = result.sum[i][j];
  }
  __syncthreads();

  constexpr int PACKS = T::COLS / T::PACK;
  const ProgramInstruction *const code = at<const ProgramInstruction>(p.code);
  const ProgramOperand *const operands = at<const ProgramOperand>(p.operands);
  Elements<Real> of;
  Chain<Real, T::THREADS> chain;
#pragma unroll 1
  for (int n = threadIdx.x; n < T::ROWS * PACKS; n += T::THREADS) {
    const int row = top + n / PACKS, col = edge + n % PACKS * T::PACK;
    if (row >= rows || col >= cols) continue;
    of.whole = !DIGITS && col + T::PACK <= cols;
#pragma unroll
    for (int e = 0; e < T::PACK; e++) {
      chain.value[e] = shared[n * T::PACK + e];
      const int c = col + e;
      int64_t index = batch * int64_t(rows) * cols + row * p.row_step;
      if (DIGITS) {
        const uint32_t above = divided(uint32_t(c), p.col_digits.width_multiplier, p.col_digits.width_shift);
        const uint32_t outer = divided(above, p.col_digits.height_multiplier, p.col_digits.height_shift);
        index += outer * p.col_step.outer + (above - outer * p.col_digits.height) * p.col_step.y + (c - above * p.col_digits.width) * p.col_step.x;
      } else {
        index += c;
      }
      of.index[e] = uint32_t(c < cols ? index : p.size);
    }
    chain.apply(code, int(p.count), operands, of, uint32_t(p.size), shared + T::SHARED);
  }
}

#endif
