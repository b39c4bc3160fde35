#include "launch.h"

#include "fault.h"
#include "lane.h"
#include "races.h"
#include "shared_memory.h"
#include "warp_state.h"

#include <mutex>
#include <stdio.h>
#include <stdlib.h>
#include <vector>

namespace simt {

Lane *here = nullptr;

namespace {

const unsigned lanes_of_a_warp = 32;
const unsigned most_threads = 1024;

// One launch runs at a time, so that all of this exists once. The lanes and
// their stacks stay for the next launch.
std::mutex running;
Fiber scheduler; // the stack that called run
std::vector<Lane *> lanes;
Warp warps[most_threads / lanes_of_a_warp];
Block block;

unsigned warp_count;
uint32_t warps_ready; // warps that have a lane that can go on
unsigned current_warp;
unsigned first_warp; // where the search for the next warp begins
unsigned at_barrier, exited, total;

const std::function<void()> *body;
const char *kernel_name;
Outcome outcome;

bool seed_is_set = false;
uint64_t chosen_seed;
uint64_t launches;     // since the seed was set
uint64_t order_state;  // of the generator that draws orders; 0: ascending order

// Marsaglia's xorshift: any period that a launch does not exhaust will do.
inline uint64_t draw() {
  order_state ^= order_state << 13;
  order_state ^= order_state >> 7;
  order_state ^= order_state << 17;
  return order_state;
}

// Mixes launch and block into the seed, so that each has an order of its own.
uint64_t mix(uint64_t a, uint64_t b) {
  uint64_t z = a + 0x9e3779b97f4a7c15u * (b + 1);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

inline void reorder(Warp &warp) {
  if (order_state == 0) return;
  const uint64_t bits = draw();
  warp.rotation = bits & 31;
  warp.descending = (bits >> 5) & 1;
}

inline unsigned first_ready(uint32_t ready, unsigned rotation, bool descending) {
  const uint32_t turned = rotation == 0 ? ready : (ready >> rotation) | (ready << (32 - rotation));
  const unsigned found = descending ? 31 - __builtin_clz(turned) : __builtin_ctz(turned);
  return (found + rotation) & 31;
}

inline Lane &lane_of(unsigned warp, unsigned number) {
  return *lanes[warp * lanes_of_a_warp + number];
}

[[noreturn]] void leave_kernel() {
  Lane &lane = *here;
  here = nullptr;
  fiber_switch(lane.fiber, scheduler);
  abort(); // an abandoned fiber is never switched to again
}

std::string thread_name(const Lane &lane) {
  char text[64];
  snprintf(text, sizeof text, "thread (%u,%u,%u)", lane.thread_index.x, lane.thread_index.y,
           lane.thread_index.z);
  return text;
}

std::string hexadecimal(uint32_t mask) {
  char text[16];
  snprintf(text, sizeof text, "0x%08x", mask);
  return text;
}

void set_failure(Failure failure, const std::string &what) {
  char place[96];
  snprintf(place, sizeof place, ", block (%u,%u,%u): ", block.index.x, block.index.y, block.index.z);
  char repeat[64];
  snprintf(repeat, sizeof repeat, " (MODSPEC_STANDIN_SEED=%llu)", (unsigned long long)seed());
  outcome.failure = failure;
  outcome.message = std::string("kernel ") + kernel_name + place + what + repeat;
}

// What the threads of a block that cannot go on wait for, a line for the first
// few kinds of waiting.
std::string describe_deadlock() {
  std::string text = "no thread can go on: ";
  if (exited > 0) text += std::to_string(exited) + " threads have ended";
  std::vector<std::pair<std::string, unsigned>> kinds;
  std::vector<std::string> first;
  for (unsigned i = 0; i < total; i++) {
    const Lane &lane = *lanes[i];
    if (lane.waits_at == nullptr) continue;
    std::string kind = lane.waits_at;
    if (lane.waits_for != 0) kind += " with mask " + hexadecimal(lane.waits_for);
    unsigned k = 0;
    while (k < kinds.size() && kinds[k].first != kind) k++;
    if (k == kinds.size()) {
      kinds.push_back({kind, 0});
      first.push_back(thread_name(lane));
    }
    kinds[k].second++;
  }
  for (size_t k = 0; k < kinds.size() && k < 4; k++) {
    if (k > 0 || exited > 0) text += "; ";
    text += std::to_string(kinds[k].second) + " wait at " + kinds[k].first + " (first: " + first[k] + ")";
  }
  return text;
}

// Lets everyone at the barrier go on, in a new order.
void open_barrier() {
  at_barrier = 0;
  races_block_barrier();
  for (unsigned w = 0; w < warp_count; w++) {
    warps[w].ready = warps[w].all;
    reorder(warps[w]);
  }
  for (unsigned i = 0; i < total; i++) lanes[i]->waits_at = nullptr;
  warps_ready = warp_count == 32 ? 0xffffffffu : (1u << warp_count) - 1;
  if (order_state != 0) first_warp = draw() & 31;
}

// The thread that runs next, or nullptr when all have ended.
Lane *next_lane() {
  if (warps[current_warp].ready == 0) {
    warps_ready &= ~(1u << current_warp);
    if (warps_ready == 0) {
      if (exited == total) return nullptr;
      if (at_barrier != total) {
        set_failure(Failure::MISUSE, describe_deadlock());
        return nullptr;
      }
      open_barrier();
    }
    current_warp = first_ready(warps_ready, first_warp, false);
  }
  const Warp &warp = warps[current_warp];
  return &lane_of(current_warp, first_ready(warp.ready, warp.rotation, warp.descending));
}

void go_on_with_next() {
  races_end_turn();
  Lane &from = *here;
  Lane *to = next_lane();
  if (to == nullptr) leave_kernel();
  if (to == &from) return;
  here = to;
  fiber_switch(from.fiber, to->fiber);
}

// The whole life of a fiber.
void lane_main() {
  fiber_entered();
  (*body)();
  Warp &warp = *here->warp;
  const uint32_t bit = 1u << here->number;
  warp.ready &= ~bit;
  warp.live &= ~bit;
  exited++;
  go_on_with_next();
  abort(); // an ended thread is never ready
}

bool prepare_lanes() {
  while (lanes.size() < total) {
    Lane *lane = new Lane();
    if (!fiber_allocate(lane->fiber)) {
      delete lane;
      return false;
    }
    lanes.push_back(lane);
  }
  return true;
}

void start_block() {
  warp_count = (total + lanes_of_a_warp - 1) / lanes_of_a_warp;
  for (unsigned w = 0; w < warp_count; w++) {
    Warp &warp = warps[w];
    const unsigned count = total - w * lanes_of_a_warp;
    warp.all = count >= 32 ? 0xffffffffu : (1u << count) - 1;
    warp.live = warp.all;
    warp.rotation = 0;
    warp.descending = false;
    warp.open_count = 0;
  }
  for (unsigned i = 0; i < total; i++) {
    Lane &lane = *lanes[i];
    const unsigned row = i / block.threads.x;
    lane.thread_index = {i % block.threads.x, row % block.threads.y, row / block.threads.y};
    lane.block = &block;
    lane.warp = &warps[i / lanes_of_a_warp];
    lane.number = i % lanes_of_a_warp;
    lane.waits_for = 0;
    fiber_start(lane.fiber, lane_main);
  }
  exited = 0;
  first_warp = 0;
  races_begin_block(total);
  open_barrier();
  current_warp = first_ready(warps_ready, first_warp, false);
}

void run_block(uint64_t number, uint64_t launch_order) {
  const uint64_t in_grid_row = number / block.blocks.x;
  block.index = {unsigned(number % block.blocks.x), unsigned(in_grid_row % block.blocks.y),
                 unsigned(in_grid_row / block.blocks.y)};
  order_state = launch_order == 0 ? 0 : mix(launch_order, number) | 1;
  poison_shared_memory();
  start_block();
  here = next_lane();
  fiber_switch(scheduler, here->fiber);
  if (outcome.failure != Failure::NONE) return;
  const std::string damage = shared_memory_damage();
  if (!damage.empty()) set_failure(Failure::MISUSE, damage);
}

// Blocks run in the order (start + number × stride) mod count, which visits each
// once as stride shares no divisor with count.
void block_order(uint64_t count, uint64_t launch_order, uint64_t &start, uint64_t &stride) {
  start = 0;
  stride = 1;
  if (launch_order == 0 || count < 2) return;
  start = mix(launch_order, 1) % count;
  for (uint64_t step = mix(launch_order, 2) % count; step > 1; step--) {
    uint64_t a = count, b = step;
    while (b != 0) {
      const uint64_t rest = a % b;
      a = b;
      b = rest;
    }
    if (a == 1) {
      stride = step;
      return;
    }
  }
}

} // namespace

void misuse(const std::string &what) {
  set_failure(Failure::MISUSE, thread_name(*here) + ": " + what);
  leave_kernel();
}

void barrier() {
  Lane &lane = *here;
  lane.waits_at = "__syncthreads";
  lane.waits_for = 0;
  lane.warp->ready &= ~(1u << lane.number);
  at_barrier++;
  go_on_with_next();
}

uint64_t meet(Meeting purpose, uint32_t mask, uint64_t value, unsigned source) {
  static const char *const names[] = {"__syncwarp", "a shuffle", "__any_sync", "__all_sync",
                                      "__ballot_sync", "mma.sync"};
  const char *const name = names[static_cast<int>(purpose)];
  Lane &lane = *here;
  Warp &warp = *lane.warp;
  const uint32_t bit = 1u << lane.number;
  if ((mask & bit) == 0) {
    misuse(std::string(name) + " with mask " + hexadecimal(mask) + ", which leaves out the lane itself");
  }
  if ((mask & ~warp.live) != 0) {
    misuse(std::string(name) + " with mask " + hexadecimal(mask) + " names lanes " +
           hexadecimal(mask & ~warp.live) + ", which have ended or were never there");
  }
  Rendezvous &rendezvous = find_rendezvous(warp, purpose, mask);
  if (rendezvous.purpose != purpose) {
    misuse(std::string(name) + " with mask " + hexadecimal(mask) + " where other lanes wait at " +
           names[static_cast<int>(rendezvous.purpose)]);
  }
  warp.value[lane.number] = value;
  warp.source[lane.number] = static_cast<uint8_t>(source);
  rendezvous.arrived |= bit;
  if (rendezvous.arrived == mask) {
    close_rendezvous(warp, rendezvous);
    deliver(warp, purpose, mask);
    if (purpose == Meeting::SYNC) races_warp_barrier(unsigned(&warp - warps), mask);
    warp.ready |= mask;
    reorder(warp);
  } else {
    lane.waits_at = name;
    lane.waits_for = mask;
    warp.ready &= ~bit;
  }
  go_on_with_next();
  lane.waits_at = nullptr;
  return warp.result[lane.number];
}

void yield() {
  if (order_state == 0 || (draw() & 3) != 0) return;
  reorder(*here->warp);
  go_on_with_next();
}

void set_seed(uint64_t seed) {
  chosen_seed = seed;
  seed_is_set = true;
  launches = 0;
}

uint64_t seed() {
  if (!seed_is_set) {
    const char *text = getenv("MODSPEC_STANDIN_SEED");
    set_seed(text == nullptr ? 1 : strtoull(text, nullptr, 0));
  }
  return chosen_seed;
}

Outcome run(const char *name, dim3 blocks, dim3 threads, size_t dynamic_shared_bytes,
            const std::function<void()> &thread_body) {
  std::lock_guard<std::mutex> lock(running);
  outcome = Outcome();
  kernel_name = name;
  block.index = {0, 0, 0};
  block.threads = threads;
  block.blocks = blocks;
  const uint64_t count = uint64_t(blocks.x) * blocks.y * blocks.z;
  const uint64_t threads_of_block = uint64_t(threads.x) * threads.y * threads.z;
  if (count == 0 || threads_of_block == 0 || threads_of_block > most_threads) {
    set_failure(Failure::MISUSE, "a launch needs at least one block, and 1 to 1024 threads a block");
    return outcome;
  }
  total = static_cast<unsigned>(threads_of_block);
  body = &thread_body;
  if (!prepare_lanes()) {
    set_failure(Failure::OUT_OF_MEMORY, "no memory for the threads' stacks");
    return outcome;
  }
  block.dynamic_shared = reserve_shared_memory(dynamic_shared_bytes);
  if (block.dynamic_shared == nullptr) {
    set_failure(Failure::OUT_OF_MEMORY, "no memory for dynamic shared memory");
    return outcome;
  }
  const uint64_t launch_order = seed() == 0 ? 0 : mix(seed(), launches) | 1;
  launches++;
  uint64_t start, stride;
  block_order(count, launch_order, start, stride);
  scheduler = Fiber();
  const FaultGuard guard([](const void *address) {
    char text[64];
    snprintf(text, sizeof text, "touched address %p, where nothing is", address);
    set_failure(Failure::ILLEGAL_ADDRESS, thread_name(*here) + ": " + text);
    leave_kernel();
  });
  for (uint64_t i = 0; i < count && outcome.failure == Failure::NONE; i++) {
    run_block((start + i * stride) % count, launch_order);
  }
  return outcome;
}

} // namespace simt
