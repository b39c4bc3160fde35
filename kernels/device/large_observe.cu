// What is recorded of large copies, from their modules' maps in plain inputs.
//
// With F the sum of the maps, outputs × inputs, X of example e the signs of the input
// bits followed by r at place e of every copy of Gamma_x, P the number of examples:
//
//	losses    sums of (label − F·X)² over the training or the test examples, and over
//	          the rows of Omega_y or of Gamma_y
//	quadrants sums of F² over its four blocks
//	for each module with map M, and each bit with its Walsh function w, where
//	S = M's columns in Gamma_x, added up over the copies (outputs × P):
//	  P·M[out, in] + r·S[out]·w, Σ_i w_i·M[i, in], Σ_i w_i·S[i]·w over rows i in Gamma_y,
//	and the trace Σ S[i, i mod P] over those rows. The host makes mode strengths of them
//	(engine/train/projector.go has the derivation).
//
// Launch: a warp for every `parts`-th row of a copy, eight warps a block,
// copies·parts/8 blocks; no shared memory. Each warp adds into numbers of its own, and
// the host adds those up in order, so bits depend on the shapes alone. Everything is
// double: a sum of n terms is off by at most γ(n) of their sizes, u = 2^-53. Bound by
// memory: a map is read 2 + ⌈bits/8⌉ times, from cache but for the first.
#include "simt.cuh"

#include "gemm_epilogue.cuh"
#include "large_total.cuh"

constexpr int WARPS = 8;

// Row is one output of one copy, with the warp that serves it.
struct Row {
  const Observation *o;
  const Outlook *outlook;
  int64_t copy;
  int number; // among the network's outputs
  int lane;

  __device__ __forceinline__ const View *view(int module) const { return reinterpret_cast<const View *>(o->views) + module; }

  // begin returns the row in a module's map, or nothing where the module does not
  // write it.
  __device__ __forceinline__ const double *begin(const View *v) const {
    const int64_t row = number - v->top;
    if (row < 0 || row >= v->rows) return 0;
    return place_of<const double>(v->mapping, copy, o->first, o->task_of) + row * v->mapping.lead;
  }

  // sign is the value of a bit's row of Omega at an example.
  __device__ __forceinline__ double sign(int64_t bit, int example) const {
    const int examples = 1 << o->bits;
    return (examples - 1 - example) >> (o->bits - 1 - bit) & 1 ? 1 : -1;
  }

  // gamma adds a row up over the copies of Gamma_x, at an example.
  __device__ __forceinline__ double gamma(const View *v, const double *row, int example) const {
    double sum = 0;
    for (int64_t j = v->omega_in + example; j < v->cols; j += int64_t(1) << o->bits) sum += row[j];
    return sum;
  }

  __device__ __forceinline__ void add_squares(double &of_omega, double &of_gamma) const {
    for (int j = lane; j < int(o->inputs); j += 32) {
      double x = 0;
      for (int m = 0; m < int(o->modules); m++) {
        const View *v = view(m);
        const double *row = begin(v);
        if (row && j >= v->edge && j < v->edge + v->cols) x += row[j - v->edge];
      }
      (j < o->omega_in ? of_omega : of_gamma) += x * x;
    }
  }

  __device__ __forceinline__ double label(int example) const {
    if (outlook->labels) return reinterpret_cast<const double *>(outlook->labels)[(int64_t(number) << o->bits) + example];
    if (number < o->omega_out) return sign(reinterpret_cast<const int64_t *>(outlook->output_bits)[number], example);
    return ((number - int(o->omega_out)) & ((1 << o->bits) - 1)) == example ? outlook->r : 0;
  }

  __device__ __forceinline__ void add_residuals(double &train, double &test) const {
    const int64_t *bits = reinterpret_cast<const int64_t *>(outlook->input_bits);
    const int64_t *trained = reinterpret_cast<const int64_t *>(outlook->trained);
    for (int e = lane; e < 1 << o->bits; e += 32) {
      double answer = 0;
      for (int m = 0; m < int(o->modules); m++) {
        const View *v = view(m);
        const double *row = begin(v);
        if (!row) continue;
        for (int j = 0; j < int(v->omega_in); j++) answer += row[j] * sign(bits[j], e);
        answer += outlook->r * gamma(v, row, e);
      }
      const double residual = label(e) - answer;
      (trained[e] ? train : test) += residual * residual;
    }
  }

  // project adds what a module's row has of every bit, and of the trace.
  __device__ __forceinline__ void project(int module, double *sums) const {
    const View *v = view(module);
    const double *row = begin(v);
    if (!row) return;
    const int bits = int(o->bits), examples = 1 << bits, own = number - int(v->top);
    const bool in_gamma = own >= v->omega_out;
    const int place = (own - int(v->omega_out)) & (examples - 1); // of the row's one example
    const Projection *projections = reinterpret_cast<const Projection *>(outlook->projections) + module * bits;
    for (int first = 0; first < bits; first += BITS_AT_ONCE) {
      double copies[BITS_AT_ONCE];
      double trace = 0;
#pragma unroll
      for (int b = 0; b < BITS_AT_ONCE; b++) copies[b] = 0;
      for (int e = lane; e < examples; e += 32) {
        const double s = gamma(v, row, e);
        if (e == place) trace = s;
#pragma unroll
        for (int b = 0; b < BITS_AT_ONCE; b++) {
          if (first + b < bits) copies[b] += sign(first + b, e) * s;
        }
      }
#pragma unroll
      for (int b = 0; b < BITS_AT_ONCE; b++) {
        const double whole = warp_total(copies[b]);
        if (lane != 0 || first + b >= bits || !projections[first + b].used) continue;
        const Projection p = projections[first + b];
        const double given = p.in >= 0 ? row[p.in] : 0;
        double *to = sums + 3 * (first + b);
        if (own == p.out) to[0] += examples * given + outlook->r * whole;
        if (!in_gamma) continue;
        to[1] += sign(first + b, place) * given;
        to[2] += sign(first + b, place) * whole;
      }
      if (first > 0 || !in_gamma) continue;
      trace = warp_total(trace);
      if (lane == 0) sums[3 * bits] += trace;
    }
  }
};

extern "C" __global__ void __launch_bounds__(32 * WARPS) large_observe_f64(const Observation *list, int64_t index) {
  const Observation *o = list + index;
  const int64_t warp = int64_t(blockIdx.x) * WARPS + threadIdx.x / 32, copy = o->first + warp / o->parts;
  if (warp >= o->copies * o->parts || reinterpret_cast<const int64_t *>(o->ended)[copy] >= 0) return;
  const int part = int(warp % o->parts), lane = threadIdx.x % 32;
  double *sums = reinterpret_cast<double *>(o->out) + (copy * o->parts + part) * o->fields;
  for (int f = lane; f < int(o->fields); f += 32) sums[f] = 0;
  __syncwarp();

  const Outlook *outlook = reinterpret_cast<const Outlook *>(o->outlooks) + reinterpret_cast<const int64_t *>(o->task_of)[copy];
  double quadrants[2][2] = {}, losses[2][2] = {}; // [rows of Gamma_y][columns of Gamma_x], [test][rows of Gamma_y]
  for (int i = part; i < int(o->outputs); i += int(o->parts)) {
    const Row row = {o, outlook, copy, i, lane};
    if (i < o->omega_out) {
      row.add_squares(quadrants[0][0], quadrants[0][1]);
      row.add_residuals(losses[0][0], losses[1][0]);
    } else {
      row.add_squares(quadrants[1][0], quadrants[1][1]);
      row.add_residuals(losses[0][1], losses[1][1]);
    }
    for (int m = 0; m < int(o->modules); m++) row.project(m, sums + FIRST_PROJECTION + m * (3 * int(o->bits) + 1));
  }
#pragma unroll
  for (int a = 0; a < 2; a++) {
#pragma unroll
    for (int b = 0; b < 2; b++) {
      const double loss = warp_total(losses[a][b]), square = warp_total(quadrants[a][b]);
      if (lane != 0) continue;
      sums[SUM_TRAIN_OMEGA + 2 * a + b] = loss;
      sums[SUM_OMEGA_OMEGA + 2 * a + b] = square;
    }
  }
}
