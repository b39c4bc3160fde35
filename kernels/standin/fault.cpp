#include "fault.h"

#include "lane.h"

#include <atomic>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <ucontext.h>

namespace simt {
namespace {

// The address sanitizer reports faults itself, with more to say.
#ifdef __SANITIZE_ADDRESS__
const bool sanitizer_reports = true;
#else
const bool sanitizer_reports = false;
#endif

std::atomic<bool> guarded(false);
pthread_t guarded_thread;
FaultGuard::Handler current_handler;
const void *fault_address;
struct sigaction before[NSIG];

// The signal handler and what comes after it have stacks of their own: the fault
// may be that the fiber has used up its stack.
const size_t stack_bytes = 64 << 10;
alignas(16) char landing_stack[stack_bytes];
char signal_stack[stack_bytes];
stack_t own_signal_stack; // ss_sp is null where the thread had one before, as Go's threads do

// The fault's signal handler returns here.
[[noreturn]] void landing() {
  current_handler(fault_address);
  abort(); // the handler left the fiber for good
}

// Makes the interrupted thread go on at landing, with the stack aligned as at a
// function's first instruction.
bool redirect(ucontext_t *interrupted) {
#if defined(__x86_64__)
  greg_t *registers = interrupted->uc_mcontext.gregs;
  registers[REG_RSP] = reinterpret_cast<greg_t>(landing_stack + stack_bytes - 8);
  registers[REG_RIP] = reinterpret_cast<greg_t>(&landing);
  return true;
#elif defined(__aarch64__)
  interrupted->uc_mcontext.sp = reinterpret_cast<uintptr_t>(landing_stack + stack_bytes);
  interrupted->uc_mcontext.pc = reinterpret_cast<uintptr_t>(&landing);
  return true;
#else
  (void)interrupted;
  return false;
#endif
}

void on_signal(int number, siginfo_t *info, void *context) {
  if (guarded && pthread_equal(pthread_self(), guarded_thread) && here != nullptr) {
    fault_address = info->si_addr;
    if (redirect(static_cast<ucontext_t *>(context))) return;
  }
  const struct sigaction &previous = before[number];
  if ((previous.sa_flags & SA_SIGINFO) != 0) {
    previous.sa_sigaction(number, info, context);
  } else if (previous.sa_handler == SIG_DFL || previous.sa_handler == SIG_IGN) {
    sigaction(number, &previous, nullptr); // the instruction faults again, with no handler
  } else {
    previous.sa_handler(number);
  }
}

void install(int number) {
  struct sigaction action = {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  sigaction(number, &action, &before[number]);
}

} // namespace

FaultGuard::FaultGuard(Handler handler) {
  if (sanitizer_reports) return;
  current_handler = handler;
  guarded_thread = pthread_self();
  own_signal_stack = {};
  stack_t present;
  if (sigaltstack(nullptr, &present) == 0 && (present.ss_flags & SS_DISABLE) != 0) {
    own_signal_stack.ss_sp = signal_stack;
    own_signal_stack.ss_size = stack_bytes;
    sigaltstack(&own_signal_stack, nullptr);
  }
  install(SIGSEGV);
  install(SIGBUS);
  guarded = true;
}

FaultGuard::~FaultGuard() {
  if (sanitizer_reports) return;
  guarded = false;
  sigaction(SIGSEGV, &before[SIGSEGV], nullptr);
  sigaction(SIGBUS, &before[SIGBUS], nullptr);
  if (own_signal_stack.ss_sp != nullptr) {
    own_signal_stack.ss_flags = SS_DISABLE;
    sigaltstack(&own_signal_stack, nullptr);
  }
}

} // namespace simt
