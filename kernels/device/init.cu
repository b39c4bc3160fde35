// init: the weights that items start from.
//
//   W_l[i][j] = sigma · normal(stream(seed, point), layer module·256 + l, element i·cols + j),
//               or what `given` holds
//   A         = W_1 Q           state, layer 0: hidden x coords
//   still     = W_1 - A Q^T     hidden x inputs, from A before it is rounded
//   W_l       for l > 0         state, layer l
//   ended     = -1
//   passed    = nothing yet (passage.cuh)
//
// Without Q (the coordinates are the inputs) A is W_1 and there is no still. All sums
// are double; state and still are rounded to Real once. The drawn weights have the
// bits of engine/random.
//
// Launch: blocks of any multiple of 32 threads up to 128, any grid; a warp makes one
// item after the other. Dynamic shared memory: init_shared_bytes for each warp of the
// block where there is a Q, else none.
//
// Deterministic: every number is a function of the item alone. Error: A and still have
// the rounding of sums of inputs and coords terms in double and one rounding to Real.
#include "simt.cuh"

#include "layout.cuh"
#include "normal.cuh"
#include "passage.cuh"
#include "philox.cuh"

namespace {

// The rows of a first layer that a warp draws at a time: enough to give every lane
// some pairs, one where a row is long.
HOST_DEVICE constexpr int64_t panel_rows(int64_t inputs) { return inputs < 512 ? (512 + inputs - 1) / inputs : 1; }

// Shared memory of a warp, in bytes: a panel of W_1 and of A, in double.
HOST_DEVICE constexpr int64_t init_shared_bytes(int64_t inputs, int64_t coords) {
  return panel_rows(inputs) * (inputs + coords) * 8;
}

// Starts is where the weights of an item come from.
struct Starts {
  const Item *item;
  const double *given; // of the layer; 0: drawn
  uint32_t layer;      // of the stream

  // Calls put(element, value) for the elements from `first` to `last` of a layer,
  // the pairs of a Philox block by one lane.
  template <class Put>
  __device__ __forceinline__ void each(int lane, int64_t first, int64_t last, Put put) const {
    for (int64_t pair = first / 2 + lane; pair * 2 < last; pair += 32) {
      const int64_t even = 2 * pair, odd = even + 1;
      if (given) {
        if (even >= first) put(even, given[even]);
        if (odd < last) put(odd, given[odd]);
        continue;
      }
      const WordPair words = philox(uint32_t(pair), layer, item->point, item->seed);
      if (even >= first) put(even, __dmul_rn(normal(words.even), item->init_scale));
      if (odd < last) put(odd, __dmul_rn(normal(words.odd), item->init_scale));
    }
  }
};

// A first layer through its coordinates, panel by panel.
template <class Real>
__device__ __forceinline__ void start_reduced(const Launch *launch, const Starts &starts, const double *q, int lane,
                                              double *panel, Real *state, Real *still) {
  const int64_t rows = launch->widths[1], most = panel_rows(launch->widths[0]);
  const int inputs = int(launch->widths[0]), coords = int(launch->coords);
  double *const reduced = panel + most * inputs;
  for (int64_t from = 0; from < rows; from += most) {
    const int count = int(min(rows - from, most));
    const int64_t first = from * inputs;
    starts.each(lane, first, first + int64_t(count) * inputs,
                [&](int64_t element, double value) { panel[element - first] = value; });
    __syncwarp();
    for (int n = lane; n < count * coords; n += 32) {
      const int row = n / coords, c = n - row * coords;
      double sum = 0;
      for (int j = 0; j < inputs; j++) sum = fma(panel[row * inputs + j], q[int64_t(j) * coords + c], sum);
      reduced[n] = sum;
      state[from * coords + n] = Real(sum);
    }
    __syncwarp();
    if (still)
      for (int n = lane; n < count * inputs; n += 32) {
        const int row = n / inputs, j = n - row * inputs;
        double sum = 0;
        for (int c = 0; c < coords; c++) sum = fma(reduced[row * coords + c], q[int64_t(j) * coords + c], sum);
        still[first + n] = Real(panel[n] - sum);
      }
    __syncwarp(); // the panel can be filled again
  }
}

template <class Real>
__device__ __forceinline__ void start(const Launch *launch, double *shared) {
  const WarpPart<32> group;
  const int lane = group.rank, layers = int(launch->layers);
  double *const panel = shared + int(threadIdx.x) / 32 * (init_shared_bytes(launch->widths[0], launch->coords) / 8);
  for (int64_t number = group.number(); number < launch->items; number += group.count()) {
    const Item *item = at<Item>(launch->members) + number;
    const double *q = at<double>(at<Task>(launch->tasks)[item->task].q);
    Real *const state = at<Real>(launch->state) + number * launch->state_stride;
    Real *const still = launch->still ? at<Real>(launch->still) + number * launch->still_stride : nullptr;
    Starts starts = {item, at<double>(item->given), 0};
    for (int l = 0; l < layers; l++) {
      const int64_t elements = launch->widths[l + 1] * launch->widths[l];
      starts.layer = uint32_t(item->module * 256 + l);
      if (l == 0 && q) {
        start_reduced(launch, starts, q, lane, panel, state, still);
      } else {
        Real *const to = state + state_offset(launch->widths, launch->coords, l);
        starts.each(lane, 0, elements, [&](int64_t element, double value) { to[element] = Real(value); });
      }
      if (starts.given) starts.given += elements;
    }
    if (lane == 0) at<int64_t>(launch->ended)[number] = -1;
    if (launch->passed)
      begin_passages(group, at<double>(launch->passed) + number * passage_doubles(launch->fields), int(launch->fields));
  }
}

} // namespace

extern "C" __global__ void __launch_bounds__(128) init_f32(const Launch *launch) {
  DYNAMIC_SHARED(double, shared);
  start<float>(launch, shared);
}

extern "C" __global__ void __launch_bounds__(128) init_f64(const Launch *launch) {
  DYNAMIC_SHARED(double, shared);
  start<double>(launch, shared);
}
