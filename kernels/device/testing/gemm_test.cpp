// Matrix products of the large path (gemm.cu) against sums in long double, on the
// stand-in. Every tile, both precisions, both ways to store an operand, shapes about
// the edges of tiles and slices, and every part of the epilogue. Built and run by
// kernels/device/testing's runner; exit status 1 and a line for each fault.
#include "../gemm.cu"
#include "launch.h"

#include <cmath>
#include <cstdio>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace {

int faults = 0;

void fault(const std::string &what) {
  if (++faults <= 20) printf("FAIL %s\n", what.c_str());
}

template <class Real>
struct Kernel {
  const char *name;
  void (*run)(const Product *, int64_t);
  int rows, cols, threads, slices;
};

const std::vector<Kernel<float>> singles = {
    {"gemm_r132c128_f32", gemm_r132c128_f32, 132, 128, 192, 1}, {"gemm_r128c128_f32", gemm_r128c128_f32, 128, 128, 256, 1},
    {"gemm_r96c128_f32", gemm_r96c128_f32, 96, 128, 192, 1},    {"gemm_r64c64_f32", gemm_r64c64_f32, 64, 64, 64, 1},
    {"gemm_r32c32_f32", gemm_r32c32_f32, 32, 32, 64, 1},        {"gemm_r16c16_f32", gemm_r16c16_f32, 16, 16, 256, 8},
};
const std::vector<Kernel<double>> doubles = {
    {"gemm_r64c64_f64", gemm_r64c64_f64, 64, 64, 128, 1},
    {"gemm_r32c32_f64", gemm_r32c32_f64, 32, 32, 64, 1},
    {"gemm_r16c16_f64", gemm_r16c16_f64, 16, 16, 256, 8},
};
const std::vector<Kernel<float>> &kernels(float) { return singles; }
const std::vector<Kernel<double>> &kernels(double) { return doubles; }

// u, the unit roundoff: half the distance from 1 to the next number.
template <class Real>
const double roundoff = std::numeric_limits<Real>::epsilon() / 2;

// packed stands for rows that begin at multiples of 16 bytes.
const int packed = -1;

// Room holds the matrices of some copies between guards, everything that is no
// element NaN: what is read or written by mistake shows.
template <class Real>
struct Room {
  std::vector<Real> storage;
  int rows = 0, cols = 0, count = 0;
  int64_t lead = 0, stride = 0, start = 0;
  Which which = OF_COPY;

  Real *data() { return storage.data() + start; }
  Real &at(int number, int i, int j) { return data()[number * stride + i * lead + j]; }

  // Rows are pad elements apart, or for packed as many as let them begin at 16 bytes.
  // skew moves the first element off 16 bytes.
  void make(std::mt19937 &random, int rows_, int cols_, int count_, int pad, int skew, Which which_) {
    rows = rows_, cols = cols_, count = count_, which = which_;
    lead = pad == packed ? (cols + 3) / 4 * 4 : cols + pad;
    stride = rows * lead + (pad == packed ? 8 : 3 * pad);
    const int64_t guard = 32, size = guard + skew + count * stride + guard;
    storage.assign(size + 16, std::numeric_limits<Real>::quiet_NaN());
    const uintptr_t address = reinterpret_cast<uintptr_t>(storage.data() + guard);
    start = guard + int64_t((16 - address % 16) % 16 / sizeof(Real)) + skew;
    for (int n = 0; n < count; n++)
      for (int i = 0; i < rows; i++)
        for (int j = 0; j < cols; j++) at(n, i, j) = Real(std::uniform_real_distribution<double>(-2, 2)(random));
  }

  Matrix matrix() const {
    Matrix m = {};
    if (count == 0) return m;
    m.at = reinterpret_cast<Address>(storage.data() + start);
    m.which = which;
    m.stride = stride;
    m.lead = lead;
    return m;
  }

  // Fails unless everything that is no element is still NaN.
  void check_guards(const std::string &name) {
    std::vector<char> element(storage.size(), 0);
    for (int n = 0; n < count; n++)
      for (int i = 0; i < rows; i++)
        for (int j = 0; j < cols; j++) element[start + n * stride + i * lead + j] = 1;
    for (size_t k = 0; k < storage.size(); k++) {
      if (!element[k] && !std::isnan(storage[k])) {
        fault(name + ": wrote outside its matrix");
        return;
      }
    }
  }
};

struct Shape {
  int rows, cols, depth;
};

// What a case asks for.
struct Options {
  bool a_across = false, b_across = false;
  int pad = 3, skew = 0;  // off 16 bytes
  bool c = false, in_place = false, raw = false, response = false, term = false, f = false, g = false, rates = false,
       squares = false, ended = false;
  int first = 0, copies = 2;
};

template <class Real>
void check(const Kernel<Real> &kernel, const Shape &shape, const Options &o, uint32_t seed) {
  const std::string name = std::string(kernel.name) + " " + std::to_string(shape.rows) + "x" + std::to_string(shape.cols) +
                           "x" + std::to_string(shape.depth) + (o.a_across ? " T" : " N") + (o.b_across ? "T" : "N") +
                           " pad " + std::to_string(o.pad) + " skew " + std::to_string(o.skew);
  std::mt19937 random(seed);
  const int all = o.first + o.copies, tasks = 2;
  Room<Real> a, b, c, d, raw, response, term, f, g, rate, term_rate;
  a.make(random, o.a_across ? shape.depth : shape.rows, o.a_across ? shape.rows : shape.depth, all, o.pad, o.skew, OF_COPY);
  b.make(random, o.b_across ? shape.cols : shape.depth, o.b_across ? shape.depth : shape.cols, tasks, o.pad, o.skew, OF_TASK);
  d.make(random, shape.rows, shape.cols, all, o.pad, o.skew, OF_COPY);
  if (o.c) c.make(random, shape.rows, shape.cols, o.copies, o.pad, o.skew, OF_SLOT);
  if (o.raw) raw.make(random, shape.rows, shape.cols, all, o.pad, o.skew, OF_COPY);
  if (o.response) response.make(random, shape.rows, shape.cols, o.copies, o.pad, o.skew, OF_SLOT);
  if (o.term) term.make(random, shape.rows, shape.cols, all, o.pad, o.skew, OF_COPY);
  if (o.f) f.make(random, 1, shape.rows, all, o.pad, o.skew, OF_COPY);
  if (o.g) g.make(random, 1, shape.cols, tasks, o.pad, o.skew, OF_TASK);
  if (o.rates) rate.make(random, 1, 1, all, 0, 0, OF_COPY), term_rate.make(random, 1, 1, all, 0, 0, OF_COPY);
  const int across = (shape.cols + kernel.cols - 1) / kernel.cols;
  const int tiles = (shape.rows + kernel.rows - 1) / kernel.rows * across;
  std::vector<double> squares(all * tiles + 2, -1);
  std::vector<int64_t> task_of, ended(all, -1);
  for (int copy = 0; copy < all; copy++) task_of.push_back((copy + 1) % tasks);
  if (o.ended) ended[o.first] = 0;

  Product list[2] = {};
  Product &p = list[1];
  p.rows = shape.rows, p.cols = shape.cols, p.depth = shape.depth;
  p.first = o.first, p.copies = o.copies;
  p.a_across = o.a_across, p.b_across = o.b_across;
  p.scale = -0.75, p.keep = 1.5;
  p.a = a.matrix(), p.b = b.matrix(), p.c = o.in_place ? d.matrix() : c.matrix(), p.d = d.matrix();
  p.raw = raw.matrix(), p.response = response.matrix(), p.term = term.matrix();
  p.row_scale = f.matrix(), p.col_scale = g.matrix(), p.rate = rate.matrix(), p.term_rate = term_rate.matrix();
  if (o.squares) {
    p.squares.at = reinterpret_cast<Address>(squares.data() + 1);
    p.squares.which = OF_COPY, p.squares.stride = tiles;
  }
  p.task_of = reinterpret_cast<Address>(task_of.data());
  p.ended = o.ended ? reinterpret_cast<Address>(ended.data()) : 0;
  const Room<Real> before = d, raw_before = raw;

  const simt::Outcome outcome = simt::launch(kernel.name, kernel.run, dim3(tiles * o.copies), dim3(kernel.threads), 0,
                                             static_cast<const Product *>(list), int64_t(1));
  if (outcome.failure != simt::Failure::NONE) {
    fault(name + ": " + outcome.message);
    return;
  }

  // Each of depth products is rounded, and each sum, in whatever order; the slices add
  // one more each. x·g, ·s (s itself one product), t·C and v·T with their sums make 8.
  const double u = roundoff<Real>, steps = shape.depth + kernel.slices + 8, gamma = steps * u / (1 - steps * u);
  for (int copy = o.first; copy < all; copy++) {
    if (o.ended && ended[copy] >= 0) {
      for (int i = 0; i < shape.rows; i++)
        for (int j = 0; j < shape.cols; j++)
          if (d.at(copy, i, j) != Room<Real>(before).at(copy, i, j)) return fault(name + ": changed a copy that has ended");
      continue;
    }
    const int task = int(task_of[copy]), slot = copy - o.first;
    std::vector<long double> sums(tiles, 0), sizes(tiles, 0);
    for (int i = 0; i < shape.rows; i++) {
      for (int j = 0; j < shape.cols; j++) {
        long double x = 0, size = 0;
        for (int k = 0; k < shape.depth; k++) {
          const long double product = static_cast<long double>(o.a_across ? a.at(copy, k, i) : a.at(copy, i, k)) *
                                      (o.b_across ? b.at(task, j, k) : b.at(task, k, j));
          x += product;
          size += std::fabs(product);
        }
        const auto close = [&](long double got, long double want, long double scale, const char *what) {
          if (!(std::fabs(got - want) <= gamma * scale))
            fault(name + ": " + what + " at " + std::to_string(i) + ", " + std::to_string(j) + " of copy " +
                  std::to_string(copy) + " is " + std::to_string(double(got)) + ", want " + std::to_string(double(want)));
        };
        if (o.raw) close(raw.at(copy, i, j), x, size, "A·B");
        const int tile = i / kernel.rows * across + j / kernel.cols;
        sums[tile] += x * x;
        // x² is off by up to (2γ + u)·size², whatever x is.
        sizes[tile] += size * size;
        const long double by_g = o.g ? g.at(task, 0, j) : Real(1);
        if (o.response) close(response.at(slot, i, j), x * by_g, size * std::fabs(by_g), "A·B·diag(g)");
        const long double s = -0.75L * (o.rates ? rate.at(copy, 0, 0) : Real(1)) * (o.f ? f.at(copy, 0, i) : Real(1)) * by_g;
        const long double old = o.in_place ? Room<Real>(before).at(copy, i, j) : o.c ? c.at(slot, i, j) : Real(0);
        const long double v = o.rates ? term_rate.at(copy, 0, 0) : Real(1);
        const long double more = o.term ? term.at(copy, i, j) : Real(0);
        close(d.at(copy, i, j), s * x + 1.5L * old + v * more,
              std::fabs(s) * size + std::fabs(1.5L * old) + std::fabs(v * more), "D");
      }
    }
    for (int tile = 0; o.squares && tile < tiles; tile++) {
      const double got = squares[1 + copy * tiles + tile];
      // A thread adds up to 128 squares in Real; the rest is in double.
      if (!(std::fabs(got - double(sums[tile])) <= (2 * gamma + 130 * u) * double(sizes[tile])))
        fault(name + ": the squares of tile " + std::to_string(tile) + " add up to " + std::to_string(got) + ", want " +
              std::to_string(double(sums[tile])));
    }
  }
  if (squares.front() != -1 || squares.back() != -1) fault(name + ": wrote outside the squares");
  if (o.squares && o.first > 0 && squares[1] != -1) fault(name + ": wrote the squares of another copy");
  for (int copy = 0; copy < o.first; copy++)
    for (int i = 0; i < shape.rows; i++)
      if (d.at(copy, i, 0) != Room<Real>(before).at(copy, i, 0)) fault(name + ": changed a copy before the first");
  d.check_guards(name + ", D");
  raw.check_guards(name + ", raw");
  response.check_guards(name + ", response");
}

// Shapes stay about one or two tiles.
template <class Real>
void check_all() {
  uint32_t seed = 1;
  for (const Kernel<Real> &k : kernels(Real())) {
    const int depth = 16 * k.slices;
    const std::vector<Shape> shapes = {
        {1, 1, 1},
        {k.rows, k.cols, depth},                    // one tile, whole slices
        {k.rows + 1, k.cols + 1, 2 * depth + 1},    // edges of one
        {k.rows - 1, k.cols - 3, depth - 1},
        {2, k.cols + 5, 7},
        {k.rows + 3, 3, 19},
        {5, 6, 0},                                  // an empty sum is 0
    };
    for (const Shape &shape : shapes) {
      for (int across = 0; across < 4; across++) {
        Options o;
        o.a_across = across & 1, o.b_across = across & 2;
        o.raw = o.squares = true;
        o.pad = across == 1 ? 0 : 3;
        check(k, shape, o, seed++); // rows that begin anywhere
        o.pad = packed;
        check(k, shape, o, seed++);
      }
    }
    const Shape edges = {k.rows + 4, k.cols - 2, depth + 8};
    for (int parts = 0; parts < 8; parts++) {
      Options o;
      o.a_across = parts & 1;
      o.pad = parts & 2 ? packed : 1;
      o.skew = parts == 5 ? 1 : 0;
      o.c = parts & 1, o.in_place = parts == 2 || parts == 6, o.term = parts & 2, o.f = parts & 4, o.g = parts != 3;
      o.rates = parts >= 2, o.response = parts >= 5, o.raw = parts == 7, o.squares = parts % 2 == 0;
      o.first = parts == 4 ? 3 : parts % 2, o.ended = parts >= 6;
      check(k, edges, o, seed++);
    }
  }
}

// What is not finite stays in its own row or column.
template <class Real>
void check_not_finite() {
  for (const Kernel<Real> &k : kernels(Real())) {
    const int n = k.rows + 2, depth = 9;
    std::vector<Real> a(n * depth, 1), b(depth * n, 1), d(n * n, 0);
    a[3 * depth + 8] = std::numeric_limits<Real>::quiet_NaN();
    b[2 * n + 5] = std::numeric_limits<Real>::infinity();
    const int tiles = ((n + k.rows - 1) / k.rows) * ((n + k.cols - 1) / k.cols);
    std::vector<double> squares(tiles, 0);
    Product p = {};
    p.rows = p.cols = n, p.depth = depth, p.copies = 1, p.scale = 1;
    p.a = {reinterpret_cast<Address>(a.data()), OF_COPY, 0, depth};
    p.b = {reinterpret_cast<Address>(b.data()), OF_COPY, 0, n};
    p.d = {reinterpret_cast<Address>(d.data()), OF_COPY, 0, n};
    p.squares = {reinterpret_cast<Address>(squares.data()), OF_COPY, tiles, 0};
    const simt::Outcome outcome =
        simt::launch(k.name, k.run, dim3(tiles), dim3(k.threads), 0, static_cast<const Product *>(&p), int64_t(0));
    if (outcome.failure != simt::Failure::NONE) fault(outcome.message);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        const Real x = d[i * n + j];
        const bool right = i == 3 ? std::isnan(x) : j == 5 ? std::isinf(x) : x == depth; // whole numbers: exact
        if (!right) return fault(std::string(k.name) + ": an element beside a NaN or infinity is " + std::to_string(x));
      }
    }
    if (std::isfinite(squares[0])) fault(std::string(k.name) + ": squares of what is not finite add up to a number");
    if (tiles > 1 && k.cols < n && !std::isfinite(squares[tiles - 1]))
      fault(std::string(k.name) + ": squares of a finite tile do not add up");
  }
}

// An element has the same bits whatever the tile: sums go in the order of the depth.
// Kernels that share the depth out are left out.
template <class Real>
void check_same_bits() {
  const int rows = 141, cols = 133, depth = 41;
  std::mt19937 random(7);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<Real> a(rows * depth), b(depth * cols), first;
  for (Real &x : a) x = Real(uniform(random));
  for (Real &x : b) x = Real(uniform(random));
  for (const Kernel<Real> &k : kernels(Real())) {
    if (k.slices > 1) continue;
    std::vector<Real> d(rows * cols);
    Product p = {};
    p.rows = rows, p.cols = cols, p.depth = depth, p.copies = 1, p.scale = 1;
    p.a = {reinterpret_cast<Address>(a.data()), OF_COPY, 0, depth};
    p.b = {reinterpret_cast<Address>(b.data()), OF_COPY, 0, cols};
    p.d = {reinterpret_cast<Address>(d.data()), OF_COPY, 0, cols};
    const int tiles = ((rows + k.rows - 1) / k.rows) * ((cols + k.cols - 1) / k.cols);
    const simt::Outcome outcome =
        simt::launch(k.name, k.run, dim3(tiles), dim3(k.threads), 0, static_cast<const Product *>(&p), int64_t(0));
    if (outcome.failure != simt::Failure::NONE) fault(outcome.message);
    if (first.empty()) first = d;
    if (memcmp(first.data(), d.data(), d.size() * sizeof(Real)) != 0) fault(std::string(k.name) + ": other bits than the first tile");
  }
}

} // namespace

int main() {
  check_all<float>();
  check_all<double>();
  check_not_finite<float>();
  check_not_finite<double>();
  check_same_bits<float>();
  check_same_bits<double>();
  if (faults > 0) {
    printf("%d faults\n", faults);
    return 1;
  }
  printf("gemm: ok\n");
  return 0;
}
