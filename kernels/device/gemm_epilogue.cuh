// What becomes of a matrix product's elements; see gemm.cuh.
#ifndef MODSPEC_GEMM_EPILOGUE_CUH
#define MODSPEC_GEMM_EPILOGUE_CUH

#include "gemm_side.cuh"
#include "large_abi.cuh"

// number_of tells which of a matrix's copies a block uses.
__device__ __forceinline__ int64_t number_of(const Matrix &m, int64_t copy, int64_t first, Address task_of) {
  if (m.which == OF_TASK) return reinterpret_cast<const int64_t *>(task_of)[copy];
  return m.which == OF_SLOT ? copy - first : copy;
}

// place_of is where a copy's matrix begins, or nothing.
template <class Real>
__device__ __forceinline__ Real *place_of(const Matrix &m, int64_t copy, int64_t first, Address task_of) {
  if (m.at == 0) return 0;
  return reinterpret_cast<Real *>(m.at) + number_of(m, copy, first, task_of) * m.stride;
}

// Plane is a matrix as the epilogue reads or writes it, a pack at a time.
template <class Real>
struct Plane {
  static constexpr int PACK = 16 / sizeof(Real);
  Real *at;
  int lead;
  bool aligned;

  __device__ __forceinline__ void aim(const Matrix &m, int64_t copy, int64_t first, Address task_of) {
    at = place_of<Real>(m, copy, first, task_of);
    lead = int(m.lead);
    aligned = reinterpret_cast<uint64_t>(at) % 16 == 0 && lead % PACK == 0;
  }

  // `count` elements of the pack are there.
  __device__ __forceinline__ Pack<Real> load(int row, int col, int count) const {
    const Real *from = at + int64_t(row) * lead + col;
    Pack<Real> x;
    if (aligned && count >= PACK) return *reinterpret_cast<const Pack<Real> *>(from);
#pragma unroll
    for (int i = 0; i < PACK; i++) x.v[i] = i < count ? from[i] : Real(0);
    return x;
  }

  __device__ __forceinline__ void store(int row, int col, int count, const Pack<Real> &x) const {
    Real *to = at + int64_t(row) * lead + col;
    if (aligned && count >= PACK) {
      *reinterpret_cast<Pack<Real> *>(to) = x;
      return;
    }
#pragma unroll
    for (int i = 0; i < PACK; i++) {
      if (i < count) to[i] = x.v[i];
    }
  }
};

// Column is where a thread's packs stand, with what belongs to their columns.
template <class Real>
struct Column {
  int at;    // the first of them
  int count; // how many there are: 0 or less where the pack is past the edge
  Pack<Real> g;
};

// Old is what a pack of D is made from beside the product.
template <class Real>
struct Old {
  Pack<Real> c, term;
  Real f;
};

// Epilogue is what is asked of one copy's product: with x = A·B,
//
//	D = s·e · f_i · x_ij · g_j  +  t·C_ij  +  v·T_ij,
//
// x itself and x·diag(g) where they are wanted, and the sum of the squares of x. One
// thread prepares it in shared memory before the product; all load what they need of
// C and T ahead of the packs that wait for it.
template <class Real>
struct Epilogue {
  static constexpr int PACK = 16 / sizeof(Real);
  int rows, cols;
  Plane<Real> c, d, raw, response, term;
  const Real *row_scale, *col_scale;
  Real scale, keep, term_rate;
  bool sums;

  __device__ __forceinline__ void aim(const Product &p, int64_t copy) {
    rows = int(p.rows);
    cols = int(p.cols);
    c.aim(p.c, copy, p.first, p.task_of);
    d.aim(p.d, copy, p.first, p.task_of);
    raw.aim(p.raw, copy, p.first, p.task_of);
    response.aim(p.response, copy, p.first, p.task_of);
    term.aim(p.term, copy, p.first, p.task_of);
    row_scale = place_of<Real>(p.row_scale, copy, p.first, p.task_of);
    col_scale = place_of<Real>(p.col_scale, copy, p.first, p.task_of);
    scale = Real(p.scale);
    keep = Real(p.keep);
    term_rate = 1;
    sums = p.squares.at != 0;
    const Real *rate = place_of<Real>(p.rate, copy, p.first, p.task_of);
    if (rate) scale *= *rate;
    const Real *second = place_of<Real>(p.term_rate, copy, p.first, p.task_of);
    if (second) term_rate = *second;
  }

  __device__ __forceinline__ Column<Real> column(int at) const {
    Column<Real> x;
    x.at = at;
    x.count = cols - at;
#pragma unroll
    for (int i = 0; i < PACK; i++) x.g.v[i] = col_scale && i < x.count ? col_scale[at + i] : Real(1);
    return x;
  }

  // load brings what the pack at (row, column) is made from.
  __device__ __forceinline__ Old<Real> load(int row, const Column<Real> &column) const {
    Old<Real> x;
    x.f = 1;
#pragma unroll
    for (int i = 0; i < PACK; i++) x.c.v[i] = x.term.v[i] = 0;
    if (row >= rows || column.count <= 0) return x;
    if (c.at) x.c = c.load(row, column.at, column.count);
    if (term.at) x.term = term.load(row, column.at, column.count);
    if (row_scale) x.f = row_scale[row];
    return x;
  }

  // finish takes the pack of A·B at (row, column) and adds its squares to a sum of this
  // thread's.
  __device__ __forceinline__ void finish(int row, const Column<Real> &column, Pack<Real> x, const Old<Real> &old,
                                         Real *squares) const {
    if (row >= rows || column.count <= 0) return;
    if (sums) {
#pragma unroll
      for (int i = 0; i < PACK; i++) {
        if (i < column.count) *squares += x.v[i] * x.v[i];
      }
    }
    if (raw.at) raw.store(row, column.at, column.count, x);
#pragma unroll
    for (int i = 0; i < PACK; i++) x.v[i] *= column.g.v[i];
    if (response.at) response.store(row, column.at, column.count, x);
    if (!d.at) return;
    const Real s = scale * old.f;
#pragma unroll
    for (int i = 0; i < PACK; i++) x.v[i] *= s;
    if (c.at) {
#pragma unroll
      for (int i = 0; i < PACK; i++) x.v[i] += keep * old.c.v[i];
    }
    if (term.at) {
#pragma unroll
      for (int i = 0; i < PACK; i++) x.v[i] += term_rate * old.term.v[i];
    }
    d.store(row, column.at, column.count, x);
  }
};

#endif
