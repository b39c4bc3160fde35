// The driver's own header. Its calls are what the stand-in exports; everything
// else in it is hidden.
#ifndef MODSPEC_STANDIN_CUDA_CALLS_H
#define MODSPEC_STANDIN_CUDA_CALLS_H

#pragma GCC visibility push(default)
#include <cuda.h>
#pragma GCC visibility pop

#endif
