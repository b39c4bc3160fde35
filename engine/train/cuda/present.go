//go:build gpu

package cuda

import (
	"fmt"

	"modspec/engine/cuda"
	"modspec/kernels"
)

// Devices describes the driver and every device of this machine, whether they can be
// used or not. It makes no context, so it takes no memory of them.
func Devices() Report {
	var r Report
	r.Driver, r.Problem = cuda.DriverVersion()
	if r.Problem != nil {
		return r
	}
	count, err := cuda.Count()
	if err != nil {
		r.Problem = err
		return r
	}
	for number := range count {
		d, err := cuda.Describe(number)
		described := reportOf(d)
		if err != nil {
			described.Problem = err
		}
		r.Devices = append(r.Devices, described)
	}
	return r
}

// reportOf describes a device.
func reportOf(d *cuda.Device) DeviceReport {
	r := DeviceReport{Number: d.Number, Name: d.Name, Memory: d.Memory}
	if d.Capability.Major == 0 {
		return r // what it is could not be found out
	}
	r.Capability = d.Capability.String()
	r.Image, r.Problem = imageFor(d.Capability)
	if d.Name == cuda.StandInName {
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
