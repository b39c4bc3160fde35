// Reads device images: which kernels a cubin or a PTX text holds, for which
// architecture, and what the compiler says they need.
#ifndef MODSPEC_STANDIN_IMAGE_H
#define MODSPEC_STANDIN_IMAGE_H

#include <map>
#include <string>

#include "cuda_calls.h"

namespace standin {

// Needs is what one kernel takes of a multiprocessor.
struct Needs {
  int registers = 64;      // a thread; PTX does not say, so a middling number
  int shared_bytes = 0;    // static
  int most_threads = 1024; // a block, from __launch_bounds__
};

struct Image {
  int architecture = 0; // 90 for sm_90
  bool ptx = false;
  std::map<std::string, Needs> kernels;
};

// Reads an image for a device of the given architecture. Fails as the driver
// does: CUDA_ERROR_INVALID_IMAGE for what is no image,
// CUDA_ERROR_NO_BINARY_FOR_GPU for another architecture,
// CUDA_ERROR_INVALID_PTX and CUDA_ERROR_UNSUPPORTED_PTX_VERSION for PTX that is
// broken, or newer than the driver.
CUresult read_image(const void *data, int architecture, int driver_version, Image &image);

} // namespace standin

#endif
