#include "state.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "settings.h"

namespace standin {
namespace {

std::map<const void *, Kind> &handles() {
  static std::map<const void *, Kind> all;
  return all;
}

pthread_key_t stack_key() {
  static const pthread_key_t key = [] {
    pthread_key_t made;
    pthread_key_create(&made, [](void *stack) { delete static_cast<std::vector<Context *> *>(stack); });
    return made;
  }();
  return key;
}

} // namespace

// Never destroyed: threads may call the driver until the process is gone.
Driver &driver() {
  static Driver *const the_driver = new Driver();
  return *the_driver;
}

void remember_handle(const void *handle, Kind kind) { handles()[handle] = kind; }
void forget_handle(const void *handle) { handles().erase(handle); }

bool is_handle(const void *handle, Kind kind) {
  const auto found = handles().find(handle);
  return found != handles().end() && found->second == kind;
}

std::vector<Context *> &context_stack() {
  auto *stack = static_cast<std::vector<Context *> *>(pthread_getspecific(stack_key()));
  if (stack == nullptr) {
    stack = new std::vector<Context *>();
    pthread_setspecific(stack_key(), stack);
  }
  return *stack;
}

CUresult current_context(Context *&context) {
  if (!driver().initialised) return CUDA_ERROR_NOT_INITIALIZED;
  const std::vector<Context *> &stack = context_stack();
  if (stack.empty() || stack.back() == nullptr) return CUDA_ERROR_INVALID_CONTEXT;
  context = stack.back();
  if (!is_handle(context, Kind::CONTEXT)) return CUDA_ERROR_CONTEXT_IS_DESTROYED;
  return context->device->lost ? CUDA_ERROR_UNKNOWN : context->broken;
}

CUresult find_device(CUdevice number, Device *&device) {
  if (!driver().initialised) return CUDA_ERROR_NOT_INITIALIZED;
  const auto &devices = driver().devices;
  if (number < 0 || size_t(number) >= devices.size()) return CUDA_ERROR_INVALID_DEVICE;
  device = devices[size_t(number)].get();
  return CUDA_SUCCESS;
}

bool forbidden_while_capturing(Context &context) {
  bool forbidden = false;
  for (Stream *stream : context.streams) {
    if (stream->capture == nullptr || stream->capture->mode != CU_STREAM_CAPTURE_MODE_GLOBAL) continue;
    stream->capture->invalidated = true;
    forbidden = true;
  }
  return forbidden;
}

void complain(const char *format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  fprintf(stderr, "modspec stand-in driver: %s\n", text);
}

double now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return double(time.tv_sec) * 1e3 + double(time.tv_nsec) * 1e-6;
}

} // namespace standin
