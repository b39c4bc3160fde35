// Where things lie, in formulas that the host mirrors: the weights of an item in
// `state`, the room of a group in `scratch`, and the shared memory of the general
// fused kernels. All counts are of Reals unless they say bytes.
#ifndef MODSPEC_LAYOUT_CUH
#define MODSPEC_LAYOUT_CUH

#include "abi.h"

#define HOST_DEVICE __host__ __device__ __forceinline__

// n rounded up to a multiple of 4, so that what follows is aligned to 16 bytes.
HOST_DEVICE constexpr int64_t up_to_4(int64_t n) { return (n + 3) / 4 * 4; }

// n, or n + 1 where n is even: lanes that read down a column of such rows meet no
// bank twice.
HOST_DEVICE constexpr int64_t odd(int64_t n) { return n | 1; }

// The columns of layer l (from 0) in the coordinates of training.
HOST_DEVICE constexpr int64_t columns(const int64_t *widths, int64_t coords, int64_t l) {
  return l == 0 ? coords : widths[l];
}

// Where layer l of an item begins in `state`; for l = layers, how many Reals the
// item has. state_stride is at least that; where it is a multiple of 4 as well,
// registers are filled by 16 bytes at a time.
HOST_DEVICE constexpr int64_t state_offset(const int64_t *widths, int64_t coords, int64_t l) {
  int64_t n = 0;
  for (int64_t k = 0; k < l; k++) n += widths[k + 1] * columns(widths, coords, k);
  return n;
}

// The widest hidden layer; 0 for a shallow module.
HOST_DEVICE constexpr int64_t widest_hidden(const int64_t *widths, int64_t layers) {
  int64_t n = 0;
  for (int64_t l = 1; l < layers; l++) n = widths[l] > n ? widths[l] : n;
  return n;
}

// The room of a group, a multiple of 4:
//
//   mapping  outputs x coords, M; shallow modules have two of them
//   whole    outputs x inputs, M in plain coordinates
//   carry    hidden x up_to_4(outputs), the transpose of W_L ... W_2; where it takes
//            more than one product, two of them with room for the widest layer;
//            then 16 to spare, because rows are read by fours beyond their end
//
// scratch_stride must be at least scratch_reals and a multiple of 4, and scratch
// itself aligned to 16 bytes.
HOST_DEVICE constexpr int64_t scratch_whole(const int64_t *widths, int64_t layers, int64_t coords) {
  return (layers == 1 ? 2 : 1) * up_to_4(widths[layers] * coords);
}
HOST_DEVICE constexpr int64_t scratch_carry(const int64_t *widths, int64_t layers, int64_t coords) {
  return scratch_whole(widths, layers, coords) + up_to_4(widths[layers] * widths[0]);
}
HOST_DEVICE constexpr int64_t scratch_reals(const int64_t *widths, int64_t layers, int64_t coords) {
  return scratch_carry(widths, layers, coords) +
         (layers > 2 ? 2 : 1) * widest_hidden(widths, layers) * up_to_4(widths[layers]) + 16;
}

// SharedLayout is where the general fused kernels keep an item in shared memory.
// Every matrix has rows of odd(columns); -1 stands for what the rule does not need.
struct SharedLayout {
  int64_t weights[MAX_LAYERS]; // W_l, widths[l+1] x columns
  int64_t other;               // where the first layer is written next, as large as it
  int64_t product[MAX_LAYERS]; // W_l ... W_1, widths[l+1] x coords, for l >= 1
  int64_t back[2];             // E carried back to the outputs of layer l, in back[l & 1], for l >= 1
  int64_t drive;               // eta Sigma_yx, outputs x coords
  int64_t decay;               // eta d
  int64_t d;                   // d, for rules
  int64_t contrast;            // gamma: outputs x outputs
  int64_t last;                // gamma: what W_L gains by it, outputs x widths[L-1]
  int64_t below;               // beta > 0: coords x the widest input of a hidden layer
  int64_t lengths;             // beta < 0: a number for each unit of the widest hidden layer
  int64_t reals;               // of an item, a multiple of 4
};

// shared_bytes of a launch are items beside each other in a block times reals times
// sizeof(Real): one item in a block of shared_block, one a warp of shared_warp.
HOST_DEVICE constexpr SharedLayout shared_layout(const int64_t *widths, int64_t layers, int64_t coords, int64_t rule) {
  SharedLayout s = {};
  int64_t n = 0;
  const int64_t outputs = widths[layers], row = odd(coords);
  for (int64_t l = 0; l < layers; l++) {
    s.weights[l] = n;
    n += widths[l + 1] * odd(columns(widths, coords, l));
  }
  s.other = n;
  n += widths[1] * row;
  int64_t most[2] = {0, 0};
  for (int64_t l = 1; l < layers; l++) {
    s.product[l] = n;
    n += widths[l + 1] * row;
    most[l & 1] = widths[l + 1] > most[l & 1] ? widths[l + 1] : most[l & 1];
  }
  for (int side = 0; side < 2; side++) {
    s.back[side] = n;
    n += most[side] * row;
  }
  s.drive = n;
  n += outputs * row;
  s.decay = n;
  n += coords;
  s.d = s.contrast = s.last = s.below = s.lengths = -1;
  if (rule != 0) {
    s.d = n;
    n += coords;
  }
  if (rule & RULE_GAMMA) {
    s.contrast = n;
    n += outputs * odd(outputs);
    s.last = n;
    n += outputs * odd(widths[layers - 1]);
  }
  if (rule & RULE_HEBBIAN) {
    int64_t widest = 0;
    for (int64_t l = 0; l + 1 < layers; l++)
      widest = columns(widths, coords, l) > widest ? columns(widths, coords, l) : widest;
    s.below = n;
    n += coords * odd(widest);
  }
  if (rule & RULE_ANTI) {
    s.lengths = n;
    n += widest_hidden(widths, layers);
  }
  s.reals = up_to_4(n);
  return s;
}

#endif
