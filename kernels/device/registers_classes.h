// The size classes of the kernels that keep weights in registers, one instance of
// fused_registers.cu or, where E does not fit them too, of fused_registers_wide.cu each:
//
//   use(lanes, units, outputs, coords, blocks)
//
// lanes an item, hidden units a lane, most outputs and coordinates; blocks of 128
// threads that a multiprocessor must have room for, which limits the registers of a
// thread to 65536/(128·blocks). A class serves every module with one hidden layer of
// at most lanes·units units that fits it; what is left over are zeros, which stay
// zeros. Its cost is that of the full class, so the host takes the one of least
//
//   3·lanes·units·outputs·coords
//
// Chosen for 50 hidden units, the paper's, on 2, 3 and 4 bits with a basis of 4, 8 and
// 16 coordinates: whole networks and modules for Omega_y or Gamma_y alone, with up to
// three copies of Gamma_y on 2 and 3 bits (up to 14 and 27 outputs) and one on 4 (up to
// 20); and for 32 and 112 hidden units in the paper's network.
#ifndef MODSPEC_REGISTERS_CLASSES_H
#define MODSPEC_REGISTERS_CLASSES_H

#define REGISTERS_CLASSES(use) \
  use(4, 13, 2, 4, 4)          \
  use(4, 13, 4, 4, 2)          \
  use(4, 13, 6, 4, 2)          \
  use(8, 7, 10, 4, 2)          \
  use(8, 7, 14, 4, 2)          \
  use(4, 13, 1, 8, 3)          \
  use(4, 13, 2, 8, 2)          \
  use(4, 13, 3, 8, 2)          \
  use(8, 13, 3, 8, 2)          \
  use(8, 7, 8, 8, 2)           \
  use(8, 4, 9, 8, 3)           \
  use(8, 7, 9, 8, 2)           \
  use(16, 7, 9, 8, 2)          \
  use(8, 7, 11, 8, 2)          \
  use(8, 7, 1, 16, 3)          \
  use(8, 7, 2, 16, 2)          \
  use(8, 7, 4, 16, 2)

#define WIDE_REGISTERS_CLASSES(use) \
  use(16, 4, 16, 8, 2)              \
  use(16, 4, 20, 8, 2)              \
  use(16, 4, 28, 8, 2)              \
  use(32, 2, 16, 16, 2)             \
  use(32, 2, 20, 16, 2)

#endif
