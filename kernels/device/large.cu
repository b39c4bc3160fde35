// What a step of large copies needs beside matrix products, element by element. Each
// kernel takes a list of operations and an index (large_abi.cuh). None needs more than
// a few hundred bytes of shared memory, all are bound by memory, and sums go in an
// order that depends on the shapes alone.
//
//	large_apply    D = s·e·f_i·A_ij·g_j + t·C_ij + v·T_ij and sums of squares of A: the
//	               epilogue of a product (gemm_epilogue.cuh) for a matrix that is there
//	large_lengths  D_i = 1/(1 − Σ_j A_ij²): the factor of an anti-Hebbian term
//	large_widen    D = A in double; where there is a C, A is the matrix of even steps
//	               and C that of odd ones
//	large_narrow   D = A, double, rounded to Real
//	large_gather   D_je = A_jk, k the training example that stands e-th in the step
//	large_decide   ends a copy whose squared norm is no finite number
//
// Blocks have 256 threads. large_apply, large_widen and large_narrow: ⌈rows·⌈cols/p⌉/1024⌉
// blocks a copy, p elements being 16 bytes of Real. large_gather: ⌈rows·size/1024⌉ a copy.
// large_lengths: ⌈rows/8⌉ a copy. large_decide: one for eight copies.
#include "simt.cuh"

#include "gemm_epilogue.cuh"
#include "large_total.cuh"

constexpr int THREADS = 256, EACH = 4, WARPS = THREADS / 32;

__device__ __forceinline__ bool has_ended(Address ended, int64_t copy) {
  return ended && reinterpret_cast<const int64_t *>(ended)[copy] >= 0;
}

// apply_block serves one block of one copy.
template <class Real>
__device__ __forceinline__ void apply_block(const Product &p) {
  constexpr int PACK = 16 / sizeof(Real);
  __shared__ double sums[WARPS];
  __shared__ Epilogue<Real> epilogue;
  __shared__ Plane<Real> given;
  const int packs = (int(p.cols) + PACK - 1) / PACK, all = int(p.rows) * packs;
  const int blocks = (all + THREADS * EACH - 1) / (THREADS * EACH), block = int(blockIdx.x) % blocks;
  const int64_t copy = p.first + blockIdx.x / blocks;
  if (has_ended(p.ended, copy)) return;
  if (threadIdx.x == 0) {
    epilogue.aim(p, copy);
    given.aim(p.a, copy, p.first, p.task_of);
  }
  __syncthreads();
  Real squares = 0;
#pragma unroll 1
  for (int e = 0; e < EACH; e++) {
    const int at = (block * EACH + e) * THREADS + int(threadIdx.x);
    if (at >= all) break;
    const int row = at / packs, col = at % packs * PACK;
    const Column<Real> column = epilogue.column(col);
    epilogue.finish(row, column, given.load(row, col, column.count), epilogue.load(row, column), &squares);
  }
  if (p.squares.at) {
    const double sum = total<THREADS>(double(squares), sums);
    if (threadIdx.x == 0) place_of<double>(p.squares, copy, p.first, p.task_of)[block] = sum;
  }
}

// lengths_block serves eight rows of one copy, a warp each.
template <class Real>
__device__ __forceinline__ void lengths_block(const Product &p) {
  const int blocks = (int(p.rows) + WARPS - 1) / WARPS;
  const int64_t copy = p.first + blockIdx.x / blocks;
  const int row = int(blockIdx.x) % blocks * WARPS + int(threadIdx.x) / 32;
  if (row >= int(p.rows) || has_ended(p.ended, copy)) return;
  const Real *w = place_of<const Real>(p.a, copy, p.first, p.task_of) + int64_t(row) * p.a.lead;
  Real square = 0;
  for (int j = threadIdx.x % 32; j < int(p.cols); j += 32) square += w[j] * w[j];
  square = warp_total(square);
  if (threadIdx.x % 32 == 0) place_of<Real>(p.d, copy, p.first, p.task_of)[row] = 1 / (1 - square);
}

// convert_block copies part of a matrix to another type.
template <class To, class From>
__device__ __forceinline__ void convert_block(const Product &p, int pack) {
  const int packs = (int(p.cols) + pack - 1) / pack, all = int(p.rows) * packs;
  const int blocks = (all + THREADS * EACH - 1) / (THREADS * EACH), block = int(blockIdx.x) % blocks;
  const int64_t copy = p.first + blockIdx.x / blocks;
  const Matrix *source = &p.a;
  if (p.c.at) {
    const int64_t ended = reinterpret_cast<const int64_t *>(p.ended)[copy];
    const int64_t step = ended >= 0 ? ended : reinterpret_cast<const int64_t *>(p.clock)[copy];
    if (step & 1) source = &p.c;
  }
  const From *from = place_of<const From>(*source, copy, p.first, p.task_of);
  To *to = place_of<To>(p.d, copy, p.first, p.task_of);
#pragma unroll 1
  for (int e = 0; e < EACH; e++) {
    const int at = (block * EACH + e) * THREADS + int(threadIdx.x);
    if (at >= all) break;
    const int row = at / packs, col = at % packs * pack;
    for (int j = col; j < col + pack && j < int(p.cols); j++) to[row * p.d.lead + j] = To(from[row * source->lead + j]);
  }
}

// gather_block serves one block of one copy.
template <class Real>
__device__ __forceinline__ void gather_block(const Gather &g) {
  const int all = int(g.rows * g.size), blocks = (all + THREADS * EACH - 1) / (THREADS * EACH);
  const int block = int(blockIdx.x) % blocks;
  const int64_t copy = g.first + blockIdx.x / blocks;
  if (has_ended(g.ended, copy)) return;
  const int64_t step = reinterpret_cast<const int64_t *>(g.clock)[copy];
  const uint32_t *order = reinterpret_cast<const uint32_t *>(g.orders) + step / g.steps % g.epochs * g.stride +
                          copy * g.trained + step % g.steps * g.batch;
  const Real *from = place_of<const Real>(g.from, copy, g.first, g.task_of);
  Real *to = place_of<Real>(g.to, copy, g.first, g.task_of);
#pragma unroll 1
  for (int e = 0; e < EACH; e++) {
    const int at = (block * EACH + e) * THREADS + int(threadIdx.x);
    if (at >= all) break;
    const int row = at / int(g.size), col = at % int(g.size);
    to[row * g.to.lead + col] = from[row * g.from.lead + order[col]];
  }
}

// decide_block serves eight copies, a warp each.
__device__ __forceinline__ void decide_block(const Decision &d) {
  const int64_t number = int64_t(blockIdx.x) * WARPS + threadIdx.x / 32, copy = d.first + number;
  if (number >= d.copies) return;
  const double *squares = place_of<const double>(d.squares, copy, d.first, 0);
  double sum = 0;
  for (int64_t k = threadIdx.x % 32; k < d.sums; k += 32) sum += squares[k];
  sum = warp_total(sum);
  if (threadIdx.x % 32 != 0) return;
  int64_t *clock = reinterpret_cast<int64_t *>(d.clock) + copy, *ended = reinterpret_cast<int64_t *>(d.ended) + copy;
  *clock += 1;
  if (*ended < 0 && !(sum <= d.largest)) *ended = *clock;
}

#define LARGE(operation, name, Operation, call)                                                                       \
  extern "C" __global__ void __launch_bounds__(THREADS) large_##operation##_##name(const Operation *list, int64_t index) { \
    call;                                                                                                             \
  }

LARGE(apply, f32, Product, apply_block<float>(list[index]))
LARGE(apply, f64, Product, apply_block<double>(list[index]))
LARGE(lengths, f32, Product, lengths_block<float>(list[index]))
LARGE(lengths, f64, Product, lengths_block<double>(list[index]))
LARGE(widen, f32, Product, (convert_block<double, float>(list[index], 4)))
LARGE(widen, f64, Product, (convert_block<double, double>(list[index], 2)))
LARGE(narrow, f32, Product, (convert_block<float, double>(list[index], 4)))
LARGE(narrow, f64, Product, (convert_block<double, double>(list[index], 2)))
LARGE(gather, f32, Gather, gather_block<float>(list[index]))
LARGE(gather, f64, Gather, gather_block<double>(list[index]))
LARGE(decide, f64, Decision, decide_block(list[index]))
