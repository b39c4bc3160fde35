// What host and device agree on for networks of convolutions. Every field takes eight
// bytes. All numbers that are trained are float; sums go in float, in a fixed order.
//
// An *entry* is one layer of one tower of one run (ConvLayer), or the outputs of one
// tower of one run (ConvHead). A launch takes the address of a list of entries in
// device memory and serves all of them side by side: blockIdx.y is the entry,
// blockIdx.x its tile. Entries of a launch may differ in everything; gridDim.x is the
// most that any of them needs, and blocks beyond an entry's tiles return at once.
// gridDim.y is at most 65,535. Layers of one launch are those at the same depth of
// their towers, or any others that do not wait for each other. Towers of 32 channels
// and of 16 are fastest in lists of their own, each with the class that fits.
//
// A convolution reads channels × height × width values an image and writes
// units × (height − kernel_height + 1) × (width − kernel_width + 1): P places, with
// K = channels·kernel_height·kernel_width weights a unit. A linear layer is a
// convolution of a 1 × 1 kernel over 1 × 1 values whose channels are all values below;
// they lie in the right order already. All shapes are 1 or more; the images of a step
// times the places, or the values, of one channel are below 2³¹.
//
// Arrays, row-major and packed, aligned to 4 bytes or more, all of the host's making:
//   images      float [all images][channels][height][width]: pixels of 0 … 1
//   order       uint32 [images of an epoch or a set]: which image comes at each place
//   out, delta  float [room][units][places], room ≥ the images of any step: what a
//               layer puts out, after ReLU, and how the loss changes with that
//   weights     float [units][channels][kernel_height][kernel_width]
//   biases      float [units]
//   velocity_*  float, like the weights and biases; 0 at the start of a run
//   partials    float [parts][units][K + 1]: gradients of parts of the batch, that of
//               the bias last; and [splits][images][units][places]: what parts of the
//               depth put out. None where both are 1. Layers of one tower may share it,
//               as update follows weights at once and sum forward; entries of a launch
//               may not
//   numbers     int32 [all images]: the number that an image's digits make
// Of these only velocities have to be cleared.
//
// Kernels. Their arguments are three slots of eight bytes, (list, start, images): the
// address of the entries; the place of the step's first image in `order`; how many
// images the step has, 1 or more. There is no dynamic shared memory. CLASS is r32c128
// (up to 32 units and many places), r16c256 (up to 16 units) or r64c16 (linear layers):
// 128 threads, which make a tile of so many ROWS and COLS. Every class is right for
// every shape, but conv_data_r64c16_f32 is for 1 × 1 kernels over 1 × 1 values alone.
//   conv_forward_CLASS_f32  ConvLayer; writes out, or partials where splits is above 1
//       gridDim.x = ⌈units/ROWS⌉·⌈images·P/COLS⌉·splits
//   conv_sum_f32            ConvLayer, 256 threads; out from partials; does nothing for
//                           entries whose splits is 1
//       gridDim.x = ⌈images·units·P/256⌉
//   conv_data_CLASS_f32     ConvLayer; writes below, from delta and weights
//       gridDim.x = ⌈channels/ROWS⌉·⌈images·height·width/COLS⌉
//   conv_weights_CLASS_f32  ConvLayer, r32c128 and r16c256 alone; writes partials, or
//                           where parts is 1 weights, biases and velocities
//       gridDim.x = ⌈units/ROWS⌉·⌈(K + 1)/COLS⌉·parts
//   conv_update_f32         ConvLayer, 256 threads; weights, biases and velocities from
//                           partials; does nothing for entries whose parts is 1
//       gridDim.x = ⌈units·(K + 1)/256⌉
//   conv_residual_f32       ConvHead, 256 threads; writes delta
//       gridDim.x = ⌈images·outputs/256⌉
// Forward, data and weights have twins on tensor cores, whose names end in _tf32
// (conv_tf32.cu); all else is the same.
//
// A training step, in one stream: forward for each layer from the first to the last, and
// sum where any entry has splits above 1; residual; then from the last layer to the first: data (not for the first; it reads
// the weights as they were, so it comes before they move), weights, and update where
// any entry has parts above 1. ReLU is part of the layer that it follows: `rectified`
// makes forward write max(0, x), and `rectified_below` makes data write 0 where `in`
// is not above 0. A ReLU on the image itself does nothing and is left out.
//
// An evaluation or a probe: forward and sum alone, as many images at a time as there is room
// for, with the images and order of that set in the first layers. The last layer's
// out, float [images][outputs], comes back to the host, which makes observations of it
// as for every backend. It may have a list of entries of its own, with other in, out
// and order and the same weights.
//
// parts: the gradient of a weight sums images·P products, and parts splits that sum in
// stretches of whole slices of 8, so that there are blocks enough. It changes how sums
// are rounded, so it must be a function of the layer's shape and the batch alone, not of
// what else is in the launch. For the paper's dense tower at batch 16 the host chooses 75
// for the first convolution, 4 for the second, 7 for the third, 1 for the linear layer.
//
// splits: the same for forward's sum over K, for layers of one place, whose images make
// few blocks: a function of the layer's shape alone.
#ifndef MODSPEC_CONV_ABI_CUH
#define MODSPEC_CONV_ABI_CUH

#include "abi.h"

// ConvLayer is one layer of one tower of one run.
struct ConvLayer {
  int64_t channels;
  int64_t height;
  int64_t width;
  int64_t units;
  int64_t kernel_height;
  int64_t kernel_width;
  int64_t rectified;       // 1: ReLU follows
  int64_t rectified_below; // 1: ReLU made what this layer reads
  int64_t parts;           // 1 or more
  int64_t splits;          // 1 or more
  double rate;             // the learning rate
  double momentum;
  Address in;              // float: out of the layer below, or the images
  Address order;           // uint32_t: in is images, and these are wanted; 0: image i is number i
  Address out;             // float
  Address delta;           // float
  Address below;           // float: delta of the layer below; 0: first layer
  Address weights;         // float
  Address biases;          // float
  Address velocity_weights; // float; 0: no momentum
  Address velocity_biases;  // float; 0: no momentum
  Address partials;        // float; 0 where parts and splits are 1
};

// ConvHead is the outputs [lo, lo + outputs) of one tower of one run. Outputs below
// 10·digits name the digits, 1 for the class at each place; then one for each number,
// r for the image's and 0 for every other.
struct ConvHead {
  int64_t outputs;
  int64_t lo;
  int64_t digits;
  double r;
  Address out;     // float, images x outputs
  Address delta;   // float, images x outputs: 2 (out − target) / images
  Address order;   // uint32_t; 0: image i is number i
  Address numbers; // int32_t
};

#endif
