/* What the loader knows of the CUDA driver on the machine that a program runs on.

   libcuda.a has an entry of the same name for every function of the driver, so
   that a program that calls the driver links and starts on machines that have
   none. At the first call of any entry the loader opens libcuda.so.1; from then
   on an entry is a jump to the driver's own function. Where there is no driver,
   entries answer CUDA_ERROR_NOT_INITIALIZED; where the driver is too old to have
   a function, that entry answers CUDA_ERROR_NOT_FOUND. One entry is not the
   driver's: cuInit calls the driver's, keeps the result for modspec_driver_state
   and answers CUDA_SUCCESS whatever it was, because gorgonia.org/cu calls it
   before main and ends the process where it fails. */
#ifndef MODSPEC_LOADER_H
#define MODSPEC_LOADER_H

#ifdef __cplusplus
extern "C" {
#endif

/* The oldest driver that takes images built by a CUDA 12 compiler. */
#define MODSPEC_DRIVER_OLDEST 12000

enum {
  MODSPEC_DRIVER_READY,     /* there is a driver, and it has devices */
  MODSPEC_DRIVER_ABSENT,    /* there is no libcuda.so.1, or it cannot be opened */
  MODSPEC_DRIVER_TOO_OLD,   /* it is older than MODSPEC_DRIVER_OLDEST */
  MODSPEC_DRIVER_NO_DEVICE, /* it finds no device */
  MODSPEC_DRIVER_FAILED     /* it does not start, for another reason */
};

struct modspec_driver {
  int state;          /* one of the above */
  int version;        /* 1000 major + 10 minor, as in CUDA_VERSION; 0 where unknown */
  int result;         /* what the driver's cuInit, or else cuDeviceGetCount, returned */
  int devices;
  const char *reason; /* ABSENT: what the dynamic linker says; FAILED: what the driver calls
                         its result; never NULL; lives as long as the program */
};

/* Initialises the driver, where that was not done before, and tells how it is.
   May be called from any thread. */
void modspec_driver_state(struct modspec_driver *driver);

#ifdef __cplusplus
}
#endif
#endif
