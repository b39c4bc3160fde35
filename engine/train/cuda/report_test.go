package cuda

import (
	"errors"
	"testing"
)

func TestDevicesAreDescribedInOneLine(t *testing.T) {
	for want, d := range map[string]DeviceReport{
		"device 1: NVIDIA H200, compute capability 9.0, 140 GiB, runs sm_90": {Number: 1, Name: "NVIDIA H200", Capability: "9.0", Memory: 140 << 30, Image: "sm_90"},
		"device 0: old, compute capability 7.5, 1.5 GiB: too old":            {Name: "old", Capability: "7.5", Memory: 3 << 29, Problem: errors.New("too old")},
		"device 0: ": {},
	} {
		if got := d.String(); got != want {
			t.Errorf("%+v is %q, want %q", d, got, want)
		}
	}
}
