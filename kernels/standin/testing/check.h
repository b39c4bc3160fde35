// A test harness of three words: TEST declares one, CHECK says what must hold,
// and in_process_of_its_own runs what may end the process.
#ifndef MODSPEC_STANDIN_CHECK_H
#define MODSPEC_STANDIN_CHECK_H

#include <functional>
#include <string>

namespace check {

struct Test {
  Test(const char *name, void (*run)());
};

// Says what failed and where; the test goes on.
void fail(const char *file, int line, const std::string &what);

// Runs every test, or those whose name contains an argument. The exit status is
// 1 if anything failed, or if there is no test at all.
int run_all(int count, char **arguments);

// Runs a test's body in a child process, which starts from the state of this
// one. Returns the child's wait status: 0 if it ended well and nothing failed.
int in_process_of_its_own(const std::function<void()> &body);

// The same, and whatever fails in the child fails here.
void isolated(const char *file, int line, const std::function<void()> &body);

} // namespace check

#define TEST(name)                          \
  static void name();                       \
  static const check::Test test_##name(#name, name); \
  static void name()

#define CHECK(condition) \
  do {                   \
    if (!(condition)) check::fail(__FILE__, __LINE__, #condition); \
  } while (0)

#define CHECK_EQUAL(got, want)                                                                  \
  do {                                                                                          \
    const auto got_ = (got);                                                                    \
    const auto want_ = (want);                                                                  \
    if (!(got_ == want_)) {                                                                     \
      check::fail(__FILE__, __LINE__,                                                           \
                  std::string(#got " is ") + std::to_string(got_) + ", want " + std::to_string(want_)); \
    }                                                                                           \
  } while (0)

#define ISOLATED(...) check::isolated(__FILE__, __LINE__, __VA_ARGS__)

#endif
