// Fibers: stacks that a thread of the process switches between by hand. Each
// thread of a block is one. The system's own swapcontext enters the kernel twice
// a switch to save the signal mask; a warp shuffle makes 32 switches, so x86-64
// and arm64 have a switch of their own (a few ns) and only others use swapcontext.
#ifndef MODSPEC_STANDIN_FIBER_H
#define MODSPEC_STANDIN_FIBER_H

#include <stddef.h>

#if !defined(__x86_64__) && !defined(__aarch64__) && !defined(SIMT_UCONTEXT)
#define SIMT_UCONTEXT
#endif
#ifdef SIMT_UCONTEXT
#include <ucontext.h>
#endif

namespace simt {

// Fiber is one stack and where it was left. The zero value stands for the stack
// that the process gave: it can be switched from, and then back to.
struct Fiber {
  void *stack_pointer = nullptr;
  char *stack = nullptr; // lowest usable byte; a page that cannot be touched lies below it
  size_t stack_bytes = 0;
  void *sanitizer_stack = nullptr; // the address sanitizer's own note on this fiber
#ifdef SIMT_UCONTEXT
  ucontext_t context;
#endif
};

// Gives the fiber a stack. Returns false when there is no memory for it.
bool fiber_allocate(Fiber &fiber);

// Makes the fiber start at `entry` when it is next switched to, whatever it was
// in the midst of. entry never returns: its last act is a switch away.
void fiber_start(Fiber &fiber, void (*entry)());

// Leaves `from`, which is the running fiber, and goes on with `to`.
void fiber_switch(Fiber &from, Fiber &to);

// The first call on a new fiber's stack.
void fiber_entered();

} // namespace simt

#endif
