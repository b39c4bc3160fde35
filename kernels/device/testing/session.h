// A launch of items on the SIMT layer: memory for everything that a Launch names,
// with guard numbers around it.
#ifndef MODSPEC_TESTING_SESSION_H
#define MODSPEC_TESTING_SESSION_H

#include "check.h"
#include "launch.h"
#include "oracle.h"

#include "simt.cuh"

#include "layout.cuh"

#include <cstring>
#include <string>

namespace testing {

// Guarded is an array between two rows of guards, all of it guards at first.
template <class T>
class Guarded {
public:
  static constexpr size_t GUARDS = 64;
  void resize(size_t n) {
    all.resize(n + 2 * GUARDS);
    memset(all.data(), 0xa5, all.size() * sizeof(T));
  }
  size_t size() const { return all.size() - 2 * GUARDS; }
  T *data() { return all.data() + GUARDS; }
  T &operator[](size_t n) { return data()[n]; }
  Address address() { return Address(reinterpret_cast<uintptr_t>(data())); }
  static bool untouched(const T &value) {
    T guard;
    memset(&guard, 0xa5, sizeof guard);
    return memcmp(&guard, &value, sizeof guard) == 0;
  }
  bool intact() const {
    for (size_t n = 0; n < GUARDS; n++)
      if (!untouched(all[n]) || !untouched(all[all.size() - 1 - n])) return false;
    return true;
  }

private:
  // A multiple of 16 bytes lies before the data, and vectors of T are aligned so.
  std::vector<T> all;
};

// Member is what a test says of an item.
struct Member {
  Rates rates;
  uint64_t seed = 0, point = 0;
  double init_scale = 0;
  int64_t limit = int64_t(1) << 60;
  Vector given; // empty: drawn
};

// Plan is what a test says of a launch.
struct Plan {
  Dataset dataset;
  std::vector<int> hidden;
  bool plain = false; // train in the inputs' own coordinates, which must be Omega's alone
  int64_t rule = 0;
  int64_t steps = 0;
  std::vector<int64_t> record_steps;
  int64_t kept_records = -1; // all
  int modes = 2;
  std::vector<Member> members;
  Vector goals;
};

using Kernel = void (*)(const Launch *);

// Geometry is how a kernel is launched.
struct Geometry {
  Kernel kernel;
  unsigned blocks, threads;
  size_t shared_bytes;
  int64_t groups; // resident
};

template <class Real>
class Session {
public:
  Session(const Plan &plan, int64_t groups, Kernel init, Kernel finish)
      : plan(plan), coordinates(plan.plain ? identity(plan.dataset) : reduced(plan.dataset, (plan.rule & (RULE_HEBBIAN | RULE_ANTI)) != 0)),
        init(init), finish(finish) {
    const Dataset &s = this->plan.dataset;
    launch = {};
    launch.items = int64_t(plan.members.size());
    launch.layers = int64_t(plan.hidden.size()) + 1;
    launch.widths[0] = s.inputs();
    for (size_t l = 0; l < plan.hidden.size(); l++) launch.widths[l + 1] = plan.hidden[l];
    launch.widths[launch.layers] = s.outputs();
    launch.coords = coordinates.count;
    launch.rule = plan.rule;
    launch.records = int64_t(plan.record_steps.size());
    launch.fields = FIRST_MODE + plan.modes;
    launch.kept_records = plan.kept_records < 0 ? launch.records : plan.kept_records;
    fill_task();
    fill_items();
    reserve(groups);
  }

  // All kernels of a run, cut at `cuts`.
  void run(const Geometry &g, const std::vector<int64_t> &cuts = {}) {
    const size_t shared = 4 * init_bytes();
    start("init", init, 3, 128, coordinates.q.empty() ? 0 : shared);
    std::vector<int64_t> ends = cuts;
    ends.push_back(plan.steps);
    int64_t from = 0;
    for (int64_t to : ends) {
      launch.from = from;
      launch.to = to;
      start("train", g.kernel, g.blocks, g.threads, g.shared_bytes);
      while (launch.first_record < launch.records && plan.record_steps[launch.first_record] <= to) launch.first_record++;
      from = to;
    }
    start("finish", finish, 5, 96, 0);
    CHECK(state.intact() && still.intact() && ended.intact() && out.intact() && passed.intact() && finals.intact() && scratch.intact());
  }

  // Of record k of an item; nullptr where it was never written.
  double *record(int64_t item, int64_t k) {
    double *at = &out[size_t((item * launch.kept_records + k) * launch.fields)];
    return Guarded<double>::untouched(*at) ? nullptr : at;
  }

  Weights final_weights(int64_t item) {
    Weights w;
    const Real *at = &finals[size_t(item * launch.final_stride)];
    for (int64_t l = 0; l < launch.layers; l++) {
      Matrix m(int(launch.widths[l + 1]), int(launch.widths[l]));
      for (double &x : m.v) x = double(*at++);
      w.push_back(m);
    }
    return w;
  }

  size_t init_bytes() const {
    const int64_t n = launch.widths[0], rows = n < 512 ? (512 + n - 1) / n : 1;
    return size_t(rows * (n + launch.coords) * 8);
  }

  Plan plan;
  Coordinates coordinates;
  Launch launch;
  Guarded<Real> state, still, finals, scratch;
  Guarded<int64_t> ended;
  Guarded<double> out, passed;
  Vector functionals;

private:
  static Coordinates identity(const Dataset &s) {
    Coordinates c;
    c.count = s.inputs();
    c.d.assign(s.inputs(), 1); // Omega Omega^T = P I
    c.yx = cross_moment(s);
    return c;
  }

  template <class T>
  static Address address(std::vector<T> &v) {
    return v.empty() ? 0 : Address(reinterpret_cast<uintptr_t>(v.data()));
  }

  void fill_task() {
    const Dataset &s = plan.dataset;
    d.assign(coordinates.d.begin(), coordinates.d.end());
    yx.assign(coordinates.yx.begin(), coordinates.yx.end());
    for (int i = 0; i < s.outputs(); i++)
      for (int k = 0; k < s.outputs(); k++) {
        double sum = 0;
        for (int e = 0; e < s.examples(); e++) sum += s.trained[e] * s.y(i, e) * s.y(k, e);
        yy.push_back(Real(sum));
      }
    std::mt19937_64 random(7);
    std::uniform_real_distribution<double> uniform(-1, 1);
    for (int n = 0; n < plan.modes * s.outputs() * coordinates.count; n++) functionals.push_back(uniform(random));
    for (int i = 0; i < s.outputs(); i++)
      for (int e = 0; e < s.examples(); e++) targets.push_back(s.y(i, e));
    for (int j = 0; j < s.omega_in; j++)
      for (int e = 0; e < s.examples(); e++) signs.push_back(s.sign(j, e));
    trained.assign(s.trained.begin(), s.trained.end());
    task = {};
    task.inputs = s.inputs(), task.coords = coordinates.count, task.outputs = s.outputs();
    task.examples = s.examples(), task.omega_in = s.omega_in, task.gamma_in = s.gamma_in, task.omega_out = s.omega_out;
    task.modes = plan.modes, task.trained = s.train_count(), task.r = s.r;
    task.q = address(coordinates.q), task.d = address(d), task.yx = address(yx);
    task.yy = plan.rule & RULE_GAMMA ? address(yy) : 0;
    task.functionals = address(functionals), task.targets = address(targets), task.signs = address(signs);
    task.is_trained = address(trained), task.goals = address(plan.goals);
    launch.tasks = Address(reinterpret_cast<uintptr_t>(&task));
  }

  void fill_items() {
    for (Member &m : plan.members) {
      Item i = {};
      i.module = 3;
      i.seed = m.seed, i.point = m.point, i.init_scale = m.init_scale;
      i.eta = m.rates.eta, i.eta_gamma = m.rates.eta_gamma, i.beta = m.rates.beta;
      i.limit = m.limit;
      i.given = address(m.given);
      items.push_back(i);
    }
    launch.members = address(items);
    launch.record_steps = address(plan.record_steps);
  }

  void reserve(int64_t groups) {
    const int64_t plain = state_offset(launch.widths, launch.widths[0], launch.layers);
    launch.state_stride = up_to_4(state_offset(launch.widths, launch.coords, launch.layers));
    launch.still_stride = launch.widths[1] * launch.widths[0];
    launch.final_stride = plain;
    launch.scratch_stride = scratch_reals(launch.widths, launch.layers, launch.coords);
    state.resize(size_t(launch.items * launch.state_stride));
    still.resize(size_t(launch.items * launch.still_stride));
    finals.resize(size_t(launch.items * launch.final_stride));
    scratch.resize(size_t(groups * launch.scratch_stride));
    ended.resize(size_t(launch.items));
    out.resize(size_t(launch.items * launch.kept_records * launch.fields));
    passed.resize(size_t(launch.items * (2 * launch.fields + 1)));
    launch.state = state.address(), launch.finals = finals.address(), launch.scratch = scratch.address();
    launch.ended = ended.address(), launch.out = out.address();
    launch.passed = plan.goals.empty() ? 0 : passed.address();
    launch.still = coordinates.count < launch.widths[0] ? still.address() : 0;
  }

  void start(const char *name, Kernel kernel, unsigned blocks, unsigned threads, size_t shared) {
    const simt::Outcome outcome = simt::launch(name, kernel, blocks, threads, shared, &launch);
    if (outcome.failure != simt::Failure::NONE) check::fail(__FILE__, __LINE__, outcome.message);
  }

  Kernel init, finish;
  Task task;
  std::vector<Item> items;
  std::vector<Real> d, yx, yy;
  Vector targets, signs, trained;
};

} // namespace testing

#endif
