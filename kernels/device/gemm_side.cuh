// One operand of a matrix product on its way through shared memory; see gemm.cuh.
#ifndef MODSPEC_GEMM_SIDE_CUH
#define MODSPEC_GEMM_SIDE_CUH

#include "abi.h"

// Pack is what one instruction loads or stores: 16 bytes.
template <class Real>
struct __align__(16) Pack {
  Real v[16 / sizeof(Real)];
};

// fetch_pack loads the pack so many bytes after an element. Nobody may write it while
// the kernel runs.
__device__ __forceinline__ Pack<float> fetch_pack(const float *from, uint32_t bytes) {
  const float4 x = __ldg(reinterpret_cast<const float4 *>(reinterpret_cast<const char *>(from) + bytes));
  return Pack<float>{{x.x, x.y, x.z, x.w}};
}
__device__ __forceinline__ Pack<double> fetch_pack(const double *from, uint32_t bytes) {
  const double2 x = __ldg(reinterpret_cast<const double2 *>(reinterpret_cast<const char *>(from) + bytes));
  return Pack<double>{{x.x, x.y}};
}

// Side brings an operand's slices of DEPTH by EXTENT elements from device memory into
// registers (fetch) and from there into shared memory (put), by THREADS threads.
// EXTENT runs along the rows or columns of the result, DEPTH along the sum. An operand
// whose rows do not begin at multiples of 16 bytes goes element by element without a
// stop in registers, which is slower.
//
// In shared memory a slice lies with the extent contiguous, LEAD elements from one
// depth to the next: then a thread's operands of one multiplication are 16-byte
// loads. In device memory either may be contiguous. Where it is the depth, the
// elements of a pack go to different depths, and neighbouring lanes to neighbouring
// extents or to the next pack's depths; LEAD = 16 bytes past a multiple of eight
// elements puts these into different banks.
template <class Real, int EXTENT, int DEPTH, int THREADS>
struct Side {
  static constexpr int PACK = 16 / sizeof(Real);
  static constexpr int LEAD = EXTENT + (PACK + 8 - EXTENT % 8) % 8;
  static constexpr int PACKS = EXTENT * DEPTH / PACK;
  static constexpr int EACH = (PACKS + THREADS - 1) / THREADS;

  const Real *from; // the slice to be fetched next
  uint32_t step;    // bytes from one slice to the next
  bool wide;        // the extent is contiguous in device memory
  bool aligned;     // packs are
  int extent;       // elements of the extent that there are
  int lead;
  uint32_t offset[EACH]; // bytes, of each pack of this thread in a slice in device memory
  int at[EACH];     // and in shared memory
  Pack<Real> held[EACH];

  // Where a pack lies in a slice.
  __device__ __forceinline__ int pack_extent(int pack) const {
    return wide ? pack % (EXTENT / PACK) * PACK : pack / (DEPTH / PACK);
  }
  __device__ __forceinline__ int pack_depth(int pack) const {
    return wide ? pack / (EXTENT / PACK) : pack % (DEPTH / PACK) * PACK;
  }

  // aim points at the operand's part from `start` along its extent, of which there
  // are `whole`; slices begin at `first` and are `stride` apart. Packs past the
  // extent are fetched from its end: they only enter elements of the result that
  // nobody wants.
  __device__ __forceinline__ void aim(const Real *matrix, int row_lead, bool is_wide, int start, int whole, int first,
                                      int stride, int thread) {
    wide = is_wide;
    lead = row_lead;
    extent = whole - start;
    from = matrix + (wide ? int64_t(first) * lead + start : int64_t(start) * lead + first);
    step = uint32_t(stride * (wide ? lead : 1)) * uint32_t(sizeof(Real));
    aligned = reinterpret_cast<uint64_t>(from) % 16 == 0 && lead % PACK == 0;
#pragma unroll
    for (int e = 0; e < EACH; e++) {
      const int pack = min(thread + e * THREADS, PACKS - 1), last = extent - 1;
      const int x = pack_extent(pack), depth = pack_depth(pack);
      at[e] = depth * LEAD + x;
      offset[e] = uint32_t(wide ? depth * lead + min(x, last / PACK * PACK) : min(x, last) * lead + depth) * uint32_t(sizeof(Real));
    }
  }

  // fetch loads the next slice, of which `left` depths are there. What is put in place of
  // the others is never read.
  __device__ __forceinline__ void fetch(int left, int thread) {
    if (!aligned) return;
    if (left >= DEPTH) {
#pragma unroll
      for (int e = 0; e < EACH; e++) held[e] = fetch_pack(from, offset[e]);
    } else {
#pragma unroll
      for (int e = 0; e < EACH; e++) {
        held[e] = Pack<Real>{};
        if (pack_depth(min(thread + e * THREADS, PACKS - 1)) < left) held[e] = fetch_pack(from, offset[e]);
      }
    }
  }

  // put writes the slice to shared memory.
  __device__ __forceinline__ void put(Real *slice, int left, int thread) {
    if (aligned) {
#pragma unroll
      for (int e = 0; e < EACH; e++) {
        if (PACKS % THREADS != 0 && thread + e * THREADS >= PACKS) continue;
        if (wide) {
          *reinterpret_cast<Pack<Real> *>(slice + at[e]) = held[e];
        } else {
#pragma unroll
          for (int i = 0; i < PACK; i++) slice[at[e] + i * LEAD] = held[e].v[i];
        }
      }
    } else {
#pragma unroll 1
      for (int n = thread; n < EXTENT * DEPTH; n += THREADS) {
        const int depth = wide ? n / EXTENT : n % DEPTH, x = wide ? n % EXTENT : n / DEPTH;
        const bool there = depth < left && x < extent;
        slice[depth * LEAD + x] = there ? __ldg(from + (wide ? depth * lead + x : x * lead + depth)) : Real(0);
      }
    }
    from = reinterpret_cast<const Real *>(reinterpret_cast<const char *>(from) + step);
  }
};

#endif
