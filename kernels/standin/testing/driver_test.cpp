// Tests of the stand-in driver: it does what the driver's documentation says,
// and the faults that tests plant come as asked for. Each test runs in a process
// of its own, with an environment of its own.
#include "check.h"
#include "planted.cu"
#include "registry.h"

#include <cuda.h>
#include <elf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <string>
#include <thread>
#include <vector>

namespace {

const simt::Registration registered_axpy("axpy", axpy);
const simt::Registration registered_leave("leave_before_barrier", leave_before_barrier);
const simt::Registration registered_write("write_element", write_element);

// What NVRTC writes around kernels, as far as the driver reads it.
const char ptx[] = R"(
.version 8.8
.target sm_80
.address_size 64
.visible .entry axpy(
	.param .u64 axpy_param_0
)
.maxntid 128, 1, 1
{
}
.visible .entry leave_before_barrier()
{
}
.visible .entry write_element(
	.param .u64 write_element_param_0
)
{
}
.visible .entry nowhere()
{
}
)";

const uint64_t seeds = 20;

#define OK(call) CHECK_EQUAL(int(call), int(CUDA_SUCCESS))

// A context on device 0, with the module of the kernels above.
struct Session {
  CUcontext context = nullptr;
  CUmodule module = nullptr;

  Session() {
    OK(cuInit(0));
    OK(cuCtxCreate(&context, 0, 0));
    OK(cuModuleLoadData(&module, ptx));
  }

  CUfunction function(const char *name) {
    CUfunction found = nullptr;
    OK(cuModuleGetFunction(&found, module, name));
    return found;
  }

  CUdeviceptr upload(const std::vector<double> &values) {
    CUdeviceptr memory = 0;
    OK(cuMemAlloc(&memory, values.size() * sizeof(double)));
    OK(cuMemcpyHtoD(memory, values.data(), values.size() * sizeof(double)));
    return memory;
  }

  std::vector<double> download(CUdeviceptr memory, size_t count) {
    std::vector<double> values(count);
    OK(cuMemcpyDtoH(values.data(), memory, count * sizeof(double)));
    return values;
  }

  // y = a x + y in a stream.
  CUresult start_axpy(CUdeviceptr y, CUdeviceptr x, long long n, double a, CUstream stream = nullptr) {
    void *arguments[] = {&y, &x, &n, &a};
    return cuLaunchKernel(function("axpy"), 2, 1, 1, 64, 1, 1, 0, stream, arguments, nullptr);
  }

  CUresult start_write(CUdeviceptr to, long long index) {
    void *arguments[] = {&to, &index};
    return cuLaunchKernel(function("write_element"), 1, 1, 1, 1, 1, 1, 0, nullptr, arguments, nullptr);
  }
};

// Runs a test in a process with these variables set: "NAME=value" and so on.
template <class Body>
void with(std::vector<std::string> variables, Body body) {
  ISOLATED([&] {
    setenv("MODSPEC_STANDIN", "test", 1);
    for (const std::string &variable : variables) {
      const size_t equals = variable.find('=');
      setenv(("MODSPEC_STANDIN_" + variable.substr(0, equals)).c_str(), variable.c_str() + equals + 1, 1);
    }
    body();
  });
}

std::string seed_variable(uint64_t seed) { return "SEED=" + std::to_string(seed); }

// Silences what the stand-in says of faults that the test wants.
void expect_complaints() { fclose(stderr); }

} // namespace

TEST(no_device_unless_asked_for) {
  ISOLATED([] {
    unsetenv("MODSPEC_STANDIN");
    int count = 7;
    expect_complaints();
    CHECK_EQUAL(int(cuInit(0)), int(CUDA_ERROR_NO_DEVICE));
    CHECK_EQUAL(int(cuDeviceGetCount(&count)), int(CUDA_ERROR_NOT_INITIALIZED));
  });
  with({"DEVICES=0"}, [] { CHECK_EQUAL(int(cuInit(0)), int(CUDA_ERROR_NO_DEVICE)); });
  with({"INIT=803"}, [] { CHECK_EQUAL(int(cuInit(0)), int(CUDA_ERROR_SYSTEM_DRIVER_MISMATCH)); });
}

TEST(devices_say_what_they_are) {
  with({"DEVICES=3", "CAPABILITY=8.6", "MULTIPROCESSORS=7", "MEMORY=1000000", "DRIVER=12040"}, [] {
    int value = 0;
    size_t bytes = 0;
    char name[64], small[8], bus[32];
    CUuuid first, last;
    OK(cuInit(0));
    OK(cuDriverGetVersion(&value));
    CHECK_EQUAL(value, 12040);
    OK(cuDeviceGetCount(&value));
    CHECK_EQUAL(value, 3);
    OK(cuDeviceGetName(name, sizeof name, 2));
    CHECK(std::string(name) == "modspec stand-in (CPU, for tests)");
    OK(cuDeviceGetName(small, sizeof small, 2));
    CHECK(std::string(small) == "modspec");
    OK(cuDeviceGetAttribute(&value, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, 0));
    CHECK_EQUAL(value, 6);
    OK(cuDeviceGetAttribute(&value, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 0));
    CHECK_EQUAL(value, 7);
    OK(cuDeviceGetAttribute(&value, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, 0));
    CHECK_EQUAL(value, 99 * 1024);
    OK(cuDeviceTotalMem(&bytes, 1));
    CHECK_EQUAL(bytes, size_t(1000000));
    OK(cuDeviceGetUuid(&first, 0));
    OK(cuDeviceGetUuid(&last, 2));
    CHECK(memcmp(first.bytes, last.bytes, sizeof first.bytes) != 0);
    OK(cuDeviceGetPCIBusId(bus, sizeof bus, 1));
    CHECK(std::string(bus) == "0000:02:00.0");
    CHECK_EQUAL(int(cuDeviceGetName(name, sizeof name, 3)), int(CUDA_ERROR_INVALID_DEVICE));
    CHECK_EQUAL(int(cuDeviceGetAttribute(&value, CU_DEVICE_ATTRIBUTE_MAX, 0)), int(CUDA_ERROR_INVALID_VALUE));
  });
}

TEST(a_kernel_computes_what_its_source_says) {
  for (uint64_t seed = 0; seed <= seeds; seed++) {
    with({seed_variable(seed)}, [] {
      Session session;
      for (size_t n : {size_t(1), size_t(127), size_t(1000)}) {
        std::vector<double> x(n), y(n);
        for (size_t i = 0; i < n; i++) x[i] = sqrt(double(i)), y[i] = double(i) / 3;
        const CUdeviceptr dx = session.upload(x), dy = session.upload(y);
        OK(session.start_axpy(dy, dx, (long long)n, 0.1));
        const std::vector<double> got = session.download(dy, n);
        for (size_t i = 0; i < n; i++) CHECK(got[i] == fma(0.1, x[i], y[i]));
        OK(cuMemFree(dx));
        OK(cuMemFree(dy));
      }
      OK(cuModuleUnload(session.module));
      OK(cuCtxDestroy(session.context));
    });
  }
}

// As Go does: each context belongs to a thread, and all call at once.
TEST(threads_share_the_driver) {
  with({"DEVICES=2"}, [] {
    const auto work = [](int device) {
      CUcontext context, current;
      Session session;
      OK(cuCtxCreate(&context, 0, device));
      OK(cuModuleLoadData(&session.module, ptx));
      const size_t n = 300;
      const CUdeviceptr y = session.upload(std::vector<double>(n, 0)), x = session.upload(std::vector<double>(n, 1));
      for (int i = 0; i < 50; i++) OK(session.start_axpy(y, x, (long long)n, device + 1));
      for (double value : session.download(y, n)) CHECK(value == 50 * (device + 1));
      OK(cuCtxGetCurrent(&current));
      CHECK(current == context);
    };
    std::thread first(work, 0), second(work, 1);
    first.join();
    second.join();
  });
}

TEST(memory_is_counted_and_runs_out) {
  with({"MEMORY=1048576"}, [] {
    Session session;
    size_t available = 0, total = 0;
    CUdeviceptr first, second, third;
    OK(cuMemGetInfo(&available, &total));
    CHECK_EQUAL(available, size_t(1) << 20);
    OK(cuMemAlloc(&first, 512 << 10));
    CHECK_EQUAL(first % 256, CUdeviceptr(0));
    CHECK_EQUAL(int(cuMemAlloc(&second, (512 << 10) + 1)), int(CUDA_ERROR_OUT_OF_MEMORY));
    OK(cuMemAlloc(&second, 512 << 10));
    CHECK_EQUAL(int(cuMemAlloc(&third, 1)), int(CUDA_ERROR_OUT_OF_MEMORY));
    OK(cuMemGetInfo(&available, &total));
    CHECK_EQUAL(available, size_t(0));
    OK(cuMemFree(first));
    CHECK_EQUAL(int(cuMemFree(first)), int(CUDA_ERROR_INVALID_VALUE));
    OK(cuMemAlloc(&third, 100));
    CHECK_EQUAL(int(cuMemAlloc(&third, 0)), int(CUDA_ERROR_INVALID_VALUE));
    CHECK_EQUAL(int(cuMemAlloc(&third, size_t(1) << 50)), int(CUDA_ERROR_OUT_OF_MEMORY));
    CHECK_EQUAL(int(cuMemAlloc(&third, ~size_t(0))), int(CUDA_ERROR_OUT_OF_MEMORY));
    OK(cuCtxDestroy(session.context));
    CUcontext again;
    OK(cuCtxCreate(&again, 0, 0)); // a context's memory goes with it
    OK(cuMemGetInfo(&available, &total));
    CHECK_EQUAL(available, size_t(1) << 20);
  });
  with({"FAIL_ALLOCATION=2"}, [] {
    Session session;
    CUdeviceptr memory;
    OK(cuMemAlloc(&memory, 8));
    CHECK_EQUAL(int(cuMemAlloc(&memory, 8)), int(CUDA_ERROR_OUT_OF_MEMORY));
    OK(cuMemAlloc(&memory, 8));
  });
}

TEST(fresh_memory_is_poisoned) {
  with({}, [] {
    Session session;
    CUdeviceptr memory;
    OK(cuMemAlloc(&memory, 24));
    for (double value : session.download(memory, 3)) CHECK(value != value);
  });
}

TEST(copies_stay_inside_allocations) {
  with({}, [] {
    Session session;
    const CUdeviceptr memory = session.upload({1, 2, 3});
    double host[4] = {0, 0, 0, 7};
    OK(cuMemcpyDtoH(host, memory, 24));
    CHECK(host[2] == 3 && host[3] == 7);
    CHECK_EQUAL(int(cuMemcpyDtoH(host, memory, 25)), int(CUDA_ERROR_INVALID_VALUE));
    CHECK_EQUAL(int(cuMemcpyDtoH(host, memory + 8, 24)), int(CUDA_ERROR_INVALID_VALUE));
    CHECK_EQUAL(int(cuMemcpyDtoH(host, memory - 1, 8)), int(CUDA_ERROR_INVALID_VALUE));
    CHECK_EQUAL(int(cuMemcpyHtoD(memory, host, 32)), int(CUDA_ERROR_INVALID_VALUE));
    CHECK_EQUAL(int(cuMemcpyHtoD(memory, nullptr, 8)), int(CUDA_ERROR_INVALID_VALUE));
    CHECK_EQUAL(int(cuMemcpyHtoD(reinterpret_cast<CUdeviceptr>(host), host, 8)), int(CUDA_ERROR_INVALID_VALUE));
    CHECK_EQUAL(int(cuMemsetD32(memory, 0, 7)), int(CUDA_ERROR_INVALID_VALUE));
    CHECK_EQUAL(int(cuMemsetD32(memory + 2, 0, 1)), int(CUDA_ERROR_INVALID_VALUE));
    OK(cuMemcpyDtoH(host, memory + 24, 0));
    OK(cuMemsetD32(memory + 8, 0x3ff00000, 2));
    OK(cuMemsetD8(memory + 8, 0, 4));
    const std::vector<double> got = session.download(memory, 3);
    CHECK(got[0] == 1 && got[1] == 1 && got[2] == 3);
  });
}

// The end of an allocation is at most 255 bytes before an untouchable page: a
// write far outside faults, one just outside is found when the launch ends.
TEST(kernels_that_leave_their_memory_fail) {
#ifndef __SANITIZE_ADDRESS__
  for (long long index : {-1LL, 3LL, 31LL, 32LL, 600LL}) {
    with({}, [index] {
      Session session;
      const CUdeviceptr memory = session.upload({1, 2, 3});
      expect_complaints();
      OK(session.start_write(memory, 2));
      OK(cuCtxSynchronize());
      OK(session.start_write(memory, index));
      CHECK_EQUAL(int(cuCtxSynchronize()), int(CUDA_ERROR_ILLEGAL_ADDRESS));
    });
  }
  with({"SEED=0"}, [] {
    Session session;
    const CUdeviceptr memory = session.upload({1, 2, 3});
    expect_complaints();
    OK(cuMemFree(memory));
    OK(session.start_write(memory, 0));
    CHECK_EQUAL(int(cuCtxSynchronize()), int(CUDA_ERROR_ILLEGAL_ADDRESS));
  });
#endif
}

TEST(contexts_keep_their_memory_apart) {
#ifndef __SANITIZE_ADDRESS__
  with({"DEVICES=2"}, [] {
    Session session;
    CUcontext other;
    const CUdeviceptr memory = session.upload({1, 2, 3});
    OK(cuCtxCreate(&other, 0, 1));
    const CUdeviceptr own = session.upload({0, 0, 0});
    OK(cuModuleLoadData(&session.module, ptx));
    OK(session.start_write(own, 1));
    OK(cuCtxSynchronize());
    expect_complaints();
    OK(session.start_write(memory, 1));
    CHECK_EQUAL(int(cuCtxSynchronize()), int(CUDA_ERROR_ILLEGAL_ADDRESS));
    OK(cuCtxSetCurrent(session.context));
    CHECK(session.download(memory, 3)[1] == 2);
  });
#endif
}

TEST(faults_stay_until_the_context_goes) {
  with({"FAIL_LAUNCH=2"}, [] {
    Session session;
    const CUdeviceptr y = session.upload({1, 2, 3}), x = session.upload({1, 1, 1});
    expect_complaints();
    OK(session.start_axpy(y, x, 3, 1));
    OK(cuCtxSynchronize());
    OK(session.start_axpy(y, x, 3, 1));
    CHECK_EQUAL(int(cuCtxSynchronize()), int(CUDA_ERROR_LAUNCH_FAILED));
    double host[3];
    CUdeviceptr more;
    CUstream stream;
    CHECK_EQUAL(int(cuMemcpyDtoH(host, y, 24)), int(CUDA_ERROR_LAUNCH_FAILED));
    CHECK_EQUAL(int(cuMemAlloc(&more, 8)), int(CUDA_ERROR_LAUNCH_FAILED));
    CHECK_EQUAL(int(cuStreamCreate(&stream, 0)), int(CUDA_ERROR_LAUNCH_FAILED));
    OK(cuCtxDestroy(session.context));
    unsetenv("MODSPEC_STANDIN_FAIL_LAUNCH");
    Session next;
    const CUdeviceptr again = next.upload({1, 2, 3}), ones = next.upload({1, 1, 1});
    OK(next.start_axpy(again, ones, 3, 1));
    OK(next.start_axpy(again, ones, 3, 1));
    CHECK(next.download(again, 3)[2] == 5);
  });
  with({}, [] {
    Session session;
    expect_complaints();
    OK(cuLaunchKernel(session.function("leave_before_barrier"), 1, 1, 1, 64, 1, 1, 0, nullptr, nullptr, nullptr));
    CHECK_EQUAL(int(cuCtxSynchronize()), int(CUDA_ERROR_LAUNCH_FAILED));
  });
}

TEST(a_lost_device_stays_lost) {
  with({"LOSE_DEVICE=1:1", "DEVICES=2"}, [] {
    Session session;
    CUcontext second, third;
    const CUdeviceptr y = session.upload({1}), x = session.upload({1});
    OK(session.start_axpy(y, x, 1, 1)); // device 0 is not meant
    OK(cuCtxSynchronize());
    OK(cuCtxCreate(&second, 0, 1));
    OK(cuModuleLoadData(&session.module, ptx));
    const CUdeviceptr y1 = session.upload({1});
    expect_complaints();
    OK(session.start_axpy(y1, y1, 1, 1));
    CHECK_EQUAL(int(cuCtxSynchronize()), int(CUDA_ERROR_UNKNOWN));
    OK(cuCtxDestroy(second));
    CHECK_EQUAL(int(cuCtxCreate(&third, 0, 1)), int(CUDA_ERROR_UNKNOWN));
    CHECK(session.download(y, 1)[0] == 2); // device 0 goes on
    unsetenv("MODSPEC_STANDIN_LOSE_DEVICE");
    OK(cuCtxCreate(&third, 0, 1));
  });
}

TEST(a_busy_device_gives_no_context) {
  with({"BUSY=1", "DEVICES=2"}, [] {
    CUcontext context;
    int mode = -1;
    OK(cuInit(0));
    CHECK_EQUAL(int(cuCtxCreate(&context, 0, 1)), int(CUDA_ERROR_DEVICE_UNAVAILABLE));
    CHECK_EQUAL(int(cuDevicePrimaryCtxRetain(&context, 1)), int(CUDA_ERROR_DEVICE_UNAVAILABLE));
    OK(cuDeviceGetAttribute(&mode, CU_DEVICE_ATTRIBUTE_COMPUTE_MODE, 1));
    CHECK_EQUAL(mode, int(CU_COMPUTEMODE_EXCLUSIVE_PROCESS));
    OK(cuCtxCreate(&context, 0, 0));
  });
}

TEST(contexts_form_a_stack) {
  with({}, [] {
    CUcontext first, second, got, primary;
    CUdevice device = -1;
    OK(cuInit(0));
    CHECK_EQUAL(int(cuCtxGetDevice(&device)), int(CUDA_ERROR_INVALID_CONTEXT));
    OK(cuCtxCreate(&first, 0, 0));
    OK(cuCtxCreate(&second, 0, 0));
    OK(cuCtxGetCurrent(&got));
    CHECK(got == second);
    OK(cuCtxPopCurrent(&got));
    CHECK(got == second);
    OK(cuCtxGetCurrent(&got));
    CHECK(got == first);
    OK(cuCtxPushCurrent(second));
    OK(cuCtxDestroy(second));
    OK(cuCtxGetCurrent(&got));
    CHECK(got == first);
    OK(cuCtxSetCurrent(nullptr));
    OK(cuCtxGetCurrent(&got));
    CHECK(got == nullptr);
    CHECK_EQUAL(int(cuCtxSetCurrent(second)), int(CUDA_ERROR_INVALID_CONTEXT));
    OK(cuDevicePrimaryCtxRetain(&primary, 0));
    OK(cuDevicePrimaryCtxRetain(&got, 0));
    CHECK(got == primary);
    CHECK_EQUAL(int(cuCtxDestroy(primary)), int(CUDA_ERROR_INVALID_CONTEXT));
    OK(cuDevicePrimaryCtxRelease(0));
    OK(cuDevicePrimaryCtxRelease(0));
    CHECK_EQUAL(int(cuDevicePrimaryCtxRelease(0)), int(CUDA_ERROR_INVALID_CONTEXT));
    CHECK_EQUAL(int(cuCtxSetCurrent(primary)), int(CUDA_ERROR_INVALID_CONTEXT));
  });
}

TEST(images_for_other_devices_are_refused) {
  with({"CAPABILITY=8.6", "DRIVER=12080"}, [] {
    OK(cuInit(0));
    CUcontext context;
    CUmodule module;
    OK(cuCtxCreate(&context, 0, 0));
    const auto load = [&](const std::string &image) { return int(cuModuleLoadData(&module, image.c_str())); };
    const std::string text = ptx;
    const auto changed = [&](const char *from, const char *to) {
      std::string copy = text;
      copy.replace(copy.find(from), strlen(from), to);
      return copy;
    };
    CHECK_EQUAL(load(text), int(CUDA_ERROR_UNSUPPORTED_PTX_VERSION)); // 8.8 needs driver 12.9
    CHECK_EQUAL(load(changed("8.8", "8.7")), 0);
    setenv("MODSPEC_STANDIN_DRIVER", "12090", 1);
    CHECK_EQUAL(load(text), 0);
    CHECK_EQUAL(load(changed("sm_80", "sm_89")), int(CUDA_ERROR_NO_BINARY_FOR_GPU));
    CHECK_EQUAL(load(changed(".target", ".tar")), int(CUDA_ERROR_INVALID_PTX));
    CHECK_EQUAL(load("no image"), int(CUDA_ERROR_INVALID_IMAGE));
    CHECK_EQUAL(load(""), int(CUDA_ERROR_INVALID_IMAGE));
  });
}

// The smallest cubin that the driver reads: a header and a table of sections of
// one name, which is empty.
TEST(cubins_are_told_apart_by_architecture) {
  const auto cubin = [](int abi, unsigned flags, int machine) {
    std::string image(sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Shdr) + 8, '\0');
    Elf64_Ehdr header = {};
    memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_ABIVERSION] = static_cast<unsigned char>(abi);
    header.e_machine = static_cast<uint16_t>(machine);
    header.e_flags = flags;
    header.e_shoff = sizeof header;
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = 2;
    header.e_shstrndx = 1;
    Elf64_Shdr names = {};
    names.sh_type = SHT_STRTAB;
    names.sh_offset = sizeof header + 2 * sizeof names;
    names.sh_size = 8;
    memcpy(&image[0], &header, sizeof header);
    memcpy(&image[sizeof header + sizeof names], &names, sizeof names);
    return image;
  };
  const auto load = [](const std::string &image, const char *capability) {
    setenv("MODSPEC_STANDIN_CAPABILITY", capability, 1);
    CUmodule module;
    return int(cuModuleLoadData(&module, image.data()));
  };
  with({}, [&] {
    Session session;
    const std::string sm_86 = cubin(7, 0x560556, 190), sm_100 = cubin(8, 0x6006402, 190);
    CHECK_EQUAL(load(sm_86, "8.6"), 0);
    CHECK_EQUAL(load(sm_86, "8.9"), 0);
    CHECK_EQUAL(load(sm_86, "8.0"), int(CUDA_ERROR_NO_BINARY_FOR_GPU));
    CHECK_EQUAL(load(sm_86, "9.0"), int(CUDA_ERROR_NO_BINARY_FOR_GPU));
    CHECK_EQUAL(load(sm_100, "10.0"), 0);
    CHECK_EQUAL(load(sm_100, "10.3"), 0);
    CHECK_EQUAL(load(sm_100, "12.0"), int(CUDA_ERROR_NO_BINARY_FOR_GPU));
    CHECK_EQUAL(load(cubin(7, 0x560556, 62), "8.6"), int(CUDA_ERROR_INVALID_IMAGE));
  });
}

TEST(functions_have_limits) {
  with({}, [] {
    Session session;
    CUfunction missing;
    expect_complaints();
    CHECK_EQUAL(int(cuModuleGetFunction(&missing, session.module, "absent")), int(CUDA_ERROR_NOT_FOUND));
    CHECK_EQUAL(int(cuModuleGetFunction(&missing, session.module, "nowhere")), int(CUDA_ERROR_NOT_FOUND));
    const CUfunction function = session.function("axpy");
    int value = 0;
    OK(cuFuncGetAttribute(&value, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, function));
    CHECK_EQUAL(value, 128);
    const CUdeviceptr memory = session.upload({1});
    long long n = 1;
    double a = 1;
    void *arguments[] = {const_cast<CUdeviceptr *>(&memory), const_cast<CUdeviceptr *>(&memory), &n, &a};
    const auto start = [&](unsigned blocks, unsigned threads, unsigned bytes) {
      return int(cuLaunchKernel(function, blocks, 1, 1, threads, 1, 1, bytes, nullptr, arguments, nullptr));
    };
    const int refused = int(CUDA_ERROR_INVALID_VALUE);
    CHECK_EQUAL(start(1, 128, 48 << 10), 0);
    CHECK_EQUAL(start(1, 129, 0), refused);
    CHECK_EQUAL(start(0, 1, 0), refused);
    CHECK_EQUAL(start(1, 0, 0), refused);
    CHECK_EQUAL(start(1, 1, (48 << 10) + 1), refused);
    OK(cuFuncSetAttribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 227 << 10));
    CHECK_EQUAL(start(1, 1, 227 << 10), 0);
    CHECK_EQUAL(start(1, 1, (227 << 10) + 1), refused);
    CHECK_EQUAL(int(cuFuncSetAttribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, (227 << 10) + 1)),
                refused);
    // By hand, for 64 registers a thread: 128 threads take 8192 of 65536
    // registers; 1 KiB of 228 goes to the driver for every block.
    OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&value, function, 128, 0));
    CHECK_EQUAL(value, 8);
    OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&value, function, 32, 0));
    CHECK_EQUAL(value, 32);
    OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&value, function, 128, 56 << 10));
    CHECK_EQUAL(value, 4);
    OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&value, function, 128, 227 << 10));
    CHECK_EQUAL(value, 1);
    OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&value, function, 129, 0));
    CHECK_EQUAL(value, 0);
  });
}

TEST(handles_that_are_gone_are_refused) {
  with({}, [] {
    Session session;
    CUstream stream;
    CUevent event;
    OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
    OK(cuEventCreate(&event, 0));
    const CUfunction function = session.function("leave_before_barrier");
    OK(cuStreamDestroy(stream));
    OK(cuEventDestroy(event));
    OK(cuModuleUnload(session.module));
    CHECK_EQUAL(int(cuStreamSynchronize(stream)), int(CUDA_ERROR_INVALID_HANDLE));
    CHECK_EQUAL(int(cuStreamDestroy(stream)), int(CUDA_ERROR_INVALID_HANDLE));
    CHECK_EQUAL(int(cuEventSynchronize(event)), int(CUDA_ERROR_INVALID_HANDLE));
    CHECK_EQUAL(int(cuModuleUnload(session.module)), int(CUDA_ERROR_INVALID_HANDLE));
    CHECK_EQUAL(int(cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr)),
                int(CUDA_ERROR_INVALID_HANDLE));
  });
}

// NVRTC follows a table that it is not refused.
TEST(there_are_no_private_tables) {
  const CUuuid id = {};
  const void *table = &id;
  CHECK_EQUAL(int(cuGetExportTable(&table, &id)), int(CUDA_ERROR_NOT_FOUND));
  CHECK(table == nullptr);
}

TEST(error_codes_have_names) {
  const char *text = nullptr;
  OK(cuGetErrorName(CUDA_ERROR_ILLEGAL_ADDRESS, &text));
  CHECK(std::string(text) == "CUDA_ERROR_ILLEGAL_ADDRESS");
  OK(cuGetErrorString(CUDA_ERROR_ILLEGAL_ADDRESS, &text));
  CHECK(std::string(text) == "an illegal memory access was encountered");
  CHECK_EQUAL(int(cuGetErrorName(CUresult(12345), &text)), int(CUDA_ERROR_INVALID_VALUE));
}
