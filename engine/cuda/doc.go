// Package cuda is the layer between the backends that train on NVIDIA GPUs and the
// driver: devices with their contexts, streams, memory, kernels out of package
// kernels' images, and recorded launches. It knows of no network and no job, and is
// the only importer of gorgonia.org/cu.
//
// Every call of the driver is checked. A failing one comes back as an error of one
// line that names the device, the call, what it was for and what to do about it, and
// wraps ErrOutOfMemory or ErrDeviceFailed where it is one of these. A device that
// failed answers nothing else for the rest of the process (Device.Broken).
//
// All but the texts needs the build tag gpu, because gorgonia.org/cu links the
// driver; `make gpu` sets it and all else that is needed.
package cuda
