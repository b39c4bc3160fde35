#include "fiber.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

// The two switches save what the calling convention says a callee keeps, swap
// stack pointers, and restore. Rounding mode and floating-point masks are left
// alone: nothing here changes them.
#if defined(SIMT_UCONTEXT)
// swapcontext does it.
#elif defined(__x86_64__)
asm(R"(
.text
.p2align 4
.hidden simt_switch_stacks
.globl simt_switch_stacks
.type simt_switch_stacks, @function
simt_switch_stacks:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size simt_switch_stacks, .-simt_switch_stacks
)");
#elif defined(__aarch64__)
asm(R"(
.text
.p2align 4
.hidden simt_switch_stacks
.globl simt_switch_stacks
.type simt_switch_stacks, %function
simt_switch_stacks:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
.size simt_switch_stacks, .-simt_switch_stacks
)");
#else
#error "fiber.h says which machines have a switch of their own"
#endif

#ifndef SIMT_UCONTEXT
extern "C" void simt_switch_stacks(void **from, void *to);
#endif

namespace simt {
namespace {

// A kernel's registers live on this stack too: a few kB of weights and partial
// sums. The sanitizers surround every array with red zones and need more.
#ifdef __SANITIZE_ADDRESS__
const size_t stack_bytes = 512 << 10;
#else
const size_t stack_bytes = 128 << 10;
#endif

#ifdef __SANITIZE_ADDRESS__
Fiber *left; // the fiber that the running one was entered from

// Says that the switch is over, and learns the bounds of a stack that the
// process gave, which the way back to it must tell.
void finish_switch(void *sanitizer_stack) {
  const void *bottom = nullptr;
  size_t bytes = 0;
  __sanitizer_finish_switch_fiber(sanitizer_stack, &bottom, &bytes);
  if (left->stack == nullptr) {
    left->stack = static_cast<char *>(const_cast<void *>(bottom));
    left->stack_bytes = bytes;
  }
}
#endif

} // namespace

bool fiber_allocate(Fiber &fiber) {
  const size_t guard = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void *memory = mmap(nullptr, guard + stack_bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return false;
  if (mprotect(memory, guard, PROT_NONE) != 0) {
    munmap(memory, guard + stack_bytes);
    return false;
  }
  fiber.stack = static_cast<char *>(memory) + guard;
  fiber.stack_bytes = stack_bytes;
  return true;
}

void fiber_start(Fiber &fiber, void (*entry)()) {
#ifdef __SANITIZE_ADDRESS__
  // A fiber that was abandoned leaves the red zones of its frames behind.
  __asan_unpoison_memory_region(fiber.stack, fiber.stack_bytes);
  fiber.sanitizer_stack = nullptr;
#endif
#if defined(SIMT_UCONTEXT)
  getcontext(&fiber.context);
  fiber.context.uc_stack.ss_sp = fiber.stack;
  fiber.context.uc_stack.ss_size = fiber.stack_bytes;
  fiber.context.uc_link = nullptr;
  makecontext(&fiber.context, entry, 0);
#elif defined(__x86_64__)
  // Seen from entry, the stack is as after a call: a multiple of 16 less 8, with
  // a return address of 0, where unwinding ends.
  void **top = reinterpret_cast<void **>(fiber.stack + fiber.stack_bytes);
  top[-1] = nullptr;
  top[-2] = reinterpret_cast<void *>(entry);
  for (int saved = 3; saved <= 8; saved++) top[-saved] = nullptr;
  fiber.stack_pointer = top - 8;
#else
  void **frame = reinterpret_cast<void **>(fiber.stack + fiber.stack_bytes) - 20;
  memset(frame, 0, 160);
  frame[11] = reinterpret_cast<void *>(entry); // x30, where ret goes
  fiber.stack_pointer = frame;
#endif
}

void fiber_switch(Fiber &from, Fiber &to) {
#ifdef __SANITIZE_ADDRESS__
  left = &from;
  __sanitizer_start_switch_fiber(&from.sanitizer_stack, to.stack, to.stack_bytes);
#endif
#ifdef SIMT_UCONTEXT
  swapcontext(&from.context, &to.context);
#else
  simt_switch_stacks(&from.stack_pointer, to.stack_pointer);
#endif
#ifdef __SANITIZE_ADDRESS__
  finish_switch(from.sanitizer_stack);
#endif
}

void fiber_entered() {
#ifdef __SANITIZE_ADDRESS__
  finish_switch(nullptr);
#endif
}

} // namespace simt
