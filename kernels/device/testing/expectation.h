// What an item should record and end with, and how far rounding may carry a kernel
// away from it.
//
// A step adds terms up in nested sums that are at most `length` long altogether, so each
// new weight is off by at most length·u times the sum of its terms' absolute values.
// What becomes of such errors is for the dynamics to say. So the training is repeated
// with every weight disturbed after every step, at random and by up to `noise` times
// those absolute values, and the largest deviation of each group of results is scaled
// from noise to length·u; it counts twice, once for either computation, and measuring
// adds its own sums. (Monte Carlo arithmetic, as engine/train/backendtest does it.)
#ifndef MODSPEC_TESTING_EXPECTATION_H
#define MODSPEC_TESTING_EXPECTATION_H

#include "session.h"

namespace testing {

// Group is results that share one scale: a field over all records, or a layer.
struct Group {
  std::string name;
  Vector values;
  double bound = 0;
};

inline Weights initial_weights(const Plan &plan, const Member &m) {
  Weights w;
  size_t at = 0;
  int below = plan.dataset.inputs();
  std::vector<int> rows = plan.hidden;
  rows.push_back(plan.dataset.outputs());
  for (int r : rows) {
    Matrix layer(r, below);
    for (double &x : layer.v) x = m.given[at++];
    w.push_back(layer);
    below = r;
  }
  return w;
}

// Trains as defined; `disturb` changes the weights after a step.
template <class Real>
std::vector<Group> trained(const Session<Real> &session, const Member &m, double noise, uint64_t seed) {
  const Plan &plan = session.plan;
  const Oracle oracle(plan.dataset, m.rates);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(-noise, noise);
  const auto disturb = [&](Weights w, const Weights &sizes, double share) {
    for (size_t l = 0; noise > 0 && l < w.size(); l++)
      for (size_t n = 0; n < w[l].v.size(); n++) w[l].v[n] += share * uniform(random) * fabs(sizes[l].v[n]);
    return w;
  };
  std::vector<Group> groups(8 + plan.modes);
  Weights w = initial_weights(plan, m);
  w = disturb(w, w, 0.01); // rounded once, not length times
  const int coords = session.coordinates.count;
  for (int64_t step = 0;; step++) {
    for (int64_t recorded : plan.record_steps) {
      if (recorded != step || step > m.limit) continue;
      const Vector fields = oracle.record(plan.dataset, w);
      for (int f = 0; f < 8; f++) groups[f].values.push_back(fields[f]);
      const Matrix map = Oracle::mapping(w);
      for (int k = 0; k < plan.modes; k++) {
        double strength = 0;
        for (int i = 0; i < map.rows; i++)
          for (int c = 0; c < coords; c++) {
            double element = 0;
            for (int j = 0; j < map.cols; j++)
              element += map(i, j) * (session.coordinates.q.empty() ? j == c : session.coordinates.q[j * coords + c]);
            strength += element * session.functionals[(k * map.rows + i) * coords + c];
          }
        groups[8 + k].values.push_back(strength);
      }
    }
    if (step == plan.steps || step == m.limit) break;
    const Weights after = oracle.step(w, false);
    w = noise > 0 ? disturb(after, oracle.step(w, true), 1) : after;
  }
  for (size_t f = 0; f < groups.size(); f++) groups[f].name = "field " + std::to_string(f);
  for (size_t l = 0; l < w.size(); l++) groups.push_back({"layer " + std::to_string(l), w[l].v, 0});
  return groups;
}

template <class Real>
std::vector<Group> expected(const Session<Real> &session, const Member &m) {
  const Plan &plan = session.plan;
  const double u = sizeof(Real) == 4 ? 0x1p-24 : 0x1p-53, noise = 0x1p-26;
  double length = 2.0 * (plan.dataset.inputs() + plan.dataset.outputs() + plan.dataset.examples()) + 8 * (2 + plan.modes);
  for (int h : plan.hidden) length += 2.0 * h + 8;
  std::vector<Group> groups = trained(session, m, 0, 0);
  Vector worst(groups.size());
  for (uint64_t run = 1; run <= 6; run++) {
    const std::vector<Group> other = trained(session, m, noise, run);
    for (size_t g = 0; g < groups.size(); g++)
      for (size_t n = 0; n < groups[g].values.size(); n++)
        worst[g] = fmax(worst[g], fabs(other[g].values[n] - groups[g].values[n]));
  }
  for (size_t g = 0; g < groups.size(); g++) {
    double scale = 0;
    for (double v : groups[g].values) scale = fmax(scale, fabs(v));
    groups[g].bound = 2 * u * (length * worst[g] / noise + 2 * length * scale);
  }
  return groups;
}

// Compares an item with what is expected of it.
template <class Real>
void check_item(const std::string &name, Session<Real> &session, int64_t item) {
  const Plan &plan = session.plan;
  const Member &m = plan.members[size_t(item)];
  std::vector<Group> want = expected(session, m), got = want;
  CHECK_EQUAL(session.ended[size_t(item)], int64_t(-1));
  size_t count = 0;
  for (int64_t k = 0; k < session.launch.records; k++) {
    const double *record = session.record(item, k);
    CHECK((record != nullptr) == (plan.record_steps[size_t(k)] <= m.limit));
    if (!record) continue;
    for (size_t f = 0; f < size_t(8 + plan.modes); f++) got[f].values[count] = record[f];
    count++;
  }
  const Weights w = session.final_weights(item);
  for (size_t l = 0; l < w.size(); l++) got[8 + size_t(plan.modes) + l].values = w[l].v;
  for (size_t g = 0; g < want.size(); g++)
    for (size_t n = 0; n < want[g].values.size(); n++) {
      const double a = got[g].values[n], b = want[g].values[n];
      if ((std::isnan(a) && std::isnan(b)) || fabs(a - b) <= want[g].bound) continue;
      check::fail(__FILE__, __LINE__,
                  name + ", item " + std::to_string(item) + ", " + want[g].name + ", number " + std::to_string(n) + ": got " +
                      std::to_string(a) + ", want " + std::to_string(b) + ", off by " + std::to_string(fabs(a - b) / want[g].bound) +
                      " of what rounding explains");
      break;
    }
}

} // namespace testing

#endif
