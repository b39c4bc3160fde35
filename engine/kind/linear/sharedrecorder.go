package linear

import (
	"sync"

	"modspec/engine/network"
)

// A SharedRecorder lets several workers of a backend report to one recorder: a call at
// a time, until a call fails; from then on every call is answered with that error.
type SharedRecorder struct {
	mu       sync.Mutex
	recorder Recorder
	err      error
}

// Share returns a recorder as one that several workers may report to.
func Share(recorder Recorder) *SharedRecorder { return &SharedRecorder{recorder: recorder} }

// Observe implements Recorder.
func (s *SharedRecorder) Observe(copy int, o Observation) error {
	return s.call(func() error { return s.recorder.Observe(copy, o) })
}

// Finish implements Recorder.
func (s *SharedRecorder) Finish(copy int, f Final) error {
	return s.call(func() error { return s.recorder.Finish(copy, f) })
}

// WantsStarts returns the recorder as one that wants initial weights, or nil if what
// is shared does not.
func (s *SharedRecorder) WantsStarts() StartRecorder {
	if starts, ok := s.recorder.(StartRecorder); ok {
		return sharedStarts{s, starts}
	}
	return nil
}

// sharedStarts is a SharedRecorder that passes on initial weights too.
type sharedStarts struct {
	*SharedRecorder
	starts StartRecorder
}

func (s sharedStarts) Start(copy int, w *network.Weights) error {
	return s.call(func() error { return s.starts.Start(copy, w) })
}

func (s *SharedRecorder) call(report func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = report()
	}
	return s.err
}
