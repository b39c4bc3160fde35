// The arithmetic words against integers of twice the width, and against numbers
// chosen so that one rounding and two roundings differ.
#include "check.h"
#include "simt.cuh"

#include <limits>

TEST(high_halves_of_products) {
  const unsigned long long wide[] = {0, 1, 2, 0xffffffffull, 0x123456789abcdefull, ~0ull, 1ull << 63};
  for (unsigned long long a : wide) {
    for (unsigned long long b : wide) {
      // Long multiplication in base 2³².
      const unsigned long long a0 = a & 0xffffffff, a1 = a >> 32, b0 = b & 0xffffffff, b1 = b >> 32;
      const unsigned long long low = a0 * b0, left = a1 * b0, right = a0 * b1;
      const unsigned long long middle = (low >> 32) + (left & 0xffffffff) + (right & 0xffffffff);
      const unsigned long long high = a1 * b1 + (left >> 32) + (right >> 32) + (middle >> 32);
      CHECK_EQUAL(__umul64hi(a, b), high);
      const unsigned a32 = unsigned(a), b32 = unsigned(b);
      CHECK_EQUAL(__umulhi(a32, b32), unsigned((unsigned long long)a32 * b32 >> 32));
    }
  }
}

// (1 + 2⁻⁵²)² = 1 + 2⁻⁵¹ + 2⁻¹⁰⁴: rounded first, the last term is gone. volatile
// keeps the compiler from doing it beforehand.
TEST(products_round_before_they_are_added) {
  volatile double a = 1 + std::numeric_limits<double>::epsilon();
  const double square = 1 + 2 * std::numeric_limits<double>::epsilon();
  CHECK(__dsub_rn(__dmul_rn(a, a), square) == 0);
  CHECK(a * a - square == 0);
  CHECK(fma(a, a, -square) == ldexp(1.0, -104));
  CHECK(__fma_rn(a, a, -square) == ldexp(1.0, -104));
  volatile float b = 1 + std::numeric_limits<float>::epsilon();
  const float square_f = 1 + 2 * std::numeric_limits<float>::epsilon();
  CHECK(__fsub_rn(__fmul_rn(b, b), square_f) == 0);
  CHECK(fmaf(b, b, -square_f) == ldexpf(1.0f, -46));
  CHECK(__fmaf_rn(b, b, -square_f) == ldexpf(1.0f, -46));
}

TEST(bits_and_counts) {
  CHECK_EQUAL(__popc(0xf0f0u), 8);
  CHECK_EQUAL(__popcll(~0ull), 64);
  CHECK_EQUAL(__clz(0), 32);
  CHECK_EQUAL(__clz(1), 31);
  CHECK_EQUAL(__clzll(1), 63);
  CHECK_EQUAL(__ffs(0), 0);
  CHECK_EQUAL(__ffs(8), 4);
  CHECK_EQUAL(__float_as_uint(1.0f), 0x3f800000u);
  CHECK(__longlong_as_double(__double_as_longlong(-0.1)) == -0.1);
  CHECK(__uint_as_float(0xffffffffu) != __uint_as_float(0xffffffffu));
}

TEST(minimum_leaves_nan_out) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(min(nan, 1.0) == 1 && max(1.0, nan) == 1 && min(nan, nan) != min(nan, nan));
  CHECK_EQUAL(max(-1, 1), 1);
  CHECK_EQUAL(min(~0u, 1u), 1u);
}

TEST(vectors_are_laid_out_as_on_the_device) {
  CHECK(sizeof(float2) == 8 && alignof(float2) == 8 && sizeof(float4) == 16 && alignof(float4) == 16);
  CHECK(sizeof(float3) == 12 && alignof(float3) == 4 && sizeof(double2) == 16 && alignof(double2) == 16);
  CHECK(sizeof(double4) == 32 && alignof(double4) == 16 && sizeof(int4) == 16 && alignof(int4) == 16);
  const float4 v = make_float4(1, 2, 3, 4);
  CHECK(v.x == 1 && v.y == 2 && v.z == 3 && v.w == 4);
}
