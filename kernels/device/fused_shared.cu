// shared: training of modules with hidden layers by any rule, full batch, weights in
// shared memory from the first step to the last. With P_1 = W_1 and P_l = W_l P_{l-1},
//
//   M = P_L,  B_L = eta Sigma_yx - M eta diag(d),  B_{l-1} = W_l^T B_l
//   W_l <- W_l + B_l P_{l-1}^T,  W_1 <- W_1 + B_1         all from the weights before
//
//   gamma    W_L gains eta gamma (Y Y^T - m M D M^T) W_L
//   beta > 0 hidden layers gain beta m (P_l D P_{l-1}^T - P_l D P_l^T W_l)
//   beta < 0 hidden layers gain beta m diag(1 / (1 - |w_i|²)) P_l D P_{l-1}^T
//
// where D = diag(d), m is the number of training examples, P_0 the identity and w_i a
// row of W_l; from step `from` to step `to` of a launch (abi.h), with records and first
// passages (observe.cuh, passage.cuh) and the step at which the sum of squares of M is
// no longer a finite Real. W_l: widths[l] x widths[l-1], W_1: widths[1] x coords;
// layers from 2 to MAX_LAYERS.
//
// Layout: layout.cuh, SharedLayout; matrices have rows of odd length, so that reading
// along either side meets every bank. W_1 has two places, between which it moves at each
// step, because W_2's increment needs the old one. Products go by tiles of 4 x 4, 2 x 2
// or single elements in registers (product.cuh).
//
// Launch: blocks of any multiple of 32 threads up to 256, any grid. shared_warp: an item
// a warp; shared_block: an item a block. Dynamic shared memory: shared_layout(...).reals
// times sizeof(Real) for each item that a block has at a time. `scratch` has
// scratch_reals (layout.cuh) a warp, or a block.
//
// Deterministic: what an item does depends neither on its neighbours, nor on the grid,
// nor on where the run is cut into launches. Every element of a product is added up in
// the order of its terms, so weights are the same to the bit in both layouts and for any
// number of threads; records are added up in the order of lanes. Error: an element of a
// product has one rounding a term, and so does each sum of products; Real throughout,
// rates rounded once from double.
//
// Floor: arithmetic as in fused_registers.cu; what limits is shared memory, which
// feeds 32 numbers a cycle to 128 lanes. A 4 x 4 tile reads 8 numbers for 16
// multiply-adds: half of FP32 peak at best. Predicted, not measured: a fifth of it for
// 50 hidden units by warps, three barriers a step and edges of tiles taking the rest.
#include "simt.cuh"

#include "product.cuh"
#include "progress.cuh"

namespace {

// Shape is what the items of a launch share, kept in shared memory.
struct Shape {
  SharedLayout at;
  int widths[MAX_LAYERS + 1];
  int layers, coords, outputs, rule;
  int row;    // of matrices with coords columns
  int widest; // hidden layer

  __device__ __forceinline__ void describe(const Launch *launch) {
    at = shared_layout(launch->widths, launch->layers, launch->coords, launch->rule);
    layers = int(launch->layers);
    for (int l = 0; l <= layers; l++) widths[l] = int(launch->widths[l]);
    coords = int(launch->coords);
    outputs = widths[layers];
    rule = int(launch->rule);
    row = coords | 1;
    widest = int(widest_hidden(launch->widths, layers));
  }
};

// Network is an item in training.
template <class Real, class Group>
struct Network {
  Group &group;
  const Shape &shape;
  Real *const memory;
  Real *first, *next; // W_1, and where it is written next
  Real eta_gamma, strength, examples; // strength: beta times the examples
  const Real *yy;

  __device__ __forceinline__ Network(Group &group, const Shape &shape, Real *memory)
      : group(group), shape(shape), memory(memory) {}

  __device__ __forceinline__ int columns(int l) const { return l == 0 ? shape.coords : shape.widths[l]; }
  __device__ __forceinline__ int layer_row(int l) const { return columns(l) | 1; }
  __device__ __forceinline__ Real *layer(int l) const { return l == 0 ? first : memory + shape.at.weights[l]; }
  __device__ __forceinline__ Real *product(int l) const { return l == 0 ? first : memory + shape.at.product[l]; }
  __device__ __forceinline__ Real *back(int l) const { return memory + shape.at.back[l & 1]; }
  __device__ __forceinline__ Real *mapping() const { return product(shape.layers - 1); }

  // Calls f(place in a matrix of odd rows, place in one without gaps).
  template <class F>
  __device__ __forceinline__ void each(int rows, int cols, F f) const {
    for (int n = group.rank; n < rows * cols; n += group.size) {
      const int i = n / cols;
      f(i * (cols | 1) + (n - i * cols), n);
    }
  }

  __device__ __forceinline__ void load(const Progress<Real> &p, const Real *state) {
    first = memory + shape.at.weights[0];
    next = memory + shape.at.other;
    for (int l = 0; l < shape.layers; l++) {
      Real *const to = layer(l);
      each(shape.widths[l + 1], columns(l), [&](int at, int n) { to[at] = state[n]; });
      state += shape.widths[l + 1] * columns(l);
    }
    const double eta = p.item->eta;
    const Real *yx = ::at<Real>(p.task->yx), *d = ::at<Real>(p.task->d);
    Real *const drive = memory + shape.at.drive, *const decay = memory + shape.at.decay;
    each(shape.outputs, shape.coords, [&](int at, int n) { drive[at] = Real(eta * double(yx[n])); });
    for (int c = group.rank; c < shape.coords; c += group.size) {
      decay[c] = Real(eta * double(d[c]));
      if (shape.rule) memory[shape.at.d + c] = d[c];
    }
    eta_gamma = Real(p.item->eta_gamma);
    strength = Real(p.item->beta * double(p.task->trained));
    examples = Real(p.task->trained);
    yy = ::at<Real>(p.task->yy);
    group.sync();
  }

  __device__ __forceinline__ void store(Real *state) const {
    group.sync();
    for (int l = 0; l < shape.layers; l++) {
      const Real *const from = layer(l);
      each(shape.widths[l + 1], columns(l), [&](int at, int n) { state[n] = from[at]; });
      state += shape.widths[l + 1] * columns(l);
    }
    group.sync(); // before the next item is loaded
  }

  // P_l for all l, and E. Returns whether the map may be out of range.
  __device__ __forceinline__ bool forward() {
    const int row = shape.row, last = shape.layers - 1;
    Real square = 0;
    for (int l = 1; l <= last; l++) {
      const Real *const w = layer(l), *const below = product(l - 1);
      Real *const to = product(l);
      const int w_row = layer_row(l);
      const auto a = [&](int i, int k) { return w[i * w_row + k]; };
      const auto b = [&](int k, int j) { return below[k * row + j]; };
      if (l < last) {
        multiply<Real>(group, shape.widths[l + 1], shape.coords, shape.widths[l], a, b,
                       [&](int i, int j, Real sum) { to[i * row + j] = sum; });
        group.sync();
        continue;
      }
      Real *const e = back(l);
      const Real *const drive = memory + shape.at.drive, *const decay = memory + shape.at.decay;
      multiply<Real>(group, shape.outputs, shape.coords, shape.widths[l], a, b, [&](int i, int j, Real sum) {
        to[i * row + j] = sum;
        e[i * row + j] = multiply_add(-decay[j], sum, drive[i * row + j]);
        square = multiply_add(sum, sum, square);
      });
    }
    return group.sync_any(!(square <= Largest<Real>::value / 1024));
  }

  // One step, from what forward has left.
  __device__ __forceinline__ void update() {
    if (shape.rule & RULE_GAMMA) contrast();
    for (int l = shape.layers - 1; l > 0; l--) {
      carry_back(l);
      if (shape.rule) prepare(l);
      group.sync();
      step(l);
      group.sync();
    }
    if (shape.rule & (RULE_HEBBIAN | RULE_ANTI)) {
      prepare(0);
      group.sync();
      learn(0, next);
      group.sync();
    }
    Real *const old = first;
    first = next;
    next = old;
  }

  // E at the outputs of layer l - 1; below the first hidden layer that is what the
  // first layer gains.
  __device__ __forceinline__ void carry_back(int l) {
    const int row = shape.row, w_row = layer_row(l);
    const Real *const w = layer(l), *const e = back(l), *const old = first;
    Real *const to = l > 1 ? back(l - 1) : next;
    multiply<Real>(
        group, shape.widths[l], shape.coords, shape.widths[l + 1], [&](int i, int k) { return w[k * w_row + i]; },
        [&](int k, int j) { return e[k * row + j]; },
        [&](int i, int j, Real sum) { to[i * row + j] = l > 1 ? sum : old[i * row + j] + sum; });
  }

  // What layer l > 0 gains.
  __device__ __forceinline__ void step(int l) {
    const int row = shape.row, w_row = layer_row(l);
    Real *const w = layer(l);
    const Real *const e = back(l), *const below = product(l - 1);
    const bool contrasted = l == shape.layers - 1 && (shape.rule & RULE_GAMMA);
    const Real *const gain = memory + shape.at.last;
    multiply<Real>(
        group, shape.widths[l + 1], shape.widths[l], shape.coords, [&](int i, int k) { return e[i * row + k]; },
        [&](int k, int j) { return below[j * row + k]; },
        [&](int i, int j, Real sum) {
          const int n = i * w_row + j;
          w[n] += contrasted ? sum + gain[n] : sum;
        });
    if (l < shape.layers - 1 && (shape.rule & (RULE_HEBBIAN | RULE_ANTI))) {
      group.sync(); // other lanes add to an element than have just done
      learn(l, w);
    }
  }

  // eta gamma (yy - m M D M^T).
  __device__ __forceinline__ void contrast() {
    const int row = shape.row, outputs = shape.outputs;
    const Real *const m = mapping(), *const d = memory + shape.at.d;
    Real *const to = memory + shape.at.contrast;
    multiply_plainly<Real>(
        group, outputs, outputs, shape.coords, [&](int i, int k) { return m[i * row + k] * d[k]; },
        [&](int k, int j) { return m[j * row + k]; },
        [&](int i, int j, Real sum) {
          to[i * (outputs | 1) + j] = eta_gamma * multiply_add(-examples, sum, yy[i * outputs + j]);
        });
    group.sync();
  }

  // What the rule's term of layer l needs of the weights as they are: for the last
  // layer the term itself, else for beta > 0 the matrix
  // beta m D (P_{l-1}^T - P_l^T W_l), for beta < 0 beta m / (1 - |w_i|²).
  __device__ __forceinline__ void prepare(int l) {
    const int row = shape.row, w_row = layer_row(l), coords = shape.coords;
    const int rows = shape.widths[l + 1], cols = columns(l);
    const Real *const w = layer(l), *const d = memory + shape.at.d;
    if (l == shape.layers - 1) {
      if (!(shape.rule & RULE_GAMMA)) return;
      const Real *const k = memory + shape.at.contrast;
      Real *const to = memory + shape.at.last;
      multiply_plainly<Real>(
          group, rows, cols, rows, [&](int i, int n) { return k[i * (rows | 1) + n]; },
          [&](int n, int j) { return w[n * w_row + j]; }, [&](int i, int j, Real sum) { to[i * w_row + j] = sum; });
    } else if (shape.rule & RULE_HEBBIAN) {
      const Real *const p = product(l), *const below = product(l > 0 ? l - 1 : 0);
      Real *const to = memory + shape.at.below;
      multiply_plainly<Real>(
          group, coords, cols, rows, [&](int i, int k) { return p[k * row + i]; },
          [&](int k, int j) { return w[k * w_row + j]; },
          [&](int i, int j, Real sum) {
            const Real input = l > 0 ? below[j * row + i] : Real(i == j);
            to[i * w_row + j] = strength * d[i] * (input - sum);
          });
    } else if (shape.rule & RULE_ANTI) {
      Real *const lengths = memory + shape.at.lengths;
      for (int i = group.rank; i < rows; i += group.size) {
        Real square = 0;
        for (int j = 0; j < cols; j++) square = multiply_add(w[i * w_row + j], w[i * w_row + j], square);
        lengths[i] = strength / (1 - square);
      }
    }
  }

  // Adds beta's term of hidden layer l to `to`, from what prepare has left.
  __device__ __forceinline__ void learn(int l, Real *to) {
    const int row = shape.row, w_row = layer_row(l), coords = shape.coords;
    const int rows = shape.widths[l + 1], cols = columns(l);
    const Real *const p = product(l), *const d = memory + shape.at.d;
    if (shape.rule & RULE_HEBBIAN) {
      const Real *const g = memory + shape.at.below;
      multiply_plainly<Real>(
          group, rows, cols, coords, [&](int i, int k) { return p[i * row + k]; },
          [&](int k, int j) { return g[k * w_row + j]; }, [&](int i, int j, Real sum) { to[i * w_row + j] += sum; });
      return;
    }
    const Real *const lengths = memory + shape.at.lengths;
    if (l == 0) {
      each(rows, cols, [&](int at, int n) {
        const int i = n / cols;
        to[at] = multiply_add(lengths[i] * d[n - i * cols], p[at], to[at]);
      });
      return;
    }
    const Real *const below = product(l - 1);
    multiply_plainly<Real>(
        group, rows, cols, coords, [&](int i, int k) { return p[i * row + k] * d[k]; },
        [&](int k, int j) { return below[j * row + k]; },
        [&](int i, int j, Real sum) { to[i * w_row + j] = multiply_add(lengths[i], sum, to[i * w_row + j]); });
  }

  // Lays M out for a record, and the transpose of W_L ... W_2, which it returns.
  __device__ __forceinline__ const Real *stage(Real *to, Real *carry, bool carries) {
    const Real *const m = mapping();
    each(shape.outputs, shape.coords, [&](int at, int n) { to[n] = m[at]; });
    const int last = shape.layers - 1, outputs = shape.outputs, carried = (outputs + 3) / 4 * 4;
    if (carries) {
      const Real *const w = layer(last);
      const int w_row = layer_row(last);
      for (int n = group.rank; n < shape.widths[last] * outputs; n += group.size) {
        const int j = n / outputs, i = n - j * outputs;
        carry[j * carried + i] = w[i * w_row + j];
      }
      Real *spare = carry + shape.widest * carried;
      for (int l = last - 1; l > 0; l--) {
        group.sync();
        const Real *const w = layer(l), *const from = carry;
        const int w_row = layer_row(l), depth = shape.widths[l + 1];
        for (int n = group.rank; n < shape.widths[l] * outputs; n += group.size) {
          const int j = n / outputs, i = n - j * outputs;
          Real sum = 0;
          for (int k = 0; k < depth; k++) sum = multiply_add(from[k * carried + i], w[k * w_row + j], sum);
          spare[j * carried + i] = sum;
        }
        Real *const other = carry;
        carry = spare;
        spare = other;
      }
    }
    group.sync();
    return carry;
  }
};

template <class Real, class Group>
__device__ __forceinline__ void train(const Launch *launch, const Shape &shape, Group &group, Real *memory) {
  Network<Real, Group> net(group, shape, memory);
  Real *const scratch = at<Real>(launch->scratch) + group.number() * launch->scratch_stride;
  Real *const room = scratch + scratch_carry(launch->widths, launch->layers, launch->coords);
  for (int64_t number = group.number(); number < launch->items; number += group.count()) {
    Progress<Real> p(launch, number);
    if (!p.active) continue;
    net.load(p, p.state(launch));
    for (int64_t record = p.next_record(launch);;) {
      if (net.forward() && has_diverged(net.mapping(), shape.outputs, shape.coords, shape.row)) {
        p.end(group, launch);
        break;
      }
      if (p.step == record) {
        const Real *const carry = net.stage(scratch, room, launch->still != 0);
        p.template observe_item<4>(group, launch, scratch, scratch, carry, true);
        if (!p.active) break;
        record = p.next_record(launch);
      }
      if (p.step == p.stop) break;
      net.update();
      p.step++;
    }
    net.store(p.state(launch));
  }
}

// An item a warp.
template <class Real>
__device__ __forceinline__ void train_by_warp(const Launch *launch, Real *shared) {
  __shared__ Shape shape;
  if (threadIdx.x == 0) shape.describe(launch);
  __syncthreads();
  WarpPart<32> group;
  train(launch, shape, group, shared + int(threadIdx.x) / 32 * shape.at.reals);
}

// An item a block.
template <class Real>
__device__ __forceinline__ void train_by_block(const Launch *launch, Real *shared) {
  __shared__ Shape shape;
  if (threadIdx.x == 0) shape.describe(launch);
  WholeBlock group; // begins with a barrier
  train(launch, shape, group, shared);
}

} // namespace

extern "C" __global__ void __launch_bounds__(256, 2) shared_warp_f32(const Launch *launch) {
  DYNAMIC_SHARED(float, shared);
  train_by_warp(launch, shared);
}

extern "C" __global__ void __launch_bounds__(256, 1) shared_warp_f64(const Launch *launch) {
  DYNAMIC_SHARED(double, shared);
  train_by_warp(launch, shared);
}

extern "C" __global__ void __launch_bounds__(256, 2) shared_block_f32(const Launch *launch) {
  DYNAMIC_SHARED(float, shared);
  train_by_block(launch, shared);
}

extern "C" __global__ void __launch_bounds__(256, 1) shared_block_f64(const Launch *launch) {
  DYNAMIC_SHARED(double, shared);
  train_by_block(launch, shared);
}
