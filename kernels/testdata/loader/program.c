/* Calls the driver by way of the loader and prints what comes back. The first
   call is one with many arguments, from several threads at once. */
#include <cuda.h>
#include <pthread.h>
#include <stdio.h>

#include "loader.h"

#define THREADS 16
#define CALLS 1000

static void *launch(void *failure) {
  for (int i = 0; i < CALLS; i++) {
    CUresult result = cuLaunchKernel((CUfunction)0x1122334455667788, 1, 2, 3, 4, 5, 6, 0xfedcba98,
                                     (CUstream)0x8877665544332211, (void **)0x1234567812345678, NULL);
    if (result != CUDA_SUCCESS) *(CUresult *)failure = result;
  }
  return NULL;
}

int main(void) {
  pthread_t threads[THREADS];
  CUresult results[THREADS] = {0}, launched = CUDA_SUCCESS;
  for (int i = 0; i < THREADS; i++)
    if (pthread_create(&threads[i], NULL, launch, &results[i]) != 0) return 2;
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    if (results[i] != CUDA_SUCCESS) launched = results[i];
  }
  CUcontext context;
  printf("launch %d, missing %d, init %d, init with flags %d\n", launched, cuCtxCreate(&context, 0, 0), cuInit(0), cuInit(1));

  struct modspec_driver driver;
  modspec_driver_state(&driver);
  printf("state %d, version %d, result %d, devices %d, reason %s\n", driver.state, driver.version, driver.result,
         driver.devices, driver.reason);
  return 0;
}
