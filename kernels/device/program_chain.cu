// Chains of elementwise operations with layout operations as they read (program_code.cuh
// has the code, its error and its precision), several independent chains in one launch.
// Launch: 128 threads; a block makes 2048 bytes of a chain's elements of one run;
// dynamic shared memory: 2048 bytes a slot that a chain of the launch uses.
//
// Work of an instruction for 4 floats a thread, counted in the source: 5 words of the
// instruction, uniform and from L1; one or two 16-byte loads of shared memory; 4
// operations. Floor: bytes of all loads and stores at 4.3 TB/s.
// Prediction: a chain of up to 8 arithmetic instructions that reads two arrays and writes
// one moves 12 bytes an element and takes about 8·25 issue slots for 128 elements, 0.39
// cycles of a multiprocessor an element against 0.73 for its memory traffic: bound by
// memory, at 70 to 80 % of it. Functions of the library take 20 to 40 slots an element
// more in float: chains with two of them are bound by arithmetic.
//
// A step of a mixture of 8 modules (TestCountOfAMixture: encoding 32, width 128, batch 256,
// Adam) is 35 launches of all program_* kernels, 2.8·10^7 multiply-adds and 6.3 MB a run, as
// the plan counts them: floors of 53 µs and 94 µs for 64 runs, and of 70 µs for its launches
// if one takes 2 µs.
#include "simt.cuh"

#include "program_code.cuh"

template <class Real>
__device__ __forceinline__ void program_chain(const ProgramChain *list, int64_t count, const int64_t *ended) {
  constexpr int THREADS = 128, PACK = Elements<Real>::PACK;
  DYNAMIC_SHARED(Real, slots);
  if (has_ended(ended)) return;
  const ProgramChain &c = piece_of(list, count);
  Elements<Real> of;
  const int64_t start = ((int64_t(blockIdx.x) - c.first) * THREADS + threadIdx.x) * PACK;
#pragma unroll
  for (int e = 0; e < PACK; e++) of.index[e] = uint32_t(start + e < c.size ? start + e : c.size);
  of.whole = start + PACK <= c.size;
  Chain<Real, THREADS> chain = {};
  if (start < c.size) chain.apply(at<const ProgramInstruction>(c.code), int(c.count), at<const ProgramOperand>(c.operands), of, uint32_t(c.size), slots);
}

extern "C" __global__ void __launch_bounds__(128, 8) program_chain_f32(const ProgramChain *list, int64_t count, const int64_t *ended) {
  program_chain<float>(list, count, ended);
}
extern "C" __global__ void __launch_bounds__(128, 8) program_chain_f64(const ProgramChain *list, int64_t count, const int64_t *ended) {
  program_chain<double>(list, count, ended);
}
