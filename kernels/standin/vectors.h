// The short vector types of CUDA C++, laid out and aligned as on the device.
#ifndef MODSPEC_STANDIN_VECTORS_H
#define MODSPEC_STANDIN_VECTORS_H

#define SIMT_VECTOR_TYPES(scalar, name)                                            \
  struct alignas(2 * sizeof(scalar)) name##2 { scalar x, y; };                     \
  struct name##3 { scalar x, y, z; };                                              \
  struct alignas(sizeof(scalar) < 8 ? 4 * sizeof(scalar) : 16) name##4 {           \
    scalar x, y, z, w;                                                             \
  };                                                                               \
  inline name##2 make_##name##2(scalar x, scalar y) { return {x, y}; }             \
  inline name##3 make_##name##3(scalar x, scalar y, scalar z) { return {x, y, z}; } \
  inline name##4 make_##name##4(scalar x, scalar y, scalar z, scalar w) {          \
    return {x, y, z, w};                                                           \
  }

SIMT_VECTOR_TYPES(float, float)
SIMT_VECTOR_TYPES(double, double)
SIMT_VECTOR_TYPES(int, int)
SIMT_VECTOR_TYPES(unsigned int, uint)
SIMT_VECTOR_TYPES(long long, longlong)
SIMT_VECTOR_TYPES(unsigned long long, ulonglong)

#undef SIMT_VECTOR_TYPES

// dim3 is the size of a grid or of a block; what is left out is 1.
struct dim3 {
  unsigned int x, y, z;
  constexpr dim3(unsigned int x = 1, unsigned int y = 1, unsigned int z = 1) : x(x), y(y), z(z) {}
};

#endif
