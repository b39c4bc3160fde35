#include "shared_memory.h"

#include "lane.h"

#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

namespace simt {
namespace {

const size_t alignment = 128;
const size_t red_zone = 1024; // a multiple of alignment; a row of 128 doubles too far is still in it
const size_t static_part = 1 << 20; // past any dynamic part: devices have 227 KiB at most
const unsigned char red = 0xa5;
const unsigned char poison = 0xff;

unsigned char *memory; // red zone, `used` bytes, red zone
size_t capacity;       // bytes in memory
size_t used;

unsigned char *dynamic() { return memory + red_zone; }

// Where this thread's copies of the library's thread-local variables lie. All of
// them are static shared memory: the library itself has no other.
struct StaticShared {
  void *start;
  size_t bytes;
} static_shared;

#ifndef __SANITIZE_ADDRESS__
thread_local char touched; // makes sure that this thread has the variables at all

int look_for_static_shared(dl_phdr_info *module, size_t, void *result) {
  const ElfW(Phdr) *storage = nullptr;
  bool ours = false;
  for (int i = 0; i < module->dlpi_phnum; i++) {
    const ElfW(Phdr) &part = module->dlpi_phdr[i];
    if (part.p_type == PT_TLS) storage = &part;
    if (part.p_type == PT_LOAD) {
      const uintptr_t start = module->dlpi_addr + part.p_vaddr;
      const uintptr_t here_is = reinterpret_cast<uintptr_t>(&look_for_static_shared);
      ours = ours || (here_is >= start && here_is < start + part.p_memsz);
    }
  }
  if (!ours || storage == nullptr) return ours;
  *static_cast<StaticShared *>(result) = {module->dlpi_tls_data, storage->p_memsz};
  return 1;
}

void find_static_shared() {
  *const_cast<volatile char *>(&touched) = 0;
  static_shared = {nullptr, 0};
  dl_iterate_phdr(look_for_static_shared, &static_shared);
}
#else
void find_static_shared() { static_shared = {nullptr, 0}; } // not thread-local in this build
#endif

} // namespace

unsigned char *reserve_shared_memory(size_t bytes) {
#ifdef __SANITIZE_ADDRESS__
  if (memory != nullptr) __asan_unpoison_memory_region(memory, capacity);
#endif
  const size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  if (memory == nullptr || capacity < rounded + 2 * red_zone) {
    free(memory);
    capacity = rounded + 2 * red_zone;
    memory = static_cast<unsigned char *>(aligned_alloc(alignment, capacity));
    if (memory == nullptr) return nullptr;
  }
  used = bytes;
  find_static_shared();
  memset(memory, red, capacity);
#ifdef __SANITIZE_ADDRESS__
  __asan_poison_memory_region(memory, red_zone);
  __asan_poison_memory_region(dynamic() + used, capacity - red_zone - used);
#endif
  return dynamic();
}

void poison_shared_memory() {
  memset(dynamic(), poison, used);
  if (static_shared.start != nullptr) memset(static_shared.start, poison, static_shared.bytes);
}

size_t shared_memory_offset(const void *address) {
  const unsigned char *const at = static_cast<const unsigned char *>(address);
  if (at >= dynamic() && at < dynamic() + used) return size_t(at - dynamic());
  const unsigned char *const start = static_cast<unsigned char *>(static_shared.start);
  if (at >= start && at < start + static_shared.bytes) return static_part + size_t(at - start);
  return not_shared;
}

std::string shared_memory_damage() {
#ifndef __SANITIZE_ADDRESS__
  const std::string has = ", which has " + std::to_string(used) + " bytes";
  for (size_t i = red_zone; i-- > 0;) {
    if (memory[i] != red) return "wrote at offset -" + std::to_string(red_zone - i) + " of dynamic shared memory" + has;
  }
  for (size_t i = used; i < used + red_zone; i++) {
    if (dynamic()[i] != red) return "wrote at offset " + std::to_string(i) + " of dynamic shared memory" + has;
  }
#endif
  return "";
}

} // namespace simt
