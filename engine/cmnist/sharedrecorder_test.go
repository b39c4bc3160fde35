package cmnist_test

import (
	"errors"
	"testing"

	"modspec/engine/cmnist"
)

// failing is a recorder that fails at one call.
type failing struct {
	calls, failAt int
	err           error
}

func (f *failing) Epoch(int, cmnist.Observation, func() (*cmnist.Checkpoint, error)) error {
	if f.calls++; f.calls == f.failAt {
		return f.err
	}
	return nil
}

// Calls reach the recorder until one fails, and every later one has that error; the
// condition could be turned without a test to see it.
func TestASharedRecorderStopsAtTheFirstError(t *testing.T) {
	f := &failing{failAt: 2, err: errors.New("the disk is full")}
	r := cmnist.Share(f)
	for call, want := range []error{nil, f.err, f.err, f.err} {
		if err := r.Epoch(call, cmnist.Observation{}, nil); err != want {
			t.Errorf("call %d: the error is %v, want %v", call+1, err, want)
		}
	}
	if f.calls != 2 {
		t.Errorf("the recorder was called %d times, want 2: not after it failed", f.calls)
	}
}
