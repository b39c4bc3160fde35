// A record of an item: losses, quadrants and mode strengths of its map M.
//
//   F        = M·Q^T + (W_L ... W_2)·still   the whole map, outputs x inputs
//   answer   = F·X, X of example e being its signs, then r at place e of every copy
//              of Gamma_x
//   losses   = sum over a set of examples and rows of (target - answer)², over twice
//              the number of those examples; 0/0 where there are none
//   quadrant = the sum of squares of a block of F
//   strength = the sum of a functional times M, element by element
//
// F is rounded to Real like M itself; everything after is double.
//
// Lanes share the columns of F in phase one and pairs of an output and an example in
// phase two. Sums go up in an order that depends only on the shapes and on the size
// of the group. Error: F has hidden + coords roundings a term, as M has; a sum of n
// squares in double adds n·2^-53 of itself.
#ifndef MODSPEC_OBSERVE_CUH
#define MODSPEC_OBSERVE_CUH

#include "layout.cuh"
#include "passage.cuh"

// Observed is what there is to measure of one item.
template <class Real>
struct Observed {
  const Task *task;
  const Real *mapping; // M, outputs x coords
  const Real *carry;   // the transpose of W_L ... W_2, hidden x up_to_4(outputs); 0 for a shallow module
  const Real *still;   // hidden x inputs; of a shallow module outputs x inputs; 0: none
  Real *whole;         // room for F, outputs x inputs
  double *record;      // fields
  double *passed;      // see passage.cuh; 0: no passages
};

// Sums of squares: of residuals, and of elements of F.
struct Sums {
  double train_omega, train_gamma, test_omega, test_gamma;
  double omega_omega, gamma_omega, omega_gamma, gamma_gamma;
};

// F = M·Q^T + carry^T·still, into `whole`, and the sums of squares of its blocks. ROWS
// outputs at a time are in registers, each lane with COLUMNS of their columns. Lanes
// without a column read the last one and drop it; rows past the last output are
// whatever stands in the scratch, and are dropped too. The long loop asks for many
// lines at a time, because nothing else hides how far away they are.
template <class Real, int ROWS, class Group>
__device__ __forceinline__ void form_whole(const Group &group, const Launch *launch, const Observed<Real> &o, Sums &sums) {
  constexpr int COLUMNS = 4;
  const int inputs = int(launch->widths[0]), outputs = int(launch->widths[launch->layers]);
  const int coords = int(launch->coords), hidden = launch->layers > 1 ? int(launch->widths[1]) : 0;
  const int carried = int(up_to_4(outputs));
  const int omega_in = int(o.task->omega_in), omega_out = int(o.task->omega_out);
  const double *const q = at<double>(o.task->q);
#pragma unroll 1
  for (int first = 0; first < outputs; first += ROWS) {
#pragma unroll 1
    for (int from = group.rank; from < inputs; from += COLUMNS * group.size) {
      int column[COLUMNS];
      Real f[ROWS][COLUMNS];
#pragma unroll
      for (int k = 0; k < COLUMNS; k++) {
        column[k] = min(from + k * group.size, inputs - 1);
#pragma unroll
        for (int i = 0; i < ROWS; i++) f[i][k] = 0;
      }
#pragma unroll 2
      for (int c = 0; q && c < coords; c++) {
        Real basis[COLUMNS];
#pragma unroll
        for (int k = 0; k < COLUMNS; k++) basis[k] = Real(q[int64_t(column[k]) * coords + c]);
#pragma unroll
        for (int i = 0; i < ROWS; i++) {
          const Real m = o.mapping[min(first + i, outputs - 1) * coords + c];
#pragma unroll
          for (int k = 0; k < COLUMNS; k++) f[i][k] = multiply_add(m, basis[k], f[i][k]);
        }
      }
      if (o.carry && o.still) {
        const Real *const carry = o.carry + first;
#pragma unroll 8
        for (int h = 0; h < hidden; h++) {
          Real s[COLUMNS];
#pragma unroll
          for (int k = 0; k < COLUMNS; k++) s[k] = o.still[h * inputs + column[k]];
#pragma unroll
          for (int i = 0; i < ROWS; i += 4) {
            Real w[4];
            load_4(carry + h * carried + i, w);
#pragma unroll
            for (int n = 0; n < 4 && i + n < ROWS; n++)
#pragma unroll
              for (int k = 0; k < COLUMNS; k++) f[i + n][k] = multiply_add(w[n], s[k], f[i + n][k]);
          }
        }
      }
      // Without a Q the map is whole as it is; a shallow module's still is added.
      const Real *const add = !q ? o.mapping : !o.carry ? o.still : nullptr;
      if (add) {
#pragma unroll
        for (int i = 0; i < ROWS; i++)
#pragma unroll
          for (int k = 0; k < COLUMNS; k++) f[i][k] += add[int64_t(min(first + i, outputs - 1)) * inputs + column[k]];
      }
      double to_omega[COLUMNS] = {}, to_gamma[COLUMNS] = {};
      Real *row = o.whole + int64_t(first) * inputs;
#pragma unroll
      for (int i = 0; i < ROWS; i++) {
        if (first + i >= outputs) break;
        const bool omega = first + i < omega_out;
#pragma unroll
        for (int k = 0; k < COLUMNS; k++) {
          row[column[k]] = f[i][k]; // of the last column by some lanes more, all alike
          const double v = double(f[i][k]), square = v * v;
          to_omega[k] += omega ? square : 0;
          to_gamma[k] += omega ? 0 : square;
        }
        row += inputs;
      }
#pragma unroll
      for (int k = 0; k < COLUMNS; k++) {
        const bool here = from + k * group.size < inputs, omega = column[k] < omega_in;
        sums.omega_omega += here && omega ? to_omega[k] : 0;
        sums.gamma_omega += here && !omega ? to_omega[k] : 0;
        sums.omega_gamma += here && omega ? to_gamma[k] : 0;
        sums.gamma_gamma += here && !omega ? to_gamma[k] : 0;
      }
    }
  }
}

// The squared residuals, from F; PAIRS of an output and an example at a time.
template <class Real, class Group>
__device__ __forceinline__ void add_residuals(const Group &group, const Launch *launch, const Observed<Real> &o, Sums &sums) {
  constexpr int PAIRS = 4;
  const Task *t = o.task;
  const int inputs = int(launch->widths[0]), outputs = int(launch->widths[launch->layers]);
  const int examples = int(t->examples), omega_in = int(t->omega_in), gamma_in = int(t->gamma_in);
  const int omega_out = int(t->omega_out), pairs = outputs * examples;
  const double *targets = at<double>(t->targets), *signs = at<double>(t->signs), *trained = at<double>(t->is_trained);
#pragma unroll 1
  for (int from = group.rank; from < pairs; from += PAIRS * group.size) {
    int output[PAIRS], example[PAIRS];
    const Real *row[PAIRS];
    double answer[PAIRS] = {}, gamma[PAIRS] = {};
#pragma unroll
    for (int k = 0; k < PAIRS; k++) {
      const int n = min(from + k * group.size, pairs - 1);
      output[k] = n / examples;
      example[k] = n - output[k] * examples;
      row[k] = o.whole + int64_t(output[k]) * inputs;
    }
#pragma unroll 2
    for (int j = 0; j < omega_in; j++)
#pragma unroll
      for (int k = 0; k < PAIRS; k++) answer[k] = fma(double(row[k][j]), signs[j * examples + example[k]], answer[k]);
#pragma unroll 2
    for (int copy = 0; copy < gamma_in; copy++)
#pragma unroll
      for (int k = 0; k < PAIRS; k++) gamma[k] += double(row[k][omega_in + copy * examples + example[k]]);
#pragma unroll
    for (int k = 0; k < PAIRS; k++) {
      if (from + k * group.size >= pairs) continue;
      const double residual = targets[output[k] * examples + example[k]] - fma(t->r, gamma[k], answer[k]);
      const double square = residual * residual;
      const bool train = trained[example[k]] != 0, omega = output[k] < omega_out;
      sums.train_omega += train && omega ? square : 0;
      sums.train_gamma += train && !omega ? square : 0;
      sums.test_omega += !train && omega ? square : 0;
      sums.test_gamma += !train && !omega ? square : 0;
    }
  }
}

// Writes a record and takes it into the passages, and reports whether it can be
// represented: where the training loss or a quadrant is not finite, nothing is
// written. All lanes of the group call it, or of the warp where groups are parts of
// one; those of an item that is not active leave no trace outside their scratch.
template <class Real, int ROWS, class Group>
__device__ __noinline__ bool observe(Group group, const Launch *launch, Observed<Real> o, int64_t step, bool active) {
  const Task *t = o.task;
  Sums s = {};
  form_whole<Real, ROWS>(group, launch, o, s);
  group.sync(); // all of F is there
  add_residuals(group, launch, o, s);
  s.train_omega = group.sum(s.train_omega);
  s.train_gamma = group.sum(s.train_gamma);
  s.test_omega = group.sum(s.test_omega);
  s.test_gamma = group.sum(s.test_gamma);
  s.omega_omega = group.sum(s.omega_omega);
  s.gamma_omega = group.sum(s.gamma_omega);
  s.omega_gamma = group.sum(s.omega_gamma);
  s.gamma_gamma = group.sum(s.gamma_gamma);
  const double of_train = 2 * double(t->trained), of_test = 2 * double(t->examples - t->trained);
  s.train_omega /= of_train;
  s.train_gamma /= of_train;
  const bool finite = is_finite(s.train_omega + s.train_gamma + s.omega_omega + s.gamma_omega + s.omega_gamma + s.gamma_gamma);
  active = active && finite;
  if (active && group.rank == 0) {
    o.record[TRAIN_OMEGA] = s.train_omega;
    o.record[TRAIN_GAMMA] = s.train_gamma;
    o.record[TEST_OMEGA] = s.test_omega / of_test;
    o.record[TEST_GAMMA] = s.test_gamma / of_test;
    o.record[OMEGA_OMEGA] = s.omega_omega;
    o.record[GAMMA_OMEGA] = s.gamma_omega;
    o.record[OMEGA_GAMMA] = s.omega_gamma;
    o.record[GAMMA_GAMMA] = s.gamma_gamma;
  }
  const int fields = int(launch->fields);
  const int elements = int(launch->widths[launch->layers]) * int(launch->coords);
  const double *functional = at<double>(t->functionals);
#pragma unroll 1
  for (int k = FIRST_MODE; k < fields; k++) {
    double strength = 0;
#pragma unroll 2
    for (int n = group.rank; n < elements; n += group.size)
      strength = fma(functional[n], double(o.mapping[n]), strength);
    strength = group.sum(strength);
    if (active && group.rank == 0) o.record[k] = strength;
    functional += elements;
  }
  group.sync(); // the record is whole
  if (o.passed) see_passages(group, o.passed, at<double>(t->goals), o.record, fields, step, active && t->goals);
  return finite;
}

#endif
