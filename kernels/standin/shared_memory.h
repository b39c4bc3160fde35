// The shared memory of the running block: static and dynamic. Each block starts
// with all of it poisoned (all bits set: NaN, or -1), so that what reads before
// it writes shows; dynamic memory lies between red zones that are looked at when
// a block ends.
#ifndef MODSPEC_STANDIN_SHARED_MEMORY_H
#define MODSPEC_STANDIN_SHARED_MEMORY_H

#include <stddef.h>
#include <string>

namespace simt {

// Makes room for a launch by the calling thread, and returns the address of the
// dynamic part, a multiple of 128, or nullptr when there is no memory. bytes may
// be 0.
unsigned char *reserve_shared_memory(size_t bytes);

// Readies shared memory for a block.
void poison_shared_memory();

// Where an address lies in shared memory: dynamic memory comes first, and static
// memory 1 MiB later. not_shared if it does not.
const size_t not_shared = ~size_t(0);
size_t shared_memory_offset(const void *address);

// What the block wrote outside its dynamic shared memory; empty if nothing.
std::string shared_memory_damage();

} // namespace simt

#endif
