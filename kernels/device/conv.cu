// Layers of networks of convolutions, of many towers of many runs in one launch:
//
//   forward   out[i,u,p] = b_u + Σ_k W[u,k]·in[i, p + k], then max(0, ·) where ReLU follows
//   data      below[i,c,q] = Σ_{u,k} W[u,c,k]·delta[i,u, q − k], 0 where ReLU had made in 0
//   weights   ∇W[u,k] = Σ_{i,p} delta[i,u,p]·in[i, p + k], ∇b_u = Σ_{i,p} delta[i,u,p]
//   update    v ← μ·v + ∇, w ← w − η·v; without velocities w ← w − η·∇
//   residual  delta = 2·(out − target)/images
//
// Shapes, layouts, launch geometry and the order of launches: conv_abi.cuh. Algorithm
// and determinism: conv_tile.cuh. Static shared memory a block: r64c16 5.5 KB, r32c128
// 10.5 KB, r16c256 17.5 KB; registers at most 128 on sm_90, none spilled there.
//
// Error. |computed − exact| ≤ γ(n)·Σ|a||b|, n the terms of the sum, the bias being one;
// γ(n) = n·u/(1 − n·u), u = 2^-24. A weight's gradient in parts adds `parts` roundings,
// an update three, relative to |w| + η(μ|v| + Σ|a||b|). A weight that is not finite may
// make every value below so: places over the edge are multiplied, by 0.
//
// Prediction. For r32c128 a warp makes 32 multiply-adds a depth, 8 cycles of a
// multiprocessor's float pipes, for 6 cycles of its shared memory (2 broadcasts and
// 4 × 128 bytes). Bringing a slice takes about 10 instructions for each of a thread's 8
// elements, estimated and not counted: 80 beside 256 multiply-adds and 24 loads, so
// about 70 % of the peak if nothing waits, and perhaps 50 % with what does. r16c256 has
// 16 elements a thread: at most 60 %.
#include "simt.cuh"

#include "conv_side.cuh"

using r32c128 = ConvTile<32, 128, 8, 4>;
using r16c256 = ConvTile<16, 256, 8, 4>;
using r64c16 = ConvTile<64, 16, 4, 2>;

// blocks_of is how many stretches of size cover count.
__device__ __forceinline__ int blocks_of(int count, int size) { return (count + size - 1) / size; }

template <class T>
__device__ __forceinline__ void conv_forward(const ConvLayer *list, int64_t start, int64_t images) {
  __shared__ ConvShared<T> shared;
  const ConvLayer &l = list[blockIdx.y];
  const ConvShape s(l);
  const int cols = int(images) * s.places, down = blocks_of(s.units, T::ROWS);
  if (int(blockIdx.x) >= down * blocks_of(cols, T::COLS)) return;
  const int top = int(blockIdx.x) % down * T::ROWS, edge = int(blockIdx.x) / down * T::COLS;
  ForwardLeft<T> a;
  a.weights = at<const float>(l.weights), a.top = top, a.rows = s.units, a.depth = s.fan_in;
  ForwardRight<T> b;
  b.aim(l, s, start, edge, cols);
  ConvSum<T> result;
  convolve<T>(shared, result, a, b, s.fan_in);

  const float *const biases = at<const float>(l.biases);
  const int row = top + int(threadIdx.x) / T::ACROSS * T::M, col = edge + int(threadIdx.x) % T::ACROSS * T::N;
#pragma unroll
  for (int j = 0; j < T::N; j++) {
    if (col + j >= cols) break;
    float *const to = at<float>(l.out) + (col + j) / s.places * s.out_size + (col + j) % s.places;
#pragma unroll
    for (int i = 0; i < T::M; i++) {
      if (row + i >= s.units) break;
      const float x = result.sum[i][j] + biases[row + i];
      to[int64_t(row + i) * s.places] = l.rectified && x < 0 ? 0 : x;
    }
  }
}

template <class T, bool ALONG_ROWS>
__device__ __forceinline__ void conv_data(const ConvLayer *list, int64_t images) {
  __shared__ ConvShared<T> shared;
  const ConvLayer &l = list[blockIdx.y];
  const ConvShape s(l);
  const int plane = s.height * s.width, cols = int(images) * plane, down = blocks_of(s.channels, T::ROWS);
  if (!l.below || int(blockIdx.x) >= down * blocks_of(cols, T::COLS)) return;
  const int top = int(blockIdx.x) % down * T::ROWS, edge = int(blockIdx.x) / down * T::COLS;
  DataLeft<T, ALONG_ROWS> a;
  a.aim(l, s, top);
  DataRight<T> b;
  b.aim(l, s, edge, cols);
  ConvSum<T> result;
  convolve<T>(shared, result, a, b, s.units * s.kernel);

  const int row = top + int(threadIdx.x) / T::ACROSS * T::M, col = edge + int(threadIdx.x) % T::ACROSS * T::N;
#pragma unroll
  for (int j = 0; j < T::N; j++) {
    if (col + j >= cols) break;
    const int64_t first = (col + j) / plane * s.in_size + (col + j) % plane;
#pragma unroll
    for (int i = 0; i < T::M; i++) {
      if (row + i >= s.channels) break;
      const int64_t place = first + int64_t(row + i) * plane;
      const bool stopped = l.rectified_below && !(at<const float>(l.in)[place] > 0);
      at<float>(l.below)[place] = stopped ? 0 : result.sum[i][j];
    }
  }
}

// conv_move makes a step of one weight, or with k = K of one bias.
__device__ __forceinline__ void conv_move(const ConvLayer &l, int fan_in, int unit, int k, float gradient) {
  const bool bias = k == fan_in;
  const int64_t place = bias ? unit : int64_t(unit) * fan_in + k;
  const Address velocity = bias ? l.velocity_biases : l.velocity_weights;
  float *const weight = at<float>(bias ? l.biases : l.weights) + place;
  if (velocity) {
    float *const v = at<float>(velocity) + place;
    gradient = multiply_add(float(l.momentum), *v, gradient);
    *v = gradient;
  }
  *weight = multiply_add(-float(l.rate), gradient, *weight);
}

template <class T>
__device__ __forceinline__ void conv_weights(const ConvLayer *list, int64_t start, int64_t images) {
  __shared__ ConvShared<T> shared;
  const ConvLayer &l = list[blockIdx.y];
  const ConvShape s(l);
  const int cols = s.fan_in + 1, down = blocks_of(s.units, T::ROWS), tiles = down * blocks_of(cols, T::COLS);
  const int parts = int(l.parts), part = int(blockIdx.x) / tiles, tile = int(blockIdx.x) % tiles;
  if (part >= parts) return;
  const int top = tile % down * T::ROWS, edge = tile / down * T::COLS;
  const int depth = int(images) * s.places, stretch = blocks_of(blocks_of(depth, T::DEPTH), parts) * T::DEPTH;
  const int begin = part * stretch, end = begin + stretch < depth ? begin + stretch : depth;
  WeightsLeft<T> a;
  a.aim(l, s, top, begin, end);
  WeightsRight<T> b;
  b.aim(l, s, start, edge, begin, end);
  ConvSum<T> result;
  convolve<T>(shared, result, a, b, end - begin);

  const int row = top + int(threadIdx.x) / T::ACROSS * T::M, col = edge + int(threadIdx.x) % T::ACROSS * T::N;
  float *const partial = parts > 1 ? at<float>(l.partials) + int64_t(part) * s.units * cols : 0;
#pragma unroll
  for (int i = 0; i < T::M; i++) {
    if (row + i >= s.units) break;
#pragma unroll
    for (int j = 0; j < T::N; j++) {
      if (col + j >= cols) break;
      if (partial)
        partial[int64_t(row + i) * cols + col + j] = result.sum[i][j];
      else
        conv_move(l, s.fan_in, row + i, col + j, result.sum[i][j]);
    }
  }
}

extern "C" __global__ void __launch_bounds__(256) conv_update_f32(const ConvLayer *list, int64_t, int64_t) {
  const ConvLayer &l = list[blockIdx.y];
  const ConvShape s(l);
  const int64_t cols = s.fan_in + 1, size = s.units * cols, place = int64_t(blockIdx.x) * 256 + threadIdx.x;
  if (l.parts < 2 || place >= size) return;
  float gradient = 0;
  const float *const partial = at<const float>(l.partials) + place;
  for (int64_t part = 0; part < l.parts; part++) gradient += partial[part * size];
  conv_move(l, s.fan_in, int(place / cols), int(place % cols), gradient);
}

extern "C" __global__ void __launch_bounds__(256) conv_residual_f32(const ConvHead *list, int64_t start,
                                                                    int64_t images) {
  const ConvHead &h = list[blockIdx.y];
  const int64_t place = int64_t(blockIdx.x) * 256 + threadIdx.x;
  if (place >= images * h.outputs) return;
  const int64_t output = h.lo + place % h.outputs;
  const int number = at<const int>(h.numbers)[image_of(h.order, start, int(place / h.outputs))];
  float target;
  if (output < 10 * h.digits) {
    int rest = number; // its last digit is the one at this place
    for (int64_t after = output / 10 + 1; after < h.digits; after++) rest /= 10;
    target = rest % 10 == output % 10 ? 1 : 0;
  } else {
    target = output - 10 * h.digits == number ? float(h.r) : 0;
  }
  at<float>(h.delta)[place] = 2 * (at<const float>(h.out)[place] - target) / float(images);
}

// LAYER(class, along rows) makes a class's kernels forward and data, WEIGHTS(class) the
// kernel for its weights.
#define LAYER(CLASS, ALONG_ROWS)                                                                                \
  extern "C" __global__ void __launch_bounds__(128) conv_forward_##CLASS##_f32(const ConvLayer *list,           \
                                                                               int64_t start, int64_t images) { \
    conv_forward<CLASS>(list, start, images);                                                                   \
  }                                                                                                             \
  extern "C" __global__ void __launch_bounds__(128) conv_data_##CLASS##_f32(const ConvLayer *list, int64_t,     \
                                                                            int64_t images) {                   \
    conv_data<CLASS, ALONG_ROWS>(list, images);                                                                 \
  }
#define WEIGHTS(CLASS)                                                                                          \
  extern "C" __global__ void __launch_bounds__(128) conv_weights_##CLASS##_f32(const ConvLayer *list,           \
                                                                               int64_t start, int64_t images) { \
    conv_weights<CLASS>(list, start, images);                                                                   \
  }

LAYER(r32c128, false)
LAYER(r16c256, false)
LAYER(r64c16, true)
WEIGHTS(r32c128)
WEIGHTS(r16c256)
