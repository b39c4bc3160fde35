package cuda

import (
	"fmt"
	"strings"

	"modspec/engine/cuda"
)

// A Report lists the driver and the devices of this machine.
type Report struct {
	Driver  string // version of CUDA that the driver supports, "12.9"; "" where there is no driver
	Devices []DeviceReport
	Problem error // what is missing and what to do about it; nil where the driver is fit for use
}

// A DeviceReport describes one device.
type DeviceReport struct {
	Number     int // that Options.Devices names it by
	Name       string
	Capability string // compute capability, "9.0"
	Memory     int64  // bytes
	// Image is the architecture of the device code that runs on it: "sm_90", or
	// "compute_80 (PTX)" for code that its driver compiles when it is loaded.
	Image   string
	Problem error // why it cannot be used, or nil
}

// String describes the device in one line.
func (d DeviceReport) String() string {
	var s strings.Builder
	fmt.Fprintf(&s, "device %d: %s", d.Number, d.Name)
	if d.Capability != "" {
		fmt.Fprintf(&s, ", compute capability %s", d.Capability)
	}
	if d.Memory > 0 {
		fmt.Fprintf(&s, ", %s", cuda.Bytes(d.Memory))
	}
	if d.Image != "" {
		fmt.Fprintf(&s, ", runs %s", d.Image)
	}
	if d.Problem != nil {
		fmt.Fprintf(&s, ": %v", d.Problem)
	}
	return s.String()
}
