// Everything that the stand-in driver knows: devices, contexts, and what lives
// in them. One lock guards all of it; each driver call takes it for its whole
// time, so that a launch runs while others wait.
//
// Nothing here may be thread-local: the thread-local storage of the library is
// the kernels' static shared memory (see shared_memory.h).
#ifndef MODSPEC_STANDIN_STATE_H
#define MODSPEC_STANDIN_STATE_H

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "cuda_calls.h"
#include "guarded.h"
#include "image.h"

namespace simt {
struct Kernel;
}

namespace standin {

struct Context;
struct Stream;

// Mark is a point in a stream's work.
struct Mark {
  Stream *stream = nullptr;
  bool reached = false;
  double milliseconds = 0; // when it was
};

typedef std::function<CUresult()> Work;

// Step is one piece of a stream's work. It waits for the mark `after`, works,
// and reaches `mark`; each of the three may be absent.
struct Step {
  std::shared_ptr<Mark> after;
  Work work;
  std::shared_ptr<Mark> mark;
};

// Capture collects what streams are given while they record a graph. The order
// in which it came is one in which it may run.
struct Capture {
  Stream *origin = nullptr;
  CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_GLOBAL;
  bool invalidated = false;
  std::vector<Work> work;
  std::set<Stream *> unjoined; // streams with work that the origin has not waited for
};

struct Stream {
  Context *context = nullptr;
  bool waits_for_null = true; // false: created with CU_STREAM_NON_BLOCKING
  bool destroyed = false;     // its handle is gone, its work is still to be done
  int priority = 0;
  std::deque<Step> queue;
  std::shared_ptr<Capture> capture;
};

struct Event {
  Context *context = nullptr;
  bool timed = true;
  std::shared_ptr<Mark> mark;       // of the last record; nullptr: never recorded
  std::shared_ptr<Capture> capture; // that the last record belongs to
  Stream *captured_stream = nullptr;
};

struct Function {
  Context *context = nullptr;
  std::string name;
  Needs needs;
  int architecture = 0;
  int most_dynamic_shared = 0;
  const simt::Kernel *kernel = nullptr;
};

struct Module {
  Context *context = nullptr;
  Image image;
  std::map<std::string, Function *> functions;
};

// Graph is a recorded list of work; an executable one is a copy of it.
struct Graph {
  std::vector<Work> work;
};

struct GraphExec {
  std::vector<Work> work;
};

struct Allocation {
  Guarded memory;
  Context *context;
};

struct Device {
  int number = 0;
  bool lost = false; // every context on it is broken, and there will be no new one
  size_t used_bytes = 0;
  Context *primary = nullptr;
  int primary_users = 0;
  unsigned primary_flags = 0;
};

struct Context {
  Device *device = nullptr;
  unsigned flags = 0;
  CUresult broken = CUDA_SUCCESS; // what every call answers after a fault
  uint64_t launches = 0, allocations = 0;
  Stream null_stream;
  std::set<Stream *> streams; // but for the null stream
  std::map<CUlimit, size_t> limits;
};

// Driver is the whole.
struct Driver {
  std::recursive_mutex lock;
  bool initialised = false;
  std::vector<std::unique_ptr<Device>> devices;
  std::map<uintptr_t, Allocation> device_memory; // by address, of all devices
  std::map<uintptr_t, Allocation> host_memory;   // page-locked
  uint64_t order = 0; // of the generator that delays work; 0: no delays
};

Driver &driver();

// Lock is what a driver call holds.
struct Lock : std::lock_guard<std::recursive_mutex> {
  Lock() : std::lock_guard<std::recursive_mutex>(driver().lock) {}
};

// What a handle may stand for.
enum class Kind { CONTEXT, STREAM, EVENT, MODULE, FUNCTION, GRAPH, GRAPH_EXEC };

void remember_handle(const void *handle, Kind kind);
void forget_handle(const void *handle);
bool is_handle(const void *handle, Kind kind);

// The calling thread's stack of contexts; the last is current.
std::vector<Context *> &context_stack();

// The current context, ready for work: an error where there is none, or where a
// fault has broken it.
CUresult current_context(Context *&context);

// The device of this number.
CUresult find_device(CUdevice number, Device *&device);

// Whether the calling thread's current context records a graph in a mode that
// forbids calls such as allocation; the recording is then void.
bool forbidden_while_capturing(Context &context);

// Tells the person at the terminal what an error code cannot.
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Milliseconds on a clock that only runs forward.
double now();

} // namespace standin

#endif
