//go:build gpu

package cuda

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"modspec/engine/cmnist"
	"modspec/engine/cuda"
)

// needStandIn skips a test that plants faults, which only the stand-in can have.
func needStandIn(t *testing.T) {
	t.Helper()
	needDevice(t)
	if d, err := cuda.Describe(0); err != nil || d.Name != cuda.StandInName {
		t.Skip("this test plants faults, which only the stand-in can have (`make test-gpu-emulated`)")
	}
}

// opened opens a backend and closes it when the test ends.
func opened(t *testing.T, o Options) *Backend {
	t.Helper()
	b, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Errorf("closing the backend: %v", err)
		}
	})
	return b
}

// How runs are put into groups changes no number.
func TestGroupsKeepBits(t *testing.T) {
	needDevice(t)
	j := severalRuns(t, 5)
	want := mustTrain(t, opened(t, Options{}), j)
	for _, most := range []int{1, 2, 4} {
		b := opened(t, Options{})
		b.most = most
		agree(t, "smaller groups", mustTrain(t, b, j), want)
	}
}

// A small device trains the same job in more groups, whether it is out of memory at
// the first try or at a later one.
func TestHalvesTheGroupWhenMemoryRunsOut(t *testing.T) {
	needStandIn(t)
	j := severalRuns(t, 5)
	want := mustTrain(t, opened(t, Options{}), j)
	b := opened(t, Options{})
	var bytes [2]int64
	for i, runs := range [][]int{{0, 1, 2, 3, 4}, {0}} {
		err := b.withTrainer(b.devices[0], j, &kept{}, func(tr *trainer) error {
			g, err := tr.newGroup(runs)
			if err != nil {
				return err
			}
			bytes[i] = g.bytes + tr.images.bytes
			return g.close()
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("MODSPEC_STANDIN_MEMORY", strconv.FormatInt(bytes[0]-1, 10))
	agree(t, "too little memory for all", mustTrain(t, opened(t, Options{}), j), want)
	t.Setenv("MODSPEC_STANDIN_MEMORY", strconv.FormatInt(bytes[1]-1, 10))
	k, err := trained(opened(t, Options{}), j)
	if !errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, cuda.ErrOutOfMemory) || len(k.last) > 0 {
		t.Fatalf("the error is %v after %d runs, want one that wraps errors.ErrUnsupported before any", err, len(k.last))
	}
	for _, part := range []string{"run 1 is too large for the device", "cpu backend", "cuMemAlloc"} {
		if !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "\n") {
			t.Errorf("the error is %q, want %q in it", err, part)
		}
	}
	t.Setenv("MODSPEC_STANDIN_MEMORY", "20000")
	if _, err := trained(opened(t, Options{}), j); !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), "the images are too large") {
		t.Errorf("with no room for the images the error is %v", err)
	}
}

// A failing launch ends the job with one line that names it, and the next job with
// another; a backend opened anew goes on.
func TestAFailingLaunchEndsTheJob(t *testing.T) {
	needStandIn(t)
	j := severalRuns(t, 2)
	for variable, says := range map[string]string{
		"MODSPEC_STANDIN_FAIL_LAUNCH": "report it if it comes back",
		"MODSPEC_STANDIN_LOSE_DEVICE": "the device is lost",
	} {
		for _, launch := range []string{"1", "2", "30"} {
			t.Setenv(variable, launch)
			b := opened(t, Options{})
			if _, err := trained(b, j); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s=%s: the error is %v, want one line with %q", variable, launch, err, says)
			}
			if _, err := trained(b, j); err == nil || !strings.Contains(err.Error(), "cannot be used any more") {
				t.Errorf("%s=%s: the next job ends with %v, want one that says that the device cannot be used", variable, launch, err)
			}
			t.Setenv(variable, "")
			mustTrain(t, opened(t, Options{}), j)
		}
	}
}

// The stand-in is not for users.
func TestTheStandInIsRefused(t *testing.T) {
	needStandIn(t)
	cuda.AllowStandIn(false)
	defer cuda.AllowStandIn(true)
	if _, err := Open(Options{}); err == nil || !strings.Contains(err.Error(), "is no GPU") {
		t.Errorf("the error is %v", err)
	}
}

// A closed backend and options that no machine can follow are refused.
func TestWhatCannotBeIsRefused(t *testing.T) {
	needDevice(t)
	for want, o := range map[string]Options{
		"numbered from 0":       {Devices: []int{-1}},
		"named twice":           {Devices: []int{0, 1, 0}},
		"there is no device 99": {Devices: []int{99}},
	} {
		if _, err := Open(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: the error is %v, want one with %q", o, err, want)
		}
	}
	b := opened(t, Options{})
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := trained(b, severalRuns(t, 1)); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("training on a closed backend ends with %v", err)
	}
}

// A run is cut short between its steps, however slow they are. What is
// asked for takes years: one that is not cut short ends by the test program's limit.
func TestCancelsBetweenSlowLaunches(t *testing.T) {
	needStandIn(t)
	t.Setenv("MODSPEC_STANDIN_LAUNCH_MILLISECONDS", "20")
	j := severalRuns(t, 2)
	j.Epochs = 1 << 40
	ctx, cancel := context.WithTimeout(context.Background(), 400*time.Millisecond)
	defer cancel()
	err := opened(t, Options{}).Train(ctx, j, &kept{observations: map[int][]cmnist.Observation{}, last: map[int]*cmnist.Checkpoint{}})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v, want the context's", err)
	}
}

// Several devices share a job, and the numbers are those of one; a fault on one of
// them ends the job on both.
func TestSeveralDevicesShareAJob(t *testing.T) {
	const mark = "MODSPEC_TEST_IN_PROCESS"
	if os.Getenv(mark) == "" { // how many devices there are is read when a program starts
		needStandIn(t)
		command := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		command.Env = append(os.Environ(), mark+"=1", "MODSPEC_STANDIN_DEVICES=3")
		if out, err := command.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
			t.Fatalf("with three devices: %v\n%s", err, out)
		}
		return
	}
	j := severalRuns(t, 5)
	want := mustTrain(t, opened(t, Options{}), j)
	agree(t, "two devices", mustTrain(t, opened(t, Options{Devices: []int{2, 0}}), j), want)
	t.Setenv("MODSPEC_STANDIN_FAIL_LAUNCH", "2:4")
	if _, err := trained(opened(t, Options{Devices: []int{2, 0}}), j); err == nil || !strings.Contains(err.Error(), "device 2") {
		t.Errorf("the error is %v, want one of device 2", err)
	}
}
