#include "loader.h"

#include <cuda.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Written in entry_*.S: entries jump through this table, whose slots first lead
   to modspec_driver_first. That calls modspec_driver_fill and jumps again. */
extern char modspec_driver_first[] __attribute__((visibility("hidden")));
void modspec_driver_fill(void) __attribute__((visibility("hidden")));

#define ENTRY(index, name) modspec_driver_first,
__attribute__((visibility("hidden"))) void *modspec_driver_table[] = {
#include "entries.h"
};
#undef ENTRY

#define ENTRY(index, name) #name,
static const char *const names[] = {
#include "entries.h"
};
#undef ENTRY

/* Where no library was found: what the dynamic linker said. */
static char missing[512];

static CUresult not_initialized(void) { return CUDA_ERROR_NOT_INITIALIZED; }
static CUresult not_found(void) { return CUDA_ERROR_NOT_FOUND; }

static CUresult (*driver_init)(unsigned int) = NULL;
static CUresult init_result = CUDA_ERROR_NOT_INITIALIZED;
static pthread_once_t initialized = PTHREAD_ONCE_INIT;

static void initialize(void) {
  if (driver_init != NULL) init_result = driver_init(0);
}

/* The entry of cuInit. Its flags must be 0, and a driver is initialised once. */
static CUresult keep_init_result(unsigned int flags) {
  if (flags != 0) return CUDA_ERROR_INVALID_VALUE;
  pthread_once(&initialized, initialize);
  return CUDA_SUCCESS;
}

static void open_driver(void) {
  void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    const char *why = dlerror();
    snprintf(missing, sizeof missing, "%s", why != NULL ? why : "libcuda.so.1 cannot be opened");
  }
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    void *function = library == NULL ? (void *)not_initialized : dlsym(library, names[i]);
    if (function == NULL) function = (void *)not_found;
    if (strcmp(names[i], "cuInit") == 0) {
      if (library != NULL) driver_init = (CUresult (*)(unsigned int))function;
      function = (void *)keep_init_result;
    }
    /* Other threads may be reading the slot: they see this function, or
       modspec_driver_first, and that waits for all slots. */
    __atomic_store_n(&modspec_driver_table[i], function, __ATOMIC_RELEASE);
  }
}

void modspec_driver_fill(void) {
  static pthread_once_t opened = PTHREAD_ONCE_INIT;
  pthread_once(&opened, open_driver);
}

void modspec_driver_state(struct modspec_driver *driver) {
  *driver = (struct modspec_driver){.reason = ""};
  cuInit(0); /* this file's own: opens the library as well */
  driver->result = init_result;
  if (driver_init == NULL) {
    driver->state = MODSPEC_DRIVER_ABSENT;
    driver->reason = missing;
    return;
  }
  /* Answers without initialisation, and so does not depend on it. */
  if (cuDriverGetVersion(&driver->version) != CUDA_SUCCESS) driver->version = 0;
  if (driver->result == CUDA_SUCCESS) driver->result = cuDeviceGetCount(&driver->devices);

  /* A driver that is too old may fail in ways that say less. */
  if (driver->version != 0 && driver->version < MODSPEC_DRIVER_OLDEST)
    driver->state = MODSPEC_DRIVER_TOO_OLD;
  else if (driver->result == CUDA_ERROR_NO_DEVICE || (driver->result == CUDA_SUCCESS && driver->devices == 0))
    driver->state = MODSPEC_DRIVER_NO_DEVICE;
  else if (driver->result == CUDA_SUCCESS)
    driver->state = MODSPEC_DRIVER_READY;
  else {
    driver->state = MODSPEC_DRIVER_FAILED;
    if (cuGetErrorString((CUresult)driver->result, &driver->reason) != CUDA_SUCCESS || driver->reason == NULL)
      driver->reason = "";
  }
}
