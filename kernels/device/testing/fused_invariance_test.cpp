// The fused kernels against themselves: what an item does depends neither on its
// neighbours, nor on the grid, nor on how the run is cut into launches, nor on the
// order of threads; and what becomes of items that diverge, stop early or pass goals.
#include "plans.h"

using namespace testing;

namespace {

// All that a run leaves behind, bit by bit.
template <class Real>
std::string bits(Session<Real> &s, int64_t item) {
  std::string all;
  const auto take = [&](const void *from, size_t bytes) { all.append(static_cast<const char *>(from), bytes); };
  const Launch &l = s.launch;
  take(&s.state[size_t(item * l.state_stride)], sizeof(Real) * size_t(state_offset(l.widths, l.coords, l.layers)));
  take(&s.finals[size_t(item * l.final_stride)], sizeof(Real) * size_t(l.final_stride));
  take(&s.ended[size_t(item)], sizeof(int64_t));
  take(&s.out[size_t(item * l.kept_records * l.fields)], sizeof(double) * size_t(l.kept_records * l.fields));
  take(&s.passed[size_t(item * (2 * l.fields + 1))], sizeof(double) * size_t(2 * l.fields + 1));
  return all;
}

// Items of which some diverge at once, some soon and some never.
Plan mixed(const std::vector<int> &hidden, const Dataset &s, double good) {
  Plan p = plan(s, hidden, 9, {good, 0, 0}, 0.2, 40);
  for (size_t i : {1, 4, 5, 8}) p.members[i].rates.eta = i == 5 ? 1e30 : 40 * double(i + 1);
  p.members[6].limit = 0;
  p.members[7].given[0] = 1e30;
  p.goals.assign(size_t(FIRST_MODE + p.modes), NAN);
  p.goals[FIRST_MODE] = 0.03;
  // Half of what the first item's quadrants gain.
  const Oracle oracle(s, p.members[0].rates);
  Weights w = initial_weights(p, p.members[0]);
  const Vector first = oracle.record(s, w);
  for (int64_t step = 0; step < p.steps; step++) w = oracle.step(w, false);
  const Vector last = oracle.record(s, w);
  for (int f = OMEGA_OMEGA; f < FIRST_MODE; f++) p.goals[f] = (first[f] + last[f]) / 2;
  return p;
}

// Runs a plan in many ways, all of which must leave the same bits.
template <class Real>
void check_invariance(const std::string &name, const Plan &p, const std::function<Geometry(unsigned, unsigned)> &geometry) {
  const auto run = [&](const Plan &plan, const Geometry &g, const std::vector<int64_t> &cuts, uint64_t seed) {
    simt::set_seed(seed);
    Session<Real> s(plan, g.groups, init<Real>(), finish<Real>());
    s.run(g, cuts);
    simt::set_seed(1);
    std::vector<std::string> all;
    for (int64_t i = 0; i < s.launch.items; i++) all.push_back(bits(s, i));
    return all;
  };
  const std::vector<std::string> once = run(p, geometry(2, 64), {}, 0);
  for (uint64_t seed = 1; seed <= 3; seed++)
    if (run(p, geometry(2, 64), {}, seed) != once) check::fail(__FILE__, __LINE__, name + ": the order of threads matters");
  if (run(p, geometry(5, 64), {}, 4) != once) check::fail(__FILE__, __LINE__, name + ": the grid matters");
  if (run(p, geometry(2, 64), {0, 1, 7, 10, 10, 26, 39}, 5) != once) check::fail(__FILE__, __LINE__, name + ": the cuts matter");
  Plan backwards = p;
  std::reverse(backwards.members.begin(), backwards.members.end());
  std::vector<std::string> other = run(backwards, geometry(1, 64), {13}, 6);
  std::reverse(other.begin(), other.end());
  if (other != once) check::fail(__FILE__, __LINE__, name + ": the neighbours matter");
}

// Steps at which an item may have diverged: from the first at which the squared norm
// times the terms in the sums of a step is out of range, to the first at which an
// element is.
void check_divergence(const std::string &name, Session<float> &s, int64_t item) {
  const Member &m = s.plan.members[size_t(item)];
  const Oracle oracle(s.plan.dataset, m.rates);
  Weights w = initial_weights(s.plan, m);
  const double largest = 3.4028234663852886e38;
  double terms = 2.0 * (s.plan.dataset.inputs() + s.plan.dataset.outputs() + s.plan.dataset.examples());
  for (int h : s.plan.hidden) terms += 2.0 * h;
  int64_t earliest = -1, latest = -1;
  for (int64_t step = 0; step <= s.plan.steps && latest < 0; step++) {
    double square = 0, most = 0;
    for (double v : Oracle::mapping(w).v) square += v * v, most = fmax(most, fabs(v));
    if (earliest < 0 && !(square * terms * terms <= largest)) earliest = step;
    if (!(most <= largest) || std::isnan(square)) latest = step;
    w = oracle.step(w, false);
  }
  const int64_t ended = s.ended[size_t(item)];
  if (earliest < 0 ? ended != -1 : ended < earliest || ended > (latest < 0 ? s.plan.steps : latest))
    check::fail(__FILE__, __LINE__, name + ", item " + std::to_string(item) + ": ended at " + std::to_string(ended) + ", want " +
                                        std::to_string(earliest) + " to " + std::to_string(latest));
  for (int64_t k = 0; k < s.launch.records; k++) {
    const int64_t step = s.plan.record_steps[size_t(k)];
    CHECK((s.record(item, k) != nullptr) == (step <= m.limit && (ended < 0 || step < ended)));
  }
}

// When each field passed its goal, from the records.
void check_passages(const std::string &name, Session<float> &s, int64_t item) {
  for (int64_t f = 0; f < s.launch.fields; f++) {
    double want = NAN, before = 0, step_before = -1;
    for (int64_t k = 0; k < s.launch.records; k++) {
      const double *record = s.record(item, k);
      if (!record) break;
      const double step = double(s.plan.record_steps[size_t(k)]), goal = s.plan.goals[size_t(f)];
      if (std::isnan(want) && record[f] >= goal) {
        const auto shape = [&](double v) { return f >= 4 && f < 8 ? sqrt(v) : v; };
        want = step_before < 0 ? step
                               : step_before + (shape(goal) - shape(before)) / (shape(record[f]) - shape(before)) * (step - step_before);
      }
      before = record[f], step_before = step;
    }
    const double got = s.passed[size_t(item * (2 * s.launch.fields + 1) + f)];
    // Five roundings, and those of three roots.
    if (!(std::isnan(want) && std::isnan(got)) && !(fabs(got - want) <= 8 * 0x1p-53 * 40))
      check::fail(__FILE__, __LINE__, name + ", item " + std::to_string(item) + ", field " + std::to_string(f) + " passed at " +
                                          std::to_string(got) + ", want " + std::to_string(want));
  }
}

void check_mixed(const std::string &name, const Plan &p, const std::function<Geometry(unsigned, unsigned)> &geometry) {
  check_invariance<float>(name, p, geometry);
  const Geometry g = geometry(1, 64);
  Session<float> s(p, g.groups, init_f32, finish_f32);
  s.run(g);
  CHECK_EQUAL(s.ended[7], int64_t(0)); // its map is finite, but not the sum of its squares
  int passages = 0, ends = 0;
  for (int64_t i = 0; i < s.launch.items; i++) {
    check_divergence(name, s, i);
    check_passages(name, s, i);
    ends += s.ended[size_t(i)] >= 0;
    for (int64_t f = 0; f < s.launch.fields; f++) passages += s.passed[size_t(i * (2 * s.launch.fields + 1) + f)] > 0;
  }
  CHECK(ends >= 4 && ends < s.launch.items && passages >= 4);
}

} // namespace

TEST(neighbours_cuts_grids_and_orders_leave_no_trace) {
  const Dataset s = dataset(2, 2, 2, 1, 1, 1.5);
  Plan seldom = mixed({6}, s, 0.15); // not even step 0 is recorded
  seldom.record_steps = {17, 40};
  const Class &paper = classes[11];
  CHECK(paper.name == "l8u7o9c8");
  check_mixed("seldom recorded, registers", seldom, [&](unsigned blocks, unsigned threads) { return paper.geometry(blocks, threads); });
  check_mixed("seldom recorded, warp", seldom, [&](unsigned blocks, unsigned threads) { return by_warp<float>(seldom, blocks, threads); });
  const Plan deep = mixed({6}, s, 0.15), deeper = mixed({6, 5}, s, 0.15), shallow = mixed({}, s, 0.15);
  for (const Class &c : classes)
    if (c.outputs >= s.outputs()) check_mixed("registers " + c.name, deep, [&](unsigned blocks, unsigned threads) { return c.geometry(blocks, threads); });
  for (const Plan &p : {deep, deeper}) {
    check_mixed("warp", p, [&](unsigned blocks, unsigned threads) { return by_warp<float>(p, blocks, threads); });
    check_mixed("block", p, [&](unsigned blocks, unsigned threads) { return by_block<float>(p, blocks, threads); });
    check_invariance<double>("warp, f64", p, [&](unsigned blocks, unsigned threads) { return by_warp<double>(p, blocks, threads); });
  }
  check_mixed("shallow, eights", shallow, [](unsigned blocks, unsigned threads) {
    return Geometry{shallow_l8_f32, blocks, threads, 0, int64_t(blocks) * threads / 8};
  });
  check_mixed("shallow, block", shallow, [](unsigned blocks, unsigned threads) {
    return Geometry{shallow_block_f32, blocks, threads, 0, int64_t(blocks)};
  });
}

// A group that is a warp and one that is a block add their products in one order, so
// the weights agree to the bit.
TEST(warps_and_blocks_agree) {
  for (const auto &[name, p] : deep_plans()) {
    const Geometry warp = by_warp<float>(p, 1, 64), block = by_block<float>(p, 2, 128);
    Session<float> a(p, warp.groups, init_f32, finish_f32), b(p, block.groups, init_f32, finish_f32);
    a.run(warp);
    b.run(block);
    for (size_t n = 0; n < a.finals.size(); n++)
      if (a.finals[n] != b.finals[n]) {
        check::fail(__FILE__, __LINE__, name + ": weight " + std::to_string(n) + " differs");
        break;
      }
  }
}

// One record kept: the last one served.
TEST(the_last_record_can_be_kept_alone) {
  Plan p = mixed({6}, dataset(2, 2, 2, 1, 1, 1.5), 0.05);
  const Geometry g = by_warp<float>(p, 1, 64);
  Session<float> all(p, g.groups, init_f32, finish_f32);
  all.run(g);
  p.kept_records = 1;
  Session<float> last(p, g.groups, init_f32, finish_f32);
  last.run(g, {11});
  for (int64_t i = 0; i < all.launch.items; i++) {
    const double *want = nullptr;
    for (int64_t k = 0; k < all.launch.records; k++) want = all.record(i, k) ? all.record(i, k) : want;
    const double *got = last.record(i, 0);
    CHECK((want == nullptr) == (got == nullptr));
    CHECK(!want || !got || memcmp(want, got, sizeof(double) * size_t(all.launch.fields)) == 0);
  }
}
