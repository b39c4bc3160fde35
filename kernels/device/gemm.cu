// Matrix products of the large path, D = s·e·diag(f)·A·B·diag(g) + t·C + v·T for
// each of many copies, with sums of squares (Epilogue). gemm.cuh has the algorithm,
// its determinism and its error; large_abi.cuh the operands.
//
// Shapes: A rows × depth, B depth × cols, either stored transposed; all row-major with
// a lead. 16-byte loads where base and lead allow it, single ones elsewhere.
// Launch: one block a tile and copy, ⌈rows/ROWS⌉·⌈cols/COLS⌉·copies blocks. Static
// shared memory, 2·DEPTH·(ROWS + COLS) elements and some padding, below 48 KB.
//
// Floors, for 64 copies at bits 8 (257 outputs, 256 coordinates, 256 hidden units),
// on 132 multiprocessors at 1.98 GHz, 66.9 TFLOP/s in float32:
//   arithmetic: 3 products of 64·257·256·256 multiply-adds, 6.47 GFLOP, 97 µs a step;
//   memory: weights read twice and written once, E and Σ_yx once, 64 × 2.1 MB or 31 µs at
//   4.3 TB/s, most of which L2 (50 MB) spares; tiles read 64 × 3 × 1.1 MB through L2.
// Each lane makes 88 multiply-adds a depth from 5 + 2 loads of shared memory (r132c128),
// 64 from 2 + 2 (r128c128). 257 rows are 2 × 132, 97 % of them wanted, where 128 or 96
// a tile would waste 33 % or 11 %; 256 tiles are 1.94 a multiprocessor, both resident.
// Prediction: a slice of r132c128 is 704 multiply-adds of about 850 instructions (counted
// in its machine code for 9.0), and the epilogue adds 7 % to them: 77 % of the peak if
// nothing waits. Edges and the last wave cost 6 %, what is between launches 4 %, waiting
// for barriers and at a block's beginning and end perhaps 5 to 10 %: 62 to 67 % of the
// peak, 42 to 45 TFLOP/s, 145 to 155 µs a step.
#include "simt.cuh"

#include "gemm.cuh"

// PRODUCT(warps down, warps across, M, N, depth, slices, rows, cols, type, name, blocks)
// makes the kernel gemm_r<rows>c<cols>_<name> of a tile (gemm.cuh) whose rows and cols are
// 4·M·down and 8·N·across; `blocks` of them shall be resident on a multiprocessor.
// engine/train/cuda/large_tiles.go lists the same tiles.
#define PRODUCT(DOWN, ACROSS, M, N, DEPTH, SLICES, rows, cols, type, name, BLOCKS)                          \
  extern "C" __global__ void __launch_bounds__(32 * DOWN * ACROSS * SLICES, BLOCKS)                         \
      gemm_r##rows##c##cols##_##name(const Product *list, int64_t index) {                                  \
    using T = Tile<type, M, N, DOWN, ACROSS, DEPTH, SLICES>;                                                \
    static_assert(T::ROWS == rows && T::COLS == cols, "a kernel's name says what its tile is");             \
    product<T>(list, index);                                                                                \
  }

PRODUCT(3, 2, 11, 8, 8, 1, 132, 128, float, f32, 2)
PRODUCT(4, 2, 8, 8, 8, 1, 128, 128, float, f32, 2)
PRODUCT(3, 2, 8, 8, 8, 1, 96, 128, float, f32, 2)
PRODUCT(2, 1, 8, 8, 8, 1, 64, 64, float, f32, 6)
PRODUCT(2, 1, 4, 4, 16, 1, 32, 32, float, f32, 8)
PRODUCT(1, 1, 4, 2, 16, 8, 16, 16, float, f32, 3)

PRODUCT(2, 2, 8, 4, 8, 1, 64, 64, double, f64, 3)
PRODUCT(2, 1, 4, 4, 8, 1, 32, 32, double, f64, 6)
PRODUCT(1, 1, 4, 2, 8, 8, 16, 16, double, f64, 2)
