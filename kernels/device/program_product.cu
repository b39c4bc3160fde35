// Products of programs, program_product of matrices and program_convolve of images with
// windows, of many runs in one launch, each with a chain applied to its result.
// program_abi.cuh has the operands, program_product.cuh the algorithm and determinism.
// On tensor cores: program_product_tf32.cu.
//
// Launch: a block a tile, matrix of the batch and run; THREADS of the tile; dynamic shared
// memory: SHARED elements and 16·THREADS bytes a slot that a chain of the launch uses, at
// most 48 KB.
//
// Error. |computed − exact| ≤ γ(depth)·Σ|a||b|, γ(n) = n·u/(1 − n·u), u the unit roundoff,
// and what the chain adds.
//
// Floors, for the hidden layer of a mixture (256 × 128 × 128, 16 runs, three products of
// 4.2·10^6 multiply-adds a run) on 132 multiprocessors at 1.98 GHz, 66.9 TFLOP/s:
// arithmetic 6.0 µs; memory 16 × 3 × 0.33 MB at 4.3 TB/s, 3.7 µs, most of which L2 spares.
// Prediction. A thread of r128c64 makes 64 multiply-adds a depth from 4 loads of shared
// memory of 16 bytes; bringing a slice takes about 8 instructions for each of its 12
// elements, estimated and not counted: 96 beside 512 multiply-adds and 32 loads, so 80 %
// of the peak if nothing waits; with two blocks of four warps a multiprocessor, which its
// registers allow, 60 to 70 %. With 16 runs a 256 × 128 result is 64 blocks, less than one
// a multiprocessor: a third of the device. From 64 runs on 50 to 60 % of the peak.
// r64c32 makes 32 multiply-adds a depth from 3 loads: at most 70 %. program_convolve adds
// two divisions by multiplication, about 16 instructions, an element: at most 60 %.
#include "simt.cuh"

#include "program_product.cuh"

// PROGRAM_PRODUCT(rows, cols, rows of a thread, columns of a thread, type, name, blocks on a
// multiprocessor). engine/backend/cuda/programs/tile.go lists the same tiles.
#define PROGRAM_PRODUCT(rows, cols, M, N, type, name, BLOCKS)                                                        \
  extern "C" __global__ void __launch_bounds__(rows * cols / (M * N), BLOCKS)                                        \
      program_product_r##rows##c##cols##_##name(const ProgramProduct *list, int64_t count, const int64_t *ended) {                         \
    program_product<ProductTile<type, rows, cols, M, N>, false>(list, count, ended);                                        \
  }                                                                                                                  \
  extern "C" __global__ void __launch_bounds__(rows * cols / (M * N), BLOCKS)                                        \
      program_convolve_r##rows##c##cols##_##name(const ProgramProduct *list, int64_t count, const int64_t *ended) {                        \
    program_product<ProductTile<type, rows, cols, M, N>, true>(list, count, ended);                                         \
  }

PROGRAM_PRODUCT(128, 64, 8, 8, float, f32, 2)
PROGRAM_PRODUCT(64, 32, 8, 4, float, f32, 4)
PROGRAM_PRODUCT(64, 64, 8, 4, double, f64, 2)
PROGRAM_PRODUCT(32, 32, 4, 4, double, f64, 6)
