// Hidden units in registers: what the kernels of fused_registers.cu and
// fused_registers_wide.cu share.
#ifndef MODSPEC_REGISTERS_CUH
#define MODSPEC_REGISTERS_CUH

#include "progress.cuh"
#include "registers_classes.h"

// UnitRegisters is what a lane holds of an item: of each of its hidden units,
// u·LANES + rank, the row of W1 and the column of W2. Slot c of it stands for
// coordinate c ^ turn, so that in the reduction all lanes keep and send the same slots.
template <int LANES, int UNITS, int OUTPUTS, int COORDS>
struct UnitRegisters {
  static constexpr int GROUPS = 32 / LANES;                       // in a warp
  static constexpr int WARPS = 4;                                 // in a block, at most
  static constexpr int SCATTER = LANES < COORDS ? LANES : COORDS; // lanes that finish elements of their own
  static constexpr int KEPT = COORDS / SCATTER;                   // coordinates that a lane finishes
  static constexpr int ROWS = OUTPUTS < 12 ? OUTPUTS : 4;         // of a record at a time

  WarpPart<LANES> group;
  const int turn = group.rank & (SCATTER - 1);
  float w1[UNITS][COORDS], w2[UNITS][OUTPUTS];

  // Slots from coordinates, or back.
  __device__ __forceinline__ void turned(float (&row)[COORDS]) const {
#pragma unroll
    for (int bit = 1; bit < SCATTER; bit *= 2) {
      const bool swap = (turn & bit) != 0;
#pragma unroll
      for (int c = 0; c < COORDS; c++) {
        if (c & bit) continue;
        const float low = row[c], high = row[c | bit];
        row[c] = swap ? high : low;
        row[c | bit] = swap ? low : high;
      }
    }
  }

  // The weights of an item; zeros where it is not active.
  __device__ __forceinline__ void load_weights(const Launch *launch, const Progress<float> &p) {
    const int hidden = int(launch->widths[1]), outputs = int(launch->widths[2]), coords = int(launch->coords);
    const float *first = p.state(launch), *last = first + int64_t(hidden) * coords;
    const bool by_fours = coords == COORDS && launch->state_stride % 4 == 0;
#pragma unroll
    for (int u = 0; u < UNITS; u++) {
      const int unit = u * LANES + group.rank;
      const bool here = p.active && unit < hidden;
      if (by_fours) {
#pragma unroll
        for (int c = 0; c < COORDS; c += 4) {
          float four[4] = {0, 0, 0, 0};
          if (here) load_4(first + unit * COORDS + c, four);
#pragma unroll
          for (int n = 0; n < 4; n++) w1[u][c + n] = four[n];
        }
      } else {
#pragma unroll
        for (int c = 0; c < COORDS; c++) w1[u][c] = here && c < coords ? first[unit * coords + c] : 0;
      }
      turned(w1[u]);
#pragma unroll
      for (int o = 0; o < OUTPUTS; o++) w2[u][o] = here && o < outputs ? last[o * hidden + unit] : 0;
    }
  }

  // The weights of an active item, and where there is a carry the transpose of W2.
  __device__ __forceinline__ void store_weights(const Launch *launch, const Progress<float> &p, float *carry) {
    const int hidden = int(launch->widths[1]), outputs = int(launch->widths[2]), coords = int(launch->coords);
    float *first = p.state(launch), *last = first + int64_t(hidden) * coords;
    const bool by_fours = coords == COORDS && launch->state_stride % 4 == 0;
    const int carried = int(up_to_4(outputs));
#pragma unroll
    for (int u = 0; u < UNITS; u++) {
      const int unit = u * LANES + group.rank;
      turned(w1[u]);
      if (!p.active || unit >= hidden) continue;
      if (by_fours) {
#pragma unroll
        for (int c = 0; c < COORDS; c += 4)
          store_4(first + unit * COORDS + c, w1[u][c], w1[u][c + 1], w1[u][c + 2], w1[u][c + 3]);
      } else {
#pragma unroll
        for (int c = 0; c < COORDS; c++)
          if (c < coords) first[unit * coords + c] = w1[u][c];
      }
#pragma unroll
      for (int o = 0; o < OUTPUTS; o++) {
        if (o >= outputs) continue;
        last[o * hidden + unit] = w2[u][o];
        if (carry) carry[unit * carried + o] = w2[u][o];
      }
    }
  }

  // Rows first, first + 1 ... of M from those of W2: of each lane its own elements, in
  // slots that are multiples of SCATTER.
  template <int COUNT>
  __device__ __forceinline__ void map(float (&m)[COUNT][COORDS], int first) const {
#pragma unroll
    for (int u = 0; u < UNITS; u++)
#pragma unroll
      for (int o = 0; o < COUNT; o++)
#pragma unroll
        for (int c = 0; c < COORDS; c++)
          m[o][c] = u == 0 ? w2[u][first + o] * w1[u][c] : multiply_add(w2[u][first + o], w1[u][c], m[o][c]);
#pragma unroll
    for (int bit = SCATTER / 2; bit > 0; bit /= 2)
#pragma unroll
      for (int o = 0; o < COUNT; o++)
#pragma unroll
        for (int c = 0; c < COORDS; c++)
          if ((c & (SCATTER - 1)) < bit) m[o][c] += __shfl_xor_sync(WHOLE_WARP, m[o][c | bit], bit);
#pragma unroll
    for (int distance = SCATTER; distance < LANES; distance *= 2)
#pragma unroll
      for (int o = 0; o < COUNT; o++)
#pragma unroll
        for (int c = 0; c < COORDS; c += SCATTER) m[o][c] += __shfl_xor_sync(WHOLE_WARP, m[o][c], distance);
  }

  // The rate eta d of coordinate c, and the drive eta Sigma_yx of one of its outputs;
  // zeros where the item is not active or has no such element.
  __device__ __forceinline__ static float decay_of(const Launch *launch, const Progress<float> &p, int c) {
    return p.active && c < launch->coords ? float(p.item->eta * double(at<float>(p.task->d)[c])) : 0;
  }
  __device__ __forceinline__ static float drive_of(const Launch *launch, const Progress<float> &p, int o, int c) {
    const bool here = p.active && c < launch->coords && o < launch->widths[2];
    return here ? float(p.item->eta * double(at<float>(p.task->yx)[o * launch->coords + c])) : 0;
  }
};

// Trains the items of a launch, those of a warp together, from one event to the next:
// a record, a stop, or a map that may have left the range of float. A trainer has
//
//   load(launch, p)         takes an item over from `state`
//   forward()               forms M and returns the sum of squares of the lane's part
//   update()                makes a step, from what forward has left
//   stage(launch, mapping)  writes the lane's part of M
//   store_weights(...)      as above
//
// At an event all weights are in `state`, from where the next stretch begins, so that
// nothing that is rare takes registers from the steps. A group whose item has ended
// goes on with zeros.
template <int LANES, class Trainer>
__device__ __forceinline__ void train_in_registers(const Launch *launch, Trainer &trainer) {
  constexpr int GROUPS = 32 / LANES;
  const float safe = Largest<float>::value / 64; // a lane's share of a sum that is surely finite
  const WarpPart<LANES> group;
  float *const scratch = at<float>(launch->scratch) + group.number() * launch->scratch_stride;
  float *const carry = scratch + scratch_carry(launch->widths, 2, launch->coords);
  const int coords = int(launch->coords), outputs = int(launch->widths[2]);
  // From lane 0, so that the compiler knows that the warp stays together.
  const int warp = __shfl_sync(WHOLE_WARP, int(threadIdx.x) / 32, 0);
  const int64_t warps = blockDim.x / 32, items = GROUPS * warps * gridDim.x;
  for (int64_t first = (blockIdx.x * warps + warp) * GROUPS; first < launch->items; first += items) {
    Progress<float> p(launch, first + (int(threadIdx.x) & 31) / LANES);
    bool checked = false;
    while (__any_sync(WHOLE_WARP, p.active)) {
      const int64_t record = p.next_record(launch);
      int64_t until = p.step + (1 << 30);
      if (p.active) until = min(until, min(record, p.stop));
#pragma unroll
      for (int distance = LANES; distance < 32; distance *= 2)
        until = min(until, int64_t(__shfl_xor_sync(WHOLE_WARP, (long long)until, distance)));
      trainer.load(launch, p);

      int left = __shfl_sync(WHOLE_WARP, int(until - p.step), 0);
      const int passed_check = checked ? left : -1;
      bool unsafe;
      for (;;) {
        unsafe = !(trainer.forward() <= safe);
        if (__any_sync(WHOLE_WARP, left == 0 || (unsafe && left != passed_check))) break;
        trainer.update();
        left--;
      }

      p.step = until - left;
      checked = true;
      trainer.stage(launch, scratch);
      const bool due = p.active && p.step == record;
      trainer.store_weights(launch, p, due && launch->still ? carry : nullptr);
      if (__any_sync(WHOLE_WARP, unsafe)) {
        const bool in_group = group.sync_any(unsafe);
        if (in_group && has_diverged(scratch, outputs, coords, coords)) p.end(group, launch);
      }
      group.sync(); // what is staged can be read
      if (__any_sync(WHOLE_WARP, due)) p.template observe_item<Trainer::ROWS>(group, launch, scratch, scratch, carry, due);
      if (p.step == p.stop) p.active = false;
      group.sync(); // the scratch can be filled again
    }
  }
}

#endif
