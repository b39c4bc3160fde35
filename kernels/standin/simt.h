// What a kernel source sees of the stand-in for a GPU: the CUDA C++ words that
// our kernels use, given a meaning on a CPU. For tests only: nothing that a user
// runs is built with it. The list is kept as short as the kernels allow; a word
// that is missing here is a compile error, never a silent difference.
//
// What it shows: barriers that are missing, or that some threads never reach;
// shuffles among lanes that do not take part; reads of shared memory before it is
// written; addresses outside of what was allocated; and, in a build of its own
// (races.h), barriers that are missing but that a shuffle stands in for here.
// What it cannot show: order that atomics seem to give to other memory, races
// between blocks, and anything about time. Blocks run one after the
// other, so a kernel whose blocks wait for each other does not end.
#ifndef MODSPEC_STANDIN_SIMT_H
#define MODSPEC_STANDIN_SIMT_H

// Standard headers come before any of the words below is defined: they use
// names such as __noinline__ themselves.
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <string>
#include <type_traits>

#include "vectors.h"
#include "lane.h"
#include "warp.h"
#include "tensor.h"
#include "atomics.h"
#include "arithmetic.h"

#define __global__
#define __device__
#define __host__
#define __constant__ static const
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(bytes) __attribute__((aligned(bytes)))

// Static shared memory. Every block runs on one thread of the process, so a
// variable of that thread is one per block. As thread-local storage it has known
// bounds, and each block starts with it poisoned. The address sanitizer guards
// only variables that are not thread-local, so its build gives up the poison for
// red zones.
#ifdef __SANITIZE_ADDRESS__
#define __shared__ static
#else
#define __shared__ static thread_local
#endif

#define DYNAMIC_SHARED(type, name) \
  type *const name = reinterpret_cast<type *>(simt::here->block->dynamic_shared)

#define threadIdx (simt::here->thread_index)
#define blockIdx (simt::here->block->index)
#define blockDim (simt::here->block->threads)
#define gridDim (simt::here->block->blocks)
#define warpSize 32

#endif
