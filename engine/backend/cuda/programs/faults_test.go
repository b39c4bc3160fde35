//go:build gpu

package programs

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"

	"modspec/engine/cuda"
)

// needStandIn skips a test that plants faults, which only the stand-in can have.
func needStandIn(t *testing.T) {
	t.Helper()
	if _, err := cuda.DriverVersion(); err != nil {
		t.Skipf("no device: %v (`make test-gpu-emulated` runs this on the stand-in)", err)
	}
	if d, err := cuda.Describe(0); err != nil || d.Name != cuda.StandInName {
		t.Skip("this test plants faults, which only the stand-in can have (`make test-gpu-emulated`)")
	}
}

// A small device trains the same job in more groups; one that has no room for one run says
// what to do.
func TestHalvesTheGroupWhenMemoryRunsOut(t *testing.T) {
	needStandIn(t)
	training := minibatches(t)
	x := compiled(t, opened(t), training, Options{})
	runs := runsOf(training, 0.01, 0.02, 0.03, 0.04, 0.05)
	want := trained(t, x, runs, 3)
	bytes := func(runs int) (bytes int64) {
		err := x.device.Do(func() error {
			kernels, err := loadKernels(x.device, x.options, x.plans)
			if err != nil {
				return err
			}
			g, err := newGroup(x.device, kernels, runs, x.sizes, x.options, x.plans)
			if err != nil {
				return err
			}
			bytes = g.bytes
			return g.close()
		})
		if err != nil {
			t.Fatal(err)
		}
		return bytes
	}
	t.Setenv("MODSPEC_STANDIN_MEMORY", strconv.FormatInt(bytes(5)-1, 10))
	same(t, "too little memory for all", trained(t, compiled(t, opened(t), training, Options{}), runs, 3), want)
	t.Setenv("MODSPEC_STANDIN_MEMORY", strconv.FormatInt(bytes(1)-1, 10))
	k := newKept()
	err := compiled(t, opened(t), training, Options{}).Train(context.Background(), &Job{Runs: runs, Steps: 3}, k)
	if !errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, cuda.ErrOutOfMemory) || len(k.finished) > 0 {
		t.Fatalf("the error is %v after %d runs, want one that wraps errors.ErrUnsupported before any", err, len(k.finished))
	}
	for _, part := range []string{"one run of the training is too large", "cuMemAlloc", "or the cpu backend"} {
		if !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "\n") {
			t.Errorf("the error is %q, want %q in it", err, part)
		}
	}
}

// A failing launch, of the start, a step or an observation, ends the training with one line
// that names it.
func TestAFailingLaunchEndsTheTraining(t *testing.T) {
	needStandIn(t)
	training := minibatches(t)
	runs := runsOf(training, 0.01, 0.02)
	for _, launch := range []string{"1", "4", "9", "30"} {
		t.Setenv("MODSPEC_STANDIN_FAIL_LAUNCH", launch)
		d, err := cuda.Open(0)
		if err != nil {
			t.Fatal(err)
		}
		x := compiled(t, d, training, Options{})
		err = x.Train(context.Background(), &Job{Runs: runs, Steps: 8, Record: []int{0, 4, 8}}, newKept())
		if !errors.Is(err, cuda.ErrDeviceFailed) || !strings.Contains(err.Error(), "report it if it comes back") || strings.Contains(err.Error(), "\n") {
			t.Errorf("launch %s: the error is %v", launch, err)
		}
		if err := d.Close(); err != nil {
			t.Errorf("launch %s: closing the device: %v", launch, err)
		}
	}
}
