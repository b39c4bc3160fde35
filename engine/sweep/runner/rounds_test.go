package runner

import (
	"testing"
)

// TestRounds: a run is due once in each round but that in which it begins, and a job that
// stops waits for the runs that have begun.
func TestRounds(t *testing.T) {
	r := newRounds(4)
	due := func(run int, want bool) {
		t.Helper()
		if got := r.due(run); got != want {
			t.Errorf("run %d is due: %t, want %t", run, got, want)
		}
	}
	stopped := func(want bool) {
		t.Helper()
		select {
		case <-r.all:
			if !want {
				t.Error("the job stops before all is kept")
			}
		default:
			if want {
				t.Error("the job does not stop")
			}
		}
	}
	due(0, false)
	due(0, false)
	r.now.Add(1)
	due(0, true)
	due(0, true)
	r.kept([]int{0, 3}, 2) // 3 is in step with 0
	due(0, false)
	due(1, false) // begins
	r.now.Add(1)
	due(0, true)
	r.kept([]int{0, 3}, 3)
	due(1, true)
	r.kept([]int{1}, 3)
	stopped(false)
	r.stop()
	stopped(false)
	due(0, true)
	due(2, false) // begins
	r.ended(0)
	due(3, true) // in place of 0
	r.kept([]int{3}, 4)
	stopped(false)
	due(1, true)
	r.kept([]int{1}, 4)
	stopped(true)
	r.ended(1)
	stopped(true)

	r = newRounds(2) // a backend that does not ask
	r.stop()
	stopped(true)
}
