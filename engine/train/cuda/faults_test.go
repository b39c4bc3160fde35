//go:build gpu

package cuda

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"modspec/engine/cuda"
	"modspec/engine/cuda/cudatest"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/train"
)

// Where memory runs out the chunk is halved, as often as it takes, and the job's
// results are the same.
func TestHalvesTheChunkWhenMemoryRunsOut(t *testing.T) {
	needStandIn(t)
	j := severalPoints(t, network.Split(5), 23, 12)
	want := collected(t, opened(t, Options{}), j)
	// The second allocation is another worker's, where the first has not done all by
	// then: that is tried again.
	for allocation, tries := range map[string]int{"1": 1, "2": 50} {
		t.Setenv("MODSPEC_STANDIN_FAIL_ALLOCATION", allocation)
		halved := false
		for ; tries > 0 && !halved; tries-- {
			b := opened(t, Options{})
			agree(t, "allocation "+allocation+" fails", collected(t, b, j), want)
			for _, w := range b.workers[0] {
				halved = halved || w.most < unlimited
			}
		}
		if !halved {
			t.Errorf("allocation %s fails, and no chunk is halved", allocation)
		}
	}
}

// A device that is newer than all machine code runs the PTX, with the same numbers,
// if its driver is no older than that.
func TestANewDeviceRunsPTX(t *testing.T) {
	needStandIn(t)
	j := severalPoints(t, network.Dense(5), 7, 9)
	want := collected(t, opened(t, Options{}), j)
	t.Setenv("MODSPEC_STANDIN_CAPABILITY", "13.0")
	b := opened(t, Options{})
	if image := b.Devices()[0].Image; !strings.HasSuffix(image, "(PTX)") {
		t.Errorf("a device of compute capability 13.0 runs %s", image)
	}
	agree(t, "PTX", collected(t, b, j), want)

	t.Setenv("MODSPEC_STANDIN_DRIVER", "12000")
	_, err := Open(Options{})
	if err == nil || !strings.Contains(err.Error(), "update the driver") || strings.Contains(err.Error(), "\n") {
		t.Errorf("with a driver older than the PTX the error is %v", err)
	}
}

// A device too small for one copy is an error that says what to do, and is no job that
// the backend supports.
func TestRefusesACopyThatIsTooLarge(t *testing.T) {
	needStandIn(t)
	t.Setenv("MODSPEC_STANDIN_MEMORY", "20000")
	_, err := linear.Collect(context.Background(), opened(t, Options{}), severalPoints(t, network.Dense(50), 2, 3))
	if !errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, cuda.ErrOutOfMemory) {
		t.Fatalf("the error is %v, want one that wraps errors.ErrUnsupported", err)
	}
	for _, part := range []string{"too large for the device", "cpu backend", "cuMemAlloc"} {
		if !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "\n") {
			t.Errorf("the error is %q, want %q in it", err, part)
		}
	}
}

// A small device trains the same job in more chunks.
func TestTrainsOnASmallDevice(t *testing.T) {
	needStandIn(t)
	j := severalPoints(t, network.Dense(50), 40, 6)
	want := collected(t, opened(t, Options{}), j)
	t.Setenv("MODSPEC_STANDIN_MEMORY", "1500000")
	agree(t, "1.5 MB of memory", collected(t, opened(t, Options{}), j), want)
}

// A failing launch ends the job with one line that names it, and the next job with
// another; a backend opened anew goes on.
func TestAFailingLaunchEndsTheJob(t *testing.T) {
	needStandIn(t)
	j := severalPoints(t, network.Dense(5), 9, 12)
	for _, fault := range []struct{ variable, says string }{
		{"MODSPEC_STANDIN_FAIL_LAUNCH", "report it if it comes back"},
		{"MODSPEC_STANDIN_LOSE_DEVICE", "the device is lost"},
	} {
		for _, launch := range []string{"1", "2", "5"} {
			t.Setenv(fault.variable, launch)
			b, err := Open(Options{})
			if err != nil {
				t.Fatal(err)
			}
			_, err = linear.Collect(context.Background(), b, j)
			if err == nil || !strings.Contains(err.Error(), fault.says) || strings.Contains(err.Error(), "\n") ||
				!strings.Contains(err.Error(), "goes on from what is kept") && !strings.Contains(err.Error(), "which goes on") {
				t.Errorf("%s=%s: the error is %v, want one line with %q", fault.variable, launch, err, fault.says)
			}
			if !errors.Is(err, train.ErrLost) {
				t.Errorf("%s=%s: nothing says that the jobs after it need not be tried", fault.variable, launch)
			}
			if _, err := linear.Collect(context.Background(), b, j); !errors.Is(err, train.ErrLost) || !strings.Contains(err.Error(), "cannot be used any more") {
				t.Errorf("%s=%s: the next job ends with %v, want one that says that the device cannot be used", fault.variable, launch, err)
			}
			if err := b.Close(); err != nil {
				t.Errorf("%s=%s: closing: %v", fault.variable, launch, err)
			}
			t.Setenv(fault.variable, "")
			collected(t, opened(t, Options{}), j)
		}
	}
}

// A device that another process has for itself is refused by one line.
func TestABusyDeviceIsRefused(t *testing.T) {
	needStandIn(t)
	t.Setenv("MODSPEC_STANDIN_BUSY", "0")
	_, err := Open(Options{})
	if err == nil || !strings.Contains(err.Error(), "exclusively") || strings.Contains(err.Error(), "\n") {
		t.Errorf("the error is %v", err)
	}
}

// A driver that is older than the device code is refused by one line.
func TestAnOldDriverIsRefused(t *testing.T) {
	if !inProcess(t, "MODSPEC_STANDIN_DRIVER=11080") {
		return
	}
	_, err := Open(Options{})
	if err == nil || !strings.Contains(err.Error(), "CUDA 11.8") || !strings.Contains(err.Error(), "update the driver") {
		t.Errorf("the error is %v", err)
	}
	if r := Devices(); r.Problem == nil || r.Driver != "11.8" {
		t.Errorf("the report is %+v", r)
	}
}

// Devices older than all images are described with what they lack, and refused.
func TestADeviceWithoutAnImageIsRefused(t *testing.T) {
	needStandIn(t)
	t.Setenv("MODSPEC_STANDIN_CAPABILITY", "7.5")
	_, err := Open(Options{})
	if err == nil || !strings.Contains(err.Error(), "compute capability 7.5") {
		t.Errorf("the error is %v", err)
	}
}

// The stand-in is not for users.
func TestTheStandInIsRefused(t *testing.T) {
	needStandIn(t)
	cuda.AllowStandIn(false)
	defer func() { cuda.AllowStandIn(true) }()
	_, err := Open(Options{})
	if err == nil || !strings.Contains(err.Error(), "is no GPU") {
		t.Errorf("the error is %v", err)
	}
	if r := Devices(); len(r.Devices) != 1 || r.Devices[0].Problem == nil {
		t.Errorf("the report is %+v", r)
	}
}

// Options that no machine can follow are refused before any device is touched.
func TestBadOptionsAreRefused(t *testing.T) {
	cudatest.NeedDevice(t)
	for want, o := range map[string]Options{
		`precision is "half"`:   {Precision: "half"},
		"numbered from 0":       {Devices: []int{-1}},
		"named twice":           {Devices: []int{0, 1, 0}},
		"there is no device 99": {Devices: []int{99}},
	} {
		if _, err := Open(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: the error is %v, want one with %q", o, err, want)
		}
	}
}

// A run is cut short in the middle of its slices, however slow they are. What is
// asked for takes years: one that is not cut short ends by the test program's limit.
func TestCancelsBetweenSlowLaunches(t *testing.T) {
	needStandIn(t)
	t.Setenv("MODSPEC_STANDIN_LAUNCH_MILLISECONDS", "50")
	b := opened(t, Options{})
	j := severalPoints(t, network.Dense(5), 9, 1<<40)
	j.Schedule = train.Schedule{}
	ctx, cancel := context.WithTimeout(context.Background(), 400*time.Millisecond)
	defer cancel()
	_, err := linear.Collect(ctx, b, j)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v, want the context's", err)
	}
}
