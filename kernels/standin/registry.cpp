#include "registry.h"

#include <map>
#include <stdio.h>
#include <stdlib.h>

namespace simt {
namespace {

// A function's static, so that it exists before the first registration.
std::map<std::string, Kernel> &kernels() {
  static std::map<std::string, Kernel> all;
  return all;
}

} // namespace

const Kernel *find_kernel(const std::string &name) {
  const auto found = kernels().find(name);
  return found == kernels().end() ? nullptr : &found->second;
}

void add_kernel(Kernel kernel) {
  const std::string name = kernel.name;
  if (!kernels().emplace(name, std::move(kernel)).second) {
    fprintf(stderr, "modspec stand-in driver: two kernels have the name %s\n", name.c_str());
    abort();
  }
}

} // namespace simt
