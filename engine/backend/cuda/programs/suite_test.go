//go:build gpu

package programs

import (
	"os"
	"testing"

	"modspec/engine/cuda"
	"modspec/engine/program"
	"modspec/engine/program/programtest"
)

// The stand-in may be opened here, and nowhere else.
func TestMain(m *testing.M) {
	cuda.AllowStandIn(true)
	os.Exit(m.Run())
}

// opened opens a device and closes it when the test ends. The test is skipped where there
// is neither a GPU nor the stand-in.
func opened(t testing.TB) *cuda.Device {
	t.Helper()
	if _, err := cuda.DriverVersion(); err != nil {
		t.Skipf("no device: %v (`make test-gpu-emulated` runs this on the stand-in)", err)
	}
	d, err := cuda.Open(0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("closing the device: %v", err)
		}
	})
	return d
}

// backend evaluates programs on a device.
type evaluator struct {
	device  *cuda.Device
	options Options
}

func (b evaluator) Roundoff() float64 {
	if b.options.Precision == Float64 {
		return 0x1p-53
	}
	return 0x1p-24
}

func (b evaluator) Evaluate(p *program.Program, at []program.Place) ([][][]float64, error) {
	return Evaluate(b.device, p, b.options, at)
}

func TestSuiteFloat32(t *testing.T) { programtest.Suite(t, evaluator{opened(t), Options{}}) }
func TestSuiteFloat64(t *testing.T) {
	programtest.Suite(t, evaluator{opened(t), Options{Precision: Float64}})
}
