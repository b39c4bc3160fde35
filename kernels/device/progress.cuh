// How far an item is in a launch: which steps it makes, which of them are recorded,
// and where its things are.
#ifndef MODSPEC_PROGRESS_CUH
#define MODSPEC_PROGRESS_CUH

#include "observe.cuh"

// Progress is an item's way through a launch. A group without an item of its own
// goes the last item's way, inactive.
template <class Real>
struct Progress {
  const Item *item;
  const Task *task;
  int64_t number; // of the item
  int64_t step;   // that the weights are of
  int64_t stop;   // the last step that it makes in this launch
  int64_t record; // the recorded step that comes next, by index
  bool active;

  __device__ __forceinline__ Progress(const Launch *launch, int64_t at_number) {
    number = at_number < launch->items ? at_number : launch->items - 1;
    item = at<Item>(launch->members) + number;
    task = at<Task>(launch->tasks) + item->task;
    step = launch->from;
    stop = item->limit < launch->to ? item->limit : launch->to;
    record = launch->first_record;
    // Step `from` was checked, recorded and, at the limit, stopped at by the
    // launch before, unless it is the first of all.
    active = at_number < launch->items && (step == 0 || step < stop) && at<int64_t>(launch->ended)[number] < 0;
  }

  // The next step that is recorded, or a step that is never reached.
  __device__ __forceinline__ int64_t next_record(const Launch *launch) const {
    return record < launch->records ? at<int64_t>(launch->record_steps)[record] : int64_t(1) << 62;
  }

  __device__ __forceinline__ Real *state(const Launch *launch) const {
    return at<Real>(launch->state) + number * launch->state_stride;
  }

  // The item ends at its step because its map is no longer finite.
  template <class Group>
  __device__ __forceinline__ void end(const Group &group, const Launch *launch) {
    if (active && group.rank == 0) at<int64_t>(launch->ended)[number] = step;
    active = false;
  }

  // Records the item at its step, from what the group has staged in its scratch.
  // Called like observe: `due` says whether this group's item is recorded.
  template <int ROWS, class Group>
  __device__ __forceinline__ void observe_item(const Group &group, const Launch *launch, Real *scratch, const Real *mapping,
                                               const Real *carry, bool due) {
    const int64_t slot = launch->kept_records == 1 ? 0 : record;
    Observed<Real> o;
    o.task = task;
    o.mapping = mapping;
    o.carry = carry;
    o.still = launch->still ? at<Real>(launch->still) + number * launch->still_stride : nullptr;
    o.whole = scratch + scratch_whole(launch->widths, launch->layers, launch->coords);
    o.record = at<double>(launch->out) + (number * launch->kept_records + slot) * launch->fields;
    o.passed = launch->passed ? at<double>(launch->passed) + number * passage_doubles(launch->fields) : nullptr;
    due = due && active;
    const bool finite = observe<Real, ROWS>(group, launch, o, step, due);
    if (due && !finite) end(group, launch);
    if (due) record++;
  }
};

// Whether the sum of squares of a map, outputs x coords with rows of `row`, is no
// finite Real. It is added up element by element, so that every layout of lanes
// decides alike.
template <class Real>
__device__ __forceinline__ bool has_diverged(const Real *mapping, int outputs, int coords, int row) {
  Real square = 0;
  for (int i = 0; i < outputs; i++)
    for (int c = 0; c < coords; c++) square = multiply_add(mapping[i * row + c], mapping[i * row + c], square);
  return !is_finite(square);
}

#endif
