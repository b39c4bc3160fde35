// finish: the weights that items end with, in plain coordinates.
//
//   W_1 = A Q^T + still     finals, layer 0: hidden x inputs
//   W_l for l > 0           finals, layer l
//
// Without Q W_1 is A. The sum is double and rounded to Real once.
//
// Launch: any block, any grid; a thread makes one element after the other. No shared
// memory. Deterministic: every element is a function of its item alone. An item has
// less than 2^32 weights.
#include "simt.cuh"

#include "layout.cuh"
#include "real.cuh"

namespace {

template <class Real>
__device__ __forceinline__ void finish(const Launch *launch) {
  const int64_t reduced = launch->widths[1] * launch->coords, first = launch->widths[1] * launch->widths[0];
  const int64_t each = first + state_offset(launch->widths, launch->coords, launch->layers) - reduced;
  const uint32_t inputs = uint32_t(launch->widths[0]), coords = uint32_t(launch->coords);
  // A thread's elements lie `threads` apart: so many items and so many elements on.
  const int64_t threads = int64_t(gridDim.x) * blockDim.x, items = threads / each, elements = threads % each;
  const int64_t begin = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  int64_t number = begin / each, element = begin % each;
  for (; number < launch->items; number += items, element += elements) {
    if (element >= each) {
      element -= each;
      if (++number >= launch->items) break;
    }
    const Real *const state = at<Real>(launch->state) + number * launch->state_stride;
    Real *const to = at<Real>(launch->finals) + number * launch->final_stride + element;
    const double *q = at<double>(at<Task>(launch->tasks)[at<Item>(launch->members)[number].task].q);
    if (element >= first) {
      *to = state[reduced + (element - first)];
    } else if (!q) {
      *to = state[element];
    } else {
      const uint32_t row = uint32_t(element) / inputs, j = uint32_t(element) % inputs;
      const Real *const a = state + int64_t(row) * coords;
      q += int64_t(j) * coords;
      double sum = launch->still ? double(at<Real>(launch->still)[number * launch->still_stride + element]) : 0;
      for (uint32_t c = 0; c < coords; c++) sum = fma(double(a[c]), q[c], sum);
      *to = Real(sum);
    }
  }
}

} // namespace

extern "C" __global__ void __launch_bounds__(256) finish_f32(const Launch *launch) { finish<float>(launch); }

extern "C" __global__ void __launch_bounds__(256) finish_f64(const Launch *launch) { finish<double>(launch); }
