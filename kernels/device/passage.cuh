// First passages: when a field of the record first reached its goal. Between two
// records time is interpolated linearly in the field itself or, for the quadrants,
// whose fields are squares, in their roots. A field at its goal in the first record
// passed with that record's step. A goal that is NaN is never reached.
//
// `passed` of an item holds for each field when it passed (NaN: not yet), then for
// each its value in the record before, then the step of that record (-1: none).
#ifndef MODSPEC_PASSAGE_CUH
#define MODSPEC_PASSAGE_CUH

#include "group.cuh"

// How many doubles `passed` has an item.
__device__ __forceinline__ int64_t passage_doubles(int64_t fields) { return 2 * fields + 1; }

// Before the first record nothing has passed.
template <class Group>
__device__ __forceinline__ void begin_passages(const Group &group, double *passed, int fields) {
  for (int i = group.rank; i < 2 * fields; i += group.size) passed[i] = not_a_number();
  if (group.rank == 0) passed[2 * fields] = -1;
}

// Takes the next record in. All lanes of the group call it; where `active` is false
// nothing is written.
template <class Group>
__device__ __forceinline__ void see_passages(const Group &group, double *passed, const double *goals,
                                             const double *record, int fields, int64_t step, bool active) {
  const double before = passed[2 * fields], now = double(step);
  group.sync(); // all have read the step before
  if (!active) return;
#pragma unroll 1
  for (int i = group.rank; i < fields; i += group.size) {
    const double goal = goals[i], value = record[i];
    if (!(goal == goal)) continue;
    // A passage that is over stays what it is.
    if (!(passed[i] == passed[i]) && value >= goal) {
      if (before < 0) {
        passed[i] = now;
      } else {
        double low = passed[fields + i], high = value, half = goal;
        if (i >= OMEGA_OMEGA && i < FIRST_MODE) {
          low = sqrt(low);
          high = sqrt(high);
          half = sqrt(half);
        }
        passed[i] = before + (half - low) / (high - low) * (now - before);
      }
    }
    passed[fields + i] = value;
  }
  if (group.rank == 0) passed[2 * fields] = now;
}

#endif
