//go:build gpu

package cuda

import (
	"os"
	"testing"

	"modspec/engine/cmnist"
	"modspec/engine/cmnist/backendtest"
	"modspec/engine/cuda"
)

// The stand-in may be opened here, and nowhere else.
func TestMain(m *testing.M) {
	cuda.AllowStandIn(true)
	os.Exit(m.Run())
}

// needDevice skips a test where there is neither a GPU nor the stand-in.
func needDevice(t testing.TB) {
	t.Helper()
	if _, err := cuda.DriverVersion(); err != nil {
		t.Skipf("no device: %v (`make test-gpu-emulated` runs this on the stand-in)", err)
	}
}

// The backend passes the suite in float32.
func TestSuite(t *testing.T) {
	needDevice(t)
	backendtest.Run(t, "cuda", func() (cmnist.Backend, error) { return Open(Options{}) }, 0x1p-24)
}

// It passes it on tensor cores too, where a product is off by 2^-10 of itself.
func TestSuiteTF32(t *testing.T) {
	needDevice(t)
	backendtest.Run(t, "cuda-tf32", func() (cmnist.Backend, error) { return Open(Options{TF32: true}) }, 0x1p-10)
}
