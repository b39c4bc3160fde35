//go:build gpu

package cuda

import (
	"testing"
	"time"

	"modspec/engine/cuda/cudatest"
	"modspec/engine/network"
	"modspec/engine/train"
)

// However a run is cut into launches and a job into chunks, and however little room
// there is for records, the numbers are the same, bit by bit; those that diverge too.
func TestSlicesAndChunksKeepBits(t *testing.T) {
	cudatest.NeedDevice(t)
	for name, arch := range map[string]network.Architecture{
		"registers": network.Dense(7), "shared": network.Split(5, 4), "shallow": network.Shallow(),
	} {
		for _, schedule := range []train.Schedule{{}, {Every: 1}, {Every: 4}, {PerDecade: 7}} {
			j := severalPoints(t, arch, 19, 13)
			j.Schedule = schedule
			for i := 3; i < len(j.Copies); i += 5 {
				j.Copies[i].LearningRate = 1000 // diverges
			}
			want := collected(t, opened(t, Options{}), j)
			for _, most := range []limits{{unlimited, 1, 1}, {unlimited, 3, 4}, {unlimited, 5, unlimited}, {4, unlimited, 3}, {1, 2, 1}} {
				b := opened(t, Options{})
				b.most = most
				agree(t, name, collected(t, b, j), want)
			}
		}
	}
}

// The rate of a device that is seen to be faster or slower is taken over within a
// factor of mostGrowth a slice, and a slice that events cut short says nothing against it.
func TestTempo(t *testing.T) {
	tempo := tempo{rates: map[stride]float64{}, most: unlimited}
	few, many := stride{"k", 1}, stride{"k", 20}
	if got := tempo.steps(few, 1e30); got != 1 {
		t.Errorf("a first slice of enormous steps has %d of them, want 1", got)
	}
	const work = 1e6
	if got := tempo.steps(few, 1); got != firstSteps {
		t.Errorf("the first slice has %d steps, want %d", got, firstSteps)
	}
	const truth = 3e13 // a second
	last := int64(0)
	for range 20 {
		steps := tempo.steps(many, work)
		if last > 0 && steps > mostGrowth*last+1 {
			t.Errorf("slices grow from %d to %d steps", last, steps)
		}
		last = steps
		tempo.took(many, work, steps, time.Duration(float64(steps)*work/truth*float64(time.Second)))
	}
	// Whole steps, and times in whole nanoseconds of some milliseconds.
	want := sliceTime.Seconds() * truth / work
	if got := float64(tempo.steps(many, work)); got < want*(1-1e-5) || got > want*(1+1e-5) {
		t.Errorf("slices have %v steps, want %v", got, want)
	}
	if got := tempo.steps(few, 1); got != firstSteps {
		t.Errorf("many items make the first slice of a few %d steps long", got)
	}
	before := tempo.steps(many, work)
	tempo.took(many, work, 1, time.Millisecond)
	tempo.took(many, work, 0, time.Second)
	if after := tempo.steps(many, work); after != before {
		t.Errorf("a slice of one step or none changes the slices from %d to %d steps", before, after)
	}
	tempo.took(many, work, before, 10*sliceTime)
	if after := tempo.steps(many, work); after >= before {
		t.Errorf("a slow slice leaves the slices at %d steps", after)
	}
}
