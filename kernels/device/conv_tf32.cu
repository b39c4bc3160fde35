// Layers of networks of convolutions (conv.cu) on tensor cores: forward, data and
// weights with operands of TF32. Parameters, values and sums stay float.
//
// Error. Operands are rounded to 2^-11 of themselves, so |computed − exact| ≤
// (2^-10 + 2^-22 + γ(n))·Σ|a||b|, n the terms of the sum, with u = 2^-23 in γ as the
// hardware truncates: beside float's own bound a thousandth of Σ|a||b|, whatever n is. A
// bias is added in float; its gradient sums rounded changes.
//
// Prediction. A slice of r32c128 takes 8 products of a warp, 16 loads of fragments and,
// as in float, about 80 instructions for bringing it: 104 in place of 360. So two to
// three times float's speed, bound by the bringing and not by tensor cores. Static
// shared memory a block: r64c16 6 KB, r32c128 11 KB, r16c256 18 KB.
#include "simt.cuh"

#include "conv.cuh"

using r32c128_tf32 = ConvTile<32, 128, 4, 8, true>;
using r16c256_tf32 = ConvTile<16, 256, 2, 16, true>;
using r64c16_tf32 = ConvTile<64, 16, 2, 4, true>;

CONV_LAYER(r32c128_tf32, false)
CONV_LAYER(r16c256_tf32, false)
CONV_LAYER(r64c16_tf32, true)
CONV_WEIGHTS(r32c128_tf32)
CONV_WEIGHTS(r16c256_tf32)
