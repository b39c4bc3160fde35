// Standard normals from uniform words, with the bits of engine/random: algorithm
// AS 241 (M. J. Wichura, Applied Statistics 37 (1988) 477-484, function PPND16) by
// + - * / and square roots in the order written there, each rounded by itself; a
// fused multiply-add would change the bits. The relative error is below 40·2^-53,
// as engine/random/normal.go derives.
#ifndef MODSPEC_NORMAL_CUH
#define MODSPEC_NORMAL_CUH

#include "abi.h"

// The polynomials of PPND16, the constant term first.
__constant__ double centre_above[8] = {
    3.3871328727963666080e+0, 1.3314166789178437745e+2, 1.9715909503065514427e+3,
    1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
    3.3430575583588128105e+4, 2.5090809287301226727e+3,
};
__constant__ double centre_below[8] = {
    1,                        4.2313330701600911252e+1, 6.8718700749205790830e+2,
    5.3941960214247511077e+3, 2.1213794301586595867e+4, 3.9307895800092710610e+4,
    2.8729085735721942674e+4, 5.2264952788528545610e+3,
};
__constant__ double near_above[8] = {
    1.42343711074968357734e+0, 4.63033784615654529590e+0, 5.76949722146069140550e+0,
    3.64784832476320460504e+0, 1.27045825245236838258e+0, 2.41780725177450611770e-1,
    2.27238449892691845833e-2, 7.74545014278341407640e-4,
};
__constant__ double near_below[8] = {
    1,                         2.05319162663775882187e+0, 1.67638483018380384940e+0,
    6.89767334985100004550e-1, 1.48103976427480074590e-1, 1.51986665636164571966e-2,
    5.47593808499534494600e-4, 1.05075007164441684324e-9,
};
__constant__ double far_above[8] = {
    6.65790464350110377720e+0, 5.46378491116411436990e+0, 1.78482653991729133580e+0,
    2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
    2.71155556874348757815e-5, 2.01033439929228813265e-7,
};
__constant__ double far_below[8] = {
    1,                         5.99832206555887937690e-1, 1.36929880922735805310e-1,
    1.48753612908506148525e-2, 7.86869131145613259100e-4, 1.84631831751005468180e-5,
    1.42151175831644588870e-7, 2.04426310338993978564e-15,
};

// The sum of c[i]·x^i, i = 0 ... 7, by Horner's rule, each product rounded before its
// sum.
__device__ __forceinline__ double polynomial(const double (&c)[8], double x) {
  double p = c[7];
#pragma unroll
  for (int i = 6; i >= 0; i--) p = __dadd_rn(__dmul_rn(p, x), c[i]);
  return p;
}

// The natural logarithm of a positive normal x: with x = 2^e·m, m in [√½, √2) and
// s = (m-1)/(m+1), e·ln 2 + 2s(1 + z/3 + z²/5 + ... + z^10/21), z = s².
__device__ __forceinline__ double logarithm(double x) {
  const long long bits = __double_as_longlong(x);
  int exponent = int(bits >> 52) - 1023;
  double m = __longlong_as_double((bits & 0xfffffffffffffll) | 1023ll << 52);
  if (m >= 1.41421356237309504880168872420969807856967187537694) {
    m = __dmul_rn(m, 0.5); // exact
    exponent++;
  }
  const double s = __ddiv_rn(__dadd_rn(m, -1.0), __dadd_rn(m, 1.0));
  const double z = __dmul_rn(s, s);
  double w = 1.0 / 21;
  w = __dadd_rn(__dmul_rn(w, z), 1.0 / 19);
  w = __dadd_rn(__dmul_rn(w, z), 1.0 / 17);
  w = __dadd_rn(__dmul_rn(w, z), 1.0 / 15);
  w = __dadd_rn(__dmul_rn(w, z), 1.0 / 13);
  w = __dadd_rn(__dmul_rn(w, z), 1.0 / 11);
  w = __dadd_rn(__dmul_rn(w, z), 1.0 / 9);
  w = __dadd_rn(__dmul_rn(w, z), 1.0 / 7);
  w = __dadd_rn(__dmul_rn(w, z), 1.0 / 5);
  w = __dadd_rn(__dmul_rn(w, z), 1.0 / 3);
  w = __dadd_rn(__dmul_rn(w, z), 1.0);
  const double log_m = __dmul_rn(__dmul_rn(2.0, s), w);
  const double e = double(exponent);
  const double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;
  return __dadd_rn(__dmul_rn(e, ln2_high), __dadd_rn(log_m, __dmul_rn(e, ln2_low)));
}

// The quantile of the standard normal distribution at (k + ½)·2^-52, k the top 52
// bits of word.
__device__ __forceinline__ double normal(uint64_t word) {
  const int64_t odd = int64_t(word >> 12) << 1 | 1;
  const double q = __dmul_rn(double(odd - (1ll << 52)), 1.0 / (1ll << 53)); // exact
  const double size = q < 0 ? -q : q;
  if (!(size > 0.425)) {
    const double r = __dadd_rn(0.180625, -__dmul_rn(q, q));
    return __ddiv_rn(__dmul_rn(q, polynomial(centre_above, r)), polynomial(centre_below, r));
  }
  double r = __dsqrt_rn(-logarithm(__dadd_rn(0.5, -size)));
  double z;
  if (r <= 5) {
    r = __dadd_rn(r, -1.6);
    z = __ddiv_rn(polynomial(near_above, r), polynomial(near_below, r));
  } else {
    r = __dadd_rn(r, -5.0);
    z = __ddiv_rn(polynomial(far_above, r), polynomial(far_below, r));
  }
  return q < 0 ? -z : z;
}

#endif
