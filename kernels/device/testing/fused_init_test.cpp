// Starting and final weights: the draws have the bits of engine/random, and what init
// takes apart finish puts together.
#include "session.h"

#include "normal.cuh"
#include "philox.cuh"

#include "normals.h"

extern "C" void init_f32(const Launch *);
extern "C" void init_f64(const Launch *);
extern "C" void finish_f32(const Launch *);
extern "C" void finish_f64(const Launch *);

using namespace testing;

namespace {

uint64_t bits_of(double x) { return uint64_t(__double_as_longlong(x)); }

double drawn_normal(uint64_t seed, uint64_t point, uint32_t layer, uint32_t element) {
  const WordPair words = philox(element / 2, layer, point, seed);
  return normal(element & 1 ? words.odd : words.even);
}

void nothing(const Launch *) {}

// One or more items of given or drawn weights that make no step.
Plan resting(const Dataset &s, const std::vector<int> &hidden, int items, bool given) {
  Plan p;
  p.dataset = s, p.hidden = hidden;
  for (int i = 0; i < items; i++) {
    Member m;
    m.seed = 0x123456789abcdefull + uint64_t(i), m.point = 77 * uint64_t(i), m.init_scale = 0.02;
    if (given) {
      size_t weights = 0;
      int below = s.inputs();
      for (int h : hidden) weights += size_t(h) * below, below = h;
      weights += size_t(s.outputs()) * below;
      std::mt19937_64 random(i);
      std::normal_distribution<double> normal;
      for (size_t n = 0; n < weights; n++) m.given.push_back(normal(random));
    }
    p.members.push_back(m);
  }
  p.goals.assign(size_t(FIRST_MODE + p.modes), 1);
  return p;
}

Dataset dataset(int bits, int omega_in, int gamma_in, int omega_out, int gamma_out) {
  Dataset s = {bits, omega_in, gamma_in, omega_out, gamma_out, 1.5, {}};
  s.trained.assign(size_t(1) << bits, 1);
  return s;
}

// The plain weights that an item starts from.
double starting(const Plan &p, int64_t item, int64_t layer, int64_t element, int64_t before) {
  const Member &m = p.members[size_t(item)];
  if (!m.given.empty()) return m.given[size_t(before + element)];
  return drawn_normal(m.seed, m.point, uint32_t(3 * 256 + layer), uint32_t(element)) * m.init_scale;
}

template <class Real>
void check_start(const Plan &p) {
  const Kernel init = sizeof(Real) == 4 ? Kernel(init_f32) : Kernel(init_f64);
  const Kernel finish = sizeof(Real) == 4 ? Kernel(finish_f32) : Kernel(finish_f64);
  const double u = sizeof(Real) == 4 ? 0x1p-24 : 0x1p-53;
  for (uint64_t seed = 0; seed < 3; seed++) {
    simt::set_seed(seed);
    Session<Real> s(p, 1, init, finish);
    s.run({nothing, 1, 32, 0, 1});
    simt::set_seed(1);
    const Launch &l = s.launch;
    const int inputs = int(l.widths[0]), coords = int(l.coords);
    for (int64_t item = 0; item < l.items; item++) {
      CHECK_EQUAL(s.ended[size_t(item)], int64_t(-1));
      for (int64_t f = 0; f < 2 * l.fields; f++) CHECK(std::isnan(s.passed[size_t(item * (2 * l.fields + 1) + f)]));
      CHECK_EQUAL(s.passed[size_t(item * (2 * l.fields + 1) + 2 * l.fields)], -1.0);
      const Weights finals = s.final_weights(item);
      int64_t before = 0;
      for (int64_t layer = 0; layer < l.layers; layer++) {
        const int64_t elements = l.widths[layer + 1] * l.widths[layer];
        const Real *state = &s.state[size_t(item * l.state_stride + state_offset(l.widths, l.coords, layer))];
        for (int64_t n = 0; n < elements; n++) {
          const double w = starting(p, item, layer, n, before);
          if (layer > 0) {
            CHECK_EQUAL(state[n], Real(w)); // to the bit
            CHECK_EQUAL(finals[size_t(layer)].v[size_t(n)], double(Real(w)));
            continue;
          }
          // A·Q^T + still = W, each part rounded once to Real. Sums of `inputs` and of
          // `coords` terms in double add their own roundings.
          const int i = int(n / inputs), j = int(n % inputs);
          double size = fabs(w), whole = double(s.still[size_t(item * l.still_stride + n)]);
          for (int c = 0; c < coords; c++) {
            const double q = s.coordinates.q[size_t(j * coords + c)];
            double a = 0;
            for (int k = 0; k < inputs; k++)
              a += starting(p, item, 0, int64_t(i) * inputs + k, before) * s.coordinates.q[size_t(k * coords + c)];
            const double got = double(state[i * coords + c]);
            double room = 0;
            for (int k = 0; k < inputs; k++) room += fabs(starting(p, item, 0, int64_t(i) * inputs + k, before));
            CHECK(fabs(got - a) <= u * fabs(a) + 2 * inputs * 0x1p-53 * room);
            size += fabs(got * q);
            whole += got * q;
          }
          const double bound = (2 * u + 4 * (inputs + coords) * 0x1p-53) * size;
          CHECK(fabs(whole - w) <= bound);
          CHECK(fabs(finals[0].v[size_t(n)] - w) <= bound + u * fabs(w));
        }
        before += elements;
      }
    }
  }
}

} // namespace

TEST(draws_have_the_bits_of_engine_random) {
  for (const Drawn &d : drawn) CHECK_EQUAL(bits_of(drawn_normal(d.seed, d.point, d.layer, d.element)), d.bits);
  for (const Mapped &m : mapped) CHECK_EQUAL(bits_of(normal(m.word)), m.bits);
}

TEST(items_start_where_they_should_and_come_back) {
  for (const bool given : {false, true}) {
    check_start<double>(resting(dataset(3, 3, 3, 1, 1), {5}, 6, given));
    check_start<float>(resting(dataset(3, 3, 3, 1, 1), {7, 3}, 5, given));
    check_start<float>(resting(dataset(2, 1, 1, 1, 0), {1}, 2, given));
    check_start<double>(resting(dataset(3, 3, 2, 1, 0), {}, 2, given)); // no hidden layer
  }
  // More inputs than a panel has rows for: 519 of them.
  check_start<float>(resting(dataset(3, 3, 64, 1, 0), {3}, 1, false));
}

// Where the coordinates are the inputs, the first layer too has the bits of the draws.
TEST(plain_first_layers_are_the_draws) {
  Plan p = resting(dataset(3, 3, 0, 2, 0), {5}, 3, false);
  p.plain = true;
  Session<double> s(p, 1, init_f64, finish_f64);
  s.run({nothing, 1, 32, 0, 1});
  for (int64_t item = 0; item < 3; item++)
    for (int64_t n = 0; n < 15; n++) {
      CHECK_EQUAL(s.state[size_t(item * s.launch.state_stride + n)], starting(p, item, 0, n, 0));
      CHECK_EQUAL(s.finals[size_t(item * s.launch.final_stride + n)], starting(p, item, 0, n, 0));
    }
}
