#include "guarded.h"

#include <algorithm>
#include <map>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

namespace standin {
namespace {

const size_t alignment = 256; // of device allocations
const size_t poisoned_end = 4 << 20;
const unsigned char poison = 0xff;
const unsigned char outside = 0xa5;

// All allocations come from one range of addresses, reserved and not backed by
// memory: what is free in it cannot be touched.
const size_t arena_bytes = size_t(1) << 40;
uintptr_t arena;
uintptr_t next; // where the search for free addresses begins
std::map<uintptr_t, size_t> taken; // pages in use: start, bytes

size_t page() {
  static const size_t bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

bool reserve_arena() {
  if (arena != 0) return true;
  void *range = mmap(nullptr, arena_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (range == MAP_FAILED) return false;
  arena = reinterpret_cast<uintptr_t>(range);
  next = arena + page();
  return true;
}

// The first gap at or after `from` with room for the pages and a guard page
// behind them; 0 if there is none.
uintptr_t find_gap(uintptr_t from, size_t bytes) {
  uintptr_t candidate = from;
  for (auto it = taken.lower_bound(from); it != taken.end(); ++it) {
    if (it->first - candidate >= bytes + page()) return candidate;
    candidate = it->first + it->second + page();
  }
  return candidate + bytes + page() <= arena + arena_bytes ? candidate : 0;
}

// The bytes between the pages' start and the allocation, as far as they are
// looked at, and those between the allocation and the pages' end.
template <class Use>
void for_each_outside(const Guarded &memory, Use use) {
  const size_t before = std::min(memory.start - memory.pages, alignment);
  const uintptr_t end = memory.start + memory.bytes;
  use(reinterpret_cast<unsigned char *>(memory.start - before), before);
  use(reinterpret_cast<unsigned char *>(end), memory.pages + memory.page_bytes - end);
}

} // namespace

bool allocate(size_t bytes, Guarded &memory) {
  if (!reserve_arena() || bytes > arena_bytes / 2) return false;
  const size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  const size_t page_bytes = (rounded + page() - 1) / page() * page();
  uintptr_t pages = find_gap(next, page_bytes);
  if (pages == 0) pages = find_gap(arena + page(), page_bytes);
  if (pages == 0) return false;
  if (mprotect(reinterpret_cast<void *>(pages), page_bytes, PROT_READ | PROT_WRITE) != 0) return false;
  taken[pages] = page_bytes;
  next = pages + page_bytes + page();
  memory.pages = pages;
  memory.page_bytes = page_bytes;
  memory.start = pages + page_bytes - rounded;
  memory.bytes = bytes;
  unsigned char *data = reinterpret_cast<unsigned char *>(memory.start);
  const size_t head = std::min(bytes, poisoned_end), tail = std::min(bytes - head, poisoned_end);
  memset(data, poison, head);
  memset(data + bytes - tail, poison, tail);
  for_each_outside(memory, [](unsigned char *at, size_t count) {
    memset(at, outside, count);
#ifdef __SANITIZE_ADDRESS__
    __asan_poison_memory_region(at, count);
#endif
  });
  return true;
}

void release(const Guarded &memory) {
#ifdef __SANITIZE_ADDRESS__
  for_each_outside(memory, [](unsigned char *at, size_t count) { __asan_unpoison_memory_region(at, count); });
#endif
  taken.erase(memory.pages);
  mmap(reinterpret_cast<void *>(memory.pages), memory.page_bytes, PROT_NONE,
       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

void hide(const Guarded &memory) {
  mprotect(reinterpret_cast<void *>(memory.pages), memory.page_bytes, PROT_NONE);
}

void show(const Guarded &memory) {
  mprotect(reinterpret_cast<void *>(memory.pages), memory.page_bytes, PROT_READ | PROT_WRITE);
}

bool damaged(const Guarded &memory) {
#ifdef __SANITIZE_ADDRESS__
  (void)memory; // reported where it happens
  return false;
#else
  bool found = false;
  for_each_outside(memory, [&](unsigned char *at, size_t count) {
    for (size_t i = 0; i < count; i++) found = found || at[i] != outside;
  });
  return found;
#endif
}

} // namespace standin
