// Atomics. Threads of a block take turns on one thread of the process, so a
// plain read, change and write is one; yielding before it lets another thread's
// atomic come first, as it may on the device.
#ifndef MODSPEC_STANDIN_ATOMICS_H
#define MODSPEC_STANDIN_ATOMICS_H

#include "lane.h"

#include <type_traits>

namespace simt {

// The operand takes the address's type, not the other way round.
template <class T>
struct Operand { typedef T type; };

template <class T, class Change>
inline T change(T *address, Change change) {
  yield();
  const T before = *address;
  *address = change(before);
  return before;
}

} // namespace simt

template <class T>
inline T atomicAdd(T *address, typename simt::Operand<T>::type operand) {
  return simt::change(address, [operand](T before) { return T(before + operand); });
}

template <class T>
inline T atomicMax(T *address, typename simt::Operand<T>::type operand) {
  static_assert(std::is_integral<T>::value, "the device has no atomicMax on floating point");
  return simt::change(address, [operand](T before) { return before < operand ? operand : before; });
}

template <class T>
inline T atomicMin(T *address, typename simt::Operand<T>::type operand) {
  static_assert(std::is_integral<T>::value, "the device has no atomicMin on floating point");
  return simt::change(address, [operand](T before) { return operand < before ? operand : before; });
}

template <class T>
inline T atomicExch(T *address, typename simt::Operand<T>::type operand) {
  return simt::change(address, [operand](T) { return operand; });
}

template <class T>
inline T atomicCAS(T *address, typename simt::Operand<T>::type expected,
                   typename simt::Operand<T>::type operand) {
  static_assert(std::is_integral<T>::value, "the device has no atomicCAS on floating point");
  return simt::change(address,
                      [expected, operand](T before) { return before == expected ? operand : before; });
}

// Blocks and threads take turns, so what one wrote the next one sees.
inline void __threadfence() {}
inline void __threadfence_block() {}

#endif
