// Which addresses are device memory, and which page-locked host memory.
#ifndef MODSPEC_STANDIN_MEMORY_MAP_H
#define MODSPEC_STANDIN_MEMORY_MAP_H

#include "state.h"

namespace standin {

// The allocation that holds the address, or nullptr.
const Allocation *find_allocation(const std::map<uintptr_t, Allocation> &memory, uintptr_t address);

// Whether all of [address, address + bytes) lies in one device allocation.
bool is_device_range(uintptr_t address, size_t bytes);

// Whether a copy may touch [address, address + bytes) of the host: a range that
// begins in page-locked memory must end in it, other memory is the program's.
bool is_host_range(uintptr_t address, size_t bytes);

bool is_page_locked(uintptr_t address);

// Frees all memory of a context that ends.
void free_memory_of(Context &context);

// Name of a device allocation that somebody wrote just outside of; empty if none.
std::string damaged_allocation();

} // namespace standin

#endif
