// The element-by-element kernels of the large path (large.cu) and its observations
// (large_observe.cu) against loops in long double, on the stand-in. Exit status 1 and
// a line for each fault.
#include "../large.cu"
#include "launch.h"

#include <cmath>
#include <cstdio>
#include <limits>
#include <random>
#include <string>
#include <vector>

// The two sources have constants of one name, as separate programs do.
namespace observing {
#include "../large_observe.cu"
}

namespace {

int faults = 0;

void fault(const std::string &what) {
  if (++faults <= 20) printf("FAIL %s\n", what.c_str());
}

template <class Real>
const double roundoff = std::numeric_limits<Real>::epsilon() / 2;

const double not_there = std::numeric_limits<double>::quiet_NaN();

template <class Kernel, class List>
void launch(const char *name, Kernel kernel, int blocks, const List *list) {
  const simt::Outcome outcome = simt::launch(name, kernel, dim3(blocks), dim3(256), 0, list, int64_t(0));
  if (outcome.failure != simt::Failure::NONE) fault(outcome.message);
}

template <class T>
Address address(const std::vector<T> &v) {
  return reinterpret_cast<Address>(v.data());
}

// Stack is a matrix for each of some copies, lead past a row's end and NaN there.
template <class T>
struct Stack {
  int rows, cols, lead;
  std::vector<T> data;

  Stack(int count, int rows, int cols, int pad) : rows(rows), cols(cols), lead(cols + pad), data(size_t(count) * rows * (cols + pad) + 4, T(not_there)) {}

  T &at(int n, int i, int j) { return data[(size_t(n) * rows + i) * lead + j]; }

  void fill(std::mt19937 &random) {
    const int count = int((data.size() - 4) / (size_t(rows) * lead));
    for (int n = 0; n < count; n++)
      for (int i = 0; i < rows; i++)
        for (int j = 0; j < cols; j++) at(n, i, j) = T(std::uniform_real_distribution<double>(-1, 1)(random));
  }

  Matrix matrix(Which which) const { return {address(data), which, int64_t(rows) * lead, lead}; }

  // Whether all that is no element is still NaN.
  bool untouched() {
    int written = 0, elements = 0;
    for (const T x : data) written += !std::isnan(x);
    const int count = int((data.size() - 4) / (size_t(rows) * lead));
    for (int n = 0; n < count; n++)
      for (int i = 0; i < rows; i++)
        for (int j = 0; j < cols; j++) elements += !std::isnan(at(n, i, j));
    return written == elements;
  }
};

int packs(int cols, int size) { return (cols + 16 / size - 1) / (16 / size); }
int element_blocks(int rows, int cols, int size) { return (rows * packs(cols, size) + 1023) / 1024; }

// D = s·e·f_i·A_ij·g_j + t·C_ij + v·T_ij: at most 8 roundings relative to the terms.
template <class Real, class Kernel>
void check_apply(const char *name, Kernel kernel) {
  std::mt19937 random(3);
  for (const int pad : {0, 1, 4}) {
    for (const int cols : {1, 5, 67, 130}) {
      const int rows = 61, copies = 3, blocks = element_blocks(rows, cols, sizeof(Real));
      Stack<Real> a(copies, rows, cols, pad), d(copies, rows, cols, pad), term(copies, rows, cols, pad), g(copies, 1, cols, 0), e(copies, 1, 1, 0);
      a.fill(random), d.fill(random), term.fill(random), g.fill(random), e.fill(random);
      Stack<Real> before = d;
      std::vector<double> squares(copies * blocks, -1);
      const std::vector<int64_t> ended = {-1, 5, -1};
      Product p = {};
      p.rows = rows, p.cols = cols, p.copies = copies, p.scale = -0.5, p.keep = 0.75;
      p.a = a.matrix(OF_COPY), p.c = d.matrix(OF_COPY), p.d = d.matrix(OF_COPY), p.term = term.matrix(OF_COPY);
      p.col_scale = g.matrix(OF_COPY), p.rate = e.matrix(OF_COPY), p.term_rate = e.matrix(OF_COPY);
      p.squares = {address(squares), OF_COPY, blocks, 0};
      p.ended = address(ended);
      launch(name, kernel, blocks * copies, static_cast<const Product *>(&p));
      for (int n = 0; n < copies; n++) {
        long double sum = 0;
        for (int i = 0; i < rows; i++) {
          for (int j = 0; j < cols; j++) {
            const long double x = -0.5L * e.at(n, 0, 0) * a.at(n, i, j) * g.at(n, 0, j), y = 0.75L * before.at(n, i, j),
                              z = static_cast<long double>(e.at(n, 0, 0)) * term.at(n, i, j);
            const bool right = ended[n] >= 0 ? d.at(n, i, j) == before.at(n, i, j)
                                             : std::fabs(d.at(n, i, j) - (x + y + z)) <= 8 * roundoff<Real> * (std::fabs(x) + std::fabs(y) + std::fabs(z));
            if (!right) return fault(std::string(name) + ": an element is wrong");
            sum += static_cast<long double>(a.at(n, i, j)) * a.at(n, i, j);
          }
        }
        double got = 0;
        for (int k = 0; k < blocks; k++) got += squares[n * blocks + k];
        // A thread adds 4 packs up in Real, each square rounded and added: at most 17 roundings.
        if (ended[n] < 0 && !(std::fabs(got - double(sum)) <= 18 * roundoff<Real> * double(sum))) fault(std::string(name) + ": the squares are wrong");
        if (ended[n] >= 0 && got != -blocks) fault(std::string(name) + ": wrote the squares of a copy that has ended");
      }
      if (!d.untouched()) fault(std::string(name) + ": wrote past a row");
    }
  }
}

template <class Real, class Kernel>
void check_lengths(const char *name, Kernel kernel) {
  std::mt19937 random(4);
  for (const int cols : {1, 31, 33, 100}) {
    const int rows = 11, copies = 2;
    Stack<Real> a(copies, rows, cols, 3), d(copies, 1, rows, 3);
    a.fill(random);
    Product p = {};
    p.rows = rows, p.cols = cols, p.copies = copies, p.a = a.matrix(OF_COPY), p.d = d.matrix(OF_COPY);
    launch(name, kernel, (rows + 7) / 8 * copies, static_cast<const Product *>(&p));
    for (int n = 0; n < copies; n++) {
      for (int i = 0; i < rows; i++) {
        long double square = 0;
        for (int j = 0; j < cols; j++) square += static_cast<long double>(a.at(n, i, j)) * a.at(n, i, j);
        // The square is off by γ(cols + 5) of itself, which 1/(1 − square) amplifies.
        const long double want = 1 / (1 - square), bound = (cols + 7) * roundoff<Real> * (square * want * want + std::fabs(want));
        if (!(std::fabs(d.at(n, 0, i) - want) <= 1.01L * bound)) fault(std::string(name) + ": a length is wrong");
      }
    }
    if (!d.untouched()) fault(std::string(name) + ": wrote past the lengths");
  }
}

// Conversions are exact or one rounding; W_1 comes from the place that the step says.
template <class Real, class Wide, class Narrow>
void check_conversions(const char *name, Wide widen, Narrow narrow) {
  std::mt19937 random(5);
  for (const int cols : {1, 7, 260}) {
    const int rows = 9, copies = 4, blocks = element_blocks(rows, cols, sizeof(Real));
    Stack<Real> even(copies, rows, cols, 2), odd(copies, rows, cols, 3), back(copies, rows, cols, 1);
    Stack<double> wide(copies, rows, cols, 1);
    even.fill(random), odd.fill(random);
    const std::vector<int64_t> ended = {-1, 4, 7, -1}, clock = {9, 9, 9, 10};
    Product p = {};
    p.rows = rows, p.cols = cols, p.copies = copies;
    p.a = even.matrix(OF_COPY), p.c = odd.matrix(OF_COPY), p.d = wide.matrix(OF_COPY);
    p.ended = address(ended), p.clock = address(clock);
    launch(name, widen, blocks * copies, static_cast<const Product *>(&p));
    const bool is_odd[] = {true, false, true, false};
    p = {};
    p.rows = rows, p.cols = cols, p.copies = copies, p.a = wide.matrix(OF_COPY), p.d = back.matrix(OF_COPY);
    launch(name, narrow, blocks * copies, static_cast<const Product *>(&p));
    for (int n = 0; n < copies; n++) {
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < cols; j++) {
          const Real want = is_odd[n] ? odd.at(n, i, j) : even.at(n, i, j);
          if (wide.at(n, i, j) != want || back.at(n, i, j) != want) return fault(std::string(name) + ": a conversion is wrong");
        }
      }
    }
    if (!wide.untouched() || !back.untouched()) fault(std::string(name) + ": a conversion wrote past a row");
  }
}

template <class Real, class Kernel>
void check_gather(const char *name, Kernel kernel) {
  std::mt19937 random(6);
  const int rows = 13, trained = 11, batch = 4, steps = 3, copies = 3, tasks = 2, epochs = 2;
  Stack<Real> from(tasks, rows, trained, 1);
  from.fill(random);
  const std::vector<int64_t> task_of = {1, 0, 1}, ended = {-1, -1, 0};
  std::vector<uint32_t> orders(epochs * copies * trained);
  for (uint32_t &k : orders) k = random() % trained;
  for (int64_t step = 0; step < 9; step++) {
    const int size = step % steps == steps - 1 ? trained - 2 * batch : batch;
    Stack<Real> to(copies, rows, batch, 2);
    const std::vector<int64_t> clock(copies, step);
    Gather g = {};
    g.copies = copies, g.rows = rows, g.size = size, g.batch = batch, g.trained = trained, g.steps = steps, g.epochs = epochs;
    g.stride = copies * trained, g.from = from.matrix(OF_TASK), g.to = to.matrix(OF_COPY), g.orders = address(orders);
    g.task_of = address(task_of), g.ended = address(ended), g.clock = address(clock);
    launch(name, kernel, copies, static_cast<const Gather *>(&g));
    for (int n = 0; n < copies; n++) {
      for (int i = 0; i < rows; i++) {
        for (int e = 0; e < batch; e++) {
          const uint32_t k = orders[(step / steps % epochs * copies + n) * trained + std::min<int64_t>(step % steps * batch + e, trained - 1)];
          const bool there = e < size && ended[n] < 0;
          if (there ? to.at(n, i, e) != from.at(int(task_of[n]), i, int(k)) : !std::isnan(to.at(n, i, e)))
            return fault(std::string(name) + ": an example is not where it should be");
        }
      }
    }
  }
}

void check_decide() {
  const int copies = 19, sums = 45;
  for (const double largest : {double(std::numeric_limits<float>::max()), std::numeric_limits<double>::max()}) {
    std::vector<double> squares(copies * sums, largest / 64); // their sum is below the largest
    squares[3 * sums + 44] = not_there;
    squares[7 * sums + 2] = std::numeric_limits<double>::infinity();
    squares[8 * sums + 40] = largest; // and here above it
    std::vector<int64_t> ended(copies, -1), clock(copies, 6);
    ended[7] = 2;
    const std::vector<int64_t> before = ended;
    Decision d = {};
    d.first = 1, d.copies = copies - 1, d.sums = sums, d.squares = {address(squares), OF_COPY, sums, 0}, d.largest = largest;
    d.ended = address(ended), d.clock = address(clock);
    launch("large_decide_f64", large_decide_f64, 3, static_cast<const Decision *>(&d));
    for (int n = 0; n < copies; n++) {
      const int64_t want = n == 3 || n == 8 ? 7 : before[n];
      if (ended[n] != want || clock[n] != (n == 0 ? 6 : 7)) fault("large_decide_f64: copy " + std::to_string(n) + " ended at " + std::to_string(ended[n]));
    }
  }
}

// One network of two modules that share Omega_y, with a bit that is asked for and not
// given. Omega rows are written from the definition: bit `row` of the pattern of
// P − 1 − e, the first row being the slowest.
void check_observe(int bits, bool labelled, int parts) {
  const int examples = 1 << bits, copies = 3, tasks = 2, outputs = 2 + examples, inputs = 2 + 2 * examples;
  const std::vector<int64_t> input_bits = {0, bits - 1}, output_bits = {1, bits - 1};
  std::mt19937 random(8);
  // Module 0: everything to everything. Module 1: Gamma_x to Omega_y.
  Stack<double> whole(copies, outputs, inputs, 2), part(copies, 2, 2 * examples, 0), labels(tasks, outputs, examples, 0);
  whole.fill(random), part.fill(random), labels.fill(random);
  // In module 0 the first bit is left out, the second not given and the last asked for.
  std::vector<Projection> projections(2 * bits, Projection{0, -1, -1});
  projections[0] = {1, 0, -1}, projections[1] = {1, -1, 0}, projections[bits - 1] = {1, 1, 1};
  projections[bits + 1] = {1, -1, 0}, projections[2 * bits - 1] = {1, -1, 1};
  const std::vector<int64_t> task_of = {1, 0, 1}, ended = {-1, 3, -1};
  std::vector<int64_t> trained(examples);
  for (int e = 0; e < examples; e++) trained[e] = e % 3 != 1;
  const double r = 0.7;
  std::vector<Outlook> outlooks;
  for (int k = 0; k < tasks; k++)
    outlooks.push_back({r + k, address(input_bits), address(output_bits), address(trained), labelled ? address(labels.data) + 8 * k * outputs * examples : 0, address(projections)});
  const std::vector<View> views = {
      {0, outputs, 0, inputs, 2, 2, whole.matrix(OF_COPY)},
      {0, 2, 2, 2 * examples, 0, 2, part.matrix(OF_COPY)},
  };
  const int modules = 2, fields = FIRST_PROJECTION + modules * (3 * bits + 1);
  std::vector<double> out(copies * parts * fields, not_there);
  Observation o = {};
  o.copies = copies, o.bits = bits, o.outputs = outputs, o.inputs = inputs, o.omega_in = 2, o.omega_out = 2, o.modules = modules;
  o.fields = fields, o.parts = parts, o.views = address(views), o.outlooks = address(outlooks), o.task_of = address(task_of);
  o.ended = address(ended), o.out = address(out);
  launch("large_observe_f64", observing::large_observe_f64, (copies * parts + 7) / 8, static_cast<const Observation *>(&o));

  const auto sign = [&](int row, int e) { return (examples - 1 - e) >> (bits - 1 - row) & 1 ? 1.0L : -1.0L; };
  for (int n = 0; n < copies; n++) {
    const double scale = outlooks[task_of[n]].r;
    std::vector<long double> want(fields, 0), size(fields, 0);
    const auto add = [&](int field, long double x) { want[field] += x, size[field] += std::fabs(x); };
    for (int i = 0; i < outputs; i++) {
      for (int j = 0; j < inputs; j++) {
        long double x = whole.at(n, i, j) + (i < 2 && j >= 2 ? part.at(n, i, j - 2) : 0);
        add(SUM_OMEGA_OMEGA + (j >= 2) + 2 * (i >= 2), x * x);
      }
      for (int e = 0; e < examples; e++) {
        long double answer = 0;
        for (int j = 0; j < 2; j++) answer += whole.at(n, i, j) * sign(int(input_bits[j]), e);
        for (int c = 0; c < 2; c++) {
          answer += static_cast<long double>(scale) * whole.at(n, i, 2 + c * examples + e);
          if (i < 2) answer += static_cast<long double>(scale) * part.at(n, i, c * examples + e);
        }
        long double label = i < 2 ? sign(int(output_bits[i]), e) : i - 2 == e ? scale : 0;
        if (labelled) label = labels.at(int(task_of[n]), i, e);
        add(SUM_TRAIN_OMEGA + (i >= 2) + 2 * (trained[e] == 0), (label - answer) * (label - answer));
      }
      for (int m = 0; m < modules; m++) {
        if (m == 1 && i >= 2) continue;
        const int base = FIRST_PROJECTION + m * (3 * bits + 1), gamma = m == 0 ? 2 : 0;
        const auto element = [&](int j) -> long double { return m == 0 ? whole.at(n, i, j) : part.at(n, i, j); };
        const auto copies_at = [&](int e) { return element(gamma + e) + element(gamma + examples + e); };
        for (int b = 0; b < bits; b++) {
          const Projection p = projections[m * bits + b];
          if (!p.used) continue;
          const long double given = p.in >= 0 ? element(int(p.in)) : 0;
          if (i == p.out) add(base + 3 * b, examples * given);
          for (int e = 0; e < examples; e++) {
            if (i == p.out) add(base + 3 * b, scale * sign(b, e) * copies_at(e));
            if (i >= 2) add(base + 3 * b + 2, sign(b, i - 2) * sign(b, e) * copies_at(e));
          }
          if (i >= 2) add(base + 3 * b + 1, sign(b, i - 2) * given);
        }
        if (i >= 2) add(base + 3 * bits, copies_at(i - 2));
      }
    }
    for (int f = 0; f < fields; f++) {
      long double got = 0;
      for (int part = 0; part < parts; part++) got += out[(n * parts + part) * fields + f];
      if (ended[n] >= 0) {
        if (!std::isnan(got)) fault("large_observe_f64: observed a copy that has ended");
        continue;
      }
      // A sum has at most outputs·inputs terms. A residual, of 8 terms below 4, may
      // cancel: its square is off by 2·8·(10·4)u and more, of at most 40.
      const double u = roundoff<double>, bound = outputs * inputs * u * double(size[f]) + (f < SUM_OMEGA_OMEGA ? outputs * examples * 640 * u : 0);
      if (!(std::fabs(got - want[f]) <= bound))
        fault("large_observe_f64: field " + std::to_string(f) + " of copy " + std::to_string(n) + " is " + std::to_string(double(got)) + ", want " + std::to_string(double(want[f])));
    }
  }
}

} // namespace

int main() {
  check_apply<float>("large_apply_f32", large_apply_f32);
  check_apply<double>("large_apply_f64", large_apply_f64);
  check_lengths<float>("large_lengths_f32", large_lengths_f32);
  check_lengths<double>("large_lengths_f64", large_lengths_f64);
  check_conversions<float>("large_widen_f32 and large_narrow_f32", large_widen_f32, large_narrow_f32);
  check_conversions<double>("large_widen_f64 and large_narrow_f64", large_widen_f64, large_narrow_f64);
  check_gather<float>("large_gather_f32", large_gather_f32);
  check_gather<double>("large_gather_f64", large_gather_f64);
  check_decide();
  for (const int parts : {8, 16}) {
    check_observe(3, false, parts);
    check_observe(3, true, parts);
    check_observe(9, parts == 8, parts); // more bits than one pass takes along
  }
  if (faults > 0) {
    printf("%d faults\n", faults);
    return 1;
  }
  printf("large: ok\n");
  return 0;
}
