// Arithmetic words of CUDA C++. The layer is compiled with -ffp-contract=off, so
// every + − × ÷ √ rounds once and only fma and fmaf are fused. The compiler of
// the device may fuse more; what rounds in a stated way says so with __dmul_rn
// and the like, and means the same on both.
#ifndef MODSPEC_STANDIN_ARITHMETIC_H
#define MODSPEC_STANDIN_ARITHMETIC_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef __FAST_MATH__
#error "the stand-in needs IEEE arithmetic: compile without -ffast-math"
#endif

inline double __dadd_rn(double a, double b) { return a + b; }
inline double __dsub_rn(double a, double b) { return a - b; }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __ddiv_rn(double a, double b) { return a / b; }
inline double __dsqrt_rn(double a) { return __builtin_sqrt(a); }
inline double __fma_rn(double a, double b, double c) { return __builtin_fma(a, b, c); }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fsqrt_rn(float a) { return __builtin_sqrtf(a); }
inline float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }

inline double rsqrt(double a) { return 1 / __builtin_sqrt(a); }
inline float rsqrtf(float a) { return float(1 / __builtin_sqrt(double(a))); }
inline float rsqrt(float a) { return rsqrtf(a); }

inline unsigned __umulhi(unsigned a, unsigned b) { return unsigned(uint64_t(a) * b >> 32); }
inline int __mulhi(int a, int b) { return int(int64_t(a) * b >> 32); }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return (unsigned long long)((unsigned __int128)a * b >> 64);
}

inline int __popc(unsigned a) { return __builtin_popcount(a); }
inline int __popcll(unsigned long long a) { return __builtin_popcountll(a); }
inline int __clz(int a) { return a == 0 ? 32 : __builtin_clz(unsigned(a)); }
inline int __clzll(long long a) { return a == 0 ? 64 : __builtin_clzll((unsigned long long)a); }
inline int __ffs(int a) { return __builtin_ffs(a); }
inline int __ffsll(long long a) { return __builtin_ffsll(a); }

namespace simt {

template <class To, class From>
inline To same_bits(From from) {
  static_assert(sizeof(To) == sizeof(From), "a change of type keeps all bits");
  To to;
  memcpy(&to, &from, sizeof to);
  return to;
}

} // namespace simt

inline int __float_as_int(float a) { return simt::same_bits<int>(a); }
inline unsigned __float_as_uint(float a) { return simt::same_bits<unsigned>(a); }
inline float __int_as_float(int a) { return simt::same_bits<float>(a); }
inline float __uint_as_float(unsigned a) { return simt::same_bits<float>(a); }
inline long long __double_as_longlong(double a) { return simt::same_bits<long long>(a); }
inline double __longlong_as_double(long long a) { return simt::same_bits<double>(a); }

template <class T>
inline T __ldg(const T *address) { return *address; }

// min and max of floating point leave a NaN out where the other operand is none,
// as the device's do.
inline int min(int a, int b) { return a < b ? a : b; }
inline int max(int a, int b) { return a > b ? a : b; }
inline unsigned min(unsigned a, unsigned b) { return a < b ? a : b; }
inline unsigned max(unsigned a, unsigned b) { return a > b ? a : b; }
inline long min(long a, long b) { return a < b ? a : b; }
inline long max(long a, long b) { return a > b ? a : b; }
inline unsigned long min(unsigned long a, unsigned long b) { return a < b ? a : b; }
inline unsigned long max(unsigned long a, unsigned long b) { return a > b ? a : b; }
inline long long min(long long a, long long b) { return a < b ? a : b; }
inline long long max(long long a, long long b) { return a > b ? a : b; }
inline unsigned long long min(unsigned long long a, unsigned long long b) { return a < b ? a : b; }
inline unsigned long long max(unsigned long long a, unsigned long long b) { return a > b ? a : b; }
inline float min(float a, float b) { return __builtin_fminf(a, b); }
inline float max(float a, float b) { return __builtin_fmaxf(a, b); }
inline double min(double a, double b) { return __builtin_fmin(a, b); }
inline double max(double a, double b) { return __builtin_fmax(a, b); }

#endif
