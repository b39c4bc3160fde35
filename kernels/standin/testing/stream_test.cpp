// Tests of streams, events and graphs: work comes in order, nothing comes before
// it is waited for under every seed, and forgotten waits show under some.
#include "check.h"
#include "planted.cu"
#include "registry.h"

#include <cuda.h>
#include <math.h>
#include <stdlib.h>
#include <string>
#include <vector>

namespace {

const simt::Registration registered_axpy("axpy", axpy);

const char ptx[] = ".version 8.0\n.target sm_80\n.visible .entry axpy(\n)\n{\n}\n";

const uint64_t seeds = 20;
const long long n = 100;
const size_t bytes = n * sizeof(double);

#define OK(call) CHECK_EQUAL(int(call), int(CUDA_SUCCESS))

// Two vectors on the device, y of zeros and x of ones, one in page-locked
// memory, and two streams that do not wait for the null stream.
struct Bench {
  CUcontext context;
  CUmodule module;
  CUfunction function;
  CUdeviceptr x, y;
  CUstream first, second;
  double *host;

  Bench() {
    OK(cuInit(0));
    OK(cuCtxCreate(&context, 0, 0));
    OK(cuModuleLoadData(&module, ptx));
    OK(cuModuleGetFunction(&function, module, "axpy"));
    OK(cuMemAlloc(&x, bytes));
    OK(cuMemAlloc(&y, bytes));
    OK(cuStreamCreate(&first, CU_STREAM_NON_BLOCKING));
    OK(cuStreamCreate(&second, CU_STREAM_NON_BLOCKING));
    void *memory;
    OK(cuMemAllocHost(&memory, bytes));
    host = static_cast<double *>(memory);
    for (long long i = 0; i < n; i++) host[i] = 1;
    OK(cuMemcpyHtoD(x, host, bytes));
    OK(cuMemsetD8(y, 0, bytes));
    OK(cuCtxSynchronize());
  }

  // y += a x
  CUresult add(double a, CUstream stream) {
    long long count = n;
    void *arguments[] = {&y, &x, &count, &a};
    return cuLaunchKernel(function, 2, 1, 1, 64, 1, 1, 0, stream, arguments, nullptr);
  }

  // y *= 2
  CUresult twice(CUstream stream) {
    long long count = n;
    double one = 1;
    void *arguments[] = {&y, &y, &count, &one};
    return cuLaunchKernel(function, 2, 1, 1, 64, 1, 1, 0, stream, arguments, nullptr);
  }

  double result() {
    OK(cuCtxSynchronize());
    std::vector<double> values(n);
    OK(cuMemcpyDtoH(values.data(), y, bytes));
    for (double value : values) CHECK(value == values[0]);
    return values[0];
  }
};

// How many of the seeds 1 ... seeds make `body` answer true.
template <class Body>
unsigned count_seeds(Body body) {
  unsigned count = 0;
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    const int status = check::in_process_of_its_own([&] {
      setenv("MODSPEC_STANDIN", "test", 1);
      setenv("MODSPEC_STANDIN_SEED", std::to_string(seed).c_str(), 1);
      if (!body()) check::fail(__FILE__, __LINE__, "");
    });
    count += status == 0;
  }
  return count;
}

void with_seed_0(const std::function<void()> &body) {
  ISOLATED([&] {
    setenv("MODSPEC_STANDIN", "test", 1);
    setenv("MODSPEC_STANDIN_SEED", "0", 1);
    body();
  });
}

// The counting tests fail in child processes on purpose: they say nothing.
void quietly(const std::function<void()> &body) {
  ISOLATED([&] {
    FILE *const terminal = stderr;
    stderr = fopen("/dev/null", "w");
    body();
    stderr = terminal;
  });
}

} // namespace

TEST(a_stream_does_its_work_in_order) {
  CHECK_EQUAL(count_seeds([] {
                Bench bench;
                for (int i = 0; i < 5; i++) {
                  OK(bench.add(1, bench.first));
                  OK(bench.twice(bench.first));
                }
                return bench.result() == 62; // y ← 2 (y + 1), five times from 0
              }),
              unsigned(seeds));
}

TEST(copies_wait_to_be_waited_for) {
  const auto copied = [](bool waits) {
    Bench bench;
    OK(bench.add(3, bench.first));
    OK(cuMemcpyDtoHAsync(bench.host, bench.y, bytes, bench.first));
    if (waits) OK(cuStreamSynchronize(bench.first));
    return bench.host[n - 1] == 3;
  };
  CHECK_EQUAL(count_seeds([&] { return copied(true); }), unsigned(seeds));
  quietly([&] {
    const unsigned lucky = count_seeds([&] { return copied(false); });
    CHECK(lucky < seeds);
  });
  with_seed_0([&] { CHECK(copied(false)); });
}

// From page-locked memory a copy may read late; a program that overwrites its
// buffer too early shows.
TEST(page_locked_buffers_are_read_late) {
  const auto sent = [](bool waits) {
    Bench bench;
    OK(cuMemcpyHtoDAsync(bench.y, bench.host, bytes, bench.first));
    if (waits) OK(cuStreamSynchronize(bench.first));
    for (long long i = 0; i < n; i++) bench.host[i] = 9;
    return bench.result() == 1;
  };
  CHECK_EQUAL(count_seeds([&] { return sent(true); }), unsigned(seeds));
  quietly([&] {
    const unsigned lucky = count_seeds([&] { return sent(false); });
    CHECK(lucky < seeds);
  });
}

TEST(other_host_memory_is_read_and_written_at_once) {
  CHECK_EQUAL(count_seeds([] {
                Bench bench;
                std::vector<double> values(n, 4), got(n, 0);
                OK(cuMemcpyHtoDAsync(bench.y, values.data(), bytes, bench.first));
                for (double &value : values) value = 9;
                OK(cuMemcpyDtoHAsync(got.data(), bench.y, bytes, bench.first));
                return got[0] == 4 && got[n - 1] == 4;
              }),
              unsigned(seeds));
}

// A copy that waits does so for streams that wait for the null stream.
TEST(streams_of_either_kind) {
  const auto copied = [](unsigned flags) {
    Bench bench;
    CUstream stream;
    OK(cuStreamCreate(&stream, flags));
    OK(bench.add(1, stream));
    double value = 0;
    OK(cuMemcpyDtoH(&value, bench.y, sizeof value));
    return value == 1;
  };
  CHECK_EQUAL(count_seeds([&] { return copied(CU_STREAM_DEFAULT); }), unsigned(seeds));
  quietly([&] {
    const unsigned lucky = count_seeds([&] { return copied(CU_STREAM_NON_BLOCKING); });
    CHECK(lucky < seeds);
  });
}

TEST(the_null_stream_stands_between) {
  CHECK_EQUAL(count_seeds([] {
                Bench bench;
                CUstream before, after;
                OK(cuStreamCreate(&before, CU_STREAM_DEFAULT));
                OK(cuStreamCreate(&after, CU_STREAM_DEFAULT));
                OK(bench.add(1, before));
                OK(bench.twice(nullptr));
                OK(bench.add(1, after));
                OK(bench.twice(nullptr));
                OK(bench.add(1, before));
                return bench.result() == 7; // 2 (2 · 1 + 1) + 1
              }),
              unsigned(seeds));
}

TEST(events_order_streams) {
  const auto ordered = [](bool waits) {
    Bench bench;
    CUevent event;
    OK(cuEventCreate(&event, CU_EVENT_DISABLE_TIMING));
    for (int i = 0; i < 4; i++) {
      OK(bench.add(1, bench.first));
      OK(cuEventRecord(event, bench.first));
      if (waits) OK(cuStreamWaitEvent(bench.second, event, 0));
      OK(bench.twice(bench.second));
      OK(cuEventRecord(event, bench.second));
      if (waits) OK(cuStreamWaitEvent(bench.first, event, 0));
    }
    return bench.result() == 30; // y ← 2 (y + 1), four times from 0
  };
  CHECK_EQUAL(count_seeds([&] { return ordered(true); }), unsigned(seeds));
  quietly([&] {
    const unsigned lucky = count_seeds([&] { return ordered(false); });
    CHECK(lucky < seeds);
  });
}

TEST(asking_gets_work_done_in_the_end) {
  CHECK_EQUAL(count_seeds([] {
                Bench bench;
                CUevent start, end;
                float milliseconds = -1;
                OK(cuEventCreate(&start, 0));
                OK(cuEventCreate(&end, 0));
                OK(cuEventQuery(start)); // never recorded: nothing to wait for
                OK(cuEventRecord(start, bench.first));
                for (int i = 0; i < 10; i++) OK(bench.add(1, bench.first));
                OK(cuEventRecord(end, bench.first));
                int asked = 0;
                while (cuEventQuery(end) == CUDA_ERROR_NOT_READY && asked < 100) asked++;
                CHECK(asked < 100);
                OK(cuEventElapsedTime(&milliseconds, start, end));
                CHECK(milliseconds >= 0);
                while (cuStreamQuery(bench.first) == CUDA_ERROR_NOT_READY && asked < 200) asked++;
                CHECK(asked < 200);
                return bench.host[0] == 1 && bench.result() == 10;
              }),
              unsigned(seeds));
}

TEST(a_destroyed_stream_finishes_its_work) {
  CHECK_EQUAL(count_seeds([] {
                Bench bench;
                CUstream stream;
                OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
                OK(bench.add(1, stream));
                OK(bench.twice(stream));
                OK(cuStreamDestroy(stream));
                return bench.result() == 2;
              }),
              unsigned(seeds));
}

TEST(a_graph_repeats_what_was_recorded) {
  CHECK_EQUAL(count_seeds([] {
                Bench bench;
                CUgraph graph;
                CUgraphExec exec;
                OK(cuStreamBeginCapture(bench.first, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
                OK(bench.add(1, bench.first));
                OK(bench.twice(bench.first));
                OK(cuStreamEndCapture(bench.first, &graph));
                CHECK(bench.result() == 0); // recorded, not done
                OK(cuGraphInstantiate(&exec, graph, 0));
                OK(cuGraphDestroy(graph));
                for (int i = 0; i < 5; i++) OK(cuGraphLaunch(exec, bench.second));
                OK(cuGraphExecDestroy(exec));
                return bench.result() == 62;
              }),
              unsigned(seeds));
}

TEST(a_graph_may_fork_and_join) {
  CHECK_EQUAL(count_seeds([] {
                Bench bench;
                CUgraph graph;
                CUevent fork, join;
                OK(cuEventCreate(&fork, CU_EVENT_DISABLE_TIMING));
                OK(cuEventCreate(&join, CU_EVENT_DISABLE_TIMING));
                const auto record = [&](bool joins) {
                  OK(cuStreamBeginCapture(bench.first, CU_STREAM_CAPTURE_MODE_RELAXED));
                  OK(bench.add(1, bench.first));
                  OK(cuEventRecord(fork, bench.first));
                  OK(cuStreamWaitEvent(bench.second, fork, 0));
                  OK(bench.twice(bench.second));
                  OK(cuEventRecord(join, bench.second));
                  if (joins) OK(cuStreamWaitEvent(bench.first, join, 0));
                  return int(cuStreamEndCapture(bench.first, &graph));
                };
                CHECK_EQUAL(record(false), int(CUDA_ERROR_STREAM_CAPTURE_UNJOINED));
                CHECK_EQUAL(record(true), 0);
                CUgraphExec exec;
                OK(cuGraphInstantiate(&exec, graph, 0));
                OK(cuGraphLaunch(exec, bench.first));
                OK(cuGraphLaunch(exec, bench.first));
                return bench.result() == 6;
              }),
              unsigned(seeds));
}

TEST(waiting_voids_a_recording) {
  with_seed_0([] {
    Bench bench;
    CUgraph graph;
    CUdeviceptr memory;
    CHECK_EQUAL(int(cuStreamBeginCapture(nullptr, CU_STREAM_CAPTURE_MODE_GLOBAL)),
                int(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED));
    CHECK_EQUAL(int(cuStreamEndCapture(bench.first, &graph)), int(CUDA_ERROR_ILLEGAL_STATE));
    OK(cuStreamBeginCapture(bench.first, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    CHECK_EQUAL(int(cuStreamSynchronize(bench.first)), int(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED));
    CHECK_EQUAL(int(bench.add(1, bench.first)), int(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED));
    CHECK_EQUAL(int(cuStreamEndCapture(bench.first, &graph)), int(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED));
    OK(cuStreamBeginCapture(bench.first, CU_STREAM_CAPTURE_MODE_GLOBAL));
    CHECK_EQUAL(int(cuMemAlloc(&memory, 8)), int(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED));
    CHECK_EQUAL(int(cuStreamEndCapture(bench.first, &graph)), int(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED));
    OK(bench.add(1, bench.first)); // the stream is as before
    CHECK(bench.result() == 1);
  });
}
