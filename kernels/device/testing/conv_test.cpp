// Kernels of convolutions (conv.cu) against plain loops in double, on the stand-in:
// every class in float and on tensor cores, two entries of different shapes in a launch, shapes about the edges of tiles
// and slices. Exit status 1 and a line for each fault.
#include "../conv.cu"
#include "../conv_tf32.cu"
#include "launch.h"

#include <algorithm>
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

// u, the unit roundoff of float.
const double roundoff = std::numeric_limits<float>::epsilon() / 2.0;

double gamma_of(double n) { return n * roundoff / (1 - n * roundoff); }

// Written another way than the kernels' own: x to eleven bits, a tie away from zero.
double to_tf32(double x) {
  int exponent;
  const double fraction = std::frexp(x, &exponent);
  return std::ldexp(std::round(std::ldexp(fraction, 11)), exponent - 11);
}

// Guarded is an array between NaNs, which nothing may change.
struct Guarded {
  static constexpr size_t guard = 64;
  std::vector<float> storage;

  void make(std::mt19937 &random, size_t size) {
    storage.assign(size + 2 * guard, std::numeric_limits<float>::quiet_NaN());
    std::uniform_real_distribution<float> uniform(-1, 1);
    for (size_t i = 0; i < size; i++) storage[guard + i] = uniform(random);
  }
  size_t size() const { return storage.size() - 2 * guard; }
  float &operator[](size_t i) { return storage[guard + i]; }
  float operator[](size_t i) const { return storage[guard + i]; }
  Address address() { return reinterpret_cast<Address>(storage.data() + guard); }
  void check(const std::string &name) const {
    for (size_t i = 0; i < guard; i++)
      if (!std::isnan(storage[i]) || !std::isnan(storage[guard + size() + i])) return fault(name + ": wrote outside its array");
  }
};

struct Shape {
  int channels, height, width, units, kernel_height, kernel_width;
};

// Class is a set of kernels that serve a layer together.
struct Class {
  const char *name;
  bool tensor;
  int rows, cols, weights_rows, weights_cols;
  void (*forward)(const ConvLayer *, int64_t, int64_t);
  void (*data)(const ConvLayer *, int64_t, int64_t);
  void (*weights)(const ConvLayer *, int64_t, int64_t);
};

const Class classes[] = {
    {"r32c128_f32", false, 32, 128, 32, 128, conv_forward_r32c128_f32, conv_data_r32c128_f32, conv_weights_r32c128_f32},
    {"r16c256_f32", false, 16, 256, 16, 256, conv_forward_r16c256_f32, conv_data_r16c256_f32, conv_weights_r16c256_f32},
    {"r64c16_f32", false, 64, 16, 32, 128, conv_forward_r64c16_f32, conv_data_r64c16_f32, conv_weights_r32c128_f32},
    {"r32c128_tf32", true, 32, 128, 32, 128, conv_forward_r32c128_tf32, conv_data_r32c128_tf32, conv_weights_r32c128_tf32},
    {"r16c256_tf32", true, 16, 256, 16, 256, conv_forward_r16c256_tf32, conv_data_r16c256_tf32, conv_weights_r16c256_tf32},
    {"r64c16_tf32", true, 64, 16, 32, 128, conv_forward_r64c16_tf32, conv_data_r64c16_tf32, conv_weights_r32c128_tf32},
};

struct Case {
  Shape s;
  int images, parts;
  bool ordered, rectified, rectified_below, first, momentum;
  int splits = 1;
};

int blocks(int count, int size) { return (count + size - 1) / size; }

// Layer is one entry with its arrays.
struct Layer {
  Case c;
  bool tensor;
  int out_height, out_width, places, fan_in, plane;
  Guarded in, out, delta, below, weights, biases, velocity_weights, velocity_biases, partials;
  std::vector<uint32_t> order;
  ConvLayer entry = {};
  static constexpr int start = 2; // the step begins at this place of the order

  Layer(const Case &c_, bool tensor_, std::mt19937 &random) : c(c_), tensor(tensor_) {
    const Shape &s = c.s;
    out_height = s.height - s.kernel_height + 1, out_width = s.width - s.kernel_width + 1;
    places = out_height * out_width, fan_in = s.channels * s.kernel_height * s.kernel_width, plane = s.height * s.width;
    const int all = c.ordered ? c.images + 5 : c.images;
    for (int i = 0; i < start + c.images; i++) order.push_back(uint32_t(random() % unsigned(all)));
    in.make(random, size_t(all) * s.channels * plane);
    out.make(random, size_t(c.images) * s.units * places), delta.make(random, out.size());
    below.make(random, in.size());
    weights.make(random, size_t(s.units) * fan_in), velocity_weights.make(random, weights.size());
    biases.make(random, size_t(s.units)), velocity_biases.make(random, biases.size());
    partials.make(random, std::max(size_t(c.parts) * s.units * (fan_in + 1), c.splits * out.size()));
    entry.channels = s.channels, entry.height = s.height, entry.width = s.width, entry.units = s.units;
    entry.kernel_height = s.kernel_height, entry.kernel_width = s.kernel_width;
    entry.rectified = c.rectified, entry.rectified_below = c.rectified_below, entry.parts = c.parts, entry.splits = c.splits;
    entry.rate = 0.125, entry.momentum = 0.75;
    entry.in = in.address(), entry.out = out.address(), entry.delta = delta.address();
    entry.order = c.ordered ? reinterpret_cast<Address>(order.data()) : 0;
    entry.below = c.first ? 0 : below.address();
    entry.weights = weights.address(), entry.biases = biases.address();
    entry.velocity_weights = c.momentum ? velocity_weights.address() : 0;
    entry.velocity_biases = c.momentum ? velocity_biases.address() : 0;
    entry.partials = c.parts > 1 || c.splits > 1 ? partials.address() : 0;
  }

  size_t input(int i, int channel, int y, int x) const {
    const size_t image = c.ordered ? order[start + i] : i;
    return (image * c.s.channels + channel) * plane + y * c.s.width + x;
  }
  size_t output(int i, int unit, int y, int x) const { return (size_t(i) * c.s.units + unit) * places + y * out_width + x; }
  size_t weight(int unit, int channel, int a, int b) const {
    return ((size_t(unit) * c.s.channels + channel) * c.s.kernel_height + a) * c.s.kernel_width + b;
  }

  // product is exact in double: that of two factors as the kernels take them.
  double product(double a, double b) const { return tensor ? to_tf32(a) * to_tf32(b) : a * b; }

  // each calls f(image, unit, y, x, channel, a, b) for every product of the layer.
  template <class F>
  void each(F f) const {
    for (int i = 0; i < c.images; i++)
      for (int u = 0; u < c.s.units; u++)
        for (int y = 0; y < out_height; y++)
          for (int x = 0; x < out_width; x++)
            for (int ch = 0; ch < c.s.channels; ch++)
              for (int a = 0; a < c.s.kernel_height; a++)
                for (int b = 0; b < c.s.kernel_width; b++) f(i, u, y, x, ch, a, b);
  }

  void guards(const std::string &name) const {
    for (const Guarded *g : {&in, &out, &delta, &below, &weights, &biases, &velocity_weights, &velocity_biases, &partials}) g->check(name);
  }
};

// Terms are sums with the sizes of their terms.
struct Terms {
  std::vector<double> sum, size;
  explicit Terms(size_t n) : sum(n), size(n) {}
  void add(size_t at, double x) { sum[at] += x, size[at] += std::fabs(x); }
};

void near(const std::string &name, size_t place, double got, double want, double bound) {
  if (!(std::fabs(got - want) <= bound))
    fault(name + " at " + std::to_string(place) + " is " + std::to_string(got) + ", want " + std::to_string(want));
}

void check_forward(const std::string &name, const Layer &l) {
  Terms t(l.out.size());
  l.each([&](int i, int u, int y, int x, int ch, int a, int b) {
    t.add(l.output(i, u, y, x), l.product(l.weights[l.weight(u, ch, a, b)], l.in[l.input(i, ch, y + a, x + b)]));
  });
  for (size_t k = 0; k < l.out.size(); k++) {
    t.add(k, l.biases[k / l.places % l.c.s.units]);
    // A product and a sum each, splits, and the bias; max(0, ·) makes no distance larger.
    const double gamma = gamma_of(l.fan_in + l.c.splits + 1);
    near(name + ": out", k, l.out[k], l.c.rectified ? std::fmax(t.sum[k], 0) : t.sum[k], gamma * t.size[k]);
  }
}

void check_data(const std::string &name, const Layer &l, const Layer &before) {
  if (l.c.first) {
    for (size_t k = 0; k < l.below.size(); k++)
      if (l.below[k] != before.below[k]) return fault(name + ": wrote below a first layer");
    return;
  }
  Terms t(l.below.size());
  l.each([&](int i, int u, int y, int x, int ch, int a, int b) {
    t.add(l.input(i, ch, y + a, x + b), l.product(l.weights[l.weight(u, ch, a, b)], l.delta[l.output(i, u, y, x)]));
  });
  const int terms = l.c.s.units * l.c.s.kernel_height * l.c.s.kernel_width;
  for (size_t k = 0; k < l.below.size(); k++) {
    const bool stopped = l.c.rectified_below && !(l.in[k] > 0);
    near(name + ": below", k, l.below[k], stopped ? 0 : t.sum[k], gamma_of(terms) * (stopped ? 0 : t.size[k]));
  }
}

void check_update(const std::string &name, const Layer &l, const Layer &before) {
  Terms t(l.weights.size()), bias(l.biases.size());
  l.each([&](int i, int u, int y, int x, int ch, int a, int b) {
    t.add(l.weight(u, ch, a, b), l.product(l.delta[l.output(i, u, y, x)], l.in[l.input(i, ch, y + a, x + b)]));
  });
  for (size_t k = 0; k < l.delta.size(); k++) bias.add(k / l.places % l.c.s.units, l.product(l.delta[k], 1));
  const auto check = [&](const char *what, const Guarded &w, const Guarded &v, const Guarded &old_w, const Guarded &old_v, const Terms &g) {
    // The gradient's products and parts; μ·v + ∇ and w − η·v one rounding each, one to spare.
    const double gamma = gamma_of(double(l.c.images) * l.places + l.c.parts + 3);
    for (size_t k = 0; k < w.size(); k++) {
      const double momentum = l.c.momentum ? 0.75 * old_v[k] : 0, moved = momentum + g.sum[k];
      const double size = std::fabs(momentum) + g.size[k];
      near(name + ": " + what, k, w[k], old_w[k] - 0.125 * moved, gamma * (std::fabs(old_w[k]) + 0.125 * size));
      near(name + ": velocity of " + what, k, v[k], l.c.momentum ? moved : old_v[k], l.c.momentum ? gamma * size : 0);
    }
  };
  check("weights", l.weights, l.velocity_weights, before.weights, before.velocity_weights, t);
  check("biases", l.biases, l.velocity_biases, before.biases, before.velocity_biases, bias);
}

void launch(const std::string &name, void (*kernel)(const ConvLayer *, int64_t, int64_t), int across, int entries, int threads,
            const ConvLayer *list, int images) {
  const simt::Outcome outcome = simt::launch(name.c_str(), kernel, dim3(unsigned(across), unsigned(entries)), dim3(unsigned(threads)), 0, list,
                                             int64_t(Layer::start), int64_t(images));
  if (outcome.failure != simt::Failure::NONE) fault(name + ": " + outcome.message);
}

// check runs a backward and a forward pass of entries that share a launch.
void check(const Class &k, const std::vector<Case> &cases, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<Layer> layers;
  layers.reserve(cases.size());
  for (const Case &c : cases) layers.emplace_back(c, k.tensor, random);
  const std::vector<Layer> before = layers;
  std::vector<ConvLayer> list;
  int forward = 0, sum = 0, data = 0, weights = 0, update = 0;
  const int images = cases[0].images;
  for (const Layer &l : layers) {
    list.push_back(l.entry);
    const Shape &s = l.c.s;
    forward = std::max(forward, blocks(s.units, k.rows) * blocks(images * l.places, k.cols) * l.c.splits);
    sum = std::max(sum, blocks(images * s.units * l.places, 256));
    data = std::max(data, blocks(s.channels, k.rows) * blocks(images * l.plane, k.cols));
    weights = std::max(weights, blocks(s.units, k.weights_rows) * blocks(l.fan_in + 1, k.weights_cols) * l.c.parts);
    update = std::max(update, blocks(s.units * (l.fan_in + 1), 256));
  }
  const int entries = int(layers.size());
  launch("conv_forward", k.forward, forward, entries, 128, list.data(), images);
  launch("conv_sum", conv_sum_f32, sum, entries, 256, list.data(), images);
  launch("conv_data", k.data, data, entries, 128, list.data(), images);
  for (int i = 0; i < entries; i++) {
    const Shape &s = cases[i].s;
    const std::string name = std::string(k.name) + " " + std::to_string(s.channels) + "x" + std::to_string(s.height) + "x" +
                             std::to_string(s.width) + " to " + std::to_string(s.units) + "@" + std::to_string(s.kernel_height) + "x" +
                             std::to_string(s.kernel_width) + " of " + std::to_string(images);
    check_forward(name, layers[i]);
    check_data(name, layers[i], before[i]);
  }
  launch("conv_weights", k.weights, weights, entries, 128, list.data(), images);
  launch("conv_update", conv_update_f32, update, entries, 256, list.data(), images);
  for (int i = 0; i < entries; i++) {
    const std::string name = std::string(k.name) + " entry " + std::to_string(i) + " seed " + std::to_string(seed);
    check_update(name, layers[i], before[i]);
    layers[i].guards(name);
  }
}

void check_residual() {
  const int digits = 3, lo = 7, outputs = 300, images = 3, start = 1;
  std::vector<float> out(outputs * images, 0.25f), delta(outputs * images + 1, -7);
  const std::vector<uint32_t> order = {0, 2, 0, 1};
  const std::vector<int32_t> numbers = {105, 42, 7};
  ConvHead h = {};
  h.outputs = outputs, h.lo = lo, h.digits = digits, h.r = 10;
  h.out = reinterpret_cast<Address>(out.data()), h.delta = reinterpret_cast<Address>(delta.data());
  h.order = reinterpret_cast<Address>(order.data()), h.numbers = reinterpret_cast<Address>(numbers.data());
  const simt::Outcome outcome = simt::launch("conv_residual_f32", conv_residual_f32, dim3(unsigned(blocks(outputs * images, 256)), 1), dim3(256), 0,
                                             static_cast<const ConvHead *>(&h), int64_t(start), int64_t(images));
  if (outcome.failure != simt::Failure::NONE) fault(outcome.message);
  for (int i = 0; i < images; i++) {
    const int number = numbers[order[start + i]];
    const int named[] = {number / 100, 10 + number / 10 % 10, 20 + number % 10};
    for (int o = 0; o < outputs; o++) {
      double want = 0;
      for (int n : named)
        if (o + lo == n) want = 1;
      if (o + lo == 30 + number) want = 10;
      want = 2 * (0.25 - want) / images; // the difference is exact; one division rounds
      near("residual", size_t(i * outputs + o), delta[i * outputs + o], want, roundoff * std::fabs(want));
    }
  }
  if (delta.back() != -7) fault("residual: wrote outside its array");
}

// An output has the same bits whatever the class: sums go in the order of the depth.
void check_same_bits(bool tensor) {
  std::vector<float> first;
  for (const Class &k : classes) {
    if (k.tensor != tensor) continue;
    std::mt19937 random(5);
    Layer l({{3, 9, 20, 33, 4, 6}, 2, 1, true, true, false, true, false}, tensor, random);
    launch("conv_forward", k.forward, blocks(33, k.rows) * blocks(2 * l.places, k.cols), 1, 128, &l.entry, 2);
    std::vector<float> out;
    for (size_t i = 0; i < l.out.size(); i++) out.push_back(l.out[i]);
    if (first.empty()) first = out;
    if (first != out) fault(std::string(k.name) + ": other bits than the first class");
  }
}

// A pixel that is not finite shows in the outputs that read it, through ReLU too, and
// in no others, whatever else shares the launch.
void check_not_finite() {
  for (const Class &k : classes) {
    std::mt19937 random(6);
    const Case c = {{2, 6, 8, 18, 2, 3}, 2, 1, false, true, false, true, false};
    std::vector<Layer> layers;
    layers.reserve(2);
    for (int i = 0; i < 2; i++) layers.emplace_back(c, k.tensor, random);
    layers[0].in[layers[0].input(1, 1, 3, 4)] = std::numeric_limits<float>::quiet_NaN();
    const ConvLayer list[] = {layers[0].entry, layers[1].entry};
    launch("conv_forward", k.forward, blocks(18, k.rows) * blocks(2 * layers[0].places, k.cols), 2, 128, list, 2);
    for (int e = 0; e < 2; e++) {
      const Layer &l = layers[e];
      for (int i = 0; i < 2; i++)
        for (int u = 0; u < 18; u++)
          for (int y = 0; y < l.out_height; y++)
            for (int x = 0; x < l.out_width; x++) {
              const bool reads = e == 0 && i == 1 && y <= 3 && 3 < y + 2 && x <= 4 && 4 < x + 3;
              if (std::isnan(l.out[l.output(i, u, y, x)]) != reads) return fault(std::string(k.name) + ": a NaN shows where it should not, or not where it should");
            }
    }
  }
}

} // namespace

int main() {
  uint32_t seed = 1;
  for (const Class &k : classes) {
    const bool linear = k.cols == 16;
    for (int images : {1, 3, 16}) {
      if (!linear) {
        check(k, {{{1, 6, 13, 17, 3, 5}, images, 3, true, true, false, true, true}, {{1, 5, 5, 33, 5, 5}, images, 1, true, false, false, true, false}}, seed++);
        check(k, {{{17, 5, 7, 33, 3, 2}, images, 2, false, true, true, false, false}, {{3, 7, 7, 16, 2, 2}, images, 40, false, true, true, false, true}}, seed++);
        check(k, {{{33, 1, 1, 3, 1, 1}, images, 1, false, false, true, false, true, 2}}, seed++);
        // Planes of several stretches, and kernels that reach further than the outputs.
        check(k, {{{2, 14, 38, 5, 5, 15}, images, 1, false, true, true, false, false}, {{2, 6, 23, 3, 6, 21}, images, 1, false, false, false, false, false}}, seed++);
      } else {
        check(k, {{{65, 1, 1, 130, 1, 1}, images, 1, false, false, true, false, true}, {{7, 1, 1, 64, 1, 1}, images, 2, false, true, false, false, false}}, seed++);
        check(k, {{{300, 1, 1, 5, 1, 1}, images, 1, true, false, false, true, false, 4}}, seed++);
        check(k, {{{65, 1, 1, 9, 1, 1}, images, 2, false, true, false, false, true, 16}, {{31, 1, 1, 70, 1, 1}, images, 1, false, false, true, false, false, 3}}, seed++);
      }
    }
  }
  // An output row longer than a tile, a kernel longer than one, and as many units as two tiles.
  for (const Class &k : classes) {
    if (k.cols == 16) continue;
    check(k, {{{1, 2, 300, 32, 1, 140}, 2, 5, true, true, false, true, false}}, seed++);
    check(k, {{{2, 2, 290, 32, 2, 150}, 1, 2, false, true, true, false, true}}, seed++);
  }
  check_residual();
  check_same_bits(false);
  check_same_bits(true);
  check_not_finite();
  if (faults > 0) {
    printf("%d faults\n", faults);
    return 1;
  }
  printf("conv: ok\n");
  return 0;
}
