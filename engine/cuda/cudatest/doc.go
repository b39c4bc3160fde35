// Package cudatest helps the tests of packages that launch kernels: it skips tests without
// a device, and reads the structures of the kernels' headers, which Go mirrors. It has the
// build tag gpu, like package cuda.
package cudatest
