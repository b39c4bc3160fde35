// registers: training of modules with one hidden layer by full-batch gradient descent,
// weights in registers from the first step to the last,
//
//   M = W2 W1,  E = eta Sigma_yx - M eta diag(d)
//   W1 <- W1 + W2^T E,  W2 <- W2 + E W1^T     both from the weights before
//   W1: hidden x coords, W2: outputs x hidden, M and E: outputs x coords
//
// from step `from` to step `to` of a launch (abi.h), with records and first passages
// (observe.cuh, passage.cuh) and the step at which the sum of squares of M is no longer
// a finite float.
//
// Layout. A class has LANES lanes an item and UNITS hidden units a lane. A lane keeps of
// each of its units, u·LANES + rank, the row of W1 and the column of W2. Then both
// updates are products of E with what the lane holds, and M is the only reduction: each
// lane sums its units into outputs x coords partial numbers, which go through a
// reduce-scatter by halves over the coordinates. Slot c of a lane holds coordinate
// c ^ turn, turn its rank modulo the coordinates, so that in every halving all lanes
// keep and send the same slots and nothing is selected. Each lane then finishes E for
// the coordinates that are left to it, whose eta Sigma_yx and eta d it keeps, and reads
// the rest of E back from shared memory by 16 bytes; where the outputs are one more than
// a multiple of 4 the last goes by shuffles.
//
// A hidden unit, output or coordinate that a class has and an item has not is all
// zeros, and its increments are zeros: it changes nothing, to the bit.
//
// The 32/LANES items of a warp go together from one event to the next: a record, a
// stop, or an element of M near the end of the range. At an event all weights are in
// `state`, from where the next stretch begins, so that nothing that is rare takes
// registers from the steps. A group whose item has ended goes on with zeros.
//
// Launch: blocks of any multiple of 32 threads up to 128, any grid; warps take 32/LANES
// items at a time. `scratch` has scratch_reals (layout.cuh) for each LANES threads of
// the grid. Static shared memory: 16 bytes a coordinate and four outputs for each item
// of four warps, at most 6 KB. No dynamic shared memory.
//
// Deterministic: what an item does depends neither on its neighbours, nor on the grid,
// nor on where the run is cut into launches. Another class adds M up in another order.
// Error: an element of M has UNITS + log2(LANES) roundings, of E two more, an increment
// of W1 outputs and of W2 coords; float throughout, E's constants rounded once from
// double.
//
// Floors for 50 hidden units, 9 outputs and 8 coordinates on one H200 (132
// multiprocessors of 128 lanes at 1.98 GHz): 3·9·50·8 multiply-adds a step make 3.1·10⁹
// steps/s; a step moves no device memory. With 56 units for 50 it is 2.8·10⁹. Predicted
// from the compiled loop of l8u7o9c8, not measured: 1,720 instructions a warp and step,
// 1,593 of them on the FP32 lanes, for four items, make 2.4·10⁹ steps/s at full issue;
// shuffles and shared memory are busy a third of that time. A record costs as much as
// three to four steps.
#include "simt.cuh"

#include "registers.cuh"

namespace {

// Registers is one size class: LANES lanes an item, UNITS hidden units a lane.
template <int LANES, int UNITS, int OUTPUTS, int COORDS>
struct Registers : UnitRegisters<LANES, UNITS, OUTPUTS, COORDS> {
  using Base = UnitRegisters<LANES, UNITS, OUTPUTS, COORDS>;
  using Base::group, Base::turn, Base::w1, Base::w2;
  static constexpr int SCATTER = Base::SCATTER, KEPT = Base::KEPT;
  static constexpr bool SINGLE = OUTPUTS % 4 == 1; // whether E's last row goes by shuffles
  static constexpr int FOURS = SINGLE ? OUTPUTS / 4 : (OUTPUTS + 3) / 4;
  static constexpr int ROOM = FOURS * COORDS; // 16 bytes each, for E of a group

  char *const exchange; // of the block
  int offset;           // where the lane's own coordinate stands in it, in bytes
  float drive[KEPT][OUTPUTS], decay[KEPT];
  float m[OUTPUTS][COORDS]; // M, then E

  __device__ __forceinline__ explicit Registers(float4 *exchange) : exchange(reinterpret_cast<char *>(exchange)) {
    // Groups with fewer lanes than coordinates begin at different ones, so that
    // those that read together do not meet at the same banks.
    const int number = int(threadIdx.x) / LANES;
    const int swizzle = LANES < COORDS ? number % KEPT * LANES : 0;
    offset = (number * ROOM + (turn ^ swizzle)) * 16;
  }

  __device__ __forceinline__ void load(const Launch *launch, const Progress<float> &p) {
    Base::load_weights(launch, p);
#pragma unroll
    for (int i = 0; i < KEPT; i++) {
      decay[i] = Base::decay_of(launch, p, i * SCATTER | turn);
#pragma unroll
      for (int o = 0; o < OUTPUTS; o++) drive[i][o] = Base::drive_of(launch, p, o, i * SCATTER | turn);
    }
  }

  __device__ __forceinline__ float forward() {
    Base::map(m, 0);
    float square = 0;
#pragma unroll
    for (int o = 0; o < OUTPUTS; o++)
#pragma unroll
      for (int c = 0; c < COORDS; c += SCATTER) square = multiply_add(m[o][c], m[o][c], square);
    return square;
  }

  __device__ __forceinline__ void stage(const Launch *launch, float *mapping) const {
#pragma unroll
    for (int i = 0; i < KEPT; i++)
#pragma unroll
      for (int o = 0; o < OUTPUTS; o++) {
        const int c = i * SCATTER | turn;
        if (o < launch->widths[2] && c < launch->coords) mapping[o * launch->coords + c] = m[o][i * SCATTER];
      }
  }

  // E from M: each lane finishes its own elements, and reads the others' back.
  __device__ __forceinline__ void residual() {
    float own[KEPT][OUTPUTS];
#pragma unroll
    for (int i = 0; i < KEPT; i++)
#pragma unroll
      for (int o = 0; o < OUTPUTS; o++) own[i][o] = multiply_add(-decay[i], m[o][i * SCATTER], drive[i][o]);
    if (FOURS > 0) {
#pragma unroll
      for (int k = 0; k < FOURS; k++)
#pragma unroll
        for (int i = 0; i < KEPT; i++)
          store_4(reinterpret_cast<float *>(exchange + k * COORDS * 16 + (offset ^ i * SCATTER * 16)), own[i][4 * k],
                  4 * k + 1 < OUTPUTS ? own[i][4 * k + 1] : 0, 4 * k + 2 < OUTPUTS ? own[i][4 * k + 2] : 0,
                  4 * k + 3 < OUTPUTS ? own[i][4 * k + 3] : 0);
      __syncwarp();
#pragma unroll
      for (int c = 0; c < COORDS; c++)
#pragma unroll
        for (int k = 0; k < FOURS; k++) {
          float four[4];
          load_4(reinterpret_cast<const float *>(exchange + k * COORDS * 16 + (offset ^ c * 16)), four);
#pragma unroll
          for (int n = 0; n < 4; n++)
            if (4 * k + n < OUTPUTS) m[4 * k + n][c] = four[n];
        }
      __syncwarp(); // read before it is written again
    }
    if (SINGLE) {
#pragma unroll
      for (int c = 0; c < COORDS; c++) {
        const float mine = own[c / SCATTER][OUTPUTS - 1];
        m[OUTPUTS - 1][c] = c % SCATTER ? __shfl_xor_sync(WHOLE_WARP, mine, c % SCATTER) : mine;
      }
    }
  }

  // W1 += W2^T E, W2 += E W1^T, both from the weights before.
  __device__ __forceinline__ void update() {
    residual();
#pragma unroll
    for (int u = 0; u < UNITS; u++) {
      float next[COORDS];
#pragma unroll
      for (int c = 0; c < COORDS; c++) next[c] = w1[u][c];
#pragma unroll
      for (int o = 0; o < OUTPUTS; o++)
#pragma unroll
        for (int c = 0; c < COORDS; c++) next[c] = multiply_add(w2[u][o], m[o][c], next[c]);
#pragma unroll
      for (int c = 0; c < COORDS; c++)
#pragma unroll
        for (int o = 0; o < OUTPUTS; o++) w2[u][o] = multiply_add(m[o][c], w1[u][c], w2[u][o]);
#pragma unroll
      for (int c = 0; c < COORDS; c++) w1[u][c] = next[c];
    }
  }
};

} // namespace

#define REGISTERS(lanes, units, outputs, coords, blocks)                                                       \
  extern "C" __global__ void __launch_bounds__(128, blocks)                                                    \
      registers_l##lanes##u##units##o##outputs##c##coords##_f32(const Launch *launch) {                        \
    using Class = Registers<lanes, units, outputs, coords>;                                                    \
    __shared__ __align__(512) float4 exchange[Class::WARPS * Class::GROUPS * (Class::ROOM > 0 ? Class::ROOM : 1)]; \
    Class trainer(exchange);                                                                                   \
    train_in_registers<lanes>(launch, trainer);                                                                \
  }

REGISTERS_CLASSES(REGISTERS)
