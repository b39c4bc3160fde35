#include "memory_map.h"

#include <stdio.h>

namespace standin {
namespace {

void free_all(std::map<uintptr_t, Allocation> &memory, Context &context, bool on_device) {
  for (auto it = memory.begin(); it != memory.end();) {
    if (it->second.context != &context) {
      ++it;
      continue;
    }
    if (on_device) context.device->used_bytes -= it->second.memory.page_bytes;
    release(it->second.memory);
    it = memory.erase(it);
  }
}

} // namespace

const Allocation *find_allocation(const std::map<uintptr_t, Allocation> &memory, uintptr_t address) {
  auto it = memory.upper_bound(address);
  if (it == memory.begin()) return nullptr;
  --it;
  return address - it->first < it->second.memory.bytes ? &it->second : nullptr;
}

bool is_device_range(uintptr_t address, size_t bytes) {
  const Allocation *found = find_allocation(driver().device_memory, address);
  return found != nullptr && bytes <= found->memory.bytes - (address - found->memory.start);
}

bool is_host_range(uintptr_t address, size_t bytes) {
  if (address == 0 || find_allocation(driver().device_memory, address) != nullptr) return false;
  const Allocation *found = find_allocation(driver().host_memory, address);
  return found == nullptr || bytes <= found->memory.bytes - (address - found->memory.start);
}

bool is_page_locked(uintptr_t address) {
  return find_allocation(driver().host_memory, address) != nullptr;
}

void free_memory_of(Context &context) {
  free_all(driver().device_memory, context, true);
  free_all(driver().host_memory, context, false);
}

std::string damaged_allocation() {
  for (const auto &entry : driver().device_memory) {
    if (!damaged(entry.second.memory)) continue;
    char text[96];
    snprintf(text, sizeof text, "the allocation of %zu bytes at 0x%zx", entry.second.memory.bytes,
             size_t(entry.first));
    return text;
  }
  return "";
}

} // namespace standin
