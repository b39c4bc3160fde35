//go:build gpu

package cuda

import (
	"context"
	"strings"
	"testing"

	"modspec/engine/cuda/cudatest"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
)

// mixed is a job whose copies go all ways: fused kernels of several kinds, for several
// points and rules, and the large path, for mini-batches.
func mixed(t *testing.T, copies int) *linear.Job {
	t.Helper()
	j := severalPoints(t, network.Split(5), copies, 12)
	batches := &linear.Task{Point: paperPoint, Batch: 3}
	for i := range j.Copies {
		switch i % 6 {
		case 3:
			j.Copies[i].Rule = network.Rule{Gamma: 0.3}
		case 4:
			j.Copies[i].Rule = network.Rule{Beta: 0.001}
		}
		if i%6 == 5 && j.Copies[i].Weights == nil {
			j.Copies[i].Task = batches
		}
	}
	return j
}

// What a copy does depends on nothing that is trained in the same job on another path.
func TestPathsDoNotMeet(t *testing.T) {
	cudatest.NeedDevice(t)
	j := mixed(t, 24)
	b := opened(t, Options{})
	all := collected(t, b, j)
	for i := range j.Copies {
		alone := *j
		alone.Copies = j.Copies[i : i+1]
		agree(t, "alone", collected(t, b, &alone), all[i:i+1])
	}
}

// Several devices share a job, and the results are those of one.
func TestSeveralDevicesShareAJob(t *testing.T) {
	if !inProcess(t, "MODSPEC_STANDIN_DEVICES=3") {
		return
	}
	j := mixed(t, 31)
	want := collected(t, opened(t, Options{}), j)
	b := opened(t, Options{Devices: []int{2, 0}})
	b.most.copies = 2 // or one chunk would be all
	agree(t, "two devices", collected(t, b, j), want)

	// A fault on one of them ends the job on both.
	t.Setenv("MODSPEC_STANDIN_FAIL_LAUNCH", "2:4")
	broken, err := Open(Options{Devices: []int{2, 0}})
	if err != nil {
		t.Fatal(err)
	}
	broken.most.copies = 2
	_, err = linear.Collect(context.Background(), broken, j)
	if err == nil || !strings.Contains(err.Error(), "device 2") {
		t.Errorf("the error is %v, want one of device 2", err)
	}
	if err := broken.Close(); err != nil {
		t.Error(err)
	}
}
