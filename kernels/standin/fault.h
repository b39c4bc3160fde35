// Turns a segmentation fault of a kernel into a failed launch, as a device does:
// the guard pages around device memory make an address out of range fault.
#ifndef MODSPEC_STANDIN_FAULT_H
#define MODSPEC_STANDIN_FAULT_H

namespace simt {

// FaultGuard catches faults of the thread that made it, as long as it lives and
// a kernel runs. At a fault the handler is called on the faulting fiber, outside
// the signal handler; it must not return. Faults of other threads go where they
// went before. One guard lives at a time.
class FaultGuard {
public:
  typedef void (*Handler)(const void *address);
  explicit FaultGuard(Handler handler);
  ~FaultGuard();
  FaultGuard(const FaultGuard &) = delete;
  FaultGuard &operator=(const FaultGuard &) = delete;
};

} // namespace simt

#endif
