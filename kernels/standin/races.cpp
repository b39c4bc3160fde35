#include "races.h"

#ifdef SIMT_RACES

#include "lane.h"
#include "shared_memory.h"

#include <algorithm>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <string>
#include <vector>

namespace simt {
namespace {

const unsigned lanes_of_a_warp = 32;
const unsigned most_threads = 1024;
const size_t word_bytes = 4;

// Access is one thread's touch of a word, at a time that the thread counts in
// barriers: those of the block, and those of its warp that it took part in.
struct Access {
  unsigned thread;
  uint32_t block_time, warp_time;
  const void *code;
};

// Word is who has touched a word since the block began: the last write, and the
// reads after it.
struct Word {
  uint64_t block = 0; // which block of all launches this is about
  bool written = false;
  Access write;
  std::vector<Access> reads;
};

std::vector<Word> words; // dynamic shared memory, then static
uint64_t current_block;
uint32_t block_time;
uint32_t warp_time[most_threads];
// seen[t][l]: up to which time thread t knows what lane l of its warp did.
uint32_t seen[most_threads][lanes_of_a_warp];

// A write that another thread's write is not ordered with. It is a race if it
// changes anything, which shows when the writer does something else.
struct PendingWrite {
  const void *address = nullptr;
  size_t bytes;
  unsigned char before[16];
  const void *code;
  Access other;
  bool other_wrote;
  size_t offset;
} pending;

unsigned running_thread() {
  const dim3 &threads = here->block->threads;
  const uint3 &index = here->thread_index;
  return index.x + threads.x * (index.y + threads.y * index.z);
}

// Whether the running thread knows that the access is over.
bool is_ordered(const Access &access, unsigned thread) {
  if (access.thread == thread || access.block_time < block_time) return true;
  if (access.thread / lanes_of_a_warp != thread / lanes_of_a_warp) return false;
  return seen[thread][access.thread % lanes_of_a_warp] >= access.warp_time;
}

// File and line of an instruction, from the debugging information if there is a
// tool that reads it.
std::string place_of(const void *code) {
  Dl_info info;
  if (dladdr(code, &info) == 0) return "?";
  char text[512];
  snprintf(text, sizeof text, "addr2line -e '%s' 0x%zx 2>/dev/null", info.dli_fname,
           size_t(static_cast<const char *>(code) - static_cast<const char *>(info.dli_fbase)) - 1);
  std::string place;
  if (FILE *output = popen(text, "r")) {
    if (fgets(text, sizeof text, output) != nullptr) place = text;
    pclose(output);
  }
  place.erase(std::min(place.size(), place.find('\n')));
  return place.empty() ? "?" : place;
}

std::string describe(const char *now, const void *code, const char *then, const Access &other, size_t offset) {
  return std::string(now) + " offset " + std::to_string(offset) + " of shared memory at " + place_of(code) +
         ", with no barrier since thread " + std::to_string(other.thread) + " of the block " + then + " it at " +
         place_of(other.code);
}

void settle_pending() {
  if (pending.address == nullptr) return;
  const bool changed = memcmp(pending.address, pending.before, pending.bytes) != 0;
  pending.address = nullptr;
  if (!changed) return;
  misuse(describe("writes", pending.code, pending.other_wrote ? "wrote" : "read", pending.other, pending.offset));
}

Word &word_at(size_t index) {
  if (words.size() <= index) words.resize(index + 1);
  Word &word = words[index];
  if (word.block != current_block) {
    word.block = current_block;
    word.written = false;
    word.reads.clear();
  }
  return word;
}

void read_word(Word &word, const Access &access, size_t offset) {
  if (word.written && !is_ordered(word.write, access.thread)) {
    misuse(describe("reads", access.code, "wrote", word.write, offset));
  }
  for (Access &earlier : word.reads) {
    if (earlier.thread == access.thread) {
      earlier = access;
      return;
    }
  }
  word.reads.push_back(access);
}

// Returns the access that this write races with, if it changes anything.
const Access *write_word(Word &word, const Access &access) {
  const Access *racing = nullptr;
  for (const Access &read : word.reads) {
    if (!is_ordered(read, access.thread)) racing = &read;
  }
  if (racing == nullptr && word.written && !is_ordered(word.write, access.thread)) racing = &word.write;
  return racing;
}

void follow(const void *address, size_t bytes, bool writes, const void *code) {
  const size_t first = shared_memory_offset(address);
  if (first == not_shared || here == nullptr) return;
  settle_pending();
  const unsigned thread = running_thread();
  const Access access = {thread, block_time, warp_time[thread], code};
  for (size_t index = first / word_bytes; index <= (first + bytes - 1) / word_bytes; index++) {
    Word &word = word_at(index);
    if (!writes) {
      read_word(word, access, first);
      continue;
    }
    const Access *racing = write_word(word, access);
    if (racing != nullptr && pending.address == nullptr) {
      pending.bytes = std::min(bytes, sizeof pending.before);
      memcpy(pending.before, address, pending.bytes);
      pending.address = address;
      pending.code = code;
      pending.other = *racing;
      pending.other_wrote = racing == &word.write;
      pending.offset = first;
    }
    word.written = true;
    word.write = access;
    word.reads.clear();
  }
}

} // namespace

void races_begin_block(unsigned threads) {
  current_block++;
  block_time = 0;
  pending.address = nullptr;
  std::fill(warp_time, warp_time + threads, 1);
  memset(seen, 0, threads * sizeof seen[0]);
}

void races_block_barrier() { block_time++; }

void races_warp_barrier(unsigned warp, uint32_t mask) {
  uint32_t joined[lanes_of_a_warp] = {0};
  const unsigned first = warp * lanes_of_a_warp;
  for (uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    const unsigned lane = __builtin_ctz(rest);
    for (unsigned l = 0; l < lanes_of_a_warp; l++) joined[l] = std::max(joined[l], seen[first + lane][l]);
    joined[lane] = std::max(joined[lane], warp_time[first + lane]);
  }
  for (uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    const unsigned lane = __builtin_ctz(rest);
    memcpy(seen[first + lane], joined, sizeof joined);
    warp_time[first + lane]++;
  }
}

void races_end_turn() { settle_pending(); }

} // namespace simt

// What the compiler calls at every access.
#define ACCESS(bytes)                                                              \
  extern "C" void __tsan_read##bytes(void *address) {                              \
    simt::follow(address, bytes, false, __builtin_return_address(0));              \
  }                                                                                \
  extern "C" void __tsan_write##bytes(void *address) {                             \
    simt::follow(address, bytes, true, __builtin_return_address(0));               \
  }                                                                                \
  extern "C" void __tsan_unaligned_read##bytes(void *address) {                    \
    simt::follow(address, bytes, false, __builtin_return_address(0));              \
  }                                                                                \
  extern "C" void __tsan_unaligned_write##bytes(void *address) {                   \
    simt::follow(address, bytes, true, __builtin_return_address(0));               \
  }                                                                                \
  extern "C" void __tsan_volatile_read##bytes(void *address) {                     \
    simt::follow(address, bytes, false, __builtin_return_address(0));              \
  }                                                                                \
  extern "C" void __tsan_volatile_write##bytes(void *address) {                    \
    simt::follow(address, bytes, true, __builtin_return_address(0));               \
  }
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)
#undef ACCESS

extern "C" void __tsan_read_range(void *address, unsigned long bytes) {
  if (bytes > 0) simt::follow(address, bytes, false, __builtin_return_address(0));
}
extern "C" void __tsan_write_range(void *address, unsigned long bytes) {
  if (bytes > 0) simt::follow(address, bytes, true, __builtin_return_address(0));
}
extern "C" void __tsan_init() {}
extern "C" void __tsan_func_entry(void *) {}
extern "C" void __tsan_func_exit() {}
extern "C" void __tsan_vptr_update(void *, void *) {}
extern "C" void __tsan_vptr_read(void *) {}

#endif
