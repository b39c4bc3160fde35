// Kernels with and without planted faults, on which the stand-in is tried. Each
// fault is one that a GPU may hide for a long time.
#include "simt.cuh"

// Where every thread of a three-dimensional launch is: out[8 * thread ...] gets
// threadIdx, blockIdx, and the order in which it ran.
extern "C" __global__ void note_places(long long *out, unsigned long long *order) {
  const long long block = blockIdx.x + (long long)gridDim.x * (blockIdx.y + (long long)gridDim.y * blockIdx.z);
  const long long thread =
      threadIdx.x + (long long)blockDim.x * (threadIdx.y + (long long)blockDim.y * threadIdx.z);
  long long *place = out + 8 * (block * (blockDim.x * blockDim.y * blockDim.z) + thread);
  place[0] = threadIdx.x;
  place[1] = threadIdx.y;
  place[2] = threadIdx.z;
  place[3] = blockIdx.x;
  place[4] = blockIdx.y;
  place[5] = blockIdx.z;
  place[6] = (long long)atomicAdd(order, 1);
  place[7]++;
}

// out[i] = in[n - 1 - i] through dynamic shared memory, `rounds` times over.
extern "C" __global__ void reverse(double *out, const double *in, long long rounds) {
  DYNAMIC_SHARED(double, line);
  double mine = in[threadIdx.x];
  for (long long round = 0; round < rounds; round++) {
    line[threadIdx.x] = mine;
    __syncthreads();
    mine = line[blockDim.x - 1 - threadIdx.x];
    __syncthreads();
  }
  out[threadIdx.x] = mine;
}

// The same without the barrier between write and read.
extern "C" __global__ void reverse_without_first_barrier(double *out, const double *in, long long rounds) {
  DYNAMIC_SHARED(double, line);
  double mine = in[threadIdx.x];
  for (long long round = 0; round < rounds; round++) {
    line[threadIdx.x] = mine;
    mine = line[blockDim.x - 1 - threadIdx.x];
    __syncthreads();
  }
  out[threadIdx.x] = mine;
}

// The same without the barrier between read and the next write.
extern "C" __global__ void reverse_without_second_barrier(double *out, const double *in, long long rounds) {
  DYNAMIC_SHARED(double, line);
  double mine = in[threadIdx.x];
  for (long long round = 0; round < rounds; round++) {
    line[threadIdx.x] = mine;
    __syncthreads();
    mine = line[blockDim.x - 1 - threadIdx.x];
  }
  out[threadIdx.x] = mine;
}

// Within a warp: each lane passes its value to the next. `waits` says whether
// lanes wait for each other as they must.
extern "C" __global__ void rotate(double *out, const double *in, long long waits) {
  __shared__ double line[32];
  double mine = in[threadIdx.x];
  for (int round = 0; round < 5; round++) {
    line[threadIdx.x] = mine;
    if (waits) __syncwarp();
    mine = line[(threadIdx.x + 1) % 32];
    if (waits) __syncwarp();
  }
  out[threadIdx.x] = mine;
}

// Half of the block leaves before the barrier.
extern "C" __global__ void leave_before_barrier() {
  if (threadIdx.x >= blockDim.x / 2) return;
  __syncthreads();
}

// A barrier for some, a shuffle for others.
extern "C" __global__ void part_at_barrier(long long *out) {
  if (threadIdx.x < 7) {
    __syncthreads();
  } else {
    out[threadIdx.x] = __shfl_sync(0xffffffffu, (int)threadIdx.x, 0);
  }
}

// Every lane names a mask of its own choice: masks[lane].
extern "C" __global__ void vote_with_masks(const long long *masks) {
  __any_sync((unsigned)masks[threadIdx.x], 1);
}

// One half shuffles where the other votes.
extern "C" __global__ void shuffle_against_vote(long long *out) {
  if (threadIdx.x < 16) {
    out[threadIdx.x] = __shfl_xor_sync(0xffffffffu, (int)threadIdx.x, 1);
  } else {
    out[threadIdx.x] = __any_sync(0xffffffffu, 1);
  }
}

// The last lane has ended when the others shuffle.
extern "C" __global__ void shuffle_with_ended_lane(long long *out) {
  if (threadIdx.x == 31) return;
  __syncwarp(0x7fffffffu);
  out[threadIdx.x] = __shfl_sync(0xffffffffu, (int)threadIdx.x, 0);
}

// Groups of 8 lanes shuffle apart, group g for g + 1 rounds.
extern "C" __global__ void sum_in_groups(long long *out) {
  const unsigned group = threadIdx.x / 8, mask = 0xffu << 8 * (group % 4);
  long long sum = threadIdx.x;
  for (unsigned round = 0; round <= group; round++) {
    for (int distance = 4; distance > 0; distance /= 2) sum += __shfl_xor_sync(mask, sum, distance);
  }
  out[threadIdx.x] = sum;
}

// Lanes 0, 3 and 5 meet twice more than the others, who wait for them meanwhile.
extern "C" __global__ void meet_before_the_others(long long *out) {
  long long sum = threadIdx.x;
  if (threadIdx.x == 0 || threadIdx.x == 3 || threadIdx.x == 5) {
    sum += __shfl_sync(0x29u, sum, 5);
    __syncwarp(0x29u);
  }
  out[threadIdx.x] = __shfl_xor_sync(0xffffffffu, sum, 1);
}

// Reads a lane that the mask leaves out.
extern "C" __global__ void shuffle_from_outside(double *out) {
  if (threadIdx.x < 4) out[threadIdx.x] = __shfl_sync(0xfu, 1.0, (int)threadIdx.x + 2);
}

// Reads shared memory that this block has not written, then writes it.
extern "C" __global__ void read_before_write(double *out) {
  __shared__ double fixed[3];
  DYNAMIC_SHARED(double, dynamic);
  out[2 * blockIdx.x] = fixed[2];
  out[2 * blockIdx.x + 1] = dynamic[1];
  fixed[2] = 1;
  dynamic[1] = 1;
}

// Writes one byte at an offset of dynamic shared memory.
extern "C" __global__ void write_shared(long long offset) {
  DYNAMIC_SHARED(volatile unsigned char, bytes);
  bytes[offset] = 1;
}

// Writes one element of device memory.
extern "C" __global__ void write_element(double *out, long long index) { out[index] = 1; }

// Recursion without end, as from a wrong condition; `sink` keeps it from being a loop.
__device__ __noinline__ long long descend(volatile long long *sink, long long depth) {
  volatile char room[4096];
  room[0] = (char)depth;
  *sink = room[0] + (depth < 1ll << 40 ? descend(sink, depth + 1) : 0);
  return room[0];
}

extern "C" __global__ void exhaust_stack(long long *sink) { descend(sink, 0); }

// sum[0] += i over all threads, by a compare-and-swap loop on the bits of a double.
extern "C" __global__ void add_atomically(unsigned long long *sum, long long *largest) {
  unsigned long long seen = *sum, assumed;
  do {
    assumed = seen;
    seen = atomicCAS(sum, assumed,
                     (unsigned long long)__double_as_longlong(__longlong_as_double((long long)assumed) + threadIdx.x));
  } while (seen != assumed);
  atomicMax((unsigned long long *)largest, (unsigned long long)threadIdx.x);
}

// y[i] = a x[i] + y[i], what the driver's tests compute with.
extern "C" __global__ void __launch_bounds__(64 * 2) axpy(double *y, const double *x, long long n, double a) {
  for (long long i = threadIdx.x + (long long)blockDim.x * blockIdx.x; i < n;
       i += (long long)blockDim.x * gridDim.x) {
    y[i] = fma(a, x[i], y[i]);
  }
}

// Neighbours exchange values through shared memory. Between write and read comes
// what `between` says: 0 nothing, 1 a shuffle, 2 a barrier of the warp, 3 one of
// the block; it is followed by what keeps the next write away.
__device__ void wait_as_told(long long way) {
  if (way == 1) __shfl_sync(0xffffffffu, (int)threadIdx.x, 0);
  if (way == 2) __syncwarp();
  if (way == 3) __syncthreads();
}

extern "C" __global__ void exchange(double *out, long long before_read, long long before_write) {
  DYNAMIC_SHARED(double, line);
  double mine = threadIdx.x;
  for (int round = 0; round < 2; round++) {
    line[threadIdx.x] = mine;
    wait_as_told(before_read);
    mine = line[threadIdx.x ^ 1];
    wait_as_told(before_write);
  }
  out[threadIdx.x] = mine;
}

// Lane 0 reads what lane 8 wrote; only lanes in the mask wait in between.
extern "C" __global__ void read_across_groups(double *out, long long mask) {
  __shared__ double word;
  if (threadIdx.x == 8) word = 1;
  if (mask >> threadIdx.x & 1) __syncwarp((unsigned)mask);
  __shfl_sync(0xffffffffu, 0, 0);
  if (threadIdx.x == 0) *out = word;
}

// All threads write one word: the same value, or each its own.
extern "C" __global__ void write_together(long long each_its_own) {
  DYNAMIC_SHARED(volatile long long, word);
  word[0] = each_its_own ? threadIdx.x : 7;
}

// Lanes 0 and 2 wait for lane 1 one after the other: order passes on through it.
extern "C" __global__ void pass_order_on(double *out) {
  __shared__ double word;
  if (threadIdx.x == 0) word = 5;
  if (threadIdx.x < 2) __syncwarp(0x3);
  if (threadIdx.x == 1 || threadIdx.x == 2) __syncwarp(0x6);
  if (threadIdx.x == 2) *out = word;
}
