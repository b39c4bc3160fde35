// registers, for modules with more outputs: the same training, layout of weights,
// launch and determinism as in fused_registers.cu, but with M and E in shared memory.
//
// M is formed four outputs at a time, so that a lane has 4·coords partial numbers instead
// of outputs·coords. What a lane finishes of M and E goes to shared memory, where events
// find M and the updates read E, again four outputs at a time. The new W1 grows beside
// the old one, which W2's increments need to the last.
//
// Static shared memory: 48 bytes a coordinate and four outputs for each item of four
// warps, for M, E and eta Sigma_yx; at most 22 KB.
//
// Floors for 50 hidden units, 17 outputs and 16 coordinates (the paper's network on 4
// bits) on one H200: 3·17·50·16 multiply-adds a step make 8.2·10⁸ steps/s. Predicted
// from the compiled loop, not measured: WIDE_LOOP
#include "simt.cuh"

#include "registers.cuh"

namespace {

// WideRegisters is one size class; outputs come in fours.
template <int LANES, int UNITS, int OUTPUTS, int COORDS>
struct WideRegisters : UnitRegisters<LANES, UNITS, OUTPUTS, COORDS> {
  using Base = UnitRegisters<LANES, UNITS, OUTPUTS, COORDS>;
  using Base::turn, Base::w1, Base::w2;
  static constexpr int SCATTER = Base::SCATTER, KEPT = Base::KEPT, FOURS = OUTPUTS / 4;
  static constexpr int MATRIX = OUTPUTS * COORDS * 4; // bytes
  static constexpr int ROOM = 3 * MATRIX;             // of a group: E, M, eta Sigma_yx
  static_assert(OUTPUTS % 4 == 0, "outputs come in fours");

  char *const exchange; // of the block
  int offset;           // where the lane's own coordinate stands in it, in bytes
  float decay[KEPT];

  __device__ __forceinline__ explicit WideRegisters(float4 *exchange) : exchange(reinterpret_cast<char *>(exchange)) {
    offset = int(threadIdx.x) / LANES * ROOM + turn * 16;
  }

  // Of matrix number `of` (E, M, eta Sigma_yx) of the group, four outputs of the
  // coordinate in slot c.
  __device__ __forceinline__ float *place(int of, int four, int c) const {
    return reinterpret_cast<float *>(exchange + of * MATRIX + four * COORDS * 16 + (offset ^ c * 16));
  }

  __device__ __forceinline__ void load(const Launch *launch, const Progress<float> &p) {
    Base::load_weights(launch, p);
#pragma unroll
    for (int i = 0; i < KEPT; i++) {
      const int c = i * SCATTER | turn;
      decay[i] = Base::decay_of(launch, p, c);
#pragma unroll 1
      for (int four = 0; four < FOURS; four++)
        store_4(place(2, four, i * SCATTER), Base::drive_of(launch, p, 4 * four, c), Base::drive_of(launch, p, 4 * four + 1, c),
                Base::drive_of(launch, p, 4 * four + 2, c), Base::drive_of(launch, p, 4 * four + 3, c));
    }
    __syncwarp(); // two lanes may keep one coordinate, and one may be ahead
  }

  __device__ __forceinline__ float forward() {
    float square = 0;
#pragma unroll
    for (int four = 0; four < FOURS; four++) {
      float m[4][COORDS];
      Base::map(m, 4 * four);
#pragma unroll
      for (int i = 0; i < KEPT; i++) {
        float drive[4], e[4];
        load_4(place(2, four, i * SCATTER), drive);
#pragma unroll
        for (int n = 0; n < 4; n++) {
          const float element = m[n][i * SCATTER];
          e[n] = multiply_add(-decay[i], element, drive[n]);
          square = multiply_add(element, element, square);
        }
        store_4(place(0, four, i * SCATTER), e[0], e[1], e[2], e[3]);
        store_4(place(1, four, i * SCATTER), m[0][i * SCATTER], m[1][i * SCATTER], m[2][i * SCATTER], m[3][i * SCATTER]);
      }
    }
    __syncwarp(); // all of E is there
    return square;
  }

  __device__ __forceinline__ void stage(const Launch *launch, float *mapping) const {
#pragma unroll
    for (int i = 0; i < KEPT; i++)
#pragma unroll 1
      for (int o = 0; o < launch->widths[2]; o++) {
        const int c = i * SCATTER | turn;
        if (c < launch->coords) mapping[o * launch->coords + c] = place(1, o / 4, i * SCATTER)[o % 4];
      }
  }

  // W1 += W2^T E, W2 += E W1^T, both from the weights before.
  __device__ __forceinline__ void update() {
    float next[UNITS][COORDS];
#pragma unroll
    for (int u = 0; u < UNITS; u++)
#pragma unroll
      for (int c = 0; c < COORDS; c++) next[u][c] = w1[u][c];
#pragma unroll
    for (int four = 0; four < FOURS; four++) {
      float e[COORDS][4];
#pragma unroll
      for (int c = 0; c < COORDS; c++) load_4(place(0, four, c), e[c]);
#pragma unroll
      for (int u = 0; u < UNITS; u++)
#pragma unroll
        for (int c = 0; c < COORDS; c++)
#pragma unroll
          for (int n = 0; n < 4; n++) next[u][c] = multiply_add(w2[u][4 * four + n], e[c][n], next[u][c]);
#pragma unroll
      for (int u = 0; u < UNITS; u++)
#pragma unroll
        for (int c = 0; c < COORDS; c++)
#pragma unroll
          for (int n = 0; n < 4; n++) w2[u][4 * four + n] = multiply_add(e[c][n], w1[u][c], w2[u][4 * four + n]);
    }
#pragma unroll
    for (int u = 0; u < UNITS; u++)
#pragma unroll
      for (int c = 0; c < COORDS; c++) w1[u][c] = next[u][c];
    __syncwarp(); // E is read before it is written again
  }
};

} // namespace

#define WIDE_REGISTERS(lanes, units, outputs, coords, blocks)                               \
  extern "C" __global__ void __launch_bounds__(128, blocks)                                 \
      registers_l##lanes##u##units##o##outputs##c##coords##_f32(const Launch *launch) {     \
    using Class = WideRegisters<lanes, units, outputs, coords>;                             \
    __shared__ __align__(1024) float4 exchange[Class::WARPS * Class::GROUPS * Class::ROOM / 16]; \
    Class trainer(exchange);                                                                \
    train_in_registers<lanes>(launch, trainer);                                             \
  }

WIDE_REGISTERS_CLASSES(WIDE_REGISTERS)
