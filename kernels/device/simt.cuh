// The one header that every kernel source includes first. On the device it adds
// only DYNAMIC_SHARED; compiled by a host compiler it brings the stand-in's SIMT
// layer (kernels/standin), over which tests run the very same source on a CPU.
#ifndef MODSPEC_SIMT_CUH
#define MODSPEC_SIMT_CUH

#if defined(__CUDACC__) || defined(__CUDACC_RTC__)

// DYNAMIC_SHARED(type, name) declares the pointer `name` to the dynamic shared
// memory of the block, whose size the launch gives. Its address is a multiple of
// 128 bytes. All declarations in a block name the same memory.
#define DYNAMIC_SHARED(type, name)                                      \
  extern __shared__ __align__(128) unsigned char dynamic_shared_bytes[]; \
  type *const name = reinterpret_cast<type *>(dynamic_shared_bytes)

#else

#include "simt.h"

#endif
#endif
