// Random numbers of programs, with the bits of program.Node.Sample: element i of draw d
// of a stream is a function of the stream, the step, d and i (engine/program/draw.go has
// the formulas). program_draw makes normals, uniforms and whole numbers, two a thread
// from one block of Philox; program_batch the indices of a mini-batch from the epoch's
// order of examples, which it keeps on the device; program_tick counts the step.
//
// Launch: program_draw 256 threads, 512 elements a block; program_batch a block of 256
// threads a batch and run. program_tick a thread a run.
// Prediction: a normal takes about 60 double and 60 integer instructions with its share
// of Philox, counted in the source: 64 double lanes of a multiprocessor make 2.1·10^9
// normals a second, 2.8·10^11 a device of 132. An epoch's order is made by one thread a
// run, one example after the other, in about 0.5 µs each; runs do so side by side, once
// an epoch.
#include "simt.cuh"

#include "normal.cuh"
#include "philox.cuh"
#include "program_code.cuh"

// The first layer of words that are not normals' (random.FirstWordLayer), the layer from
// which a step's stream is made, and the bit of a permutation's blocks.
constexpr uint32_t FIRST_WORD_LAYER = 1u << 31, STEP_LAYER = 0xffffffffu, PERMUTATION = 1u << 31;

// A run's stream at a step.
struct DrawStream {
  uint64_t seed, point;

  __device__ __forceinline__ DrawStream(const ProgramDraw &d, int64_t run, int64_t step) {
    const uint64_t *const seeds = at<const uint64_t>(d.seeds) + (run * d.streams + d.stream) * 2;
    seed = seeds[0], point = seeds[1];
    if (step < 0) return;
    seed = philox(0, STEP_LAYER, point, seed).even;
    point = uint64_t(step);
  }
};

template <class Real>
__device__ __forceinline__ void program_draw(const ProgramDraw *list, int64_t count, const int64_t *ended) {
  if (has_ended(ended)) return;
  const ProgramDraw &d = piece_of(list, count);
  const int64_t pair = (int64_t(blockIdx.x) - d.first) * 256 + threadIdx.x, run = blockIdx.y;
  if (2 * pair >= d.size) return;
  const DrawStream stream(d, run, at<const int64_t>(d.steps)[run]);
  const uint32_t layer = uint32_t(d.number) + (d.kind == DRAW_NORMAL ? 0 : FIRST_WORD_LAYER);
  const WordPair words = philox(uint32_t(pair), layer, stream.point, stream.seed);
  Real *const to = at<Real>(d.to) + run * d.to_stride + 2 * pair;
#pragma unroll 1
  for (int e = 0; e < 2 && 2 * pair + e < d.size; e++) {
    const uint64_t word = e == 0 ? words.even : words.odd;
    switch (d.kind) {
    case DRAW_NORMAL: to[e] = Real(normal(word)); break;
    case DRAW_UNIFORM: to[e] = Real(__dmul_rn(double(int64_t(word >> 12) << 1 | 1), 1.0 / (1ll << 53))); break;
    default: to[e] = Real(__umul64hi(word, uint64_t(d.below))); break;
    }
  }
}

// shuffle makes the order of an epoch: random.Stream.Permutation of the stream itself.
__device__ __forceinline__ void shuffle(const ProgramDraw &d, int64_t run, uint32_t layer, int64_t *order) {
  const DrawStream stream(d, run, -1);
  for (int64_t i = 0; i < d.below; i++) order[i] = i;
  uint32_t block = PERMUTATION;
  WordPair words = {};
  bool kept = false;
  const auto next = [&]() {
    kept = !kept;
    if (!kept) return words.odd;
    words = philox(block++, layer, stream.point, stream.seed);
    return words.even;
  };
  for (int64_t i = d.below - 1; i > 0; i--) {
    const uint64_t bound = uint64_t(i) + 1;
    uint64_t word = next();
    if (word * bound < bound) {
      const uint64_t threshold = (0 - bound) % bound; // 2^64 mod bound
      while (word * bound < threshold) word = next();
    }
    const int64_t j = int64_t(__umul64hi(word, bound)), other = order[i];
    order[i] = order[j];
    order[j] = other;
  }
}

template <class Real>
__device__ __forceinline__ void program_batch(const ProgramDraw *list, int64_t count, const int64_t *ended) {
  if (has_ended(ended)) return;
  const ProgramDraw &d = piece_of(list, count);
  const int64_t run = blockIdx.y, step = max(at<const int64_t>(d.steps)[run], int64_t(0));
  const int64_t epoch_steps = (d.below + d.size - 1) / d.size, epoch = step / epoch_steps;
  int64_t *const order = at<int64_t>(d.order) + run * (d.below + 1);
  if (threadIdx.x == 0 && order[0] != epoch) {
    shuffle(d, run, (uint32_t(d.number) << 20) + uint32_t(epoch), order + 1);
    order[0] = epoch;
  }
  __syncthreads();
  const int64_t start = step % epoch_steps * d.size;
  for (int64_t i = threadIdx.x; i < d.size; i += 256) {
    at<Real>(d.to)[run * d.to_stride + i] = start + i < d.below ? Real(order[1 + start + i]) : Real(-1);
  }
}

// The steps done, whole and as numbers that programs read.
template <class Real>
__device__ __forceinline__ void program_tick(int64_t *steps, Real *reals, int64_t runs) {
  const int64_t run = int64_t(blockIdx.x) * 256 + threadIdx.x;
  if (run >= runs) return;
  steps[run]++;
  reals[run] = Real(steps[run]);
}

#define PROGRAM_DRAW(name)                                                                                   \
  extern "C" __global__ void __launch_bounds__(256) name##_f32(const ProgramDraw *list, int64_t count, const int64_t *ended) { name<float>(list, count, ended); } \
  extern "C" __global__ void __launch_bounds__(256) name##_f64(const ProgramDraw *list, int64_t count, const int64_t *ended) { name<double>(list, count, ended); }

PROGRAM_DRAW(program_draw)
PROGRAM_DRAW(program_batch)

extern "C" __global__ void __launch_bounds__(256) program_tick_f32(int64_t *steps, float *reals, int64_t runs) {
  program_tick(steps, reals, runs);
}
extern "C" __global__ void __launch_bounds__(256) program_tick_f64(int64_t *steps, double *reals, int64_t runs) {
  program_tick(steps, reals, runs);
}
