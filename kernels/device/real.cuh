// Words for the precision of training, *Real*: float or double.
#ifndef MODSPEC_REAL_CUH
#define MODSPEC_REAL_CUH

#include "abi.h"

// a*b + c with one rounding.
__device__ __forceinline__ float multiply_add(float a, float b, float c) { return fmaf(a, b, c); }
__device__ __forceinline__ double multiply_add(double a, double b, double c) { return fma(a, b, c); }

// Whether x is a number: neither infinite nor NaN.
template <class Real>
__device__ __forceinline__ bool is_finite(Real x) {
  return x - x == 0;
}

// The largest finite Real.
template <class Real>
struct Largest;
template <>
struct Largest<float> {
  static constexpr float value = 3.4028234663852886e38f;
};
template <>
struct Largest<double> {
  static constexpr double value = 1.7976931348623157e308;
};

// |x|.
__device__ __forceinline__ float magnitude(float x) { return fabsf(x); }
__device__ __forceinline__ double magnitude(double x) { return fabs(x); }

// Not a number.
__device__ __forceinline__ double not_a_number() { return __longlong_as_double(0x7ff8000000000000ll); }

// Four neighbours at an address that is a multiple of 16 bytes.
__device__ __forceinline__ void load_4(const float *from, float (&v)[4]) {
  const float4 f = *reinterpret_cast<const float4 *>(from);
  v[0] = f.x, v[1] = f.y, v[2] = f.z, v[3] = f.w;
}
__device__ __forceinline__ void load_4(const double *from, double (&v)[4]) {
  const double2 low = *reinterpret_cast<const double2 *>(from), high = *reinterpret_cast<const double2 *>(from + 2);
  v[0] = low.x, v[1] = low.y, v[2] = high.x, v[3] = high.y;
}
__device__ __forceinline__ void store_4(float *to, float a, float b, float c, float d) {
  *reinterpret_cast<float4 *>(to) = make_float4(a, b, c, d);
}
__device__ __forceinline__ void store_4(double *to, double a, double b, double c, double d) {
  *reinterpret_cast<double2 *>(to) = make_double2(a, b);
  *reinterpret_cast<double2 *>(to + 2) = make_double2(c, d);
}

// What stands at an address of a launch.
template <class T>
__device__ __forceinline__ T *at(Address address) {
  return reinterpret_cast<T *>(address);
}

#endif
