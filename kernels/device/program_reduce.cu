// Reductions and rows of programs: program_sum along an axis, program_rows (softmax,
// logarithm of softmax, largest elements) along the last, program_gather rows of a table,
// and program_watch, which finds runs that diverge. program_abi.cuh has the formulas.
//
// Order: a sum is split between `slices` threads, thread s taking the terms s, s + slices,
// … in ascending order, and the parts are added pairwise in shared memory; both depend on
// shapes alone. A row's maximum and sum are taken likewise by `lanes` lanes.
// Error of a sum of n terms: at most n·u·Σ|x|, u the unit roundoff; in fact (n/slices +
// log2 slices)·u·Σ|x|. A softmax is e^(x − most − ln Σ), so its relative error is at most
// (|x − most| + 2 ln n + 4)·u beside that of the sum.
//
// Launch: 256 threads. A block makes 256/slices sums, 256/lanes rows, 256 elements, or
// watches 4096.
// Prediction: sums read each element once and are bound by memory, at 70 % of 4.3 TB/s
// from about 100 blocks on; with less there is only the time of a launch, 2 to 3 µs.
// Rows of up to 1024 are read three times, twice from L1. program_rows compares all
// pairs of a row for its largest elements: length² comparisons a row, of which a
// multiprocessor makes 64 a cycle.
#include "simt.cuh"

#include "program_code.cuh"

constexpr int REDUCE_THREADS = 256;

template <class Real>
__device__ __forceinline__ void program_sum(const ProgramSum *list, int64_t count, const int64_t *ended) {
  __shared__ Real parts[REDUCE_THREADS];
  if (has_ended(ended)) return;
  const ProgramSum &s = piece_of(list, count);
  const int slices = int(s.slices), width = REDUCE_THREADS / slices, thread = threadIdx.x;
  // Neighbouring threads read neighbouring elements: of a row, or of neighbouring sums.
  const int slice = s.after == 1 ? thread % slices : thread / width;
  const int within = s.after == 1 ? thread / slices : thread % width;
  const int64_t out = (int64_t(blockIdx.x) - s.first) * width + within, run = blockIdx.y;
  Real sum = 0;
  if (out < s.size) {
    const Real *const from = at<const Real>(s.from) + run * s.from_stride + out / s.after * s.length * s.after + out % s.after;
    for (int64_t l = slice; l < s.length; l += slices) sum += from[l * s.after];
  }
  parts[slice * width + within] = sum;
  for (int half = slices / 2; half > 0; half /= 2) {
    __syncthreads();
    if (slice < half) parts[slice * width + within] += parts[(slice + half) * width + within];
  }
  if (slice == 0 && out < s.size) at<Real>(s.to)[run * s.to_stride + out] = parts[within];
}

template <class Real>
__device__ __forceinline__ void program_rows(const ProgramRows *list, int64_t count, const int64_t *ended) {
  if (has_ended(ended)) return;
  const ProgramRows &r = piece_of(list, count);
  const int lanes = int(r.lanes), lane = int(threadIdx.x) % lanes;
  const int64_t row = (int64_t(blockIdx.x) - r.first) * (REDUCE_THREADS / lanes) + int(threadIdx.x) / lanes;
  const bool there = row < r.rows;
  const int64_t start = (there ? row : 0) * r.length, run = blockIdx.y;
  const Real *const from = at<const Real>(r.from) + run * r.from_stride + start;
  Real *const to = at<Real>(r.to) + run * r.to_stride + start;
  const int length = int(r.length);
  if (r.kind == ROW_TOP) {
    for (int i = lane; i < length && there; i += lanes) {
      const Real x = from[i];
      int before = 0;
      for (int j = 0; j < length; j++) {
        const Real y = from[j];
        before += y > x || (y == x && j < i) || (x != x && (y == y || j < i));
      }
      to[i] = before < r.most ? Real(1) : Real(0);
    }
    return;
  }
  Real most = from[0];
  for (int i = lane; i < length; i += lanes) most = larger(most, from[i]);
  for (int apart = lanes / 2; apart > 0; apart /= 2) most = larger(most, __shfl_xor_sync(0xffffffffu, most, apart));
  Real sum = 0;
  for (int i = lane; i < length; i += lanes) sum += exponential(from[i] - most);
  for (int apart = lanes / 2; apart > 0; apart /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, apart);
  const Real logarithm = natural_logarithm(sum);
  for (int i = lane; i < length && there; i += lanes) {
    const Real x = from[i] - most - logarithm;
    to[i] = r.kind == ROW_SOFTMAX ? exponential(x) : x;
  }
}

template <class Real>
__device__ __forceinline__ void program_gather(const ProgramGather *list, int64_t count, const int64_t *ended) {
  if (has_ended(ended)) return;
  const ProgramGather &g = piece_of(list, count);
  const int64_t i = (int64_t(blockIdx.x) - g.first) * REDUCE_THREADS + threadIdx.x, run = blockIdx.y;
  if (i >= g.size) return;
  const int64_t place = i / g.width;
  const Real index = at<const Real>(g.indices)[run * g.indices_stride + place];
  Real x = 0;
  if (index >= 0 && index < Real(g.rows) && index == Real(int64_t(index))) {
    x = at<const Real>(g.table)[run * g.table_stride + int64_t(index) * g.width + i % g.width];
  } else if (!(index == -1)) {
    atomicMin(at<unsigned long long>(g.faults) + run, (unsigned long long)(uint64_t(g.node) << 32 | uint64_t(place)));
  }
  at<Real>(g.to)[run * g.to_stride + i] = x;
}

// program_watch marks runs of which a variable is not finite after the step that is not
// counted yet. Blocks that find something write the same.
template <class Real>
__device__ __forceinline__ void program_watch(const ProgramWatch *list, int64_t count, int64_t *ended, const int64_t *steps) {
  if (has_ended(ended)) return;
  const ProgramWatch &w = piece_of(list, count);
  const int64_t run = blockIdx.y, start = (int64_t(blockIdx.x) - w.first) * 16 * REDUCE_THREADS + threadIdx.x;
  const Real *const from = at<const Real>(w.from) + run * w.from_stride;
  Real nothing = 0; // stays 0 until a number that is not finite makes it NaN
  for (int64_t i = start; i < start + 16 * REDUCE_THREADS && i < w.size; i += REDUCE_THREADS) nothing += from[i] - from[i];
  if (nothing != 0) atomicMax(reinterpret_cast<long long *>(ended) + run, (long long)(steps[run] + 1));
}

#define PROGRAM_REDUCE(name, Piece)                                                                                       \
  extern "C" __global__ void __launch_bounds__(256, 4) name##_f32(const Piece *list, int64_t count, const int64_t *ended) { name<float>(list, count, ended); } \
  extern "C" __global__ void __launch_bounds__(256, 4) name##_f64(const Piece *list, int64_t count, const int64_t *ended) { name<double>(list, count, ended); }

PROGRAM_REDUCE(program_sum, ProgramSum)
PROGRAM_REDUCE(program_rows, ProgramRows)
PROGRAM_REDUCE(program_gather, ProgramGather)

extern "C" __global__ void __launch_bounds__(256) program_watch_f32(const ProgramWatch *list, int64_t count, int64_t *ended, const int64_t *steps) {
  program_watch<float>(list, count, ended, steps);
}
extern "C" __global__ void __launch_bounds__(256) program_watch_f64(const ProgramWatch *list, int64_t count, int64_t *ended, const int64_t *steps) {
  program_watch<double>(list, count, ended, steps);
}
