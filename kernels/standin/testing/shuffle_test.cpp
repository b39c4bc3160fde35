// Shuffles and votes against what the PTX manual says of shfl.sync and
// vote.sync, written out here a second time as tables over lanes.
#include "check.h"
#include "launch.h"
#include "simt.cuh"

#include <vector>

namespace {

enum Way { INDEX, XOR, DOWN, UP };

template <class T>
T value_of(int lane) {
  return T(lane * 3 + 1) / T(2);
}

template <class T>
void shuffle(T *out, long long way, long long amount, long long width) {
  const T mine = value_of<T>(threadIdx.x);
  T got = 0;
  if (way == INDEX) got = __shfl_sync(0xffffffffu, mine, int(amount), int(width));
  if (way == XOR) got = __shfl_xor_sync(0xffffffffu, mine, int(amount), int(width));
  if (way == DOWN) got = __shfl_down_sync(0xffffffffu, mine, unsigned(amount), int(width));
  if (way == UP) got = __shfl_up_sync(0xffffffffu, mine, unsigned(amount), int(width));
  out[threadIdx.x] = got;
}

// The lane that a lane reads from: shfl.sync's pseudocode, with its c operand
// taken apart into the segment's mask and its last (for up: first) lane.
int source_lane(Way way, int lane, int amount, int width) {
  const int segment_mask = 32 - width, clamp = way == UP ? 0 : 31;
  const int last = (lane & segment_mask) | (clamp & ~segment_mask), first = lane & segment_mask;
  int source = lane;
  bool inside = true;
  switch (way) {
  case UP: source = lane - amount; inside = source >= last; break;
  case DOWN: source = lane + amount; inside = source <= last; break;
  case XOR: source = lane ^ amount; inside = source <= last; break;
  case INDEX: source = first | (amount & ~segment_mask & 31); inside = source <= last; break;
  }
  return inside ? source : lane;
}

template <class T>
void try_all_shuffles() {
  for (int way = INDEX; way <= UP; way++) {
    for (int width = 1; width <= 32; width *= 2) {
      for (int amount = 0; amount < 32; amount++) {
        T out[32];
        const simt::Outcome outcome = simt::launch("shuffle", shuffle<T>, 1, 32, 0, out, (long long)way,
                                                   (long long)amount, (long long)width);
        CHECK(outcome.failure == simt::Failure::NONE);
        for (int lane = 0; lane < 32; lane++) {
          CHECK(out[lane] == value_of<T>(source_lane(Way(way), lane, amount, width)));
        }
      }
    }
  }
}

void vote(unsigned *any, unsigned *all, unsigned *ballot, unsigned long long mask, unsigned long long votes) {
  if (!(mask >> threadIdx.x & 1)) return;
  const int mine = votes >> threadIdx.x & 1 ? 5 : 0;
  any[threadIdx.x] = unsigned(__any_sync(unsigned(mask), mine));
  all[threadIdx.x] = unsigned(__all_sync(unsigned(mask), mine));
  ballot[threadIdx.x] = __ballot_sync(unsigned(mask), mine);
}

} // namespace

TEST(shuffles_of_every_type) {
  try_all_shuffles<float>();
  try_all_shuffles<double>();
  try_all_shuffles<int>();
  try_all_shuffles<unsigned>();
  try_all_shuffles<long long>();
  try_all_shuffles<unsigned long long>();
}

TEST(votes_of_some_lanes) {
  for (unsigned mask : {0xffffffffu, 0x1u, 0x80000000u, 0xf0f0u, 0x55555555u}) {
    for (unsigned votes : {0u, 0xffffffffu, 0x1u, 0xf0f0u, 0x80000001u}) {
      std::vector<unsigned> any(32, 77), all(32, 77), ballot(32, 77);
      const simt::Outcome outcome =
          simt::launch("vote", vote, 1, 32, 0, any.data(), all.data(), ballot.data(),
                       (unsigned long long)mask, (unsigned long long)votes);
      CHECK(outcome.failure == simt::Failure::NONE);
      for (int lane = 0; lane < 32; lane++) {
        const bool takes_part = mask >> lane & 1;
        CHECK_EQUAL(any[lane], takes_part ? unsigned((votes & mask) != 0) : 77u);
        CHECK_EQUAL(all[lane], takes_part ? unsigned((votes & mask) == mask) : 77u);
        CHECK_EQUAL(ballot[lane], takes_part ? votes & mask : 77u);
      }
    }
  }
}
