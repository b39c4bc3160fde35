// Layers of networks of convolutions, of many towers of many runs in one launch:
//
//   forward   out[i,u,p] = b_u + Σ_k W[u,k]·in[i, p + k], then max(0, ·) where ReLU follows
//   data      below[i,c,q] = Σ_{u,k} W[u,c,k]·delta[i,u, q − k], 0 where ReLU had made in 0
//   weights   ∇W[u,k] = Σ_{i,p} delta[i,u,p]·in[i, p + k], ∇b_u = Σ_{i,p} delta[i,u,p]
//   update    v ← μ·v + ∇, w ← w − η·v; without velocities w ← w − η·∇
//   residual  delta = 2·(out − target)/images
//
// Shapes, layouts, launch geometry and the order of launches: conv_abi.cuh. Algorithm
// and determinism: conv_tile.cuh. On tensor cores: conv_tf32.cu. Static shared memory a
// block: r64c16 5.5 KB, r32c128 10.5 KB, r16c256 17.5 KB; registers at most 128 on sm_90,
// none spilled there.
//
// Error. |computed − exact| ≤ γ(n)·Σ|a||b|, n the terms of the sum, the bias being one;
// γ(n) = n·u/(1 − n·u), u = 2^-24. Splits of a forward sum and parts of a gradient add a
// rounding each, an update three, relative to |w| + η(μ|v| + Σ|a||b|). A weight that is
// not finite may make values below so that it does not reach: some places over the edge
// are multiplied, by 0.
//
// Prediction. For r32c128 a warp makes 32 multiply-adds a depth, 8 cycles of a
// multiprocessor's float pipes, for 6 cycles of its shared memory (2 broadcasts and
// 4 × 128 bytes). Bringing a slice takes about 10 instructions for each of a thread's 8
// elements, estimated and not counted: 80 beside 256 multiply-adds and 24 loads, so
// about 70 % of the peak if nothing waits, and perhaps 50 % with what does. r16c256 has
// 16 elements a thread: at most 60 %. A data gradient multiplies places over the edge
// where some column of its tile needs the weight: counted for the paper's second and
// third convolution at batch 16, 1.37 and 1.52 times the products that there are, 1.54
// and 1.63 for r16c256; with all weights for all columns it would be 2.2.
#include "simt.cuh"

#include "conv.cuh"

using r32c128_f32 = ConvTile<32, 128, 8, 4>;
using r16c256_f32 = ConvTile<16, 256, 8, 4>;
using r64c16_f32 = ConvTile<64, 16, 4, 2>;

CONV_LAYER(r32c128_f32, false)
CONV_LAYER(r16c256_f32, false)
CONV_LAYER(r64c16_f32, true)
CONV_WEIGHTS(r32c128_f32)
CONV_WEIGHTS(r16c256_f32)

extern "C" __global__ void __launch_bounds__(256) conv_update_f32(const ConvLayer *list, int64_t, int64_t) {
  const ConvLayer &l = list[blockIdx.y];
  const ConvShape s(l);
  const int64_t cols = s.fan_in + 1, size = s.units * cols, place = int64_t(blockIdx.x) * 256 + threadIdx.x;
  if (l.parts < 2 || place >= size) return;
  float gradient = 0;
  const float *const partial = at<const float>(l.partials) + place;
  for (int64_t part = 0; part < l.parts; part++) gradient += partial[part * size];
  conv_move(l, s.fan_in, int(place / cols), int(place % cols), gradient);
}

extern "C" __global__ void __launch_bounds__(256) conv_sum_f32(const ConvLayer *list, int64_t, int64_t images) {
  const ConvLayer &l = list[blockIdx.y];
  const ConvShape s(l);
  const int64_t size = images * s.out_size, place = int64_t(blockIdx.x) * 256 + threadIdx.x;
  if (l.splits < 2 || place >= size) return;
  float sum = 0;
  const float *const partial = at<const float>(l.partials) + place;
  for (int64_t part = 0; part < l.splits; part++) sum += partial[part * size];
  at<float>(l.out)[place] = conv_put_out(l, sum + at<const float>(l.biases)[place / s.places % s.units]);
}

extern "C" __global__ void __launch_bounds__(256) conv_residual_f32(const ConvHead *list, int64_t start,
                                                                    int64_t images) {
  const ConvHead &h = list[blockIdx.y];
  const int64_t place = int64_t(blockIdx.x) * 256 + threadIdx.x;
  if (place >= images * h.outputs) return;
  const int64_t output = h.lo + place % h.outputs;
  const int number = at<const int>(h.numbers)[image_of(h.order, start, int(place / h.outputs))];
  float target;
  if (output < 10 * h.digits) {
    int rest = number; // its last digit is the one at this place
    for (int64_t after = output / 10 + 1; after < h.digits; after++) rest /= 10;
    target = rest % 10 == output % 10 ? 1 : 0;
  } else {
    target = output - 10 * h.digits == number ? float(h.r) : 0;
  }
  at<float>(h.delta)[place] = 2 * (at<const float>(h.out)[place] - target) / float(images);
}
