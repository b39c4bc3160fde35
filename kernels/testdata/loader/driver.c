/* A libcuda.so.1 of the loader's tests: it has a handful of functions, which
   answer as -D says, and leaves out cuCtxCreate_v2. */
#include <stddef.h>

#ifndef VERSION
#define VERSION 12090
#endif
#ifndef INIT
#define INIT 0
#endif
#ifndef DEVICES
#define DEVICES 2
#endif

int cuInit(unsigned int flags) { return flags == 0 ? INIT : 1; }

int cuDriverGetVersion(int *version) {
  *version = VERSION;
  return 0;
}

int cuDeviceGetCount(int *count) {
  if (INIT != 0) return 3;
  *count = DEVICES;
  return 0;
}

int cuGetErrorString(int result, const char **text) {
  if (result != 804) return 1;
  *text = "forward compatibility was attempted on non supported HW";
  return 0;
}

/* Answers 0 where all its arguments came through as program.c passes them: six
   in registers and five on the stack on x86-64, eight and three on arm64. */
int cuLaunchKernel(void *f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared,
                   void *stream, void **params, void **extra) {
  return f == (void *)0x1122334455667788 && gx == 1 && gy == 2 && gz == 3 && bx == 4 && by == 5 && bz == 6 &&
                 shared == 0xfedcba98 && stream == (void *)0x8877665544332211 && params == (void **)0x1234567812345678 &&
                 extra == NULL
             ? 0
             : 1;
}
