// The fused kernels by name, and plans to run them by.
#ifndef MODSPEC_TESTING_PLANS_H
#define MODSPEC_TESTING_PLANS_H

#include "expectation.h"
#include "registers_classes.h"

#include <algorithm>
#include <map>

#define FUSED_KERNELS(use)                                                                     \
  use(init_f32) use(init_f64) use(finish_f32) use(finish_f64) use(shared_warp_f32)              \
      use(shared_warp_f64) use(shared_block_f32) use(shared_block_f64) use(shallow_l8_f32)      \
          use(shallow_l8_f64) use(shallow_block_f32) use(shallow_block_f64)
#define DECLARE(name) extern "C" void name(const Launch *);
FUSED_KERNELS(DECLARE)
#define DECLARE_CLASS(lanes, units, outputs, coords, blocks) \
  extern "C" void registers_l##lanes##u##units##o##outputs##c##coords##_f32(const Launch *);
REGISTERS_CLASSES(DECLARE_CLASS)
WIDE_REGISTERS_CLASSES(DECLARE_CLASS)

namespace testing {

inline Dataset dataset(int bits, int omega_in, int gamma_in, int omega_out, int gamma_out, double r) {
  Dataset s = {bits, omega_in, gamma_in, omega_out, gamma_out, r, {}};
  s.trained.assign(size_t(1) << bits, 1);
  return s;
}

// Members with weights of their own, the last of them stopping early.
inline std::vector<Member> members(const Dataset &s, const std::vector<int> &hidden, int count, Rates rates, double scale) {
  std::vector<Member> all;
  size_t weights = 0;
  int below = s.inputs();
  std::vector<int> rows = hidden;
  rows.push_back(s.outputs());
  for (int r : rows) weights += size_t(r) * below, below = r;
  for (int i = 0; i < count; i++) {
    Member m;
    std::mt19937_64 random(100 + i);
    std::normal_distribution<double> normal(0, scale);
    for (size_t n = 0; n < weights; n++) m.given.push_back(normal(random));
    m.rates = rates;
    m.rates.eta *= 1 + 0.25 * i;
    if (i == count - 1) m.limit = 7;
    all.push_back(m);
  }
  return all;
}

inline Plan plan(const Dataset &s, const std::vector<int> &hidden, int count, Rates rates, double scale, int64_t steps) {
  Plan p;
  p.dataset = s, p.hidden = hidden, p.steps = steps;
  p.rule = (rates.eta_gamma != 0 ? RULE_GAMMA : 0) | (rates.beta > 0 ? RULE_HEBBIAN : 0) | (rates.beta < 0 ? RULE_ANTI : 0);
  for (int64_t t = 0; t < steps; t += 5) p.record_steps.push_back(t);
  if (steps > 0) p.record_steps.push_back(steps);
  p.members = members(s, hidden, count, rates, scale);
  return p;
}

template <class Real>
Kernel init() {
  return sizeof(Real) == 4 ? init_f32 : init_f64;
}
template <class Real>
Kernel finish() {
  return sizeof(Real) == 4 ? finish_f32 : finish_f64;
}

template <class Real>
Geometry by_warp(const Plan &p, unsigned blocks, unsigned threads) {
  Session<Real> probe(p, 1, nullptr, nullptr);
  const Launch &l = probe.launch;
  const size_t bytes = size_t(threads / 32) * size_t(shared_layout(l.widths, l.layers, l.coords, l.rule).reals) * sizeof(Real);
  return {sizeof(Real) == 4 ? shared_warp_f32 : shared_warp_f64, blocks, threads, bytes, blocks * threads / 32};
}

template <class Real>
Geometry by_block(const Plan &p, unsigned blocks, unsigned threads) {
  Geometry g = by_warp<Real>(p, blocks, 32);
  return {sizeof(Real) == 4 ? shared_block_f32 : shared_block_f64, blocks, threads, g.shared_bytes, blocks};
}

// Class is a size class of the register kernels.
struct Class {
  std::string name;
  Kernel kernel;
  int lanes, hidden, outputs, coords;

  Geometry geometry(unsigned blocks, unsigned threads) const {
    return {kernel, blocks, threads, 0, int64_t(blocks) * threads / lanes};
  }
};

#define CLASS(lanes, units, outputs, coords, blocks)                                                            \
  Class{"l" #lanes "u" #units "o" #outputs "c" #coords, registers_l##lanes##u##units##o##outputs##c##coords##_f32, \
        lanes, lanes * units, outputs, coords},
const std::vector<Class> classes = {REGISTERS_CLASSES(CLASS) WIDE_REGISTERS_CLASSES(CLASS)};

// A plan that fits a class: a dataset of as many coordinates and outputs as there is,
// `less` of the hidden units left over.
inline Plan plan_for(const Class &c, int less, int items) {
  const int bits = c.coords == 4 ? 2 : c.coords == 8 ? 3 : 4, examples = 1 << bits;
  const int gamma_out = c.outputs / examples, omega_out = std::min(bits, c.outputs - gamma_out * examples);
  return plan(dataset(bits, bits, 1, omega_out, gamma_out, 1.25), {c.hidden - less}, items, {0.04, 0, 0}, 0.15, 13);
}

// Plans that between them have every rule, depth and kind of coordinates.
inline std::map<std::string, Plan> deep_plans() {
  const Dataset paper = dataset(3, 3, 3, 1, 1, 1), small = dataset(2, 2, 1, 1, 1, 1.5), omega = dataset(3, 3, 0, 2, 0, 1);
  Dataset some = dataset(3, 0, 2, 1, 1, 1.25);
  some.trained = {1, 0, 1, 1, 0, 0, 1, 0};
  std::map<std::string, Plan> all;
  all["dense"] = plan(paper, {50}, 3, {0.16, 0, 0}, 0.1, 23);
  all["two hidden layers"] = plan(small, {7, 5}, 2, {0.1, 0, 0}, 0.4, 13);
  all["four hidden layers"] = plan(small, {5, 6, 4, 7}, 2, {0.02, 0, 0}, 0.4, 9);
  all["some examples"] = plan(some, {11}, 2, {0.2, 0, 0}, 0.2, 16);
  all["plain inputs"] = plan(omega, {6}, 2, {0.1, 0, 0}, 0.3, 12);
  all["plain inputs"].plain = true;
  all["contrastive"] = plan(small, {6}, 2, {0.02, 0.02, 0}, 0.2, 14);
  all["predictive, two hidden layers"] = plan(small, {6, 5}, 2, {0.02, -0.02, 0}, 0.2, 11);
  all["Hebbian"] = plan(small, {6}, 2, {0.02, 0, 0.002}, 0.2, 14);
  all["Hebbian, three hidden layers"] = plan(small, {6, 4, 5}, 2, {0.02, 0, 0.002}, 0.3, 9);
  all["anti-Hebbian"] = plan(small, {6}, 2, {0.02, 0, -0.002}, 0.2, 14);
  all["anti-Hebbian and contrastive, three hidden layers"] = plan(small, {6, 4, 5}, 2, {0.02, 0.01, -0.002}, 0.3, 9);
  all["one of everything"] = plan(dataset(1, 1, 0, 1, 0, 1), {1}, 2, {0.1, 0, 0}, 0.5, 6);
  return all;
}

} // namespace testing

#endif
