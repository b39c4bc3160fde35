// What the kernels of layers of networks of convolutions do (conv.cu, conv_tf32.cu), for
// a class of tiles and a precision: T, a ConvTile.
#ifndef MODSPEC_CONV_CUH
#define MODSPEC_CONV_CUH

#include "conv_side.cuh"

// blocks_of is how many stretches of size cover count.
__device__ __forceinline__ int blocks_of(int count, int size) { return (count + size - 1) / size; }

// begin_of is where one of several parts of a depth begins: at a whole slice, or at the end.
template <class T>
__device__ __forceinline__ int begin_of(int depth, int part, int parts) {
  const int begin = blocks_of(blocks_of(depth, T::DEPTH), parts) * T::DEPTH * part;
  return begin < depth ? begin : depth;
}

// conv_put_out is what a layer puts out.
__device__ __forceinline__ float conv_put_out(const ConvLayer &l, float x) { return l.rectified && x < 0 ? 0 : x; }

template <class T>
__device__ __forceinline__ void conv_forward(const ConvLayer *list, int64_t start, int64_t images) {
  __shared__ ConvShared<T> shared;
  const ConvLayer &l = list[blockIdx.y];
  const ConvShape s(l);
  const int cols = int(images) * s.places, down = blocks_of(s.units, T::ROWS), tiles = down * blocks_of(cols, T::COLS);
  const int splits = int(l.splits), part = int(blockIdx.x) / tiles, tile = int(blockIdx.x) % tiles;
  if (part >= splits) return;
  const int top = tile % down * T::ROWS, edge = tile / down * T::COLS;
  const int begin = begin_of<T>(s.fan_in, part, splits), end = begin_of<T>(s.fan_in, part + 1, splits);
  ForwardLeft<T> a;
  a.aim(l, s, top, begin, end);
  ForwardRight<T> b;
  b.aim(l, s, start, edge, cols, begin, end);
  ConvSum<T> result;
  convolve<T>(shared, result, a, b, end - begin);

  const float *const biases = at<const float>(l.biases);
#pragma unroll
  for (int j = 0; j < T::N; j++) {
    const int col = edge + result.col(j);
    if (col >= cols) break;
    const int64_t first = col / s.places * s.out_size + col % s.places;
#pragma unroll
    for (int i = 0; i < T::M; i++) {
      const int row = top + result.row(i);
      if (row >= s.units) break;
      const int64_t place = first + int64_t(row) * s.places;
      if (splits > 1) {
        at<float>(l.partials)[part * (images * s.out_size) + place] = result.sum[i][j];
        continue;
      }
      at<float>(l.out)[place] = conv_put_out(l, result.sum[i][j] + biases[row]);
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
  const DataReach reach(s, edge, (edge + T::COLS < cols ? edge + T::COLS : cols) - 1, int(images));
  DataLeft<T, ALONG_ROWS> a;
  a.aim(l, s, reach, top);
  DataRight<T> b;
  b.aim(l, s, reach, edge, cols, int(images));
  ConvSum<T> result;
  convolve<T>(shared, result, a, b, s.units * reach.height * reach.width);

#pragma unroll
  for (int j = 0; j < T::N; j++) {
    const int col = edge + result.col(j);
    if (col >= cols) break;
    const DataPlace to(col, int(images), s);
    const int64_t first = to.image * s.in_size + to.y * s.width + to.x;
#pragma unroll
    for (int i = 0; i < T::M; i++) {
      const int row = top + result.row(i);
      if (row >= s.channels) break;
      const int64_t place = first + int64_t(row) * plane;
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
  const int depth = int(images) * s.places, begin = begin_of<T>(depth, part, parts), end = begin_of<T>(depth, part + 1, parts);
  WeightsLeft<T> a;
  a.aim(l, s, top, begin, end);
  WeightsRight<T> b;
  b.aim(l, s, start, edge, begin, end);
  ConvSum<T> result;
  convolve<T>(shared, result, a, b, end - begin);

  float *const partial = parts > 1 ? at<float>(l.partials) + int64_t(part) * s.units * cols : 0;
#pragma unroll
  for (int i = 0; i < T::M; i++) {
    const int row = top + result.row(i);
    if (row >= s.units) break;
#pragma unroll
    for (int j = 0; j < T::N; j++) {
      const int col = edge + result.col(j);
      if (col >= cols) break;
      if (partial)
        partial[int64_t(row) * cols + col] = result.sum[i][j];
      else
        conv_move(l, s.fan_in, row, col, result.sum[i][j]);
    }
  }
}

// CONV_LAYER(class, along rows) makes a class's kernels forward and data,
// CONV_WEIGHTS(class) the kernel for its weights.
#define CONV_LAYER(CLASS, ALONG_ROWS)                                                                         \
  extern "C" __global__ void __launch_bounds__(128) conv_forward_##CLASS(const ConvLayer *list,               \
                                                                         int64_t start, int64_t images) {     \
    conv_forward<CLASS>(list, start, images);                                                                 \
  }                                                                                                           \
  extern "C" __global__ void __launch_bounds__(128) conv_data_##CLASS(const ConvLayer *list, int64_t,         \
                                                                      int64_t images) {                       \
    conv_data<CLASS, ALONG_ROWS>(list, images);                                                               \
  }
#define CONV_WEIGHTS(CLASS)                                                                                   \
  extern "C" __global__ void __launch_bounds__(128) conv_weights_##CLASS(const ConvLayer *list,               \
                                                                         int64_t start, int64_t images) {     \
    conv_weights<CLASS>(list, start, images);                                                                 \
  }

#endif
