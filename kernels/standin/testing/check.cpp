#include "check.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace check {
namespace {

std::vector<std::pair<const char *, void (*)()>> &tests() {
  static std::vector<std::pair<const char *, void (*)()>> all;
  return all;
}

int failures = 0;

} // namespace

Test::Test(const char *name, void (*run)()) { tests().push_back({name, run}); }

void fail(const char *file, int line, const std::string &what) {
  failures++;
  if (failures <= 20) fprintf(stderr, "%s:%d: %s\n", file, line, what.c_str());
}

int run_all(int count, char **arguments) {
  int ran = 0;
  for (const auto &test : tests()) {
    bool chosen = count < 2;
    for (int i = 1; i < count; i++) chosen = chosen || strstr(test.first, arguments[i]) != nullptr;
    if (!chosen) continue;
    ran++;
    const int before = failures;
    test.second();
    if (failures > before) fprintf(stderr, "FAIL %s\n", test.first);
  }
  printf("%d tests, %d failures\n", ran, failures);
  return (ran == 0 && count < 2) || failures > 0;
}

int in_process_of_its_own(const std::function<void()> &body) {
  fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    failures = 0;
    body();
    fflush(nullptr);
    _exit(failures > 0);
  }
  int status = -1;
  if (child < 0 || waitpid(child, &status, 0) != child) return -1;
  return status;
}

void isolated(const char *file, int line, const std::function<void()> &body) {
  const int status = in_process_of_its_own(body);
  if (status != 0) fail(file, line, "the test's own process ended with status " + std::to_string(status));
}

} // namespace check

int main(int count, char **arguments) { return check::run_all(count, arguments); }
