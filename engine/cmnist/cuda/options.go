package cuda

import "modspec/engine/cuda"

// Options choose how a backend works. The zero Options stand for the first device.
type Options struct {
	Devices []int // numbers of the devices that share each job, from 0; none means the first
	TF32    bool  // multiply on tensor cores: faster and, see the package's Precision, coarser
}

// name returns the name of a backend with these options.
func (o Options) name() string {
	if o.TF32 {
		return "cuda-tf32"
	}
	return "cuda"
}

// resolved returns the options with nothing left open, or what is wrong with them.
func (o Options) resolved() (Options, error) {
	var err error
	o.Devices, err = cuda.Numbers(o.Devices)
	return o, err
}
