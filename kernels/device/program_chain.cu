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
#include "simt.cuh"

#include "program_code.cuh"

template <class Real>
__device__ __forceinline__ void program_chain(const ProgramChain *list, int64_t count) {
  constexpr int THREADS = 128, PACK = Elements<Real>::PACK;
  DYNAMIC_SHARED(Real, slots);
  const ProgramChain &c = piece_of(list, count);
  Elements<Real> of;
  of.run = blockIdx.y;
  const int64_t start = ((int64_t(blockIdx.x) - c.first) * THREADS + threadIdx.x) * PACK;
#pragma unroll
  for (int e = 0; e < PACK; e++) of.index[e] = uint32_t(start + e < c.size ? start + e : c.size);
  of.whole = start + PACK <= c.size;
  Chain<Real, THREADS> chain = {};
  if (start < c.size) chain.apply(at<const ProgramInstruction>(c.code), int(c.count), at<const ProgramOperand>(c.operands), of, c.size, slots);
}

extern "C" __global__ void __launch_bounds__(128) program_chain_f32(const ProgramChain *list, int64_t count) {
  program_chain<float>(list, count);
}
extern "C" __global__ void __launch_bounds__(128) program_chain_f64(const ProgramChain *list, int64_t count) {
  program_chain<double>(list, count);
}
