// Chains of elementwise operations: a short code that every thread steps through for
// PACK elements of 16 bytes together. Code and operands are read at addresses that all
// threads share, so a branch never diverges. The result of an instruction is the
// accumulator, which stays in registers; what is needed later than by the next
// instruction goes to a slot, PACK elements a thread in shared memory, which no other
// thread reads.
//
// Error: each operation rounds once; functions are those of the device's library, off
// by at most 2 units in the last place (CUDA C++ programming guide, mathematical
// functions), atan2 by 3; sigmoid and softplus add three roundings. A quotient is rounded
// once.
#ifndef MODSPEC_PROGRAM_CODE_CUH
#define MODSPEC_PROGRAM_CODE_CUH

#include "program_abi.cuh"
#include "real.cuh"

// n / length, for n < 2^31.
__device__ __forceinline__ uint32_t divided(uint32_t n, int64_t multiplier, int64_t shift) {
  return uint32_t(uint64_t(n) * uint64_t(multiplier) >> int(shift));
}

// The functions by precision.
__device__ __forceinline__ float exponential(float x) { return expf(x); }
__device__ __forceinline__ double exponential(double x) { return exp(x); }
__device__ __forceinline__ float root(float x) { return __fsqrt_rn(x); }
__device__ __forceinline__ double root(double x) { return __dsqrt_rn(x); }
__device__ __forceinline__ float natural_logarithm(float x) { return logf(x); }
__device__ __forceinline__ double natural_logarithm(double x) { return log(x); }
__device__ __forceinline__ float logarithm_1p(float x) { return log1pf(x); }
__device__ __forceinline__ double logarithm_1p(double x) { return log1p(x); }
__device__ __forceinline__ float hyperbolic_tangent(float x) { return tanhf(x); }
__device__ __forceinline__ double hyperbolic_tangent(double x) { return tanh(x); }
__device__ __forceinline__ float error_function(float x) { return erff(x); }
__device__ __forceinline__ double error_function(double x) { return erf(x); }
__device__ __forceinline__ float sine(float x) { return sinf(x); }
__device__ __forceinline__ double sine(double x) { return sin(x); }
__device__ __forceinline__ float cosine(float x) { return cosf(x); }
__device__ __forceinline__ double cosine(double x) { return cos(x); }
__device__ __forceinline__ float angle(float y, float x) { return atan2f(y, x); }
__device__ __forceinline__ double angle(double y, double x) { return atan2(y, x); }

// The larger number, NaN if one of them is NaN. Of zeros it is +0 if one of them is.
template <class Real>
__device__ __forceinline__ Real larger(Real x, Real y) {
  if (x != x) return x;
  if (x == y) return x == 0 ? x + y : x;
  return x > y ? x : y; // y where it is NaN
}

// A function of the library, or a quotient.
template <class Real>
__device__ __forceinline__ Real function(int code, Real x, Real y) {
  switch (code) {
  case CODE_EXP: return exponential(x);
  case CODE_LOG: return natural_logarithm(x);
  case CODE_TANH: return hyperbolic_tangent(x);
  case CODE_SIGMOID: { // by e^−|x|, which cannot overflow
    const Real e = exponential(-magnitude(x));
    return (x < 0 ? e : Real(1)) / (1 + e);
  }
  case CODE_SOFTPLUS: // max(x, 0) + ln(1 + e^−|x|)
    return (x > 0 ? x : x != x ? x : Real(0)) + logarithm_1p(exponential(-magnitude(x)));
  case CODE_ERF: return error_function(x);
  case CODE_SIN: return sine(x);
  case CODE_COS: return cosine(x);
  case CODE_DIVIDE: return x / y;
  default: return angle(x, y);
  }
}

// Quad is the elements of a thread as an argument of a routine.
template <class Real>
struct Quad {
  Real of[16 / sizeof(Real)];
};

// functions is a function of each element. It is a routine that is called, so that its
// code is there once.
template <class Real>
__device__ __noinline__ Quad<Real> functions(int code, Quad<Real> x, Quad<Real> y) {
#pragma unroll
  for (int e = 0; e < int(16 / sizeof(Real)); e++) x.of[e] = function(code, x.of[e], y.of[e]);
  return x;
}

// Elements are the elements of one thread: PACK of them, or fewer at an edge.
template <class Real>
struct Elements {
  static constexpr int PACK = 16 / sizeof(Real);
  uint32_t index[PACK]; // in the tensor; at least its size: none
  bool whole;           // there are all, side by side
};

// place_in returns whether an operand has element i, and where.
__device__ __forceinline__ bool place_in(const ProgramOperand &o, uint32_t i, int64_t &place) {
  place = o.offset;
  bool there = true;
  for (int k = 0; k < int(o.axes); k++) {
    const uint32_t rest = k + 1 < int(o.axes) ? divided(i, o.multiplier[k], o.shift[k]) : 0;
    const int64_t digit = i - rest * uint32_t(o.length[k]);
    if (k == int(o.bounded)) there = digit >= o.low && digit < o.high;
    place += digit * o.step[k];
    i = rest;
  }
  return there;
}

// Chain applies a code to a thread's elements.
template <class Real, int THREADS>
struct Chain {
  static constexpr int PACK = 16 / sizeof(Real);
  Real value[PACK]; // the accumulator

  static __device__ __forceinline__ Real *slot(Real *slots, int number) {
    return slots + (number * THREADS + int(threadIdx.x)) * PACK;
  }

  __device__ __forceinline__ void take(Real (&x)[PACK], int source, const ProgramInstruction &in, Real *slots) const {
    const Real *const from = slot(slots, source < MAX_SLOTS ? source : 0);
#pragma unroll
    for (int e = 0; e < PACK; e++) {
      x[e] = value[e];
      if (source < MAX_SLOTS) x[e] = from[e];
      if (source == SOURCE_A) x[e] = Real(in.a);
      if (source == SOURCE_B) x[e] = Real(in.b);
    }
  }

  __device__ __forceinline__ void load(const ProgramOperand &o, const Elements<Real> &of, uint32_t size) {
    const Real *const from = at<const Real>(o.at) + int64_t(blockIdx.y) * o.stride;
    if (o.axes == 0) {
      const Real x = from[o.offset];
#pragma unroll
      for (int e = 0; e < PACK; e++) value[e] = x;
    } else if (o.axes < 0) {
      const Real *const first = from + o.offset + of.index[0];
      if (of.whole && reinterpret_cast<uint64_t>(first) % 16 == 0) {
        load_pack(first);
        return;
      }
#pragma unroll
      for (int e = 0; e < PACK; e++) {
        if (of.index[e] < size) value[e] = from[o.offset + of.index[e]];
      }
    } else {
#pragma unroll
      for (int e = 0; e < PACK; e++) {
        int64_t place;
        if (of.index[e] < size && place_in(o, of.index[e], place)) value[e] = from[place];
      }
    }
  }

  __device__ __forceinline__ void load_pack(const float *from) { load_4(from, value); }
  __device__ __forceinline__ void load_pack(const double *from) {
    const double2 two = *reinterpret_cast<const double2 *>(from);
    value[0] = two.x, value[1] = two.y;
  }
  __device__ __forceinline__ void store_pack(float *to) const { store_4(to, value[0], value[1], value[2], value[3]); }
  __device__ __forceinline__ void store_pack(double *to) const { *reinterpret_cast<double2 *>(to) = make_double2(value[0], value[1]); }

  __device__ __forceinline__ void store(const ProgramOperand &o, const Elements<Real> &of, uint32_t size) const {
    Real *const to = at<Real>(o.at) + int64_t(blockIdx.y) * o.stride + o.offset;
    if (of.whole && reinterpret_cast<uint64_t>(to + of.index[0]) % 16 == 0) {
      store_pack(to + of.index[0]);
      return;
    }
#pragma unroll
    for (int e = 0; e < PACK; e++) {
      if (of.index[e] < size) to[of.index[e]] = value[e];
    }
  }

  template <class Operation>
  __device__ __forceinline__ void each(const Real (&x)[PACK], const Real (&y)[PACK], const Real (&z)[PACK], Operation f) {
#pragma unroll
    for (int e = 0; e < PACK; e++) value[e] = f(x[e], y[e], z[e]);
  }

  __device__ __forceinline__ void apply(const ProgramInstruction *code, int count, const ProgramOperand *operands,
                                        const Elements<Real> &of, uint32_t size, Real *slots) {
#pragma unroll 1
    for (const ProgramInstruction *const end = code + count; code != end; code++) {
      const ProgramInstruction &in = *code;
      const int64_t word = in.word;
      const int op = int(word & 255), to = int(word >> 32 & 255);
      if (op == CODE_LOAD) {
        load(operands[in.operand], of, size);
      } else if (op != CODE_GIVEN) {
        Real x[PACK], y[PACK] = {};
        take(x, int(word >> 8 & 255), in, slots);
        if (op >= CODE_ADD) take(y, int(word >> 16 & 255), in, slots);
        Real z[PACK] = {};
        if (op == CODE_SELECT) take(z, int(word >> 24 & 255), in, slots);
        const Real a = Real(in.a), b = Real(in.b);
        switch (op) {
        case CODE_MOVE: each(x, y, z, [](Real x, Real, Real) { return x; }); break;
        case CODE_AFFINE: each(x, y, z, [a, b](Real x, Real, Real) { return multiply_add(a, x, b); }); break;
        case CODE_RELU: each(x, y, z, [](Real x, Real, Real) { return x <= 0 ? Real(0) : x; }); break;
        case CODE_SQRT: each(x, y, z, [](Real x, Real, Real) { return root(x); }); break;
        case CODE_ADD: each(x, y, z, [](Real x, Real y, Real) { return x + y; }); break;
        case CODE_SUBTRACT: each(x, y, z, [](Real x, Real y, Real) { return x - y; }); break;
        case CODE_MULTIPLY: each(x, y, z, [](Real x, Real y, Real) { return x * y; }); break;
        case CODE_MAXIMUM: each(x, y, z, [](Real x, Real y, Real) { return larger(x, y); }); break;
        case CODE_LESS: each(x, y, z, [](Real x, Real y, Real) { return x < y ? Real(1) : Real(0); }); break;
        case CODE_SELECT: each(x, y, z, [](Real x, Real y, Real z) { return x != 0 ? y : z; }); break;
        default: {
          Quad<Real> of_x, of_y;
#pragma unroll
          for (int e = 0; e < PACK; e++) of_x.of[e] = x[e], of_y.of[e] = y[e];
          of_x = functions(op, of_x, of_y);
#pragma unroll
          for (int e = 0; e < PACK; e++) value[e] = of_x.of[e];
        }
        }
      }
      if (to < MAX_SLOTS) {
        Real *const kept = slot(slots, to);
#pragma unroll
        for (int e = 0; e < PACK; e++) kept[e] = value[e];
      }
      if (in.store >= 0) store(operands[in.store], of, size);
    }
  }
};

// has_ended reports whether this block's run has diverged.
__device__ __forceinline__ bool has_ended(const int64_t *ended) { return ended[blockIdx.y] >= 0; }

// piece_of returns the piece of a launch that this block belongs to.
template <class Piece>
__device__ __forceinline__ const Piece &piece_of(const Piece *list, int64_t count) {
  int64_t n = 0;
  while (n + 1 < count && list[n + 1].first <= int64_t(blockIdx.x)) n++;
  return list[n];
}

#endif
