// Memory between pages that cannot be touched: what device allocations and
// page-locked host memory of the stand-in are made of.
#ifndef MODSPEC_STANDIN_GUARDED_H
#define MODSPEC_STANDIN_GUARDED_H

#include <stddef.h>
#include <stdint.h>

namespace standin {

// Guarded is one allocation. Its address is a multiple of 256, as on a device,
// and it ends at most 255 bytes before an untouchable page; the bytes between
// carry a pattern that tells when they were written to.
struct Guarded {
  uintptr_t start = 0;
  size_t bytes = 0;
  uintptr_t pages = 0; // first page, and how many bytes of pages
  size_t page_bytes = 0;
};

// Allocates. Small allocations start with all bits set, NaN in either precision;
// of large ones, the first and the last 4 MiB do, for the sake of time. Returns
// false when the machine has no memory.
bool allocate(size_t bytes, Guarded &memory);

// Gives the memory back. Its addresses are not used again soon, and touching
// them is a fault.
void release(const Guarded &memory);

// Makes the memory untouchable, and touchable again: kernels of one context have
// no business in the memory of another.
void hide(const Guarded &memory);
void show(const Guarded &memory);

// Whether somebody wrote just outside.
bool damaged(const Guarded &memory);

} // namespace standin

#endif
