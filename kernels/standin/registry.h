// The kernels that were compiled into the stand-in, by name. build.sh writes one
// registration for every `extern "C" __global__` function of a source, so a
// kernel cannot be forgotten.
#ifndef MODSPEC_STANDIN_REGISTRY_H
#define MODSPEC_STANDIN_REGISTRY_H

#include <functional>
#include <stdint.h>
#include <string.h>
#include <string>
#include <utility>

namespace simt {

// Kernel is one kernel and how to call it with its arguments, each in a slot of
// eight bytes.
struct Kernel {
  std::string name;
  unsigned parameters;
  std::function<void(const uint64_t *)> call;
};

// The kernel of this name, or nullptr.
const Kernel *find_kernel(const std::string &name);

void add_kernel(Kernel kernel);

template <class T>
inline T from_slot(uint64_t slot) {
  static_assert(sizeof(T) == 8, "a kernel's parameters take eight bytes each");
  T value;
  memcpy(&value, &slot, sizeof value);
  return value;
}

template <class... Parameters, size_t... Index>
inline void call_with_slots(void (*kernel)(Parameters...), const uint64_t *slots,
                            std::index_sequence<Index...>) {
  kernel(from_slot<Parameters>(slots[Index])...);
}

// Registration adds a kernel before main starts.
struct Registration {
  template <class... Parameters>
  Registration(const char *name, void (*kernel)(Parameters...)) {
    add_kernel({name, sizeof...(Parameters), [kernel](const uint64_t *slots) {
                  call_with_slots(kernel, slots, std::index_sequence_for<Parameters...>());
                }});
  }
};

} // namespace simt

#endif
