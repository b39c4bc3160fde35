// Tests of the SIMT layer: what it computes is right under any order of threads,
// and planted faults are found.
#include "check.h"
#include "launch.h"
#include "planted.cu"

#include <sys/wait.h>
#include <vector>

using simt::Failure;
using simt::launch;
using simt::Outcome;

namespace {

const uint64_t seeds = 20; // orders to try; 0 is the ascending one

bool contains(const std::string &text, const char *part) { return text.find(part) != std::string::npos; }

std::vector<double> ramp(size_t count) {
  std::vector<double> values(count);
  for (size_t i = 0; i < count; i++) values[i] = double(i) + 0.5;
  return values;
}

// For how many seeds of 0 ... seeds the kernel, given a ramp, answers what `want` says.
template <class Kernel, class Want>
unsigned right_answers(Kernel kernel, unsigned threads, long long argument, Want want) {
  unsigned right = 0;
  for (uint64_t seed = 0; seed <= seeds; seed++) {
    simt::set_seed(seed);
    const std::vector<double> in = ramp(threads);
    std::vector<double> out(threads + 1, -1);
    const Outcome outcome =
        launch("kernel", kernel, 1, threads, threads * sizeof(double), out.data(), in.data(), argument);
    CHECK(outcome.failure == Failure::NONE);
    bool all = out[threads] == -1;
    for (unsigned i = 0; i < threads; i++) all = all && out[i] == want(in, i);
    right += all;
  }
  simt::set_seed(1);
  return right;
}

Outcome expect_misuse(const Outcome &outcome, const char *part) {
  CHECK(outcome.failure == Failure::MISUSE);
  if (!contains(outcome.message, part)) check::fail(__FILE__, __LINE__, "message: " + outcome.message);
  return outcome;
}

// In the sanitized build the sanitizer ends the process instead.
void expect_stopped(const std::function<Outcome()> &run, Failure failure, const char *part) {
#ifdef __SANITIZE_ADDRESS__
  (void)failure;
  (void)part;
  const int status = check::in_process_of_its_own([&] {
    fclose(stderr); // the report is long, and expected
    run();
  });
  CHECK(status != 0);
#else
  const Outcome outcome = run();
  CHECK(outcome.failure == failure);
  if (!contains(outcome.message, part)) check::fail(__FILE__, __LINE__, "message: " + outcome.message);
#endif
}

} // namespace

TEST(every_thread_runs_once_in_its_place) {
  const dim3 blocks(3, 2, 2), threads(5, 3, 2);
  const size_t count = 12 * 30;
  unsigned ascending = 0;
  for (uint64_t seed = 0; seed <= seeds; seed++) {
    simt::set_seed(seed);
    std::vector<long long> places(8 * count, 0);
    unsigned long long order = 0;
    const Outcome outcome = launch("note_places", note_places, blocks, threads, 0, places.data(), &order);
    CHECK(outcome.failure == Failure::NONE);
    CHECK_EQUAL(order, (unsigned long long)count);
    bool in_order = true;
    for (size_t i = 0; i < count; i++) {
      const long long *place = &places[8 * i];
      const long long thread = i % 30, block = i / 30;
      CHECK(place[0] == thread % 5 && place[1] == thread / 5 % 3 && place[2] == thread / 15);
      CHECK(place[3] == block % 3 && place[4] == block / 3 % 2 && place[5] == block / 6);
      CHECK_EQUAL(place[7], 1LL);
      in_order = in_order && place[6] == (long long)i;
    }
    ascending += in_order;
  }
  CHECK_EQUAL(ascending, 1u); // seed 0 alone
  simt::set_seed(1);
}

TEST(same_seed_same_order) {
  std::vector<std::vector<long long>> runs;
  for (int run = 0; run < 2; run++) {
    std::vector<long long> places(8 * 100, 0);
    unsigned long long order = 0;
    simt::set_seed(7);
    launch("note_places", note_places, 2, 50, 0, places.data(), &order);
    runs.push_back(places);
  }
  CHECK(runs[0] == runs[1]);
  simt::set_seed(1);
}

TEST(barriers_order_shared_memory) {
  for (unsigned threads : {1u, 2u, 31u, 32u, 33u, 100u, 257u, 1024u}) {
    CHECK_EQUAL(right_answers(reverse, threads, 3,
                              [&](const std::vector<double> &in, unsigned i) { return in[threads - 1 - i]; }),
                unsigned(seeds + 1));
  }
}

TEST(missing_barriers_show) {
  const auto reversed = [](const std::vector<double> &in, unsigned i) { return in[in.size() - 1 - i]; };
  const auto unchanged = [](const std::vector<double> &in, unsigned i) { return in[i]; };
  CHECK_EQUAL(right_answers(reverse_without_first_barrier, 64, 1, reversed), 0u);
  // One barrier in a round leaves a warp free to write before another has read:
  // whether it does depends on the order.
  CHECK(right_answers(reverse_without_second_barrier, 64, 2, unchanged) < seeds / 2);
  CHECK_EQUAL(right_answers(reverse_without_second_barrier, 64, 1, reversed), unsigned(seeds + 1));
}

TEST(missing_warp_barriers_show) {
  const auto rotated = [](const std::vector<double> &in, unsigned i) { return in[(i + 5) % 32]; };
  CHECK_EQUAL(right_answers(rotate, 32, 1, rotated), unsigned(seeds + 1));
  CHECK_EQUAL(right_answers(rotate, 32, 0, rotated), 0u);
}

TEST(divergent_barriers_are_reported) {
  const Outcome left = expect_misuse(launch("leave_before_barrier", leave_before_barrier, 1, 100, 0),
                                     "50 threads have ended; 50 wait at __syncthreads");
  CHECK(contains(left.message, "kernel leave_before_barrier, block (0,0,0)"));
  CHECK(contains(left.message, "MODSPEC_STANDIN_SEED=1"));
  long long out[32];
  const Outcome parted = expect_misuse(launch("part_at_barrier", part_at_barrier, 1, 32, 0, out),
                                       "25 wait at a shuffle with mask 0xffffffff");
  CHECK(contains(parted.message, "7 wait at __syncthreads"));
  // The next launch is not harmed by the abandoned threads.
  CHECK_EQUAL(right_answers(reverse, 64, 1, [](const std::vector<double> &in, unsigned i) { return in[63 - i]; }),
              unsigned(seeds + 1));
}

TEST(wrong_masks_are_reported) {
  long long masks[32], out[32];
  const auto vote = [&](unsigned threads) {
    return launch("vote_with_masks", vote_with_masks, 1, threads, 0, (const long long *)masks);
  };
  for (long long &mask : masks) mask = 0xffffffff;
  CHECK(vote(32).failure == Failure::NONE);
  expect_misuse(vote(20), "names lanes 0xfff00000, which have ended or were never there");
  masks[5] = 0xffffffdf;
  expect_misuse(vote(32), "");
  masks[5] = 0x20;
  expect_misuse(vote(32), ""); // lane 5 meets itself and goes: the others wait for it, or find it gone
  masks[5] = 0x1f;
  expect_misuse(vote(32), "");
  for (int i = 0; i < 32; i++) masks[i] = i < 16 ? 0xffff : 0xffff0000;
  CHECK(vote(32).failure == Failure::NONE);
  expect_misuse(launch("shuffle_against_vote", shuffle_against_vote, 1, 32, 0, out), "where other lanes wait at");
  expect_misuse(launch("shuffle_with_ended_lane", shuffle_with_ended_lane, 1, 32, 0, out),
                "names lanes 0x80000000");
}

TEST(groups_of_lanes_meet_apart) {
  for (uint64_t seed = 0; seed <= seeds; seed++) {
    simt::set_seed(seed);
    long long out[64];
    CHECK(launch("sum_in_groups", sum_in_groups, 1, 64, 0, out).failure == Failure::NONE);
    for (int i = 0; i < 64; i++) {
      const int group = i / 8;
      long long want = 8 * group * 8 + 28; // the group's eight numbers, summed once,
      for (int round = 0; round < group; round++) want *= 8; // and eight times over in each further round
      CHECK_EQUAL(out[i], want);
    }
  }
  simt::set_seed(1);
}

TEST(some_lanes_meet_before_all_do) {
  for (uint64_t seed = 0; seed <= seeds; seed++) {
    simt::set_seed(seed);
    long long out[32];
    CHECK(launch("meet_before_the_others", meet_before_the_others, 1, 32, 0, out).failure == Failure::NONE);
    for (int i = 0; i < 32; i++) {
      const int from = i ^ 1;
      CHECK_EQUAL(out[i], (long long)(from + (from == 0 || from == 3 || from == 5 ? 5 : 0)));
    }
  }
  simt::set_seed(1);
}

TEST(lane_outside_the_mask_gives_nan) {
  double out[4];
  CHECK(launch("shuffle_from_outside", shuffle_from_outside, 1, 32, 0, out).failure == Failure::NONE);
  CHECK(out[0] == 1 && out[1] == 1 && out[2] != out[2] && out[3] != out[3]);
}

TEST(shared_memory_starts_poisoned) {
  double out[6] = {0};
  CHECK(launch("read_before_write", read_before_write, 3, 1, 16, out).failure == Failure::NONE);
  for (int i = 0; i < 6; i++) {
#ifdef __SANITIZE_ADDRESS__
    if (i % 2 == 0) continue; // static shared memory has red zones in this build, and no poison
#endif
    CHECK(out[i] != out[i]);
  }
}

TEST(red_zones_surround_dynamic_shared_memory) {
  for (long long offset : {0ll, 99ll}) {
    CHECK(launch("write_shared", write_shared, 1, 1, 100, offset).failure == Failure::NONE);
  }
  expect_stopped([] { return launch("write_shared", write_shared, 1, 1, 100, 100ll); }, Failure::MISUSE,
                 "wrote at offset 100 of dynamic shared memory, which has 100 bytes");
  expect_stopped([] { return launch("write_shared", write_shared, 1, 1, 100, -1ll); }, Failure::MISUSE,
                 "wrote at offset -1 of dynamic shared memory");
  expect_stopped([] { return launch("write_shared", write_shared, 1, 1, 0, 0ll); }, Failure::MISUSE,
                 "wrote at offset 0 of dynamic shared memory, which has 0 bytes");
}

TEST(illegal_addresses_fail_the_launch) {
  expect_stopped([] { return launch("write_element", write_element, 1, 3, 0, (double *)nullptr, 2ll); },
                 Failure::ILLEGAL_ADDRESS, "touched address 0x10, where nothing is");
  double memory[2] = {0, 0};
  CHECK(launch("write_element", write_element, 1, 1, 0, (double *)memory, 1ll).failure == Failure::NONE);
  CHECK(memory[0] == 0 && memory[1] == 1);
}

TEST(stack_overflow_fails_the_launch) {
  static long long sink;
  expect_stopped([] { return launch("exhaust_stack", exhaust_stack, 1, 1, 0, &sink); },
                 Failure::ILLEGAL_ADDRESS, "touched address");
  long long out[32];
  CHECK(launch("sum_in_groups", sum_in_groups, 1, 32, 0, out).failure == Failure::NONE);
}

TEST(atomics_lose_nothing) {
  for (uint64_t seed = 0; seed <= seeds; seed++) {
    simt::set_seed(seed);
    double sum = 0;
    long long largest = 0;
    CHECK(launch("add_atomically", add_atomically, 5, 100, 0, reinterpret_cast<unsigned long long *>(&sum), &largest)
              .failure == Failure::NONE);
    CHECK(sum == 5 * 4950);
    CHECK_EQUAL(largest, 99LL);
  }
  simt::set_seed(1);
}

TEST(launch_sizes_are_checked) {
  double out[1] = {0};
  CHECK(launch("write_element", write_element, 0, 1, 0, (double *)out, 0ll).failure == Failure::MISUSE);
  CHECK(launch("write_element", write_element, 1, 0, 0, (double *)out, 0ll).failure == Failure::MISUSE);
  CHECK(launch("write_element", write_element, 1, 1025, 0, (double *)out, 0ll).failure == Failure::MISUSE);
  CHECK(launch("write_element", write_element, 1, dim3(32, 32, 2), 0, (double *)out, 0ll).failure == Failure::MISUSE);
  CHECK(out[0] == 0);
}
