// The sides of the products that convolutions are (conv.cu), and where their elements lie.
#ifndef MODSPEC_CONV_SIDE_CUH
#define MODSPEC_CONV_SIDE_CUH

#include "conv_abi.cuh"
#include "conv_tile.cuh"

// ConvShape is a layer's shape in numbers of the device's own size.
struct ConvShape {
  int channels, height, width, units, kernel_height, kernel_width, out_height, out_width;
  int places, kernel, fan_in;   // P, kernel_height·kernel_width, K
  int64_t in_size, out_size;    // values an image

  __device__ __forceinline__ explicit ConvShape(const ConvLayer &l)
      : channels(int(l.channels)), height(int(l.height)), width(int(l.width)), units(int(l.units)),
        kernel_height(int(l.kernel_height)), kernel_width(int(l.kernel_width)), out_height(height - kernel_height + 1),
        out_width(width - kernel_width + 1), places(out_height * out_width), kernel(kernel_height * kernel_width),
        fan_in(channels * kernel), in_size(int64_t(channels) * height * width), out_size(int64_t(units) * places) {}
};

// image_of returns which image comes at a place of the step.
__device__ __forceinline__ int64_t image_of(Address order, int64_t start, int place) {
  return order ? int64_t(at<const uint32_t>(order)[start + place]) : place;
}

// Left is where a thread's elements of a slice of the left side belong: neighbouring
// threads have neighbouring depths, or with ALONG_ROWS neighbouring rows, whichever lie
// side by side in memory.
template <class T, bool ALONG_ROWS>
struct Left {
  static constexpr int STRIDE = ALONG_ROWS ? T::ROWS : T::DEPTH;
  static constexpr int OTHERS = T::THREADS / STRIDE;

  static __device__ __forceinline__ int depth_of(int thread, int i) {
    return ALONG_ROWS ? thread / STRIDE + i * OTHERS : thread % STRIDE;
  }
  static __device__ __forceinline__ int row_of(int thread, int i) {
    return ALONG_ROWS ? thread % STRIDE : thread / STRIDE + i * OTHERS;
  }
};

// ForwardLeft are weights: a row is a unit, the depth goes through its weights from
// `begin` to `end`.
template <class T>
struct ForwardLeft : Left<T, false> {
  const float *weights;
  int top, rows, begin, end, fan_in;

  __device__ __forceinline__ void aim(const ConvLayer &l, const ConvShape &s, int top_, int begin_, int end_) {
    weights = at<const float>(l.weights), top = top_, rows = s.units, begin = begin_, end = end_, fan_in = s.fan_in;
  }

  __device__ __forceinline__ void fetch(float (&v)[T::A_COUNT], int first) {
    const int k = begin + first + this->depth_of(threadIdx.x, 0);
#pragma unroll
    for (int i = 0; i < T::A_COUNT; i++) {
      const int row = top + this->row_of(threadIdx.x, i);
      v[i] = k < end && row < rows ? weights[int64_t(row) * fan_in + k] : 0;
    }
  }
};

// ForwardRight are inputs: a column is a place of an image, the depth goes through a
// unit's weights from `begin` to `end`.
template <class T>
struct ForwardRight {
  const float *column[T::COLUMNS];
  Odometer weight;
  int plane, pitch, begin, end;

  __device__ __forceinline__ void aim(const ConvLayer &l, const ConvShape &s, int64_t start, int edge, int cols, int begin_,
                                      int end_) {
#pragma unroll
    for (int j = 0; j < T::COLUMNS; j++) {
      const int n = edge + threadIdx.x % T::COLS + j * T::THREADS, image = n / s.places, place = n % s.places;
      column[j] = n < cols ? at<const float>(l.in) + image_of(l.order, start, image) * s.in_size +
                                 place / s.out_width * s.width + place % s.out_width
                           : 0;
    }
    begin = begin_, end = end_;
    weight.start(begin + threadIdx.x / T::COLS % T::K_STEP, T::K_STEP, s.kernel_height, s.kernel_width);
    plane = s.height * s.width, pitch = s.width;
  }

  __device__ __forceinline__ void fetch(float (&v)[T::DEPTHS * T::COLUMNS], int first) {
#pragma unroll
    for (int i = 0; i < T::DEPTHS; i++) {
      const bool inside = begin + first + int(threadIdx.x / T::COLS % T::K_STEP) + i * T::K_STEP < end;
      const int offset = weight.outer * plane + weight.y * pitch + weight.x;
#pragma unroll
      for (int j = 0; j < T::COLUMNS; j++) v[i * T::COLUMNS + j] = inside && column[j] ? column[j][offset] : 0;
      weight.advance();
    }
  }
};

// DataPlace is where a column of a data gradient lies. Columns go along STRETCH values
// of a row of the plane, through all images, before the next stretch: those of a tile
// are then close to each other in the plane, and few weights would take any of them over
// an edge of the outputs.
struct DataPlace {
  static constexpr int STRETCH = 8;
  int image, y, x;
  int begin, end; // of the stretch

  __device__ __forceinline__ DataPlace(int column, int images, const ConvShape &s) {
    const int row = images * s.width, rest = column % row, within = rest % (STRETCH * images);
    y = column / row, begin = rest / (STRETCH * images) * STRETCH;
    end = begin + STRETCH < s.width ? begin + STRETCH : s.width;
    image = within / (end - begin), x = begin + within % (end - begin);
  }
};

// DataReach are the weights that take some column of a tile to an output that there is:
// `height` rows of the kernel from `y` on, and `width` columns from `x` on. The others
// would only add zeros.
struct DataReach {
  int y, x, height, width;

  __device__ __forceinline__ DataReach(const ConvShape &s, int edge, int last, int images) {
    const DataPlace from(edge, images, s), to(last, images, s);
    const bool same_row = from.y == to.y;
    span(from.y, to.y, s.out_height, s.kernel_height, y, height);
    span(same_row ? from.begin : 0, same_row ? to.end - 1 : s.width - 1, s.out_width, s.kernel_width, x, width);
  }

  // The weights k that take a place p from `first` to `last` to an output, 0 ≤ p − k < outputs.
  static __device__ __forceinline__ void span(int first, int last, int outputs, int kernel, int &begin, int &size) {
    begin = first - outputs + 1 > 0 ? first - outputs + 1 : 0;
    size = (last < kernel - 1 ? last : kernel - 1) + 1 - begin;
  }
};

// DataLeft are weights of one channel a row; the depth goes through units and reach.
// ALONG_ROWS is for kernels of 1 × 1, where neighbouring channels lie side by side.
template <class T, bool ALONG_ROWS>
struct DataLeft : Left<T, ALONG_ROWS> {
  const float *weights;
  Odometer weight; // outer: unit
  int top, rows, depth, kernel, kernel_width, fan_in;

  __device__ __forceinline__ void aim(const ConvLayer &l, const ConvShape &s, const DataReach &reach, int top_) {
    weights = at<const float>(l.weights) + reach.y * s.kernel_width + reach.x;
    weight.start(this->depth_of(threadIdx.x, 0), T::DEPTH, reach.height, reach.width);
    top = top_, rows = s.channels, depth = s.units * reach.height * reach.width;
    kernel = s.kernel, kernel_width = s.kernel_width;
    fan_in = s.fan_in;
  }

  __device__ __forceinline__ void fetch(float (&v)[T::A_COUNT], int first) {
    const int64_t offset = int64_t(weight.outer) * fan_in + weight.y * kernel_width + weight.x;
#pragma unroll
    for (int i = 0; i < T::A_COUNT; i++) {
      const int row = top + this->row_of(threadIdx.x, i), k = first + this->depth_of(threadIdx.x, i);
      const int64_t place = ALONG_ROWS ? int64_t(k) * fan_in + row : offset + int64_t(row) * kernel;
      v[i] = k < depth && row < rows ? weights[place] : 0;
    }
    weight.advance();
  }
};

// DataRight are changes of the outputs: a column is a value of the input (DataPlace),
// and where a weight would take it to an output over the edge there is 0.
template <class T>
struct DataRight {
  const float *column[T::COLUMNS];
  int y[T::COLUMNS], x[T::COLUMNS]; // less the first of the reach
  Odometer weight; // outer: unit
  int places, height, width, depth; // of the outputs

  __device__ __forceinline__ void aim(const ConvLayer &l, const ConvShape &s, const DataReach &reach, int edge, int cols,
                                      int images) {
#pragma unroll
    for (int j = 0; j < T::COLUMNS; j++) {
      const int n = edge + threadIdx.x % T::COLS + j * T::THREADS;
      const DataPlace place(n, images, s);
      column[j] = n < cols ? at<const float>(l.delta) + place.image * s.out_size : 0;
      y[j] = place.y - reach.y, x[j] = place.x - reach.x;
    }
    weight.start(threadIdx.x / T::COLS % T::K_STEP, T::K_STEP, reach.height, reach.width);
    places = s.places, height = s.out_height, width = s.out_width, depth = s.units * reach.height * reach.width;
  }

  __device__ __forceinline__ void fetch(float (&v)[T::DEPTHS * T::COLUMNS], int first) {
#pragma unroll
    for (int i = 0; i < T::DEPTHS; i++) {
      const bool inside = first + int(threadIdx.x / T::COLS % T::K_STEP) + i * T::K_STEP < depth;
#pragma unroll
      for (int j = 0; j < T::COLUMNS; j++) {
        const int above = y[j] - weight.y, beside = x[j] - weight.x;
        const bool there = inside && column[j] && unsigned(above) < unsigned(height) && unsigned(beside) < unsigned(width);
        v[i * T::COLUMNS + j] = there ? column[j][int64_t(weight.outer) * places + above * width + beside] : 0;
      }
      weight.advance();
    }
  }
};

// WeightsLeft are changes of the outputs: a row is a unit, the depth goes through
// images and places from `begin` to `end`.
template <class T>
struct WeightsLeft : Left<T, false> {
  const float *delta;
  Odometer place; // outer: image
  int64_t out_size;
  int top, rows, begin, end, places;

  __device__ __forceinline__ void aim(const ConvLayer &l, const ConvShape &s, int top_, int begin_, int end_) {
    delta = at<const float>(l.delta), out_size = s.out_size, top = top_, rows = s.units, begin = begin_, end = end_;
    places = s.places;
    place.start(begin + this->depth_of(threadIdx.x, 0), T::DEPTH, 1, places);
  }

  __device__ __forceinline__ void fetch(float (&v)[T::A_COUNT], int first) {
    const bool inside = begin + first + this->depth_of(threadIdx.x, 0) < end;
    const int64_t offset = place.outer * out_size + place.x;
#pragma unroll
    for (int i = 0; i < T::A_COUNT; i++) {
      const int row = top + this->row_of(threadIdx.x, i);
      v[i] = inside && row < rows ? delta[offset + int64_t(row) * places] : 0;
    }
    place.advance();
  }
};

// WeightsRight are inputs: a column is a weight, and the one after the last, the bias,
// has the input 1.
template <class T>
struct WeightsRight {
  const float *in;
  Address order;
  Odometer place; // outer: image
  int64_t in_size, start;
  int offset[T::COLUMNS]; // of the weight's input; −1: the bias; −2: none
  int begin, end, pitch;
  static_assert(T::K_STEP == 1, "a thread has every depth of its columns");

  __device__ __forceinline__ void aim(const ConvLayer &l, const ConvShape &s, int64_t start_, int edge, int begin_, int end_) {
    in = at<const float>(l.in), order = l.order, in_size = s.in_size, start = start_, begin = begin_, end = end_;
    pitch = s.width;
#pragma unroll
    for (int j = 0; j < T::COLUMNS; j++) {
      const int k = edge + threadIdx.x + j * T::THREADS, of_kernel = k % s.kernel;
      offset[j] = k < s.fan_in ? k / s.kernel * s.height * s.width + of_kernel / s.kernel_width * s.width +
                                     of_kernel % s.kernel_width
                               : k == s.fan_in ? -1 : -2;
    }
    place.start(begin, 1, s.out_height, s.out_width);
  }

  __device__ __forceinline__ void fetch(float (&v)[T::DEPTHS * T::COLUMNS], int first) {
#pragma unroll
    for (int i = 0; i < T::DEPTHS; i++) {
      const bool inside = begin + first + i < end;
      const float *from = inside ? in + image_of(order, start, place.outer) * in_size + place.y * pitch + place.x : in;
#pragma unroll
      for (int j = 0; j < T::COLUMNS; j++)
        v[i * T::COLUMNS + j] = !inside || offset[j] < -1 ? 0 : offset[j] < 0 ? 1 : from[offset[j]];
      place.advance();
    }
  }
};

#endif
