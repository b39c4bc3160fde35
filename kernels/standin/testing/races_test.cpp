// Tests of what finds races in shared memory. The kernels are compiled with the
// calls that it needs; the layer is built with SIMT_RACES.
#include "check.h"
#include "launch.h"
#include "planted.cu"

#include <stdio.h>

using simt::Failure;
using simt::launch;
using simt::Outcome;

namespace {

bool is_race(const Outcome &outcome) {
  const bool found = outcome.failure == Failure::MISUSE &&
                     outcome.message.find("with no barrier since thread") != std::string::npos;
  if (outcome.failure != Failure::NONE && !found) fprintf(stderr, "%s\n", outcome.message.c_str());
  return found;
}

bool is_fine(const Outcome &outcome) {
  if (outcome.failure != Failure::NONE) fprintf(stderr, "%s\n", outcome.message.c_str());
  return outcome.failure == Failure::NONE;
}

const uint64_t seeds = 5;

} // namespace

TEST(kernels_with_all_their_barriers_have_no_race) {
  for (uint64_t seed = 0; seed <= seeds; seed++) {
    simt::set_seed(seed);
    double in[100], out[100];
    for (double &value : in) value = seed;
    CHECK(is_fine(launch("reverse", reverse, 2, 100, sizeof in, (double *)out, (const double *)in, 3ll)));
    CHECK(is_fine(launch("rotate", rotate, 1, 32, 0, (double *)out, (const double *)in, 1ll)));
    CHECK(is_fine(launch("exchange", exchange, 1, 32, 256, (double *)out, 2ll, 2ll)));
    CHECK(is_fine(launch("exchange", exchange, 1, 64, 512, (double *)out, 3ll, 2ll)));
    CHECK(is_fine(launch("pass_order_on", pass_order_on, 1, 32, 0, (double *)out)));
  }
  simt::set_seed(1);
}

// Whatever the order of the threads, and whether or not the values came out right.
TEST(missing_barriers_are_races) {
  for (uint64_t seed = 0; seed <= seeds; seed++) {
    simt::set_seed(seed);
    double in[100] = {0}, out[100];
    CHECK(is_race(launch("first", reverse_without_first_barrier, 1, 100, sizeof in, (double *)out,
                         (const double *)in, 1ll)));
    CHECK(is_race(launch("rotate", rotate, 1, 32, 0, (double *)out, (const double *)in, 0ll)));
    for (long long kind : {0ll, 1ll}) {
      CHECK(is_race(launch("exchange", exchange, 1, 32, 256, (double *)out, kind, 2ll)));
      CHECK(is_race(launch("exchange", exchange, 1, 32, 256, (double *)out, 2ll, kind)));
    }
  }
  simt::set_seed(1);
}

TEST(a_barrier_orders_those_who_wait) {
  double out;
  CHECK(is_fine(launch("groups", read_across_groups, 1, 32, 0, &out, 0x101ll)));
  CHECK(is_fine(launch("groups", read_across_groups, 1, 32, 0, &out, 0xffffffffll)));
  CHECK(is_race(launch("groups", read_across_groups, 1, 32, 0, &out, 0xffll)));
  CHECK(is_race(launch("groups", read_across_groups, 1, 32, 0, &out, 0x300ll)));
}

TEST(writing_what_is_there_is_no_race) {
  CHECK(is_fine(launch("write_together", write_together, 1, 64, 8, 0ll)));
  CHECK(is_race(launch("write_together", write_together, 1, 64, 8, 1ll)));
}

TEST(races_name_their_places) {
  double out[32];
  const Outcome outcome = launch("exchange", exchange, 1, 32, 256, (double *)out, 1ll, 2ll);
  const size_t first = outcome.message.find("planted.cu:");
  CHECK(first != std::string::npos && outcome.message.find("planted.cu:", first + 1) != std::string::npos);
}
