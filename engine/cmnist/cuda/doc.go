// Package cuda trains networks of convolutions on NVIDIA GPUs in float32, with
// kernels of its own (package kernels) launched through package engine/cuda.
//
// A step is a few launches, one for each layer, direction and class of kernels, that all
// runs of a group and all their towers share: runs of every network of a job train side
// by side. Images, targets, weights, velocities and the values of all layers stay on the
// device from the first step to the last; an epoch brings over the orders of its
// images, and after it the answers come back and are measured by the same code that
// measures other backends.
//
// Runs that do not fit the device's free memory together are trained in groups, one
// after the other. What a run comes to depends on nothing else of its job: sums go in
// an order that the run's own shapes decide.
//
// # Precision
//
// Starting parameters are those of cmnist.Initial rounded to float32. Products are
// summed in float32, and what is observed in float64. A run diverges as on the other
// backends: when the error of its answers is not finite.
//
// With Options.TF32 layers multiply on tensor cores. Both factors of each product are
// rounded to eleven bits from float32's 24, so a sum Σ a·b is off by up to 2^-10·Σ|a·b|,
// where float32 is off by up to n·2^-24 of it for n terms; parameters, values, sums and
// updates stay float32. After the few steps of TestTF32 errors on the test images differ
// from float32's by up to 2·10^-4 of themselves, as the stand-in computes it. Numbers differ from those of float32 from the first step on, so
// the backend has another name, cuda-tf32, and neither continues the other's runs.
//
// # Building
//
// The package needs the build tag gpu, because engine/cuda links the driver; `make
// gpu` sets it and all else that is needed. Without it Open says so.
package cuda
