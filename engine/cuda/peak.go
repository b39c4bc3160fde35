//go:build gpu

package cuda

import (
	"fmt"

	"gorgonia.org/cu"
)

// Peak returns how many float32 operations the device makes a second at most, at its
// boost clock, without tensor cores: two for each multiply-add of each lane.
func (d *Device) Peak() (float64, error) {
	lanes := 128 // of a multiprocessor, for float32, by compute capability
	switch {
	case d.Capability.Major < 8:
		return 0, fmt.Errorf("%s: how many lanes a multiprocessor of compute capability %v has is not known here", d.Label, d.Capability)
	case d.Capability.Major == 8 && d.Capability.Minor == 0:
		lanes = 64
	}
	handle, err := cu.GetDevice(d.Number)
	if err != nil {
		return 0, d.failed("cuDeviceGet", "its handle", err)
	}
	kilohertz, err := handle.Attribute(cu.ClockRate)
	if err != nil {
		return 0, d.failed("cuDeviceGetAttribute", "its clock", err)
	}
	return 2 * float64(lanes) * float64(d.Multiprocessors) * 1e3 * float64(kilohertz), nil
}
