#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

namespace standin {
namespace {

uint64_t number(const char *variable, uint64_t otherwise) {
  const char *text = getenv(variable);
  if (text == nullptr || *text == 0) return otherwise;
  char *end = nullptr;
  const uint64_t value = strtoull(text, &end, 0);
  if (*end != 0) {
    fprintf(stderr, "modspec stand-in driver: %s=%s is not a whole number\n", variable, text);
    abort();
  }
  return value;
}

// A count that is meant for all devices, or, after "device:", for one.
uint64_t count_for(const char *variable, int device) {
  const char *text = getenv(variable);
  if (text == nullptr || *text == 0) return 0;
  const char *colon = strchr(text, ':');
  if (colon == nullptr) return number(variable, 0);
  return atoi(text) == device ? strtoull(colon + 1, nullptr, 0) : 0;
}

} // namespace

bool allowed() {
  const char *text = getenv("MODSPEC_STANDIN");
  return text != nullptr && strcmp(text, "test") == 0;
}

int init_result() { return int(number("MODSPEC_STANDIN_INIT", 0)); }
int device_count() { return int(number("MODSPEC_STANDIN_DEVICES", 1)); }
int driver_version() { return int(number("MODSPEC_STANDIN_DRIVER", 12090)); }
int multiprocessors() { return int(number("MODSPEC_STANDIN_MULTIPROCESSORS", 4)); }
size_t memory_bytes() { return number("MODSPEC_STANDIN_MEMORY", size_t(4) << 30); }
int launch_milliseconds() { return int(number("MODSPEC_STANDIN_LAUNCH_MILLISECONDS", 0)); }
uint64_t seed_setting() { return number("MODSPEC_STANDIN_SEED", 1); }

void capability(int &major, int &minor) {
  const char *text = getenv("MODSPEC_STANDIN_CAPABILITY");
  if (text == nullptr || *text == 0) text = "9.0";
  if (sscanf(text, "%d.%d", &major, &minor) != 2) {
    fprintf(stderr, "modspec stand-in driver: MODSPEC_STANDIN_CAPABILITY=%s is not like 9.0\n", text);
    abort();
  }
}

bool busy(int device) {
  const char *text = getenv("MODSPEC_STANDIN_BUSY");
  while (text != nullptr && *text != 0) {
    if (atoi(text) == device) return true;
    text = strchr(text, ',');
    if (text != nullptr) text++;
  }
  return false;
}

uint64_t failing_launch(int device) { return count_for("MODSPEC_STANDIN_FAIL_LAUNCH", device); }
uint64_t losing_launch(int device) { return count_for("MODSPEC_STANDIN_LOSE_DEVICE", device); }
uint64_t failing_allocation(int device) {
  return count_for("MODSPEC_STANDIN_FAIL_ALLOCATION", device);
}

} // namespace standin
