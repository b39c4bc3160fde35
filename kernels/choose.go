package kernels

import (
	"fmt"
	"strings"
)

// Capability is a device's compute capability: 9.0 for an H200.
type Capability struct {
	Major, Minor int
}

func (c Capability) String() string { return fmt.Sprintf("%d.%d", c.Major, c.Minor) }

// Choose returns the image of a source for a device: machine code of the device's
// own major version, of the highest minor version that is not above the device's;
// else PTX of an architecture that the device is not older than. Machine code runs
// within its major version alone, and on the same minor version or later.
func (c Contents) Choose(source string, device Capability) (File, error) {
	var names []string
	for _, s := range c.Sources {
		if s.Name == source {
			return s.choose(device)
		}
		names = append(names, s.Name)
	}
	return File{}, fmt.Errorf("kernels: no device images of %s; there are images of %s", source, list(names))
}

func (s Source) choose(device Capability) (File, error) {
	var best File
	var has []string
	bestMinor, found := -1, false
	for _, file := range s.Images {
		arch, ptx, err := architecture(file.Arch)
		if err != nil {
			return File{}, fmt.Errorf("kernels: %s: %w", file.Name, err)
		}
		if ptx {
			has = append(has, fmt.Sprintf("%v and later (PTX)", arch))
			newEnough := device.Major > arch.Major || device.Major == arch.Major && device.Minor >= arch.Minor
			if newEnough && !found {
				best, found = file, true
			}
			continue
		}
		has = append(has, arch.String())
		if arch.Major == device.Major && arch.Minor <= device.Minor && arch.Minor > bestMinor {
			best, bestMinor, found = file, arch.Minor, true
		}
	}
	if !found {
		return File{}, fmt.Errorf("kernels: the device has compute capability %v, and %s is built for %s",
			device, s.Name, list(has))
	}
	return best, nil
}

// PTX reports whether the image is PTX, which the driver compiles, and no machine
// code.
func (f File) PTX() bool { return strings.HasPrefix(f.Arch, "compute_") }

// architecture reads sm_120 as 12.0, and compute_80 as 8.0 and PTX.
func architecture(name string) (c Capability, ptx bool, err error) {
	var number int
	switch {
	case scan(name, "sm_%d", &number):
	case scan(name, "compute_%d", &number):
		ptx = true
	default:
		return c, false, fmt.Errorf("architecture %q: must be like sm_90 or compute_80", name)
	}
	return Capability{number / 10, number % 10}, ptx, nil
}

func scan(text, format string, number *int) bool {
	n, err := fmt.Sscanf(text, format, number)
	return n == 1 && err == nil && fmt.Sprintf(format, *number) == text
}

func list(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}
