//go:build gpu

package cuda

import (
	"fmt"

	"gorgonia.org/cu"

	"modspec/kernels"
)

// Devices describes the driver and every device of this machine, whether they can be
// used or not. It makes no context, so it takes no memory of them.
func Devices() Report {
	var r Report
	r.Driver, r.Problem = driverState()
	if r.Problem != nil {
		return r
	}
	count, err := cu.NumDevices()
	if err != nil {
		r.Problem = failed("the driver", "cuDeviceGetCount", "the number of devices", err)
		return r
	}
	for number := range count {
		d, _, err := describe(number)
		described := d.report()
		if err != nil {
			described.Problem = err
		}
		r.Devices = append(r.Devices, described)
	}
	return r
}

// report describes the device.
func (d *device) report() DeviceReport {
	r := DeviceReport{Number: d.number, Name: d.name, Memory: d.memory}
	if d.capability.Major == 0 {
		return r // what it is could not be found out
	}
	r.Capability = d.capability.String()
	r.Image, r.Problem = imageFor(d.capability)
	if d.name == standInName {
		r.Problem = fmt.Errorf("it is no GPU but computes on the CPU, for modspec's own tests")
	}
	return r
}

// imageFor names the device code that a device runs. All sources are built for the
// same architectures.
func imageFor(c kernels.Capability) (string, error) {
	contents, err := kernels.Manifest()
	if err != nil {
		return "", err
	}
	if len(contents.Sources) == 0 {
		return "", fmt.Errorf("the program has no device code; build it with `make kernels` and `make gpu`")
	}
	file, err := contents.Choose(contents.Sources[0].Name, c)
	if err != nil {
		return "", err
	}
	if file.PTX() {
		return file.Arch + " (PTX)", nil
	}
	return file.Arch, nil
}
