//go:build gpu

package cuda

import (
	"errors"
	"fmt"
	"sync"

	"gorgonia.org/cu"

	"modspec/kernels"
)

// module is the device image of one source, loaded on a device.
type module struct {
	device    *Device
	source    string
	handle    cu.Module
	functions map[string]*Function
}

// Function is a kernel on a device.
type Function struct {
	Name   string
	device *Device
	handle cu.Function

	mu      sync.Mutex
	allowed int         // bytes of dynamic shared memory that it may have
	fits    map[fit]int // blocks on a multiprocessor
}

// fit is a block as far as it decides how many a multiprocessor holds.
type fit struct{ threads, shared int }

// withoutAsking is the dynamic shared memory that every kernel may have.
const withoutAsking = 48 << 10

// sourceOf returns the source of a kernel.
var sourceOf = sync.OnceValues(func() (map[string]string, error) {
	list, err := kernels.Kernels()
	if err != nil {
		return nil, err
	}
	sources := map[string]string{}
	for _, k := range list {
		sources[k.Name] = k.Source
	}
	return sources, nil
})

// MissingKernelError is that the program's device images lack a kernel.
type MissingKernelError struct{ Name string }

func (e *MissingKernelError) Error() string {
	return fmt.Sprintf("the program's device images have no kernel %s; build them anew with `make kernels` and the program with `make gpu`", e.Name)
}

// Function returns a kernel, after loading the image that it is in.
func (d *Device) Function(name string) (*Function, error) {
	sources, err := sourceOf()
	if err != nil {
		return nil, err
	}
	source, known := sources[name]
	if !known {
		return nil, &MissingKernelError{name}
	}
	d.mu.Lock()
	m := d.modules[source]
	d.mu.Unlock()
	if m == nil {
		if m, err = d.load(source); err != nil {
			return nil, err
		}
	}
	d.mu.Lock()
	f := m.functions[name]
	d.mu.Unlock()
	if f != nil {
		return f, nil
	}
	handle, err := m.handle.Function(name)
	if err != nil {
		return nil, d.failed("cuModuleGetFunction", "kernel "+name, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if m.functions[name] == nil { // another worker may have been faster
		m.functions[name] = &Function{device: d, Name: name, handle: handle, allowed: withoutAsking, fits: map[fit]int{}}
	}
	return m.functions[name], nil
}

// load loads the image of a source that fits the device.
func (d *Device) load(source string) (*module, error) {
	image, err := kernels.Image(source, d.Capability)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; choose another device, or the cpu backend", d.Label, err)
	}
	handle, err := cu.LoadData(string(image.Code))
	if err != nil {
		return nil, d.failed("cuModuleLoadData", fmt.Sprintf("%s, built for %s", source, image.Arch), err)
	}
	m := &module{device: d, source: source, handle: handle, functions: map[string]*Function{}}
	d.mu.Lock()
	first := d.modules[source]
	if first == nil {
		d.modules[source] = m
	}
	d.mu.Unlock()
	if first != nil { // another worker was faster
		return first, m.unload()
	}
	return m, nil
}

func (m *module) unload() error {
	return m.device.failed("cuModuleUnload", m.source, m.handle.Unload())
}

// allow lets the kernel have some dynamic shared memory.
func (f *Function) allow(shared int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if shared <= f.allowed {
		return nil
	}
	if err := allowShared(f.handle, shared); err != nil {
		return f.device.failed("cuFuncSetAttribute", fmt.Sprintf("%d bytes of shared memory for kernel %s", shared, f.Name), err)
	}
	f.allowed = shared
	return nil
}

// Resident returns how many blocks of the kernel the device holds at a time.
func (f *Function) Resident(threads, shared int) (int, error) {
	if err := f.allow(shared); err != nil {
		return 0, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	key := fit{threads, shared}
	if f.fits[key] == 0 {
		n, err := f.handle.MaxActiveBlocksPerMultiProcessor(threads, int64(shared))
		if err == nil && n == 0 {
			err = errors.New("no block fits")
			return 0, fmt.Errorf("%s: kernel %s with %d threads and %d bytes of shared memory: %w", f.device.Label, f.Name, threads, shared, err)
		}
		if err != nil {
			return 0, f.device.failed("cuOccupancyMaxActiveBlocksPerMultiprocessor", "kernel "+f.Name, err)
		}
		f.fits[key] = n
	}
	return f.fits[key] * f.device.Multiprocessors, nil
}
