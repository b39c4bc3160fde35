// shallow: training of modules without hidden layer by full-batch gradient descent,
//
//   M <- M + (eta Sigma_yx - eta M diag(d)),   M: outputs x coords
//
// from step `from` to step `to` of a launch (abi.h), with records and first passages
// (observe.cuh, passage.cuh) and the step at which the sum of squares of M is no longer
// a finite Real.
//
// Every element goes its own way, so a lane takes four of them at a time through all
// steps up to the next event in registers; only the check concerns them together. An
// element that leaves the range in which the sum is surely finite sends the group back
// to where it began, to come again by half as many steps; a single step that does so is
// decided by the sum itself. Steps are made at most three times over.
//
// Launch: shallow_l8: blocks of any multiple of 32 threads up to 128, eight lanes an
// item, four items a warp together; for maps up to some hundred elements.
// shallow_block: blocks of any multiple of 32 threads up to 256, a block an item. Any
// grid. `scratch` has scratch_reals a group (layout.cuh): as many groups as eights of
// threads, or as blocks. No dynamic shared memory.
//
// Deterministic: an item's numbers do not depend on its neighbours, on the grid or on
// how the run is cut into launches; weights do not depend on the kernel either. Error:
// two roundings an element and step, of the new element and of what it gains.
//
// Cost: a multiply-add, an addition and a comparison an element and step. Memory moves
// only at events, outputs x coords Reals each way.
#include "simt.cuh"

#include "progress.cuh"

namespace {

// The steps of one element of a lane.
template <class Real>
struct Element {
  Real value, drive, decay;

  __device__ __forceinline__ Element(const Progress<Real> &p, const Real *now, int n, int coords) {
    const double eta = p.item->eta;
    value = now[n];
    drive = Real(eta * double(at<Real>(p.task->yx)[n]));
    decay = Real(eta * double(at<Real>(p.task->d)[n % coords]));
  }

  __device__ __forceinline__ void step() { value += multiply_add(-decay, value, drive); }
};

// Takes every element `steps` on, from `now` to `next`. Returns whether one left the
// range up to `limit` on its way.
template <class Real, class Group>
__device__ __forceinline__ bool advance(const Group &group, const Progress<Real> &p, const Real *now, Real *next, int elements,
                                        int coords, int steps, Real limit) {
  bool safe = true;
#pragma unroll 1
  for (int first = group.rank; first < elements; first += 4 * group.size) {
    // The last element stands in where there are fewer.
    const int n1 = first + group.size, n2 = n1 + group.size, n3 = n2 + group.size, last = elements - 1;
    Element<Real> a(p, now, first, coords), b(p, now, min(n1, last), coords);
    Element<Real> c(p, now, min(n2, last), coords), d(p, now, min(n3, last), coords);
#pragma unroll 2
    for (int i = 0; i < steps; i++) {
      a.step(), b.step(), c.step(), d.step();
      safe = safe && magnitude(a.value) <= limit && magnitude(b.value) <= limit && magnitude(c.value) <= limit &&
             magnitude(d.value) <= limit;
    }
    next[first] = a.value;
    if (n1 <= last) next[n1] = b.value;
    if (n2 <= last) next[n2] = c.value;
    if (n3 <= last) next[n3] = d.value;
  }
  return !safe;
}

// Trains an item. Where groups are parts of a warp its lanes come together, each group
// with an item of its own and at its own step.
template <class Real, class Group>
__device__ __forceinline__ void train(Group &group, const Launch *launch, int64_t number) {
  Progress<Real> p(launch, number);
  const int outputs = int(launch->widths[1]), coords = int(launch->coords), elements = outputs * coords;
  Real *now = at<Real>(launch->scratch) + group.number() * launch->scratch_stride;
  Real *const scratch = now, *next = now + up_to_4(elements);
  const bool begun = p.active;
  const Real limit = Real(sqrt(double(Largest<Real>::value) / 4 / elements));
  bool unsafe = false;
  for (int n = group.rank; n < elements; n += group.size) {
    now[n] = begun ? p.state(launch)[n] : 0;
    unsafe = unsafe || !(magnitude(now[n]) <= limit);
  }
  if (group.sync_any(unsafe) && has_diverged(now, outputs, coords, coords)) p.end(group, launch);
  for (int64_t most = 1 << 30; group.any_of_all(p.active);) {
    const int64_t record = p.next_record(launch);
    const bool due = p.active && p.step == record;
    if (group.any_of_all(due)) p.template observe_item<4>(group, launch, scratch, now, nullptr, due);
    if (p.step == p.stop) p.active = false;
    int64_t steps = 0;
    if (p.active) {
      const int64_t next_record = p.next_record(launch), until = next_record < p.stop ? next_record : p.stop;
      steps = until - p.step < most ? until - p.step : most;
    }
    const bool left = group.sync_any(advance(group, p, now, next, elements, coords, int(steps), limit));
    if (left && steps > 1) {
      most = (steps + 1) / 2;
      continue;
    }
    Real *const before = now;
    now = next;
    next = before;
    p.step += steps;
    if (left && has_diverged(now, outputs, coords, coords)) p.end(group, launch);
  }
  for (int n = group.rank; n < elements; n += group.size)
    if (begun) p.state(launch)[n] = now[n];
  group.sync(); // the scratch can be filled again
}

template <class Real>
__device__ __forceinline__ void train_by_eights(const Launch *launch) {
  WarpPart<8> group;
  const int among = (int(threadIdx.x) & 31) / 8;
  for (int64_t first = group.number() - among; first < launch->items; first += group.count())
    train<Real>(group, launch, first + among);
}

template <class Real>
__device__ __forceinline__ void train_by_block(const Launch *launch) {
  WholeBlock group;
  for (int64_t number = group.number(); number < launch->items; number += group.count())
    train<Real>(group, launch, number);
}

} // namespace

extern "C" __global__ void __launch_bounds__(128, 4) shallow_l8_f32(const Launch *launch) { train_by_eights<float>(launch); }

extern "C" __global__ void __launch_bounds__(128, 2) shallow_l8_f64(const Launch *launch) { train_by_eights<double>(launch); }

extern "C" __global__ void __launch_bounds__(256, 2) shallow_block_f32(const Launch *launch) { train_by_block<float>(launch); }

extern "C" __global__ void __launch_bounds__(256, 1) shallow_block_f64(const Launch *launch) { train_by_block<double>(launch); }
