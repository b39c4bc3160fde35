//go:build gpu

package cuda

import "modspec/engine/cuda"

// class is a shape of the kernels of kernels/device/conv.cu: tiles of so many rows and
// columns. What a kernel computes does not hang on its class.
type class struct {
	name       string
	rows, cols int64
}

// The classes. wide is for layers of many places, narrow for those of few units, and
// tall for layers of a single place: its data kernel takes no other.
var (
	wide   = class{"r32c128", 32, 128}
	narrow = class{"r16c256", 16, 256}
	tall   = class{"r64c16", 64, 16}
)

// classOf returns the class for a product with so many rows.
func classOf(rows int64) class {
	if rows <= narrow.rows {
		return narrow
	}
	return wide
}

// threads of a block, and of one of the kernels that go element by element.
const (
	tileThreads    = 128
	elementThreads = 256
)

// kernels are the kernels of convolutions, by name, loaded on a device.
type kernels map[string]*cuda.Function

// tiled returns the name of a kernel of a class: what is "forward", "data" or "weights".
func (o Options) tiled(what string, c class) string {
	if o.TF32 {
		return "conv_" + what + "_" + c.name + "_tf32"
	}
	return "conv_" + what + "_" + c.name + "_f32"
}

// loadKernels loads the kernels that the options ask for. Its error says what is missing
// where the program's images lack one, or the device takes none of them.
func loadKernels(d *cuda.Device, o Options) (kernels, error) {
	k := kernels{}
	names := []string{"conv_sum_f32", "conv_update_f32", "conv_residual_f32"}
	for _, c := range []class{wide, narrow, tall} {
		names = append(names, o.tiled("forward", c), o.tiled("data", c))
		if c != tall {
			names = append(names, o.tiled("weights", c))
		}
	}
	for _, name := range names {
		var err error
		if k[name], err = d.Function(name); err != nil {
			return nil, err
		}
	}
	return k, nil
}
