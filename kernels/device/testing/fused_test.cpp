// The fused kernels against training as it is defined.
#include "plans.h"

using namespace testing;

namespace {

template <class Real>
void check_all(const std::string &name, const Plan &p, const Geometry &g) {
  Session<Real> session(p, g.groups, init<Real>(), finish<Real>());
  session.run(g);
  for (int64_t i = 0; i < session.launch.items; i++) check_item(name, session, i);
}

} // namespace

TEST(shared_kernels_train_as_defined) {
  for (const auto &[name, p] : deep_plans()) {
    check_all<double>(name + ", f64, warp", p, by_warp<double>(p, 2, 64));
    check_all<double>(name + ", f64, block", p, by_block<double>(p, 2, 96));
    check_all<float>(name + ", f32, warp", p, by_warp<float>(p, 1, 32));
    check_all<float>(name + ", f32, block", p, by_block<float>(p, 1, 256));
  }
}

TEST(register_kernels_train_as_defined) {
  for (const Class &c : classes)
    for (const int less : {0, 3}) {
      const Plan p = plan_for(c, less, 5);
      check_all<float>("registers " + c.name, p, c.geometry(1, 64));
    }
}

// Fewer outputs, coordinates and hidden units than the class has.
TEST(register_kernels_serve_what_is_smaller) {
  for (const Class &c : classes) {
    Plan p = plan(dataset(2, 1, 0, 1, 0, 1), {3}, 3, {0.1, 0, 0}, 0.4, 8);
    check_all<float>("small, registers " + c.name, p, c.geometry(1, 32));
    if (c.coords < 8 || c.outputs < 2) continue;
    p = plan(dataset(3, 0, 2, 2, 0, 1.25), {5}, 3, {0.1, 0, 0}, 0.4, 8);
    p.dataset.trained = {1, 0, 1, 1, 0, 1, 1, 1};
    check_all<float>("six coordinates, registers " + c.name, p, c.geometry(1, 32));
  }
}

TEST(shallow_kernels_train_as_defined) {
  std::map<std::string, Plan> all;
  all["paper"] = plan(dataset(3, 3, 3, 1, 1, 1), {}, 6, {0.04, 0, 0}, 0.05, 30);
  all["one element"] = plan(dataset(1, 1, 0, 1, 0, 1), {}, 2, {0.1, 0, 0}, 0.5, 9);
  all["plain inputs"] = plan(dataset(3, 3, 0, 2, 1, 1), {}, 3, {0.1, 0, 0}, 0.3, 12);
  all["plain inputs"].plain = true;
  all["some examples"] = plan(dataset(3, 0, 2, 1, 1, 1.25), {}, 3, {0.2, 0, 0}, 0.2, 16);
  all["some examples"].dataset.trained = {0, 0, 1, 1, 0, 0, 1, 0};
  for (const auto &[name, p] : all) {
    check_all<double>(name + ", f64, eights", p, {shallow_l8_f64, 2, 64, 0, 16});
    check_all<double>(name + ", f64, block", p, {shallow_block_f64, 2, 96, 0, 2});
    check_all<float>(name + ", f32, eights", p, {shallow_l8_f32, 1, 32, 0, 4});
    check_all<float>(name + ", f32, block", p, {shallow_block_f32, 3, 32, 0, 3});
  }
}
