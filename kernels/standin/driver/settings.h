// What the environment says the stand-in should be. Everything is read when it
// is asked for, so that a test can change it between two contexts.
#ifndef MODSPEC_STANDIN_SETTINGS_H
#define MODSPEC_STANDIN_SETTINGS_H

#include <stddef.h>
#include <stdint.h>

namespace standin {

// MODSPEC_STANDIN=test: without it there is no device, so that nobody computes
// on the stand-in because a path happened to lead to it.
bool allowed();

// MODSPEC_STANDIN_INIT: what cuInit answers; 0, success, if unset.
int init_result();

// MODSPEC_STANDIN_DEVICES: how many devices there are; 1 if unset.
int device_count();

// MODSPEC_STANDIN_DRIVER: version of the driver as cuDriverGetVersion gives it;
// 12090 if unset.
int driver_version();

// MODSPEC_STANDIN_CAPABILITY: compute capability; 9.0 if unset.
void capability(int &major, int &minor);

// MODSPEC_STANDIN_MULTIPROCESSORS: 4 if unset, so that a persistent grid has
// more work than blocks even in a small test.
int multiprocessors();

// MODSPEC_STANDIN_MEMORY: bytes of memory of a device; 4 GiB if unset.
size_t memory_bytes();

// MODSPEC_STANDIN_BUSY: devices (0,1 ...) that another process holds exclusively.
bool busy(int device);

// MODSPEC_STANDIN_FAIL_LAUNCH: the launch of a context that fails, counted from
// 1; "1:3" is the third launch of contexts on device 1. 0: none.
uint64_t failing_launch(int device);

// MODSPEC_STANDIN_LOSE_DEVICE: the launch of a context at which its device is
// lost, as above. The device is back when the variable is gone.
uint64_t losing_launch(int device);

// MODSPEC_STANDIN_FAIL_ALLOCATION: the allocation of a context that finds no
// memory, as above.
uint64_t failing_allocation(int device);

// MODSPEC_STANDIN_LAUNCH_MILLISECONDS: how much longer every launch takes.
int launch_milliseconds();

// MODSPEC_STANDIN_SEED: order of everything that may come in any order; 1 if
// unset. 0: threads in ascending order, and streams run what they get at once.
uint64_t seed_setting();

} // namespace standin

#endif
